-- Every county and specialty group of the density is in the access mart once; how suppliers add up is a test of its own.
with

density as (

    select
        count(*) as row_count,
        count(distinct geography_id) as key_count
    from {{ ref('mart_provider_density') }}
    where geography_level = 'county'

),

access as (

    select
        count(*) as row_count,
        count(distinct county_fips) as key_count
    from {{ ref('mart_provider_access') }}

)

select
    'mart' as step,
    'all' as slice,
    'mart_provider_access' as table_name,
    cast(density.row_count as bigint) as rows_in,
    cast(access.row_count as bigint) as rows_out,
    cast(0 as bigint) as rows_quarantined,
    cast(0 as bigint) as rows_exploded,
    cast(0 as bigint) as rows_merged,
    cast(density.key_count as bigint) as keys_in,
    cast(access.key_count as bigint) as keys_out,
    cast(null as decimal(38, 6)) as money_in,
    cast(null as decimal(38, 6)) as money_out,
    cast(null as decimal(38, 6)) as money_quarantined,
    density.row_count = access.row_count and density.key_count = access.key_count as balanced
from density
cross join access
