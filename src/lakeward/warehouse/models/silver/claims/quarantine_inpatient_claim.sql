with line as (

    select * from {{ ref('stg_synpuf__inpatient_claim') }}

),

conflict as (

    select * from {{ ref('int_claims__repeated_claim') }}
    where repeat_status = 'conflict'

)

select
    line.release_id,
    line.claim_id,
    line.segment_text as segment,
    split(case when conflict.repeat_status is null then line.reject_reasons else 'key_repeated' end, ',') as reasons,
    line.paid_amount_text,
    line.source_file_id,
    line.source_record
from line
left join conflict on line.source_file_id = conflict.source_file_id and line.source_record = conflict.source_record
where line.reject_reasons <> '' or conflict.repeat_status is not null
