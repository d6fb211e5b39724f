with

county as (

    select
        county_fips,
        latitude,
        longitude,
        population
    from {{ ref('dim_county') }}
    where is_current and latitude is not null and longitude is not null

),

-- No two points within the catchment are farther apart in latitude than this; a degree is 111.19 km. It spares most of the
-- pairs the trigonometry.
nearby as (

    select
        county.county_fips,
        other.county_fips as reachable_county_fips,
        other.population as reachable_population,
        {{ great_circle_km('county.latitude', 'county.longitude', 'other.latitude', 'other.longitude') }} as distance_km
    from county
    inner join county as other
        on
            other.latitude >= county.latitude - {{ var('access_catchment_km') }} / 111.0
            and other.latitude <= county.latitude + {{ var('access_catchment_km') }} / 111.0

)

select
    county_fips,
    reachable_county_fips,
    reachable_population,
    distance_km
from nearby
where distance_km <= {{ var('access_catchment_km') }}
