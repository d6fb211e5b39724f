-- Names and words are joined only here: prices travel as integers, in order, until their identity is made.
with price as (

    select * from {{ ref('int_rates__price') }}

),

code as (

    select * from {{ ref('int_rates__code') }}

),

term as (

    select * from {{ ref('int_rates__term') }}

),

network_group as (

    select * from {{ ref('int_rates__network_group') }}

),

released as (

    select
        release_key,
        min(payer_slug) as payer_slug,
        min(state) as state,
        min(year_month) as year_month,
        max(reasons) as reasons
    from {{ ref('int_rates__release') }}
    group by release_key

),

joined as (

    select
        price.network_group_key,
        price.code_key,
        price.term_key,
        network_group.release_key,
        price.negotiated_rate,
        price.published_count,
        price.first_source,
        released.state,
        released.year_month,
        released.payer_slug,
        term.billing_class,
        term.rate_unit,
        code.code_type,
        code.code,
        network_group.pg_uid,
        term.pos_set_id,
        term.negotiated_type,
        code.negotiation_arrangement,
        term.expiration_date,
        network_group.provider_group_id_raw,
        term.billing_code_modifier,
        term.setting,
        code.severity_of_illness,
        code.code_type_version,
        term.additional_information,
        network_group.network_name,
        released.reasons as release_reasons,
        code.reasons as code_reasons,
        term.reasons as term_reasons,
        network_group.reasons as group_reasons
    from price
    inner join code on price.code_key = code.code_key
    inner join term on price.term_key = term.term_key
    inner join network_group on price.network_group_key = network_group.network_group_key
    inner join released on network_group.release_key = released.release_key

)

select
    {{ fact_uid() }} as fact_uid,
    release_key,
    network_group_key,
    code_key,
    term_key,
    negotiated_rate,
    published_count,
    cast(floor(first_source / 1099511627776) as int) as file_key,
    first_source % 1099511627776 as source_record,
    nullif(concat_ws(',', release_reasons, code_reasons, term_reasons, group_reasons, {{ broken_rules('rate') }}), '') as reasons
from joined
