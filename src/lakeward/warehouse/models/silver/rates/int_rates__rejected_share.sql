with accepted as (

    select
        release_id,
        sum(published_count) as price_count
    from {{ ref('fact_rate') }}
    group by release_id

),

rejected as (

    select
        release_id,
        sum(published_count) as price_count
    from {{ ref('quarantine_fact_rate') }}
    group by release_id

),

counted as (

    select
        release_id,
        price_count as accepted_count,
        0 as rejected_count
    from accepted
    union all
    select
        release_id,
        0 as accepted_count,
        price_count as rejected_count
    from rejected

)

select
    release_id,
    cast(sum(accepted_count) as bigint) as accepted_count,
    cast(sum(rejected_count) as bigint) as rejected_count,
    cast(sum(rejected_count) as double) / cast(sum(accepted_count) + sum(rejected_count) as double) as rejected_share
from counted
group by release_id
