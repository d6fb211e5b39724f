with source as (

    select * from {{ source('bronze', 'mrf__price_term') }}

)

select
    _file_id as file_id,
    term_id,
    {{ clean_word('negotiated_type') }} as negotiated_type,
    {{ clean_word('billing_class') }} as billing_class,
    {{ clean_word('setting') }} as setting,
    {{ published_day('expiration_date') }} as expiration_date,
    {{ clean_text('additional_information') }} as additional_information,
    coalesce({{ list_sorted_distinct('service_code') }}, {{ empty_list() }}) as pos_members,
    nullif({{ list_join(list_sorted_distinct('billing_code_modifier'), ',') }}, '') as billing_code_modifier
from source
