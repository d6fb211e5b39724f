with source as (

    select * from {{ source('bronze', 'mrf__price') }}

)

select
    _file_id as file_id,
    _source_record as source_record,
    item_id,
    term_id,
    group_set_id,
    negotiated_rate
from source
