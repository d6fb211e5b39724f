with

address as (

    select * from {{ ref('dim_npi_address') }}
    where address_purpose = 'LOCATION'

),

geolocation as (

    select * from {{ ref('dim_npi_address_geolocation') }}

),

state as (

    select * from {{ ref('seed_state') }}

)

select
    address.npi,
    address.address_purpose,
    address.address_type,
    address.address_1,
    address.address_2,
    address.city,
    state.state as provider_state,
    address.postal_code,
    address.country_code,
    address.telephone_number,
    address.fax_number,
    address.address_hash,
    geolocation.latitude,
    geolocation.longitude,
    geolocation.coordinate_precision,
    geolocation.county_name,
    geolocation.county_fips,
    geolocation.stat_area_name,
    geolocation.stat_area_code,
    geolocation.stat_area_vintage,
    geolocation.stat_area_status,
    geolocation.geocode_status,
    geolocation.matched_address
from address
inner join geolocation
    on address.npi = geolocation.npi and address.address_hash = geolocation.address_hash
left join state
    on
        address.address_type = 'DOM'
        and upper(trim(address.state)) in (state.state, upper(state.state_name))
