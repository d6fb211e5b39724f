with

rejected as (

    select * from {{ ref('stg_nppes__provider') }}
    where reject_reasons <> ''

)

select
    npi,
    split(reject_reasons, ',') as reasons,
    entity_type_code,
    organization_name,
    last_name,
    first_name,
    source_file_id,
    source_record
from rejected
