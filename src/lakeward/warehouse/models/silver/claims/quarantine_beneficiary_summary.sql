with summary as (

    select * from {{ ref('stg_synpuf__beneficiary_summary') }}

),

conflict as (

    select * from {{ ref('int_claims__repeated_summary') }}
    where repeat_status = 'conflict'

)

select
    summary.release_id,
    summary.beneficiary_id,
    summary.summary_year,
    split(case when conflict.repeat_status is null then summary.reject_reasons else 'key_repeated' end, ',') as reasons,
    summary.source_file_id,
    summary.source_record
from summary
left join conflict on summary.source_file_id = conflict.source_file_id and summary.source_record = conflict.source_record
where summary.reject_reasons <> '' or conflict.repeat_status is not null
