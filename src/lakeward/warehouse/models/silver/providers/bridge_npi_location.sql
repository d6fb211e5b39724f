with

provider as (

    select
        npi,
        enumeration_type,
        primary_taxonomy_code
    from {{ ref('dim_npi') }}
    where status = 'A'

),

place as (

    select * from {{ ref('dim_npi_address_geolocation') }}

),

of_provider as (

    select
        place.*,
        provider.enumeration_type,
        provider.primary_taxonomy_code
    from place
    inner join provider on place.npi = provider.npi

),

-- Most providers have one place; only those with several are compared and counted, which spares the rest two sorts.
several as (

    select npi
    from of_provider
    group by npi
    having count(*) > 1

),

of_several as (

    select
        of_provider.npi,
        of_provider.address_hash,
        of_provider.address_purpose,
        of_provider.current_county_fips,
        {{ place_text('of_provider') }} as place_text
    from of_provider
    inner join several on of_provider.npi = several.npi

),

-- The same place may stand in the registry twice, as the primary and as a further one.
ranked as (

    select
        of_several.*,
        row_number() over (
            partition by of_several.npi, of_several.place_text
            order by case of_several.address_purpose when 'LOCATION' then 0 else 1 end asc, of_several.address_hash asc
        ) as repetition
    from of_several

),

repeated as (

    select
        npi,
        address_hash
    from ranked
    where repetition > 1

),

counted as (

    select
        npi,
        count(*) as location_count,
        count(current_county_fips) as placed_location_count
    from ranked
    where repetition = 1
    group by npi

),

county as (

    select
        county_fips,
        state
    from {{ ref('dim_county') }}

),

state as (

    select * from {{ ref('seed_state') }}

),

located as (

    select
        of_provider.*,
        county.state as county_state,
        state.state as address_state,
        coalesce(counted.location_count, 1) as location_count,
        coalesce(
            counted.placed_location_count, case when of_provider.current_county_fips is null then 0 else 1 end
        ) as placed_location_count
    from of_provider
    left join repeated on of_provider.npi = repeated.npi and of_provider.address_hash = repeated.address_hash
    left join counted on of_provider.npi = counted.npi
    left join county on of_provider.current_county_fips = county.county_fips
    left join state
        on
            of_provider.address_type = 'DOM'
            and upper(trim(of_provider.state)) in (state.state, upper(state.state_name))
    where repeated.npi is null

)

select
    npi,
    address_hash,
    address_purpose,
    enumeration_type,
    address_purpose = 'LOCATION' as is_primary_location,
    primary_taxonomy_code,
    coalesce(county_state, address_state) as state,
    county_state <> address_state as is_state_mismatch,
    current_county_fips as county_fips,
    county_status,
    county_rule,
    zip_code,
    latitude,
    longitude,
    cast(location_count as bigint) as location_count,
    1.0 / cast(location_count as double) as location_share,
    cast(placed_location_count as bigint) as placed_location_count
from located
