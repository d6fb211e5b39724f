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
        provider.primary_taxonomy_code,
        count(*) over (partition by place.npi) as address_count
    from place
    inner join provider on place.npi = provider.npi

),

-- The same place may stand in the registry twice, as the primary and as a further one; only who has several is compared.
told_apart as (

    select
        of_provider.*,
        case
            when of_provider.address_count = 1 then of_provider.address_hash
            else {{ place_text('of_provider') }}
        end as place_text
    from of_provider

),

ranked as (

    select
        told_apart.*,
        row_number() over (
            partition by told_apart.npi, told_apart.place_text
            order by case told_apart.address_purpose when 'LOCATION' then 0 else 1 end asc, told_apart.address_hash asc
        ) as repetition
    from told_apart

),

distinct_place as (

    select * from ranked
    where repetition = 1

),

counted as (

    select
        distinct_place.*,
        count(*) over (partition by distinct_place.npi) as location_count,
        count(distinct_place.current_county_fips) over (partition by distinct_place.npi) as placed_location_count
    from distinct_place

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
        counted.*,
        county.state as county_state,
        state.state as address_state
    from counted
    left join county on counted.current_county_fips = county.county_fips
    left join state
        on
            counted.address_type = 'DOM'
            and upper(trim(counted.state)) in (state.state, upper(state.state_name))

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
