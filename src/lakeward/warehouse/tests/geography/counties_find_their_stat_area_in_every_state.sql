-- County to statistical area: every state has areas, so one without any had its counties looked up under other codes.
{{ states_that_match_nothing(
    "select state_fips, stat_area_code is not null as is_matched from " ~ ref('dim_county') ~ " where is_current",
    "select substr(county_fips, 1, 2) as state_fips from " ~ ref('stg_geography__area_county')
) }}
