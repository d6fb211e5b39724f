with

current_version as (

    select * from {{ ref('int_providers__version') }}
    where is_current

),

slot_row as (

    select * from {{ ref('stg_nppes__provider_taxonomy') }}

)

select
    slot_row.npi,
    slot_row.slot,
    slot_row.taxonomy_code,
    slot_row.license_number,
    slot_row.license_state,
    slot_row.is_primary,
    slot_row.primary_rule,
    slot_row.taxonomy_group,
    slot_row.source_file_id,
    slot_row.source_record
from current_version
inner join slot_row
    on
        current_version.source_file_id = slot_row.source_file_id
        and current_version.source_record = slot_row.source_record
