with source as (

    select * from {{ source('bronze', 'mrf__provider_group') }}

)

select
    _file_id as file_id,
    group_id,
    member_ids
from source
