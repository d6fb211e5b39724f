{%- set periods = ["'all'", "coalesce(cast(service_year as string), 'not stated')"] %}
{%- set entities = {'drg': 'drg_code', 'facility': 'facility_id', 'beneficiary': 'beneficiary_id'} %}
with entity_period as (

    {% for entity, column in entities.items() -%}
        {% for period in periods -%}
            select
                '{{ entity }}' as entity_type,
                {{ period }} as period,
                {{ column }} as entity_id,
                sum(paid_amount_usd) as paid_amount_usd,
                sum(claim_count) as claim_count
            from {{ ref('int_claims__line') }}
            group by {{ column }}{{ ', service_year' if not loop.first }}
            {% if not loop.last -%} union all {%- endif %}
        {% endfor %}
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

)

select
    entity_type,
    period,
    entity_id,
    cast(paid_amount_usd as decimal(18, 2)) as paid_amount_usd,
    cast(case when paid_amount_usd > 0 then paid_amount_usd else 0 end as decimal(18, 2)) as positive_usd,
    cast(claim_count as bigint) as claim_count
from entity_period
