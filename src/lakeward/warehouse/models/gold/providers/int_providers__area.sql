with

coverage as (

    select * from {{ ref('int_providers__state_coverage') }}

),

county as (

    select * from {{ ref('dim_county') }}
    where coalesce(is_current, true)

),

both_levels as (

    select
        'county' as geography_level,
        county.county_fips as geography_id,
        county.county_name as geography_name,
        county.state,
        county.population,
        county.population_year,
        case
            when coalesce(county.population, 0) = 0 then 'no_population'
            else coalesce(coverage.coverage_status, 'registry_incomplete')
        end as coverage_status
    from county
    left join coverage on county.state = coverage.state
    union all
    select
        'state' as geography_level,
        state_fips as geography_id,
        state_name as geography_name,
        state,
        -- The people of some counties only are not the people of the state.
        case when counties_without_population = 0 then population end as population,
        population_year,
        case when counties_without_population > 0 then 'no_population' else coverage_status end as coverage_status
    from coverage

)

select
    geography_level,
    geography_id,
    geography_name,
    state,
    cast(population as bigint) as population,
    cast(population_year as int) as population_year,
    coverage_status
from both_levels
