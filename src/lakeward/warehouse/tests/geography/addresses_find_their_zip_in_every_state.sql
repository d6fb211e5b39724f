-- ZIP to county: a state whose ZIPs are all unknown to the crosswalk that has its counties, such as one that lost them.
{{ states_that_match_nothing(
    "select state.state_fips, place.geocode_status <> 'zip_unknown' as is_matched from " ~ ref('dim_npi_address_geolocation')
    ~ " as place inner join " ~ ref('seed_state') ~ " as state on upper(trim(place.state)) = state.state"
    ~ " where place.zip_code is not null",
    "select substr(county_fips, 1, 2) as state_fips from " ~ ref('stg_geography__zip_county'),
    minimum=20
) }}
