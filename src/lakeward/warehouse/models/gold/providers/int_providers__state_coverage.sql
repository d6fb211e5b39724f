with

state as (

    select * from {{ ref('seed_state') }}

),

county as (

    select * from {{ ref('dim_county') }}
    where coalesce(is_current, true)

),

population as (

    select
        state,
        count(*) as counties,
        count(case when population is null then 1 end) as counties_without_population,
        sum(population) as population,
        case when min(population_year) = max(population_year) then max(population_year) end as population_year
    from county
    group by state

),

-- A person with several addresses in a state is one; a list of distinct pairs, as count(distinct) cannot be written to disk.
person as (

    select distinct
        state,
        npi
    from {{ ref('bridge_npi_location') }}
    where enumeration_type = 'NPI-1' and state is not null

),

registered as (

    select
        state,
        count(*) as individuals_active
    from person
    group by state

),

joined as (

    select
        state.state,
        state.state_fips,
        state.state_name,
        coalesce(population.counties, 0) as counties,
        coalesce(population.counties_without_population, 0) as counties_without_population,
        population.population,
        population.population_year,
        coalesce(registered.individuals_active, 0) as individuals_active
    from state
    left join population on state.state = population.state
    left join registered on state.state = registered.state

),

rated as (

    select
        *,
        case when population > 0 then round(100000 * cast(individuals_active as double) / cast(population as double), 6) end
            as registered_per_100000
    from joined

)

select
    state,
    state_fips,
    state_name,
    cast(counties as bigint) as counties,
    cast(counties_without_population as bigint) as counties_without_population,
    cast(population as bigint) as population,
    cast(population_year as int) as population_year,
    cast(individuals_active as bigint) as individuals_active,
    registered_per_100000,
    coalesce(registered_per_100000 >= {{ var('complete_registry_min_per_100000') }}, false) as is_covered,
    case
        when registered_per_100000 is null then 'no_population'
        when registered_per_100000 >= {{ var('complete_registry_min_per_100000') }} then 'covered'
        else 'registry_incomplete'
    end as coverage_status
from rated
