with county_density as (

    select * from {{ ref('mart_provider_density') }}
    where geography_level = 'county'

),

access as (

    select * from {{ ref('int_providers__access') }}

),

named as (

    select
        county_density.geography_id as county_fips,
        county_density.geography_name as county_name,
        county_density.state,
        county_density.specialty_group,
        county_density.population,
        access.access_per_resident,
        access.access_per_resident + access.open_access_per_resident as access_possible_per_resident,
        access.catchment_population,
        access.suppliers_in_reach,
        access.counties_in_reach,
        access.uncovered_counties_in_reach,
        case
            when county_density.coverage_status = 'covered' and access.county_fips is null then 'no_point'
            when county_density.coverage_status = 'covered' and coalesce(access.catchment_population, 0) = 0 then 'no_population'
            else county_density.coverage_status
        end as coverage_status
    from county_density
    left join access
        on
            county_density.geography_id = access.county_fips
            and county_density.specialty_group = access.specialty_group

)

select
    county_fips,
    county_name,
    state,
    specialty_group,
    population,
    round(case when coverage_status = 'covered' then access_per_resident * 100000 end, 6) as access_per_100000,
    round(case when coverage_status = 'covered' then access_possible_per_resident * 100000 end, 6) as access_possible_per_100000,
    catchment_population,
    case when coverage_status = 'covered' then suppliers_in_reach end as suppliers_in_reach,
    counties_in_reach,
    uncovered_counties_in_reach,
    cast({{ var('access_catchment_km') }} as double) as catchment_km,
    'great circle between county points' as distance_rule,
    coverage_status
from named
