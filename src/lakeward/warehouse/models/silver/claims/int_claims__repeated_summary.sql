{%- set content = [
    'sex_code', 'race_code', 'ssa_state_code', 'ssa_county_code', 'birth_date', 'death_date',
    'hospital_insurance_months', 'medical_insurance_months', 'hmo_months', 'drug_plan_months',
] %}
{%- for condition in claims_conditions() %}{% do content.append('has_' ~ condition) %}{% endfor %}
{%- for amount in claims_summary_amounts() %}{% do content.append(amount) %}{% endfor -%}
-- Keys are grouped by a hash, which takes a third of the memory; the window below compares the keys themselves.
with repeated_key as (

    select
        {{ hash_text('desynpuf_id') }} as beneficiary_hash,
        _summary_year as summary_year
    from {{ source('bronze', 'synpuf__beneficiary_summary') }}
    group by {{ hash_text('desynpuf_id') }}, _summary_year
    having count(*) > 1

),

summary as (

    select
        stg_summary.source_file_id,
        stg_summary.source_record,
        stg_summary.release_id,
        stg_summary.beneficiary_id,
        stg_summary.summary_year,
        {{ synpuf_content(content) }} as content
    from {{ ref('stg_synpuf__beneficiary_summary') }} as stg_summary
    inner join repeated_key
        on
            {{ hash_text('stg_summary.beneficiary_id') }} = repeated_key.beneficiary_hash
            and stg_summary.summary_year = repeated_key.summary_year
    where stg_summary.reject_reasons = ''

),

compared as (

    select
        source_file_id,
        source_record,
        min(content) over (partition by beneficiary_id, summary_year) as first_content,
        max(content) over (partition by beneficiary_id, summary_year) as last_content,
        row_number() over (partition by beneficiary_id, summary_year order by release_id, source_file_id, source_record) as place
    from summary

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
