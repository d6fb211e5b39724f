-- What residents can reach, times the residents, adds up to the suppliers who are in reach of anybody: none is counted twice
-- or lost between the two steps. Access has twelve decimals, which times all residents is less than a thousandth of a supplier;
-- a difference beyond that is a defect.
with

resident as (

    select distinct
        county_fips,
        reachable_population as population
    from {{ ref('int_providers__county_reach') }}
    where county_fips = reachable_county_fips

),

demand as (

    select
        access.specialty_group,
        sum(access.access_per_resident * coalesce(resident.population, 0)) as suppliers_reached
    from {{ ref('int_providers__access') }} as access
    inner join resident on access.county_fips = resident.county_fips
    group by access.specialty_group

),

supply as (

    select
        density.specialty_group,
        sum(density.providers_fractional) as suppliers
    from {{ ref('mart_provider_density') }} as density
    inner join {{ ref('int_providers__access') }} as access
        on
            density.geography_id = access.county_fips
            and density.specialty_group = access.specialty_group
    where density.geography_level = 'county' and access.catchment_population > 0
    group by density.specialty_group

)

select
    coalesce(demand.specialty_group, supply.specialty_group) as specialty_group,
    demand.suppliers_reached,
    supply.suppliers
from demand
full outer join supply on demand.specialty_group = supply.specialty_group
where abs(coalesce(demand.suppliers_reached, 0) - coalesce(supply.suppliers, 0)) > 0.001
