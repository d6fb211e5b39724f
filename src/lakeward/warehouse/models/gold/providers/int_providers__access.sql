with reach as (

    select * from {{ ref('int_providers__county_reach') }}

),

county_density as (

    select
        geography_id as county_fips,
        specialty_group,
        providers_fractional,
        coverage_status
    from {{ ref('mart_provider_density') }}
    where geography_level = 'county'

),

-- Suppliers whose county is open, at every county where they could be: with them, access is at most this much.
open_supply as (

    select * from {{ ref('int_providers__open_supply') }}

),

-- Step one: who lives within reach of the county where the suppliers are. Distance is the same both ways.
catchment as (

    select
        county_fips,
        cast(count(*) as bigint) as counties_in_reach,
        cast(sum(reachable_population) as bigint) as catchment_population
    from reach
    group by county_fips

),

supplier as (

    select
        county_density.county_fips,
        county_density.specialty_group,
        county_density.providers_fractional,
        county_density.coverage_status,
        case
            when catchment.catchment_population > 0
                then county_density.providers_fractional / cast(catchment.catchment_population as double)
        end as suppliers_per_resident,
        case
            when catchment.catchment_population > 0
                then coalesce(open_supply.fractional, 0) / cast(catchment.catchment_population as double)
        end as open_suppliers_per_resident
    from county_density
    inner join catchment on county_density.county_fips = catchment.county_fips
    left join open_supply
        on
            county_density.county_fips = open_supply.county_fips
            and county_density.specialty_group = open_supply.specialty_group

),

-- Step two: what the residents of a county can reach, each supplier shared with everybody else who can.
reached as (

    select
        reach.county_fips,
        supplier.specialty_group,
        sum(supplier.suppliers_per_resident) as access_per_resident,
        sum(supplier.open_suppliers_per_resident) as open_access_per_resident,
        sum(supplier.providers_fractional) as suppliers_in_reach,
        cast(count(case when supplier.coverage_status <> 'covered' then 1 end) as bigint) as uncovered_counties_in_reach
    from reach
    inner join supplier on reach.reachable_county_fips = supplier.county_fips
    group by reach.county_fips, supplier.specialty_group

)

select
    reached.county_fips,
    reached.specialty_group,
    -- Sums of doubles differ in their last digits with the order of rows; rounded, the same lake gives the same figures.
    round(reached.access_per_resident, 12) as access_per_resident,
    round(reached.open_access_per_resident, 12) as open_access_per_resident,
    round(reached.suppliers_in_reach, 6) as suppliers_in_reach,
    catchment.catchment_population,
    catchment.counties_in_reach,
    reached.uncovered_counties_in_reach
from reached
inner join catchment on reached.county_fips = catchment.county_fips
