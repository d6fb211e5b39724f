with

published as (

    select count(*) as row_count from {{ source('bronze', 'nppes__npidata') }}

),

accepted as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count,
        count(case when not is_current then 1 end) as superseded_count
    from {{ ref('int_providers__version') }}

),

quarantined as (

    select count(*) as row_count from {{ ref('quarantine_npi') }}

),

provider as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from {{ ref('dim_npi') }}

),

filled_block as (

    select
        count(*) as row_count,
        count(distinct concat(npi, address_purpose)) as key_count
    from {{ ref('int_providers__address') }}

),

address as (

    select
        count(*) as row_count,
        count(distinct concat(npi, address_purpose)) as key_count,
        count(case when address_purpose = 'LOCATION' then 1 end) as location_count,
        count(distinct case when address_purpose = 'LOCATION' then npi end) as location_key_count
    from {{ ref('dim_npi_address') }}

),

geolocation as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from {{ ref('dim_npi_address_geolocation') }}

),

practice_location as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from {{ ref('int_providers__practice_location') }}

),

step as (

    select
        'current_provider' as step,
        'dim_npi' as table_name,
        published.row_count as rows_in,
        provider.row_count as rows_out,
        quarantined.row_count as rows_quarantined,
        accepted.superseded_count as rows_merged,
        accepted.key_count as keys_in,
        provider.key_count as keys_out
    from published
    cross join accepted
    cross join quarantined
    cross join provider
    union all
    select
        'address' as step,
        'dim_npi_address' as table_name,
        filled_block.row_count as rows_in,
        address.row_count as rows_out,
        0 as rows_quarantined,
        0 as rows_merged,
        filled_block.key_count as keys_in,
        address.key_count as keys_out
    from filled_block
    cross join address
    union all
    select
        'geolocation' as step,
        'dim_npi_address_geolocation' as table_name,
        address.location_count as rows_in,
        geolocation.row_count as rows_out,
        0 as rows_quarantined,
        0 as rows_merged,
        address.location_key_count as keys_in,
        geolocation.key_count as keys_out
    from address
    cross join geolocation
    union all
    select
        'practice_location' as step,
        'int_providers__practice_location' as table_name,
        geolocation.row_count as rows_in,
        practice_location.row_count as rows_out,
        0 as rows_quarantined,
        0 as rows_merged,
        geolocation.key_count as keys_in,
        practice_location.key_count as keys_out
    from geolocation
    cross join practice_location

)

select
    step,
    'all' as slice,
    table_name,
    cast(rows_in as bigint) as rows_in,
    cast(rows_out as bigint) as rows_out,
    cast(rows_quarantined as bigint) as rows_quarantined,
    cast(0 as bigint) as rows_exploded,
    cast(rows_merged as bigint) as rows_merged,
    cast(keys_in as bigint) as keys_in,
    cast(keys_out as bigint) as keys_out,
    cast(null as decimal(38, 6)) as money_in,
    cast(null as decimal(38, 6)) as money_out,
    cast(null as decimal(38, 6)) as money_quarantined,
    rows_in = rows_out + rows_quarantined + rows_merged and keys_in = keys_out as balanced
from step
