-- County to the American Community Survey: the same for a release of other years than the gazetteer.
{{ states_that_match_nothing(
    "select state_fips, acs_year is not null as is_matched from " ~ ref('dim_county') ~ " where is_current",
    "select substr(county_fips, 1, 2) as state_fips from " ~ ref('int_census__county')
) }}
