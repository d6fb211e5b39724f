-- Each side of a step is counted where it stands: rows as published in bronze, accepted rows, and what was made of them.
with published_claim as (

    select
        {{ synpuf_release('_sample_number') }} as release_id,
        count(*) as row_count,
        sum({{ synpuf_amount('clm_pmt_amt') }}) as money
    from {{ source('bronze', 'synpuf__inpatient_claim') }}
    group by _sample_number

),

accepted as (

    select
        release_id,
        count(*) as row_count,
        count(distinct claim_key) as key_count,
        count(distinct concat(beneficiary_id, '|', claim_id)) as claim_count,
        sum(paid_amount_usd) as money,
        sum(
            {%- for slot in range(0, 11) %}
                case when diagnosis_code_{{ slot }} is null then 0 else 1 end{{ ' +' if not loop.last }}
            {%- endfor %}
        ) as diagnosis_count,
        sum(
            {%- for slot in range(1, 7) %}
                case when procedure_code_{{ slot }} is null then 0 else 1 end{{ ' +' if not loop.last }}
            {%- endfor %}
        ) as procedure_count
    from {{ ref('int_claims__segment') }}
    group by release_id

),

fact as (

    select
        release_id,
        count(*) as row_count,
        count(distinct claim_key) as key_count,
        sum(paid_amount_usd) as money
    from {{ ref('fact_inpatient_claim') }}
    group by release_id

),

rejected_claim as (

    select
        release_id,
        count(*) as row_count,
        sum({{ synpuf_amount('paid_amount_text') }}) as money
    from {{ ref('quarantine_inpatient_claim') }}
    group by release_id

),

merged_claim as (

    select
        line.release_id,
        count(*) as row_count,
        sum(line.paid_amount_usd) as money
    from {{ ref('stg_synpuf__inpatient_claim') }} as line
    inner join {{ ref('int_claims__repeated_claim') }} as repeated
        on line.source_file_id = repeated.source_file_id and line.source_record = repeated.source_record
    where repeated.repeat_status = 'merged'
    group by line.release_id

),

published_summary as (

    select
        {{ synpuf_release('_sample_number') }} as release_id,
        count(*) as row_count
    from {{ source('bronze', 'synpuf__beneficiary_summary') }}
    group by _sample_number

),

beneficiary_year as (

    select
        release_id,
        count(*) as row_count
    from {{ ref('dim_beneficiary_year') }}
    group by release_id

),

rejected_summary as (

    select
        release_id,
        count(*) as row_count
    from {{ ref('quarantine_beneficiary_summary') }}
    group by release_id

),

merged_summary as (

    select
        summary.release_id,
        count(*) as row_count
    from {{ ref('stg_synpuf__beneficiary_summary') }} as summary
    inner join {{ ref('int_claims__repeated_summary') }} as repeated
        on summary.source_file_id = repeated.source_file_id and summary.source_record = repeated.source_record
    where repeated.repeat_status = 'merged'
    group by summary.release_id

),

diagnosis as (

    select
        release_id,
        count(*) as row_count
    from {{ ref('bridge_claim_diagnosis') }}
    group by release_id

),

procedure_slot as (

    select
        release_id,
        count(*) as row_count
    from {{ ref('bridge_claim_procedure') }}
    group by release_id

),

stay as (

    select
        release_id,
        count(*) as row_count,
        sum(claim_count) as claim_count,
        sum(paid_amount_usd) as money
    from {{ ref('int_claims__stay') }}
    group by release_id

),

step as (

    select
        'screen' as step,
        published_claim.release_id as slice,
        'fact_inpatient_claim' as table_name,
        published_claim.row_count as rows_in,
        fact.row_count as rows_out,
        rejected_claim.row_count as rows_quarantined,
        0 as rows_exploded,
        merged_claim.row_count as rows_merged,
        accepted.key_count as keys_in,
        fact.key_count as keys_out,
        -- What an exact repeat would add is not money of a claim.
        published_claim.money - coalesce(merged_claim.money, 0) as money_in,
        coalesce(fact.money, 0) as money_out,
        coalesce(rejected_claim.money, 0) as money_quarantined
    from published_claim
    left join accepted on published_claim.release_id = accepted.release_id
    left join fact on published_claim.release_id = fact.release_id
    left join rejected_claim on published_claim.release_id = rejected_claim.release_id
    left join merged_claim on published_claim.release_id = merged_claim.release_id
    union all
    select
        'describe' as step,
        published_summary.release_id as slice,
        'dim_beneficiary_year' as table_name,
        published_summary.row_count as rows_in,
        beneficiary_year.row_count as rows_out,
        rejected_summary.row_count as rows_quarantined,
        0 as rows_exploded,
        merged_summary.row_count as rows_merged,
        null as keys_in,
        null as keys_out,
        null as money_in,
        null as money_out,
        null as money_quarantined
    from published_summary
    left join beneficiary_year on published_summary.release_id = beneficiary_year.release_id
    left join rejected_summary on published_summary.release_id = rejected_summary.release_id
    left join merged_summary on published_summary.release_id = merged_summary.release_id
    union all
    select
        'explode' as step,
        accepted.release_id as slice,
        'bridge_claim_diagnosis' as table_name,
        accepted.row_count as rows_in,
        diagnosis.row_count as rows_out,
        0 as rows_quarantined,
        accepted.diagnosis_count - accepted.row_count as rows_exploded,
        0 as rows_merged,
        null as keys_in,
        null as keys_out,
        null as money_in,
        null as money_out,
        null as money_quarantined
    from accepted
    left join diagnosis on accepted.release_id = diagnosis.release_id
    union all
    select
        'explode' as step,
        accepted.release_id as slice,
        'bridge_claim_procedure' as table_name,
        accepted.row_count as rows_in,
        procedure_slot.row_count as rows_out,
        0 as rows_quarantined,
        accepted.procedure_count - accepted.row_count as rows_exploded,
        0 as rows_merged,
        null as keys_in,
        null as keys_out,
        null as money_in,
        null as money_out,
        null as money_quarantined
    from accepted
    left join procedure_slot on accepted.release_id = procedure_slot.release_id
    union all
    select
        'merge' as step,
        accepted.release_id as slice,
        'int_claims__stay' as table_name,
        accepted.row_count as rows_in,
        stay.row_count as rows_out,
        0 as rows_quarantined,
        0 as rows_exploded,
        accepted.row_count - stay.row_count as rows_merged,
        accepted.claim_count as keys_in,
        stay.claim_count as keys_out,
        accepted.money as money_in,
        stay.money as money_out,
        null as money_quarantined
    from accepted
    left join stay on accepted.release_id = stay.release_id

)

select
    step,
    slice,
    table_name,
    cast(rows_in as bigint) as rows_in,
    cast(coalesce(rows_out, 0) as bigint) as rows_out,
    cast(coalesce(rows_quarantined, 0) as bigint) as rows_quarantined,
    cast(rows_exploded as bigint) as rows_exploded,
    cast(coalesce(rows_merged, 0) as bigint) as rows_merged,
    cast(keys_in as bigint) as keys_in,
    cast(keys_out as bigint) as keys_out,
    cast(money_in as decimal(38, 6)) as money_in,
    cast(money_out as decimal(38, 6)) as money_out,
    cast(money_quarantined as decimal(38, 6)) as money_quarantined,
    coalesce(rows_in + rows_exploded = coalesce(rows_out, 0) + coalesce(rows_quarantined, 0) + coalesce(rows_merged, 0), false)
    and coalesce(keys_in = keys_out, true)
    and coalesce(money_in = money_out + coalesce(money_quarantined, 0), true) as balanced
from step
