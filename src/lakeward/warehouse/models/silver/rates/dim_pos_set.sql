with published as (

    select pos_members from {{ ref('stg_mrf__price_term') }}
    union all
    select pos_members from {{ ref('stg_flat_rates__published') }}

),

identified as (

    select
        {{ md5_text(list_join('pos_members', '|')) }} as pos_set_id,
        pos_members
    from published

)

select distinct
    pos_set_id,
    pos_members
from identified
