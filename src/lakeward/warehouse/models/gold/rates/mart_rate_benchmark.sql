{%- set grain = ['payer_slug', 'state', 'year_month', 'stat_area_code', 'billing_class', 'code_type', 'code',
    'billing_code_modifier', 'setting', 'negotiation_arrangement', 'rate_unit'] %}
{%- set shares = [0.1, 0.25, 0.5, 0.75, 0.9] %}
with rate as (

    select * from {{ ref('int_rates__rate_lake') }}

),

summarised as (

    select
        {{ grain | join(',\n        ') }},
        min(stat_area_name) as stat_area_name,
        cast(count(*) as bigint) as rate_count,
        cast(count(distinct {{ hash_text('pg_uid') }}) as bigint) as provider_group_count,
        cast(count(rate_to_medicare_ratio) as bigint) as comparable_count,
        min(negotiated_rate) as rate_min,
        max(negotiated_rate) as rate_max,
        {{ percentiles('negotiated_rate', shares) }} as rate_percentiles,
        {{ percentiles('rate_to_medicare_ratio', shares) }} as ratio_percentiles
    from rate
    group by {{ grain | join(', ') }}

)

select
    {{ grain | join(',\n    ') }},
    stat_area_name,
    rate_count,
    provider_group_count,
    rate_min,
    {% for share in shares -%}
        round({{ list_item('rate_percentiles', loop.index) }}, 6) as rate_p{{ (share * 100) | int }},
    {% endfor -%}
    rate_max,
    {% for share in shares -%}
        round({{ list_item('ratio_percentiles', loop.index) }}, 6) as medicare_ratio_p{{ (share * 100) | int }},
    {% endfor -%}
    comparable_count
from summarised
