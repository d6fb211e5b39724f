with source as (

    select * from {{ source('bronze', 'mrf__provider_reference') }}

)

select
    _file_id as file_id,
    provider_reference_id,
    group_id,
    {{ list_sorted_distinct('network_name') }} as network_names
from source
