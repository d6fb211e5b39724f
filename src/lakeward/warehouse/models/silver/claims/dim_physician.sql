{%- set roles = ['attending', 'operating', 'other'] -%}
with named as (

    {% for role in roles -%}
        select distinct
            {{ role }}_npi as physician_npi,
            '{{ role }}' as physician_role
        from {{ ref('fact_inpatient_claim') }}
        where {{ role }}_npi is not null
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

),

physician as (

    select
        physician_npi,
        max(case when physician_role = 'attending' then 1 else 0 end) = 1 as is_attending,
        max(case when physician_role = 'operating' then 1 else 0 end) = 1 as is_operating,
        max(case when physician_role = 'other' then 1 else 0 end) = 1 as is_other
    from named
    group by physician_npi

)

select
    physician_npi,
    {{ npi_is_valid('physician_npi') }} as has_valid_check_digit,
    is_attending,
    is_operating,
    is_other
from physician
