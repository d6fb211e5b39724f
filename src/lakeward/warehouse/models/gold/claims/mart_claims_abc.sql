{%- set shares = {'share_pct': 'positive_usd', 'cumulative_before_pct': 'before_usd', 'cumulative_pct': 'cumulative_usd'} %}
with drg as (

    select * from {{ ref('dim_drg') }}

),

facility as (

    select * from {{ ref('dim_facility') }}

),

-- Many entities have the same total. Running over the distinct totals and then over the entities of each keeps every window small.
tier as (

    select
        entity_type,
        period,
        paid_amount_usd,
        count(*) as entity_count,
        sum(positive_usd) as tier_usd
    from {{ ref('int_claims__entity_paid') }}
    group by entity_type, period, paid_amount_usd

),

running as (

    select
        entity_type,
        period,
        paid_amount_usd,
        cast(sum(tier_usd) over (partition by entity_type, period) as decimal(18, 2)) as total_usd,
        cast(sum(tier_usd) over (partition by entity_type, period order by paid_amount_usd desc) - tier_usd as decimal(18, 2))
            as above_usd,
        sum(entity_count) over (partition by entity_type, period order by paid_amount_usd desc) - entity_count as above_count
    from tier

),

placed as (

    select
        *,
        row_number() over (partition by entity_type, period, paid_amount_usd order by entity_id) as place_number
    from {{ ref('int_claims__entity_paid') }}

),

classed as (

    select
        placed.entity_type,
        placed.period,
        placed.entity_id,
        placed.paid_amount_usd,
        placed.positive_usd,
        placed.claim_count,
        running.total_usd,
        running.above_count + placed.place_number as rank_number,
        cast(running.above_usd + placed.positive_usd * (placed.place_number - 1) as decimal(18, 2)) as before_usd,
        cast(running.above_usd + placed.positive_usd * placed.place_number as decimal(18, 2)) as cumulative_usd
    from placed
    inner join running
        on
            placed.entity_type = running.entity_type
            and placed.period = running.period
            and placed.paid_amount_usd = running.paid_amount_usd

)

select
    classed.entity_type,
    classed.period,
    classed.entity_id,
    case classed.entity_type
        when 'drg' then coalesce(drg.drg_title, classed.entity_id)
        when 'facility'
            then concat(classed.entity_id, case when facility.state_code is null then '' else concat(' (', facility.state_code, ')') end)
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
