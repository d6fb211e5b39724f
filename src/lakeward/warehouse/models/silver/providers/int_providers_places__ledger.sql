with

active as (

    select npi from {{ ref('dim_npi') }}
    where status = 'A'

),

-- Counted from the addresses and not from what was made of them.
address as (

    select
        dim_npi_address.npi,
        dim_npi_address.address_hash
    from {{ ref('dim_npi_address') }} as dim_npi_address
    inner join active on dim_npi_address.npi = active.npi
    where dim_npi_address.address_purpose in ('LOCATION', 'SECONDARY')

),

address_count as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from address

),

location as (

    select * from {{ ref('bridge_npi_location') }}

),

repeated as (

    select
        address.npi,
        address.address_hash
    from address
    left join location on address.npi = location.npi and address.address_hash = location.address_hash
    where location.npi is null

),

-- An address may only be left out where its provider keeps a place.
merged_count as (

    select count(*) as row_count
    from repeated
    where npi in (select npi from location)

),

location_count as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from location

),

place as (

    select
        geolocation.npi,
        geolocation.address_hash,
        geolocation.county_status
    from {{ ref('dim_npi_address_geolocation') }} as geolocation
    inner join active on geolocation.npi = active.npi

),

place_of_status as (

    select
        place.county_status,
        count(*) as row_count,
        count(distinct place.npi) as key_count
    from place
    left join repeated on place.npi = repeated.npi and place.address_hash = repeated.address_hash
    where repeated.npi is null
    group by place.county_status

),

location_of_status as (

    select
        county_status,
        count(*) as row_count,
        count(distinct npi) as key_count
    from location
    group by county_status

),

step as (

    select
        'location' as step,
        'all' as slice,
        address_count.row_count as rows_in,
        location_count.row_count as rows_out,
        merged_count.row_count as rows_merged,
        address_count.key_count as keys_in,
        location_count.key_count as keys_out
    from address_count
    cross join location_count
    cross join merged_count
    union all
    select
        'county' as step,
        place_of_status.county_status as slice,
        place_of_status.row_count as rows_in,
        coalesce(location_of_status.row_count, 0) as rows_out,
        0 as rows_merged,
        place_of_status.key_count as keys_in,
        coalesce(location_of_status.key_count, 0) as keys_out
    from place_of_status
    left join location_of_status on place_of_status.county_status = location_of_status.county_status

)

select
    step,
    slice,
    'bridge_npi_location' as table_name,
    cast(rows_in as bigint) as rows_in,
    cast(rows_out as bigint) as rows_out,
    cast(0 as bigint) as rows_quarantined,
    cast(0 as bigint) as rows_exploded,
    cast(rows_merged as bigint) as rows_merged,
    cast(keys_in as bigint) as keys_in,
    cast(keys_out as bigint) as keys_out,
    cast(null as decimal(38, 6)) as money_in,
    cast(null as decimal(38, 6)) as money_out,
    cast(null as decimal(38, 6)) as money_quarantined,
    rows_in = rows_out + rows_merged and keys_in = keys_out as balanced
from step
