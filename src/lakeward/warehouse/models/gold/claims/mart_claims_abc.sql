{%- set shares = {'share_pct': 'positive_usd', 'cumulative_before_pct': 'before_usd', 'cumulative_pct': 'cumulative_usd'} %}
{%- set entities = {'drg': 'drg_code', 'facility': 'facility_id', 'beneficiary': 'beneficiary_id'} %}
with drg as (

    select * from {{ ref('dim_drg') }}

),

facility as (

    select * from {{ ref('dim_facility') }}

),

-- The lines are named three times, not once: a table that is read often through one name would be kept in memory.
entity_year as (

    {% for entity, column in entities.items() -%}
        select
            '{{ entity }}' as entity_type,
            coalesce(cast(service_year as string), 'not stated') as period,
            {{ column }} as entity_id,
            sum(paid_amount_usd) as paid_amount_usd,
            sum(claim_count) as claim_count
        from {{ ref('int_claims__line') }}
        group by service_year, {{ column }}
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

),

entity_period as (

    select * from entity_year
    union all
    select
        entity_type,
        'all' as period,
        entity_id,
        sum(paid_amount_usd) as paid_amount_usd,
        sum(claim_count) as claim_count
    from entity_year
    group by entity_type, entity_id

),

-- Exact decimals: whether an item stands before or behind a limit must not hang on the last bit of a double.
positive as (

    select
        entity_type,
        period,
        entity_id,
        cast(paid_amount_usd as decimal(18, 2)) as paid_amount_usd,
        cast(case when paid_amount_usd > 0 then paid_amount_usd else 0 end as decimal(18, 2)) as positive_usd,
        claim_count
    from entity_period

),

period_total as (

    select
        entity_type,
        period,
        cast(sum(positive_usd) as decimal(18, 2)) as total_usd
    from positive
    group by entity_type, period

),

ranked as (

    select
        *,
        row_number() over (partition by entity_type, period order by paid_amount_usd desc, entity_id asc) as rank_number,
        cast(sum(positive_usd) over (
            partition by entity_type, period
            order by paid_amount_usd desc, entity_id asc
            rows between unbounded preceding and current row
        ) as decimal(18, 2)) as cumulative_usd
    from positive

),

classed as (

    select
        ranked.*,
        period_total.total_usd,
        cast(ranked.cumulative_usd - ranked.positive_usd as decimal(18, 2)) as before_usd
    from ranked
    inner join period_total
        on
            ranked.entity_type = period_total.entity_type
            and ranked.period = period_total.period

)

select
    classed.entity_type,
    classed.period,
    classed.entity_id,
    case classed.entity_type
        when 'drg' then coalesce(drg.drg_title, classed.entity_id)
        when 'facility' then coalesce(concat(classed.entity_id, ' (', facility.state_code, ')'), classed.entity_id)
        else classed.entity_id
    end as entity_name,
    classed.paid_amount_usd,
    cast(classed.claim_count as bigint) as claim_count,
    cast(classed.rank_number as bigint) as rank_number,
    {% for share, amount in shares.items() -%}
        case
            when classed.positive_usd > 0
                then round(100 * cast(classed.{{ amount }} as double) / cast(classed.total_usd as double), 6)
        end as {{ share }},
    {% endfor -%}
    case
        when classed.positive_usd <= 0 then 'N'
        when classed.before_usd * 100 < classed.total_usd * 80 then 'A'
        when classed.before_usd * 100 < classed.total_usd * 95 then 'B'
        else 'C'
    end as abc_class
from classed
left join drg on classed.entity_type = 'drg' and classed.entity_id = drg.drg_code
left join facility on classed.entity_type = 'facility' and classed.entity_id = facility.facility_id
