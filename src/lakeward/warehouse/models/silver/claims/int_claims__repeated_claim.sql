{%- set content = [
    'beneficiary_id', 'facility_id', 'attending_npi', 'operating_npi', 'other_npi', 'drg_code', 'hcpcs_codes', 'paid_amount_usd',
    'deductible_amount_usd', 'coinsurance_amount_usd', 'blood_deductible_amount_usd', 'primary_payer_amount_usd', 'pass_through_per_diem_usd',
    'utilization_days', 'claim_from_date', 'claim_thru_date', 'admission_date', 'discharge_date',
] %}
{%- for slot in range(0, 11) %}{% do content.append('diagnosis_code_' ~ slot) %}{% endfor %}
{%- for slot in range(1, 7) %}{% do content.append('procedure_code_' ~ slot) %}{% endfor -%}
-- Rows are looked at closely only where a key repeats: in files as published none does.
with repeated_key as (

    select
        clm_id,
        segment
    from {{ source('bronze', 'synpuf__inpatient_claim') }}
    group by clm_id, segment
    having count(*) > 1

),

line as (

    select
        stg_line.source_file_id,
        stg_line.source_record,
        stg_line.release_id,
        stg_line.claim_id,
        stg_line.segment,
        {{ synpuf_content(content) }} as content
    from {{ ref('stg_synpuf__inpatient_claim') }} as stg_line
    inner join repeated_key on stg_line.claim_id = repeated_key.clm_id and stg_line.segment_text = repeated_key.segment
    where stg_line.reject_reasons = ''

),

compared as (

    select
        source_file_id,
        source_record,
        min(content) over (partition by claim_id, segment) as first_content,
        max(content) over (partition by claim_id, segment) as last_content,
        row_number() over (partition by claim_id, segment order by release_id, source_file_id, source_record) as place
    from line

)

select
    source_file_id,
    source_record,
    case
        when first_content <> last_content then 'conflict'
        when place = 1 then 'kept'
        else 'merged'
    end as repeat_status
from compared
