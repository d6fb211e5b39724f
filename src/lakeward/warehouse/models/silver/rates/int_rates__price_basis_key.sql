with combination as (

    select distinct
        release_key,
        code_key,
        term_key
    from {{ ref('int_rates__rate') }}
    where reasons is null

),

released as (

    select
        release_key,
        min(state) as state,
        min(year_month) as year_month
    from {{ ref('int_rates__release') }}
    group by release_key

),

described as (

    select
        combination.release_key,
        combination.code_key,
        combination.term_key,
        released.state,
        released.year_month,
        term.billing_class,
        code.code_type,
        code.code,
        term.billing_code_modifier,
        term.setting,
        term.pos_set_id,
        term.negotiated_type,
        code.negotiation_arrangement,
        term.rate_unit
    from combination
    inner join released on combination.release_key = released.release_key
    inner join {{ ref('int_rates__code') }} as code on combination.code_key = code.code_key
    inner join {{ ref('int_rates__term') }} as term on combination.term_key = term.term_key

)

select
    release_key,
    code_key,
    term_key,
    {{ md5_of_columns(['state', 'year_month', 'billing_class', 'code_type', 'code', 'billing_code_modifier', 'setting', 'pos_set_id',
        'negotiated_type', 'negotiation_arrangement', 'rate_unit']) }} as basis_id,
    state,
    year_month,
    billing_class,
    code_type,
    code,
    billing_code_modifier,
    setting,
    pos_set_id,
    negotiated_type,
    negotiation_arrangement,
    rate_unit
from described
