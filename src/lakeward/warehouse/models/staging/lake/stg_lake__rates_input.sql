with source as (

    select * from {{ source('bronze', 'rates__input') }}

)

select
    file_id,
    kind,
    upper({{ clean_text('state') }}) as state,
    {{ clean_text('payer_slug') }} as payer_slug,
    {{ clean_text('year_month') }} as year_month,
    in_scope
from source
