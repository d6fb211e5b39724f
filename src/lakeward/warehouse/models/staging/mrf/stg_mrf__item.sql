with source as (

    select * from {{ source('bronze', 'mrf__item') }}

)

select
    _file_id as file_id,
    item_id,
    {{ clean_word('negotiation_arrangement') }} as negotiation_arrangement,
    upper({{ clean_text('billing_code_type') }}) as code_type,
    {{ clean_text('billing_code') }} as code,
    {{ clean_text('billing_code_type_version') }} as code_type_version,
    {{ clean_text('severity_of_illness') }} as severity_of_illness,
    {{ clean_text('name') }} as code_name,
    {{ clean_text('description') }} as code_description
from source
