with release_file as (

    select * from {{ ref('int_rates__release') }}

),

mrf_price as (

    select
        group_set.network_group_key,
        item.code_key,
        term.term_key,
        price.negotiated_rate,
        release_file.file_key,
        price.source_record
    from {{ ref('stg_mrf__price') }} as price
    inner join release_file on price.file_id = release_file.file_id
    inner join {{ ref('int_rates__item') }} as item on release_file.file_key = item.file_key and price.item_id = item.item_id
    inner join {{ ref('int_rates__file_term') }} as term on release_file.file_key = term.file_key and price.term_id = term.term_id
    inner join {{ ref('int_rates__group_set') }} as group_set
        on release_file.file_key = group_set.file_key and price.group_set_id = group_set.group_set_id

),

flat_group as (

    select
        file_group.file_id,
        file_group.provider_group_id_raw,
        network_group.network_group_key
    from {{ ref('int_rates__file_group') }} as file_group
    inner join {{ ref('int_rates__network_group') }} as network_group
        on
            file_group.release_key = network_group.release_key
            and file_group.pg_uid = network_group.pg_uid
            and file_group.network_name is not distinct from network_group.network_name
    inner join release_file on file_group.file_id = release_file.file_id and release_file.kind = 'flat_rates'
    union all
    select
        release_file.file_id,
        cast(null as string) as provider_group_id_raw,
        network_group.network_group_key
    from release_file
    inner join {{ ref('int_rates__network_group') }} as network_group
        on release_file.release_key = network_group.release_key and network_group.pg_uid is null
    where release_file.kind = 'flat_rates'

),

flat_price as (

    select
        flat_group.network_group_key,
        code.code_key,
        term.term_key,
        rate.negotiated_rate,
        release_file.file_key,
        rate.source_record
    from {{ ref('stg_flat_rates__rate') }} as rate
    inner join release_file on rate.file_id = release_file.file_id
    inner join flat_group
        on
            rate.file_id = flat_group.file_id
            and rate.provider_group_id_raw is not distinct from flat_group.provider_group_id_raw
    inner join {{ ref('int_rates__code') }} as code
        on
            rate.negotiation_arrangement is not distinct from code.negotiation_arrangement
            and rate.code_type is not distinct from code.code_type
            and rate.code is not distinct from code.code
            and code.code_type_version is null
            and code.severity_of_illness is null
    inner join {{ ref('int_rates__term') }} as term
        on
            rate.negotiated_type is not distinct from term.negotiated_type
            and rate.billing_class is not distinct from term.billing_class
            and rate.expiration_date is not distinct from term.expiration_date
            and rate.billing_code_modifier is not distinct from term.billing_code_modifier
            and {{ list_join('rate.pos_members', '|') }} = term.pos_text
            and term.setting is null
            and term.additional_information is null

),

published as (

    select * from mrf_price
    union all
    select * from flat_price

),

-- Source file and record of the first publication, packed into one integer so that the smallest pair is one min().
merged as (

    select
        network_group_key,
        code_key,
        term_key,
        negotiated_rate,
        cast(count(*) as bigint) as published_count,
        min(cast(file_key as bigint) * 1099511627776 + source_record) as first_source
    from published
    group by network_group_key, code_key, term_key, negotiated_rate

),

code_place as (

    select
        code_key,
        code_rank
    from {{ ref('int_rates__code_profile') }}

),

group_place as (

    select
        network_group.network_group_key,
        network_group.release_key,
        profile.group_rank
    from {{ ref('int_rates__network_group') }} as network_group
    inner join {{ ref('int_rates__group_profile') }} as profile on network_group.network_group_key = profile.network_group_key

),

term_place as (

    select
        term_key,
        dense_rank() over (order by {{ nulls_first(['billing_class']) }}) as class_rank
    from {{ ref('int_rates__term') }}

)

select
    merged.network_group_key,
    merged.code_key,
    merged.term_key,
    merged.negotiated_rate,
    merged.published_count,
    merged.first_source
from merged
inner join code_place on merged.code_key = code_place.code_key
inner join group_place on merged.network_group_key = group_place.network_group_key
inner join term_place on merged.term_key = term_place.term_key
-- The order of the compact layout, while rows are narrow: a sort of the finished rows takes ten times as long.
order by
    group_place.release_key, term_place.class_rank, code_place.code_rank, group_place.group_rank, merged.term_key, merged.negotiated_rate
