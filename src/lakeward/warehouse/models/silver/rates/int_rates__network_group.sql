with file_group as (

    select * from {{ ref('int_rates__file_group') }}

),

release_file as (

    select * from {{ ref('int_rates__release') }}

),

published as (

    select
        release_key,
        release_id,
        pg_uid,
        provider_group_id_raw,
        network_name
    from file_group
    union
    -- A price that names no group at all is kept under a group without an id, and rejected with that reason.
    select
        release_key,
        release_id,
        cast(null as string) as pg_uid,
        cast(null as string) as provider_group_id_raw,
        cast(null as string) as network_name
    from release_file

)

select
    cast(row_number() over (order by {{ nulls_first(['release_key', 'pg_uid', 'network_name']) }}) as int) as network_group_key,
    release_key,
    release_id,
    pg_uid,
    provider_group_id_raw,
    network_name,
    {{ broken_rules('group') }} as reasons
from published
