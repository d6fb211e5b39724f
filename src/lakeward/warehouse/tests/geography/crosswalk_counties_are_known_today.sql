-- County of the crosswalk to gazetteer: a state none of whose codes is in use or known to have changed.
{{ states_that_match_nothing(
    "select county.state_fips, county.is_current or county.county_change_kind is not null as is_matched from "
    ~ "(select distinct county_fips from " ~ ref('stg_geography__zip_county') ~ ") as used inner join " ~ ref('dim_county')
    ~ " as county on used.county_fips = county.county_fips",
    "select state_fips from " ~ ref('dim_county') ~ " where is_current"
) }}
