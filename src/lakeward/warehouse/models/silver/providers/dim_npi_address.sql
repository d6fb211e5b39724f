with

address as (

    select * from {{ ref('int_providers__address') }}

),

typed as (

    select
        address.*,
        -- The published header says '(If outside U.S.)': a blank country is a domestic address.
        case when coalesce(address.country_code, 'US') = 'US' then 'DOM' else 'FOREIGN' end as address_type
    from address

)

select
    npi,
    address_purpose,
    {{ md5_text(
        "address_purpose || '|' || address_type || '|' || coalesce(address_1, '') || '|' || coalesce(address_2, '') || '|'"
        " || coalesce(city, '') || '|' || coalesce(state, '') || '|' || coalesce(postal_code, '') || '|'"
        " || coalesce(country_code, '')"
    ) }} as address_hash,
    address_type,
    address_1,
    address_2,
    city,
    state,
    postal_code,
    country_code,
    telephone_number,
    fax_number,
    last_updated,
    telephone_extension
from typed
