{{ companion_rows('stg_nppes__other_name', ['organization_name', 'name_type_code']) }}

select
    npi,
    organization_name,
    name_type_code,
    source_file_id,
    source_record,
    speaks and repeat_number = 1 as is_current
from marked
