with source as (

    select * from {{ source('bronze', 'mrf__header') }}

)

select
    _file_id as file_id,
    {{ clean_text('reporting_entity_name') }} as reporting_entity_name,
    {{ clean_text('reporting_entity_type') }} as reporting_entity_type,
    {{ clean_text('last_updated_on') }} as last_updated_on,
    {{ clean_text('version') }} as version,
    price_count,
    cast(negotiated_rate_total as decimal(38, 6)) as negotiated_rate_total
from source
