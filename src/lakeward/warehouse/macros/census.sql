{# Why a figure of the American Community Survey is missing: the API's negative numbers and the marks of exports. #}
{% macro census_missing_reason(text, number) -%}
case
    when {{ text }} is null then 'blank'
    when {{ text }} = '-' or {{ number }} = -666666666 then 'not_computable'
    when {{ text }} = 'N' or {{ number }} = -999999999 then 'too_few_cases'
    when {{ text }} = '(X)' or {{ number }} = -888888888 then 'not_applicable'
    when {{ text }} = '**' or {{ number }} = -222222222 then 'no_standard_error'
    when {{ text }} = '***' or {{ number }} = -333333333 then 'open_ended_median'
    when {{ text }} = '*****' or {{ number }} = -555555555 then 'controlled'
    when {{ number }} in (-111111111, -444444444, -777777777) then 'unknown_sentinel'
    when {{ number }} is null then 'unreadable'
end
{%- endmacro %}

{# The estimate of a variable among the rows of one geography; null when it is missing or was not loaded. #}
{% macro census_estimate(variable) -%}
max(case when variable = '{{ variable }}' then estimate end)
{%- endmacro %}

{# The sum of lines of a detailed table; null as soon as one of them is. #}
{% macro census_sum(table, lines) -%}
{% for line in lines %}{{ census_estimate(table ~ '_%03dE' % line) }}{{ ' + ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# One row per geography of a level: the figures of the survey as columns. #}
{% macro census_facts(level, identifier) %}
with

figure as (

    select * from {{ ref('int_census__figure') }}
    where geography_level = '{{ level }}'

),

wide as (

    select
        geography_id,
        max(geography_name) as geography_name,
        max(acs_year) as acs_year,
        coalesce({{ census_estimate('B01003_001E') }}, {{ census_estimate('B01001_001E') }}) as people,
        {{ census_estimate('B01001_001E') }} as people_by_age,
        {{ census_sum('B01001', [3, 4, 5, 6, 27, 28, 29, 30]) }} as people_under_18,
        {{ census_sum('B01001', [20, 21, 22, 23, 24, 25, 44, 45, 46, 47, 48, 49]) }} as people_65_and_over,
        coalesce({{ census_estimate('B11001_001E') }}, {{ census_estimate('S1901_C01_001E') }}) as households,
        coalesce({{ census_estimate('B19013_001E') }}, {{ census_estimate('S1901_C01_012E') }}) as median_household_income,
        {{ census_estimate('B17001_001E') }} as people_with_poverty_status,
        {{ census_estimate('B17001_002E') }} as people_below_poverty,
        {{ census_estimate('B27010_001E') }} as people_with_insurance_status,
        {{ census_sum('B27010', [17, 33, 50, 66]) }} as people_without_insurance
    from figure
    group by geography_id

),

typed as (

    select
        geography_id as {{ identifier }},
        geography_name,
        cast(acs_year as int) as acs_year,
        cast(people as bigint) as acs_population,
        cast(households as bigint) as households,
        cast(median_household_income as decimal(14, 2)) as median_household_income_usd,
        cast(people_under_18 as bigint) as population_under_18,
        cast(people_by_age - people_under_18 - people_65_and_over as bigint) as population_18_to_64,
        cast(people_65_and_over as bigint) as population_65_and_over,
        case
            when people_with_poverty_status > 0 then 100 * people_below_poverty / people_with_poverty_status
        end as poverty_pct,
        case
            when people_with_insurance_status > 0 then 100 * people_without_insurance / people_with_insurance_status
        end as uninsured_pct
    from wide

)

select * from typed
{% endmacro %}
