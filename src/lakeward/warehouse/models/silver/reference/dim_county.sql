with

gazetteer as (

    select * from {{ ref('stg_geography__county') }}

),

zip_county as (

    select
        county_fips,
        max(county_name) as county_name
    from {{ ref('stg_geography__zip_county') }}
    group by county_fips

),

area_county as (

    select * from {{ ref('stg_geography__area_county') }}

),

estimate as (

    select * from {{ ref('stg_geography__county_population') }}

),

latest_year as (

    select max(population_year) as population_year from estimate

),

latest_population as (

    select
        estimate.county_fips,
        estimate.population_year,
        estimate.population
    from estimate
    inner join latest_year on estimate.population_year = latest_year.population_year

),

listed_name as (

    select
        county_fips,
        max(county_name) as county_name
    from area_county
    group by county_fips

),

acs as (

    select
        int_census__county.*,
        -- 'Autauga County, Alabama'
        {{ regexp_extract('int_census__county.geography_name', '^[^,]+', 0) }} as county_name
    from {{ ref('int_census__county') }} as int_census__county

),

used_code as (

    select county_fips from gazetteer
    union
    select county_fips from zip_county
    union
    select county_fips from listed_name
    union
    select county_fips from acs
    union
    select county_fips from latest_population

),

-- A code that the newest gazetteer still has did not change in the years the files speak of.
change as (

    select
        seed_county_change.old_county_fips,
        seed_county_change.new_county_fips,
        seed_county_change.change_kind
    from {{ ref('seed_county_change') }} as seed_county_change
    left join gazetteer on seed_county_change.old_county_fips = gazetteer.county_fips
    where gazetteer.county_fips is null

),

change_of_county as (

    select
        old_county_fips,
        max(change_kind) as change_kind,
        case when count(*) = 1 then max(new_county_fips) end as successor_county_fips
    from change
    group by old_county_fips

),

-- What took the place of a code that a file uses is a county as well, be it that no file names it.
code as (

    select county_fips from used_code
    union
    select change.new_county_fips as county_fips
    from change
    inner join used_code on change.old_county_fips = used_code.county_fips

),

-- A county is looked up in the newest list that speaks its code system, so old Connecticut counties keep their areas.
list_of_system as (

    select
        {{ county_code_system('county_fips') }} as code_system,
        max(vintage) as vintage
    from area_county
    group by {{ county_code_system('county_fips') }}

),

gazetteer_vintage as (

    select
        count(*) as counties,
        max(vintage) as vintage
    from gazetteer

),

-- No gazetteer of counties has Guam or the Virgin Islands: it does not say that theirs are out of use.
gazetteer_state as (

    select distinct substr(county_fips, 1, 2) as state_fips from gazetteer

),

stat_area as (

    select * from {{ ref('int_reference__stat_area') }}

),

state as (

    select * from {{ ref('seed_state') }}

)

select
    code.county_fips,
    coalesce(gazetteer.county_name, zip_county.county_name, listed_name.county_name, acs.county_name) as county_name,
    state.state,
    substr(code.county_fips, 1, 2) as state_fips,
    case when gazetteer_state.state_fips is not null then gazetteer.county_fips is not null end as is_current,
    gazetteer_vintage.vintage as gazetteer_vintage,
    gazetteer.latitude,
    gazetteer.longitude,
    coalesce(latest_population.population, acs.acs_population) as population,
    case
        when latest_population.population is not null then latest_population.population_year
        when acs.acs_population is not null then acs.acs_year
    end as population_year,
    case
        when latest_population.population is not null then 'estimate'
        when acs.acs_population is not null then 'acs5'
    end as population_source,
    acs.acs_year,
    acs.acs_population,
    acs.households,
    acs.median_household_income_usd,
    acs.population_under_18,
    acs.population_18_to_64,
    acs.population_65_and_over,
    acs.poverty_pct,
    acs.uninsured_pct,
    nullif(state.region_name, 'none') as region_name,
    nullif(state.division_name, 'none') as division_name,
    change_of_county.change_kind as county_change_kind,
    change_of_county.successor_county_fips,
    area_county.stat_area_code,
    stat_area.stat_area_name,
    stat_area.stat_area_type,
    list_of_system.vintage as stat_area_vintage,
    case
        when area_county.stat_area_code is not null then 'county_delineation'
        when list_of_system.vintage is not null then 'outside_stat_areas'
        else 'no_delineation'
    end as stat_area_status
from code
cross join gazetteer_vintage
left join gazetteer on code.county_fips = gazetteer.county_fips
left join zip_county on code.county_fips = zip_county.county_fips
left join listed_name on code.county_fips = listed_name.county_fips
left join gazetteer_state on substr(code.county_fips, 1, 2) = gazetteer_state.state_fips
left join change_of_county on code.county_fips = change_of_county.old_county_fips
left join acs on code.county_fips = acs.county_fips
left join latest_population on code.county_fips = latest_population.county_fips
left join list_of_system on {{ county_code_system('code.county_fips') }} = list_of_system.code_system
left join area_county
    on code.county_fips = area_county.county_fips and list_of_system.vintage = area_county.vintage
left join stat_area on area_county.stat_area_code = stat_area.stat_area_code
left join state on substr(code.county_fips, 1, 2) = state.state_fips
