{#- Rows that a mart must have: every place (or region) times every group, discipline and basis. -#}
with

specialty_group as (

    select count(distinct specialty_group) as row_count from {{ ref('seed_specialty_group') }}

),

threshold as (

    select count(distinct discipline) as disciplines from {{ ref('seed_shortage_threshold') }}

),

area as (

    select
        count(*) as areas,
        count(case when geography_level = 'county' then 1 end) as counties,
        count(case when geography_level = 'state' then 1 end) as states
    from {{ ref('int_providers__area') }}

),

location as (

    select * from {{ ref('bridge_npi_location') }}

),

-- Grouped twice instead of count(distinct), which the engine cannot write to disk.
located_npi as (

    select
        npi,
        enumeration_type,
        count(*) as location_count
    from location
    group by npi, enumeration_type

),

located as (

    select
        enumeration_type,
        sum(location_count) as row_count,
        count(*) as key_count
    from located_npi
    group by enumeration_type

),

-- Grouped instead of made distinct, as above.
addressed as (

    select npi
    from {{ ref('dim_npi_address') }}
    where address_purpose in ('LOCATION', 'SECONDARY')
    group by npi

),

active as (

    select
        coalesce(provider.enumeration_type, 'type not stated') as enumeration_type,
        count(addressed.npi) as addressed_count,
        count(case when addressed.npi is null then 1 end) as unaddressed_count,
        count(case when located_npi.npi is null then 1 end) as unlocated_count
    from {{ ref('dim_npi') }} as provider
    left join addressed on provider.npi = addressed.npi
    left join located_npi on provider.npi = located_npi.npi
    where provider.is_active
    group by coalesce(provider.enumeration_type, 'type not stated')

),

-- An active registration has a row for each practice address; one that gives none has no row, and is counted apart.
locate as (

    select
        'locate' as step,
        active.enumeration_type as slice,
        'bridge_npi_location' as table_name,
        active.addressed_count as rows_in,
        coalesce(located.row_count, 0) as rows_out,
        coalesce(located.row_count - located.key_count, 0) as rows_exploded,
        0 as rows_merged,
        active.addressed_count as keys_in,
        coalesce(located.key_count, 0) as keys_out
    from active
    left join located on active.enumeration_type = coalesce(located.enumeration_type, 'type not stated')
    union all
    select
        'locate' as step,
        concat(enumeration_type, ' without a practice address') as slice,
        'bridge_npi_location' as table_name,
        unaddressed_count as rows_in,
        unlocated_count as rows_out,
        0 as rows_exploded,
        0 as rows_merged,
        unaddressed_count as keys_in,
        unlocated_count as keys_out
    from active

),

group_location as (

    select * from {{ ref('int_providers__group_location') }}
    where enumeration_type = 'NPI-1'

),

group_total as (

    select
        specialty_group,
        count(*) as row_count,
        count(case when county_fips is null then 1 end) as open_count
    from group_location
    group by specialty_group

),

-- Addresses of one person in one county are one registration there.
group_county as (

    select
        specialty_group,
        count(*) as cell_count
    from (
        select distinct
            specialty_group,
            county_fips,
            npi
        from group_location
        where county_fips is not null
    ) as cell
    group by specialty_group

),

counted as (

    select
        specialty_group,
        sum(providers_registered) as row_count,
        count(*) as cell_count
    from {{ ref('mart_provider_density') }}
    where geography_level = 'county'
    group by specialty_group

),

-- Addresses whose county is open are the residual: out of this step too, in the state's row and in no county's.
density as (

    select
        'mart' as step,
        concat('county ', counted.specialty_group) as slice,
        'mart_provider_density' as table_name,
        coalesce(group_total.row_count, 0) as rows_in,
        counted.row_count + coalesce(group_total.open_count, 0) as rows_out,
        0 as rows_exploded,
        coalesce(group_total.row_count - group_total.open_count - group_county.cell_count, 0) as rows_merged,
        area.counties as keys_in,
        counted.cell_count as keys_out
    from counted
    cross join area
    left join group_total on counted.specialty_group = group_total.specialty_group
    left join group_county on counted.specialty_group = group_county.specialty_group

),

region as (

    select count(*) as row_count
    from (
        select distinct
            'division' as region_level,
            division_name as region_id
        from {{ ref('dim_county') }}
        where coalesce(is_current, true) and division_name is not null
        union all
        select distinct
            'stat_area' as region_level,
            stat_area_code as region_id
        from {{ ref('dim_county') }}
        where coalesce(is_current, true) and stat_area_code is not null
    ) as named_region

),

expected as (

    select
        'mart_provider_gap' as table_name,
        area.counties * threshold.disciplines * 3 as rows_in,
        (select count(*) from {{ ref('mart_provider_gap') }}) as rows_out
    from area
    cross join threshold
    union all
    select
        'mart_provider_density' as table_name,
        area.areas * specialty_group.row_count as rows_in,
        (select count(*) from {{ ref('mart_provider_density') }}) as rows_out
    from area
    cross join specialty_group
    union all
    select
        'mart_state_profile' as table_name,
        area.states as rows_in,
        (select count(*) from {{ ref('mart_state_profile') }}) as rows_out
    from area
    union all
    select
        'mart_specialty_gap' as table_name,
        region.row_count * specialty_group.row_count as rows_in,
        (select count(*) from {{ ref('mart_specialty_gap') }}) as rows_out
    from region
    cross join specialty_group

),

whole as (

    select
        'mart' as step,
        'whole' as slice,
        table_name,
        rows_in,
        rows_out,
        0 as rows_exploded,
        0 as rows_merged,
        rows_in as keys_in,
        rows_out as keys_out
    from expected

),

step as (

    select * from locate
    union all
    select * from density
    union all
    select * from whole

)

select
    step,
    slice,
    table_name,
    cast(rows_in as bigint) as rows_in,
    cast(rows_out as bigint) as rows_out,
    cast(0 as bigint) as rows_quarantined,
    cast(rows_exploded as bigint) as rows_exploded,
    cast(rows_merged as bigint) as rows_merged,
    cast(keys_in as bigint) as keys_in,
    cast(keys_out as bigint) as keys_out,
    cast(null as decimal(38, 6)) as money_in,
    cast(null as decimal(38, 6)) as money_out,
    cast(null as decimal(38, 6)) as money_quarantined,
    rows_in + rows_exploded = rows_out + rows_merged and keys_in = keys_out as balanced
from step
