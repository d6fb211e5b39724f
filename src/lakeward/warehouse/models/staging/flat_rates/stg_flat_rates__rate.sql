with source as (

    select * from {{ source('bronze', 'flat_rates__rate') }}

)

select
    _file_id as file_id,
    _source_record as source_record,
    {{ clean_word('negotiation_arrangement') }} as negotiation_arrangement,
    upper({{ clean_text('billing_code_type') }}) as code_type,
    {{ clean_text('billing_code') }} as code,
    {{ clean_word('negotiated_type') }} as negotiated_type,
    {{ clean_word('billing_class') }} as billing_class,
    {{ published_day('expiration_date') }} as expiration_date,
    coalesce({{ list_sorted_distinct('service_codes') }}, {{ empty_list() }}) as pos_members,
    nullif({{ list_join(list_sorted_distinct('billing_code_modifier'), ',') }}, '') as billing_code_modifier,
    coalesce({{ clean_text('provider_group_id') }}, {{ clean_text('provider_reference_id') }}) as provider_group_id_raw,
    negotiated_rate
from source
