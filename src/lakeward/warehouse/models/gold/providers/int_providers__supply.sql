{%- set levels = {'county': 'county_fips', 'state': 'state_fips'} %}
with

state as (

    select * from {{ ref('seed_state') }}

),

location as (

    select
        group_location.*,
        state.state_fips
    from {{ ref('int_providers__group_location') }} as group_location
    left join state on group_location.state = state.state

),

-- One row per registration and geography, however many of its addresses are there.
registration as (

    {% for level, column in levels.items() -%}
        select
            '{{ level }}' as geography_level,
            {{ column }} as geography_id,
            specialty_group,
            npi,
            enumeration_type,
            sum(location_share) as location_share
        from location
        where {{ column }} is not null
        group by {{ column }}, specialty_group, npi, enumeration_type
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

)

select
    geography_level,
    geography_id,
    specialty_group,
    cast(count(case when enumeration_type = 'NPI-1' then 1 end) as bigint) as providers_registered,
    round(cast(coalesce(sum(case when enumeration_type = 'NPI-1' then location_share end), 0) as double), 6)
        as providers_fractional,
    cast(count(case when enumeration_type = 'NPI-2' then 1 end) as bigint) as organizations_registered
from registration
group by geography_level, geography_id, specialty_group
