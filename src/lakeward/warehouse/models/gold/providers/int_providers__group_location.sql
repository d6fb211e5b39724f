with

location as (

    select * from {{ ref('bridge_npi_location') }}

),

specialty as (

    select * from {{ ref('seed_specialty_group') }}

)

-- A specialty code can stand in several groups (a psychiatrist is a core professional too): groups overlap and are not summed.
select
    location.npi,
    location.address_hash,
    specialty.specialty_group,
    location.enumeration_type,
    location.state,
    location.county_fips,
    location.zip_code,
    -- Exact, so that the order of adding does not show in the last digit.
    cast(location.location_share as decimal(20, 18)) as location_share
from location
inner join specialty on location.primary_taxonomy_code = specialty.taxonomy_code
