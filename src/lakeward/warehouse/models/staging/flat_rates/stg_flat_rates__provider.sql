with source as (

    select * from {{ source('bronze', 'flat_rates__provider') }}

)

select
    pair_id as file_id,
    {{ clean_text('provider_group_id') }} as provider_group_id_raw,
    {{ clean_text('npi') }} as npi,
    {{ clean_word('tin_type') }} as tin_type,
    nullif(replace(trim(tin_value), '-', ''), '') as tin_value
from source
