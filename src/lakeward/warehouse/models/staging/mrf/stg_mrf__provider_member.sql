with source as (

    select * from {{ source('bronze', 'mrf__provider_member') }}

)

select
    _file_id as file_id,
    member_id,
    {{ clean_word('tin_type') }} as tin_type,
    nullif(replace(trim(tin_value), '-', ''), '') as tin_value,
    {{ clean_text('business_name') }} as business_name,
    npi as npis
from source
