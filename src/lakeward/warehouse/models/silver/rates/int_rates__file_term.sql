with file_term as (

    select
        *,
        {{ list_join('pos_members', '|') }} as pos_text
    from {{ ref('stg_mrf__price_term') }}

),

term as (

    select * from {{ ref('int_rates__term') }}

),

release_file as (

    select * from {{ ref('int_rates__release') }}

)

select
    release_file.file_key,
    file_term.term_id,
    term.term_key
from file_term
inner join release_file on file_term.file_id = release_file.file_id
inner join term
    on
        file_term.negotiated_type is not distinct from term.negotiated_type
        and file_term.billing_class is not distinct from term.billing_class
        and file_term.setting is not distinct from term.setting
        and file_term.expiration_date is not distinct from term.expiration_date
        and file_term.additional_information is not distinct from term.additional_information
        and file_term.billing_code_modifier is not distinct from term.billing_code_modifier
        and file_term.pos_text = term.pos_text
