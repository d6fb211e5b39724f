-- County of the crosswalk to county of today: a state whose codes went out of use and have no way to those of today.
{{ states_that_match_nothing(
    "select substr(county_fips, 1, 2) as state_fips, current_county_fips is not null as is_matched from "
    ~ ref('dim_npi_address_geolocation') ~ " where county_fips is not null",
    "select state_fips from " ~ ref('dim_county') ~ " where is_current",
    minimum=20
) }}
