{{ companion_rows('stg_nppes__secondary_practice_location', ['address_1', 'address_2', 'city', 'state', 'postal_code', 'country_code']) }}

select
    npi,
    address_1,
    address_2,
    city,
    state,
    postal_code,
    country_code,
    telephone_number,
    telephone_extension,
    fax_number,
    source_file_id,
    source_record,
    speaks and repeat_number = 1 as is_current
from marked
