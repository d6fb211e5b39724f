{%- set levels = {'division': 'state', 'stat_area': 'county_fips'} %}
with

area as (

    select * from {{ ref('int_providers__area') }}
    where geography_level = 'county'

),

county as (

    select * from {{ ref('dim_county') }}
    where coalesce(is_current, true)

),

specialty_group as (

    select distinct specialty_group from {{ ref('seed_specialty_group') }}

),

location as (

    select * from {{ ref('int_providers__group_location') }}
    where enumeration_type = 'NPI-1'

),

placed_county as (

    select
        county.county_fips,
        county.state,
        county.division_name,
        county.stat_area_code,
        county.stat_area_name,
        area.population,
        area.coverage_status,
        area.coverage_status = 'covered' as is_covered
    from county
    inner join area on county.county_fips = area.geography_id

),

region_county as (

    select
        'division' as region_level,
        division_name as region_id,
        division_name as region_name,
        county_fips,
        population,
        coverage_status,
        is_covered
    from placed_county
    where division_name is not null
    union all
    select
        'stat_area' as region_level,
        stat_area_code as region_id,
        stat_area_name as region_name,
        county_fips,
        population,
        coverage_status,
        is_covered
    from placed_county
    where stat_area_code is not null

),

region as (

    select
        region_level,
        region_id,
        max(region_name) as region_name,
        sum(case when is_covered then population end) as population,
        count(case when is_covered then 1 end) as counties,
        count(case when not is_covered then 1 end) as counties_not_covered,
        case
            when min(coverage_status) = 'covered' and max(coverage_status) = 'covered' then 'covered'
            when count(case when is_covered then 1 end) > 0 then 'partly_covered'
            when count(case when coverage_status = 'registry_incomplete' then 1 end) > 0 then 'registry_incomplete'
            else 'no_population'
        end as coverage_status
    from region_county
    group by region_level, region_id

),

-- Where a location counts: by its state for divisions, by its county for statistical areas. An address whose county is open
-- has a state, so it is in the one and not in the other, and each level is compared with the nation counted its own way.
covered_state as (

    select distinct
        state as place,
        division_name as region_id
    from placed_county
    where is_covered

),

covered_county as (

    select
        county_fips as place,
        stat_area_code as region_id
    from placed_county
    where is_covered

),

member as (

    {% for level, place in levels.items() -%}
        {% set covered = 'covered_state' if level == 'division' else 'covered_county' -%}
        select distinct
            '{{ level }}' as region_level,
            {{ covered }}.region_id,
            location.specialty_group,
            location.npi
        from location
        inner join {{ covered }} on location.{{ place }} = {{ covered }}.place
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

),

supply as (

    select
        region_level,
        region_id,
        specialty_group,
        count(*) as providers
    from member
    where region_id is not null
    group by region_level, region_id, specialty_group

),

national_member as (

    select distinct
        region_level,
        specialty_group,
        npi
    from member

),

national_supply as (

    select
        region_level,
        specialty_group,
        count(*) as providers
    from national_member
    group by region_level, specialty_group

),

nation as (

    select
        sum(population) as population,
        count(distinct state) as states
    from placed_county
    where is_covered

),

without_provider as (

    select
        region_county.region_level,
        region_county.region_id,
        density.specialty_group,
        count(case when density.has_no_provider then 1 end) as counties
    from region_county
    inner join {{ ref('mart_provider_density') }} as density
        on density.geography_level = 'county' and region_county.county_fips = density.geography_id
    where region_county.is_covered
    group by region_county.region_level, region_county.region_id, density.specialty_group

),

compared as (

    select
        region.*,
        specialty_group.specialty_group,
        coalesce(supply.providers, 0) as providers,
        without_provider.counties as counties_without_provider,
        nation.states as states_compared,
        case
            when region.counties > 0 and region.population > 0
                then 100000 * cast(coalesce(supply.providers, 0) as double) / cast(region.population as double)
        end as providers_per_100000,
        case
            when region.counties > 0 and nation.population > 0
                then 100000 * cast(coalesce(national_supply.providers, 0) as double) / cast(nation.population as double)
        end as national_per_100000
    from region
    cross join specialty_group
    cross join nation
    left join supply
        on
            region.region_level = supply.region_level
            and region.region_id = supply.region_id
            and specialty_group.specialty_group = supply.specialty_group
    left join national_supply
        on region.region_level = national_supply.region_level and specialty_group.specialty_group = national_supply.specialty_group
    left join without_provider
        on
            region.region_level = without_provider.region_level
            and region.region_id = without_provider.region_id
            and specialty_group.specialty_group = without_provider.specialty_group

)

select
    region_level,
    region_id,
    region_name,
    specialty_group,
    case when counties > 0 then cast(providers as bigint) end as providers,
    cast(population as bigint) as population,
    round(providers_per_100000, 6) as providers_per_100000,
    round(national_per_100000, 6) as national_per_100000,
    case when national_per_100000 > 0 then round(providers_per_100000 / national_per_100000, 6) end as ratio_to_nation,
    round(greatest(cast(population as double) * national_per_100000 / 100000 - cast(providers as double), 0), 6)
        as providers_short_of_nation,
    cast(counties as bigint) as counties,
    cast(counties_without_provider as bigint) as counties_without_provider,
    cast(counties_not_covered as bigint) as counties_not_covered,
    cast(states_compared as bigint) as states_compared,
    coverage_status
from compared
