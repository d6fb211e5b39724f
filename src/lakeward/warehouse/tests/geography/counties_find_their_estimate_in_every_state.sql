-- County to population: with a gazetteer and estimates on two sides of a change of codes a state would have nobody.
{{ states_that_match_nothing(
    "select county.state_fips, estimate.county_fips is not null as is_matched from " ~ ref('dim_county')
    ~ " as county left join " ~ ref('stg_geography__county_population')
    ~ " as estimate on county.county_fips = estimate.county_fips where county.is_current",
    "select substr(county_fips, 1, 2) as state_fips from " ~ ref('stg_geography__county_population')
) }}
