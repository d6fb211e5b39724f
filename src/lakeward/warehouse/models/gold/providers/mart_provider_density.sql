with

area as (

    select * from {{ ref('int_providers__area') }}

),

specialty_group as (

    select distinct specialty_group from {{ ref('seed_specialty_group') }}

),

supply as (

    select * from {{ ref('int_providers__supply') }}

),

-- Who could be in a county besides: addresses whose county is open. A state has all of its addresses.
open_supply as (

    select
        'county' as geography_level,
        county_fips as geography_id,
        specialty_group,
        individuals
    from {{ ref('int_providers__open_supply') }}

),

-- Every place has every group: no row is no answer, a zero is one.
counted as (

    select
        area.*,
        specialty_group.specialty_group,
        coalesce(supply.providers_registered, 0) as providers_registered,
        coalesce(supply.providers_fractional, 0) as providers_fractional,
        coalesce(supply.organizations_registered, 0) as organizations_registered,
        coalesce(supply.providers_registered, 0) + coalesce(open_supply.individuals, 0) as providers_possible
    from area
    cross join specialty_group
    left join supply
        on
            area.geography_level = supply.geography_level
            and area.geography_id = supply.geography_id
            and specialty_group.specialty_group = supply.specialty_group
    left join open_supply
        on
            area.geography_level = open_supply.geography_level
            and area.geography_id = open_supply.geography_id
            and specialty_group.specialty_group = open_supply.specialty_group

)

select
    geography_level,
    geography_id,
    geography_name,
    state,
    specialty_group,
    cast(providers_registered as bigint) as providers_registered,
    cast(providers_fractional as double) as providers_fractional,
    cast(organizations_registered as bigint) as organizations_registered,
    cast(providers_possible as bigint) as providers_possible,
    population,
    population_year,
    case
        when coverage_status = 'covered'
            then round(100000 * cast(providers_registered as double) / cast(population as double), 6)
    end as providers_per_100000,
    case
        when coverage_status = 'covered' and providers_registered > 0
            then round(cast(population as double) / cast(providers_registered as double), 6)
    end as population_per_provider,
    case
        when coverage_status <> 'covered' then null
        when providers_registered > 0 then false
        when providers_possible = 0 then true
    end as has_no_provider,
    coverage_status
from counted
