with

name_row as (

    select * from {{ ref('int_providers__name') }}
    where not is_repeat

)

select
    npi,
    name_kind,
    cast(
        row_number() over (partition by npi, name_kind order by part_number, source_record) as bigint
    ) as name_number,
    first_name,
    middle_name,
    last_name,
    organization_name,
    name_prefix,
    name_suffix,
    credential,
    name_type_code,
    source_file_id,
    source_record
from name_row
