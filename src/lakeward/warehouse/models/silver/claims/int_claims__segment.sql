with line as (

    select * from {{ ref('stg_synpuf__inpatient_claim') }}
    where reject_reasons = ''

),

repeated as (

    select * from {{ ref('int_claims__repeated_claim') }}
    where repeat_status <> 'kept'

)

select
    line.release_id,
    line.sample_number,
    line.claim_id,
    line.segment,
    concat(line.claim_id, '-', cast(line.segment as string)) as claim_key,
    line.beneficiary_id,
    line.facility_id,
    line.attending_npi,
    line.operating_npi,
    line.other_npi,
    line.drg_code,
    {% for slot in range(0, 11) -%}
        line.diagnosis_code_{{ slot }},
    {% endfor -%}
    {% for slot in range(1, 7) -%}
        line.procedure_code_{{ slot }},
    {% endfor -%}
    line.paid_amount_usd,
    line.deductible_amount_usd,
    line.coinsurance_amount_usd,
    line.blood_deductible_amount_usd,
    line.primary_payer_amount_usd,
    line.pass_through_per_diem_usd,
    line.utilization_days,
    line.claim_from_date,
    line.claim_thru_date,
    line.admission_date,
    line.discharge_date,
    line.source_file_id,
    line.source_record
from line
left join repeated on line.source_file_id = repeated.source_file_id and line.source_record = repeated.source_record
where repeated.repeat_status is null
