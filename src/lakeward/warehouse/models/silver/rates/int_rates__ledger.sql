-- Each side of a step is counted where it stands: published rows in bronze, merged prices, facts, enriched facts.
with release_file as (

    select * from {{ ref('int_rates__release') }}

),

group_count as (

    select
        file_id,
        group_set_id,
        cast(greatest(
            coalesce({{ list_size('provider_reference_ids') }}, 0) + case when inline_group_id is null then 0 else 1 end, 1
        ) as decimal(10, 0)) as n_groups
    from {{ ref('stg_mrf__group_set') }}

),

published as (

    select
        price.file_id,
        cast(count(*) as bigint) as price_count,
        cast(sum(group_count.n_groups) as bigint) as exploded_count,
        cast(sum({{ money('price.negotiated_rate') }} * group_count.n_groups) as decimal(38, 6)) as exploded_money
    from {{ ref('stg_mrf__price') }} as price
    left join group_count on price.file_id = group_count.file_id and price.group_set_id = group_count.group_set_id
    group by price.file_id
    union all
    select
        file_id,
        cast(count(*) as bigint) as price_count,
        cast(count(*) as bigint) as exploded_count,
        cast(sum({{ money('negotiated_rate') }}) as decimal(38, 6)) as exploded_money
    from {{ ref('stg_flat_rates__rate') }}
    group by file_id

),

published_by_release as (

    select
        coalesce(release_file.release_id, published.file_id) as release_id,
        cast(sum(published.price_count) as bigint) as price_count,
        cast(sum(published.exploded_count) as bigint) as exploded_count,
        cast(sum(published.exploded_money) as decimal(38, 6)) as exploded_money
    from published
    left join release_file on published.file_id = release_file.file_id
    group by coalesce(release_file.release_id, published.file_id)

),

merged as (

    select
        network_group.release_id,
        cast(count(*) as bigint) as row_count,
        cast(sum(price.published_count) as bigint) as published_count,
        cast(sum({{ money('price.negotiated_rate') }} * cast(price.published_count as decimal(10, 0))) as decimal(38, 6))
            as published_money,
        cast(sum({{ money('price.negotiated_rate') }}) as decimal(38, 6)) as money
    from {{ ref('int_rates__price') }} as price
    inner join {{ ref('int_rates__network_group') }} as network_group on price.network_group_key = network_group.network_group_key
    group by network_group.release_id

),

fact as (

    select
        release_id,
        cast(count(*) as bigint) as row_count,
        cast(count(distinct {{ hash_text('fact_uid') }}) as bigint) as key_count,
        cast(sum({{ money('negotiated_rate') }}) as decimal(38, 6)) as money
    from {{ ref('fact_rate') }}
    group by release_id

),

quarantined as (

    select
        release_id,
        cast(count(*) as bigint) as row_count,
        cast(sum({{ money('negotiated_rate') }}) as decimal(38, 6)) as money
    from {{ ref('quarantine_fact_rate') }}
    group by release_id

),

enriched as (

    select
        release_id,
        cast(count(*) as bigint) as row_count,
        cast(count(distinct {{ hash_text('fact_uid') }}) as bigint) as key_count,
        cast(sum({{ money('negotiated_rate') }}) as decimal(38, 6)) as money
    from {{ ref('fact_rate_enriched') }}
    group by release_id

),

step as (

    select
        'merge' as step,
        published_by_release.release_id as slice,
        'int_rates__price' as table_name,
        published_by_release.price_count as rows_in,
        coalesce(merged.row_count, 0) as rows_out,
        cast(0 as bigint) as rows_quarantined,
        published_by_release.exploded_count - published_by_release.price_count as rows_exploded,
        coalesce(merged.published_count - merged.row_count, 0) as rows_merged,
        cast(null as bigint) as keys_in,
        cast(null as bigint) as keys_out,
        published_by_release.exploded_money as money_in,
        merged.published_money as money_out,
        cast(0 as decimal(38, 6)) as money_quarantined
    from published_by_release
    left join merged on published_by_release.release_id = merged.release_id
    union all
    select
        'screen' as step,
        merged.release_id as slice,
        'fact_rate' as table_name,
        merged.row_count as rows_in,
        coalesce(fact.row_count, 0) as rows_out,
        coalesce(quarantined.row_count, 0) as rows_quarantined,
        cast(0 as bigint) as rows_exploded,
        cast(0 as bigint) as rows_merged,
        cast(null as bigint) as keys_in,
        cast(null as bigint) as keys_out,
        merged.money as money_in,
        fact.money as money_out,
        quarantined.money as money_quarantined
    from merged
    left join fact on merged.release_id = fact.release_id
    left join quarantined on merged.release_id = quarantined.release_id
    union all
    select
        'enrich' as step,
        fact.release_id as slice,
        'fact_rate_enriched' as table_name,
        fact.row_count as rows_in,
        coalesce(enriched.row_count, 0) as rows_out,
        cast(0 as bigint) as rows_quarantined,
        cast(0 as bigint) as rows_exploded,
        cast(0 as bigint) as rows_merged,
        fact.key_count as keys_in,
        enriched.key_count as keys_out,
        fact.money as money_in,
        enriched.money as money_out,
        cast(0 as decimal(38, 6)) as money_quarantined
    from fact
    left join enriched on fact.release_id = enriched.release_id

)

select
    step,
    slice,
    table_name,
    rows_in,
    rows_out,
    rows_quarantined,
    rows_exploded,
    rows_merged,
    keys_in,
    keys_out,
    coalesce(money_in, cast(0 as decimal(38, 6))) as money_in,
    coalesce(money_out, cast(0 as decimal(38, 6))) as money_out,
    coalesce(money_quarantined, cast(0 as decimal(38, 6))) as money_quarantined,
    rows_in + rows_exploded = rows_out + rows_quarantined + rows_merged
    and coalesce(keys_in, 0) = coalesce(keys_out, 0)
    and coalesce(money_in, cast(0 as decimal(38, 6)))
    = coalesce(money_out, cast(0 as decimal(38, 6))) + coalesce(money_quarantined, cast(0 as decimal(38, 6))) as balanced
from step
