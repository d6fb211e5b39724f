with group_set as (

    select * from {{ ref('stg_mrf__group_set') }}

),

file_group as (

    select * from {{ ref('int_rates__file_group') }}

),

network_group as (

    select * from {{ ref('int_rates__network_group') }}

),

release_file as (

    select * from {{ ref('int_rates__release') }}

),

named as (

    select
        group_set.file_id,
        group_set.group_set_id,
        concat('reference:', reference_of.provider_reference_id) as group_ref
    from {{ ref('stg_mrf__group_set') }} as group_set
    {{ explode('group_set.provider_reference_ids', 'reference_of', 'provider_reference_id') }}
    union all
    select
        file_id,
        group_set_id,
        concat('inline:', cast(inline_group_id as string)) as group_ref
    from group_set
    where inline_group_id is not null

),

groupless as (

    select
        release_file.file_key,
        group_set.group_set_id,
        network_group.network_group_key
    from group_set
    inner join release_file on group_set.file_id = release_file.file_id
    inner join network_group on release_file.release_key = network_group.release_key and network_group.pg_uid is null
    where
        group_set.inline_group_id is null
        and coalesce({{ list_size('group_set.provider_reference_ids') }}, 0) = 0

)

select
    file_group.file_key,
    named.group_set_id,
    network_group.network_group_key
from named
inner join file_group on named.file_id = file_group.file_id and named.group_ref = file_group.group_ref
inner join network_group
    on
        file_group.release_key = network_group.release_key
        and file_group.pg_uid = network_group.pg_uid
        and file_group.network_name is not distinct from network_group.network_name
union all
select
    file_key,
    group_set_id,
    network_group_key
from groupless
