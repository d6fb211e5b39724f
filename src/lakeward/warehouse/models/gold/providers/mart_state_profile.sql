{%- set disciplines = ['primary_care', 'dental', 'mental_health'] %}
{%- set groups = {'primary_care': 'primary_care', 'dental': 'dental', 'core_mental_health': 'mental_health', 'psychiatry': 'psychiatry'} %}
{%- set facts = {
    'median_household_income_usd': 'households', 'poverty_pct': 'acs_population', 'uninsured_pct': 'acs_population'
} -%}
with

coverage as (

    select * from {{ ref('int_providers__state_coverage') }}

),

county as (

    select * from {{ ref('dim_county') }}
    where coalesce(is_current, true)

),

-- Counties of unlike size: each counts by its people, or its households for income; one without the figure counts for neither.
census as (

    select
        state,
        sum(acs_population) as acs_population,
        sum(households) as households,
        sum(population_under_18) as population_under_18,
        sum(population_18_to_64) as population_18_to_64,
        sum(population_65_and_over) as population_65_and_over,
        {% for fact, weight in facts.items() -%}
            case
                when sum(case when {{ fact }} is not null then {{ weight }} end) > 0
                    then
                        cast(sum(cast({{ fact }} as decimal(18, 6)) * {{ weight }}) as double)
                        / cast(sum(case when {{ fact }} is not null then {{ weight }} end) as double)
            end as {{ fact }},
        {% endfor -%}
        max(acs_year) as acs_year
    from county
    group by state

),

registration as (

    select
        state,
        npi,
        enumeration_type,
        max(case when county_fips is not null then 1 else 0 end) as is_placed
    from {{ ref('bridge_npi_location') }}
    where state is not null
    group by state, npi, enumeration_type

),

registered as (

    select
        state,
        count(case when enumeration_type = 'NPI-1' then 1 end) as individuals_active,
        count(case when enumeration_type = 'NPI-2' then 1 end) as organizations_active,
        count(case when enumeration_type = 'NPI-1' and is_placed = 0 then 1 end) as unplaced_providers
    from registration
    group by state

),

last_practice as (

    select
        npi,
        practice_state,
        row_number() over (partition by npi order by valid_from desc) as place
    from {{ ref('dim_npi_history') }}
    where practice_state is not null

),

-- A deactivated record is blank, so it stands where the registry last had it; one never seen active stands nowhere.
deactivated as (

    select
        state.state,
        count(*) as deactivated_npis
    from {{ ref('dim_npi') }} as provider
    inner join last_practice on provider.npi = last_practice.npi and last_practice.place = 1
    inner join {{ ref('seed_state') }} as state
        on upper(trim(last_practice.practice_state)) in (state.state, upper(state.state_name))
    where not provider.is_active
    group by state.state

),

density as (

    select
        {% for group, name in groups.items() -%}
            max(case when specialty_group = '{{ group }}' then providers_per_100000 end) as {{ name }}_per_100000,
        {% endfor -%}
        state
    from {{ ref('mart_provider_density') }}
    where geography_level = 'state'
    group by state

),

gap as (

    select
        {% for discipline in disciplines -%}
            count(case when discipline = '{{ discipline }}' and is_gap then 1 end) as {{ discipline }}_gap_counties,
            count(case when discipline = '{{ discipline }}' and is_gap and is_gap_stable and is_gap_certain then 1 end)
                as {{ discipline }}_gap_counties_certain,
        {% endfor -%}
        state
    from {{ ref('mart_provider_gap') }}
    where denominator_basis = 'individuals'
    group by state

)

select
    coverage.state,
    coverage.state_fips,
    coverage.state_name,
    coverage.counties,
    case when coverage.counties_without_population = 0 then coverage.population end as population,
    coverage.population_year,
    cast(census.acs_year as int) as acs_year,
    cast(census.acs_population as bigint) as acs_population,
    cast(census.households as bigint) as households,
    cast(round(census.median_household_income_usd, 2) as decimal(14, 2)) as county_median_income_weighted_usd,
    round(census.poverty_pct, 6) as poverty_pct,
    round(census.uninsured_pct, 6) as uninsured_pct,
    cast(census.population_under_18 as bigint) as population_under_18,
    cast(census.population_18_to_64 as bigint) as population_18_to_64,
    cast(census.population_65_and_over as bigint) as population_65_and_over,
    cast(coalesce(registered.individuals_active, 0) as bigint) as individuals_active,
    cast(coalesce(registered.organizations_active, 0) as bigint) as organizations_active,
    cast(coalesce(deactivated.deactivated_npis, 0) as bigint) as deactivated_npis,
    coverage.registered_per_100000,
    {% for name in groups.values() -%}
        density.{{ name }}_per_100000,
    {% endfor -%}
    {% for discipline in disciplines -%}
        {% for kind in ['', '_certain'] -%}
            case when coverage.is_covered then cast(coalesce(gap.{{ discipline }}_gap_counties{{ kind }}, 0) as bigint) end
                as {{ discipline }}_gap_counties{{ kind }},
        {% endfor -%}
    {% endfor -%}
    cast(coalesce(registered.unplaced_providers, 0) as bigint) as unplaced_providers,
    case
        when registered.individuals_active > 0
            then round(100 * cast(registered.unplaced_providers as double) / cast(registered.individuals_active as double), 6)
    end as unplaced_share_pct,
    coverage.coverage_status
from coverage
left join census on coverage.state = census.state
left join registered on coverage.state = registered.state
left join deactivated on coverage.state = deactivated.state
left join density on coverage.state = density.state
left join gap on coverage.state = gap.state
