with price_basis_key as (

    select * from {{ ref('int_rates__price_basis_key') }}

)

select distinct
    basis_id,
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
from price_basis_key
