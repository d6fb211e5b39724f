-- Every county in use has residents, where estimates of its state are loaded; but for one that came about after they were
-- made, as Alaska's Chugach in 2019.
with

estimate_state as (

    select
        substr(county_fips, 1, 2) as state_fips,
        max(population_year) as population_year
    from {{ ref('stg_geography__county_population') }}
    group by substr(county_fips, 1, 2)

),

came_about as (

    select
        new_county_fips as county_fips,
        max(effective_year) as effective_year
    from {{ ref('seed_county_change') }}
    group by new_county_fips

)

select
    county.county_fips,
    county.county_name
from {{ ref('dim_county') }} as county
inner join estimate_state on county.state_fips = estimate_state.state_fips
left join came_about
    on county.county_fips = came_about.county_fips and estimate_state.population_year <= came_about.effective_year
where
    county.is_current
    and came_about.county_fips is null
    and coalesce(county.population, 0) <= 0
