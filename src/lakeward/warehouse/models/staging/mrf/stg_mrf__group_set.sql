with source as (

    select * from {{ source('bronze', 'mrf__group_set') }}

)

select
    _file_id as file_id,
    group_set_id,
    provider_reference_ids,
    inline_group_id
from source
