{%- set market = ['state', 'year_month', 'stat_area_code', 'billing_class', 'code_type', 'code', 'billing_code_modifier', 'setting',
    'negotiation_arrangement', 'rate_unit'] %}
with payer_median as (

    select * from {{ ref('mart_rate_benchmark') }}

),

ranked as (

    select
        *,
        row_number() over (partition by {{ market | join(', ') }} order by rate_p50, payer_slug) as place_from_lowest,
        row_number() over (partition by {{ market | join(', ') }} order by rate_p50 desc, payer_slug asc) as place_from_highest
    from payer_median

)

select
    {{ market | join(',\n    ') }},
    min(stat_area_name) as stat_area_name,
    cast(count(*) as bigint) as payer_count,
    cast(sum(rate_count) as bigint) as rate_count,
    min(case when place_from_lowest = 1 then payer_slug end) as lowest_payer_slug,
    min(rate_p50) as lowest_payer_median,
    min(case when place_from_highest = 1 then payer_slug end) as highest_payer_slug,
    max(rate_p50) as highest_payer_median,
    round({{ percentile('rate_p50', 0.5) }}, 6) as median_of_payer_medians,
    case when min(rate_p50) > 0 then max(rate_p50) / min(rate_p50) end as highest_to_lowest_ratio,
    round({{ percentile('medicare_ratio_p50', 0.5) }}, 6) as median_of_payer_medicare_ratios
from ranked
group by {{ market | join(', ') }}
