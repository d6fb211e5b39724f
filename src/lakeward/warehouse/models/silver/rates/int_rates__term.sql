with published as (

    select
        negotiated_type,
        billing_class,
        setting,
        expiration_date,
        additional_information,
        billing_code_modifier,
        {{ list_join('pos_members', '|') }} as pos_text
    from {{ ref('stg_mrf__price_term') }}
    union
    select
        negotiated_type,
        billing_class,
        cast(null as string) as setting,
        expiration_date,
        cast(null as string) as additional_information,
        billing_code_modifier,
        {{ list_join('pos_members', '|') }} as pos_text
    from {{ ref('stg_flat_rates__published') }}

)

select
    cast(row_number() over (
        order by {{ nulls_first(['billing_class', 'setting', 'negotiated_type', 'pos_text', 'billing_code_modifier', 'expiration_date',
            'additional_information']) }}
    ) as int) as term_key,
    negotiated_type,
    {{ rate_unit('negotiated_type') }} as rate_unit,
    billing_class,
    setting,
    expiration_date,
    additional_information,
    billing_code_modifier,
    pos_text,
    {{ md5_text('pos_text') }} as pos_set_id,
    {{ broken_rules('term') }} as reasons
from published
