{%- set other_parts = [
    'deductible_amount_usd', 'coinsurance_amount_usd', 'blood_deductible_amount_usd', 'primary_payer_amount_usd', 'pass_through_amount_usd',
] -%}
with undated as (

    select distinct claim_id from {{ ref('int_claims__segment') }}
    where claim_from_date is null

),

first_segment as (

    select
        line.claim_id,
        line.claim_from_date
    from {{ ref('int_claims__segment') }} as line
    inner join undated on line.claim_id = undated.claim_id
    where line.segment = 1 and line.claim_from_date is not null

),

stay_claim as (

    select
        claim_id,
        release_id,
        beneficiary_id,
        stay_id
    from {{ ref('int_claims__stay_claim') }}

),

served as (

    select
        line.*,
        stay_claim.stay_id,
        coalesce(line.claim_from_date, first_segment.claim_from_date, line.admission_date) as service_date,
        case
            when line.claim_from_date is not null then 'claim_from'
            when first_segment.claim_from_date is not null then 'segment_1'
            when line.admission_date is not null then 'admission'
        end as service_date_rule,
        cast(line.pass_through_per_diem_usd * line.utilization_days as decimal(14, 2)) as pass_through_amount_usd,
        case
            when line.admission_date is not null and line.discharge_date is not null
                then cast(greatest(1, {{ days_between('line.admission_date', 'line.discharge_date') }}) as int)
        end as length_of_stay_days
    from {{ ref('int_claims__segment') }} as line
    left join first_segment on line.claim_id = first_segment.claim_id
    left join stay_claim
        on
            line.claim_id = stay_claim.claim_id
            and line.release_id = stay_claim.release_id
            and line.beneficiary_id = stay_claim.beneficiary_id

),

claimant as (

    select distinct beneficiary_id from {{ ref('int_claims__segment') }}

),

-- Only of people with claims: the join below then holds a third of the summaries.
summarised as (

    select
        beneficiary_year.beneficiary_id,
        beneficiary_year.summary_year
    from {{ ref('dim_beneficiary_year') }} as beneficiary_year
    inner join claimant on beneficiary_year.beneficiary_id = claimant.beneficiary_id

)

select
    served.release_id,
    served.sample_number,
    served.claim_id,
    served.segment,
    served.claim_key,
    served.stay_id,
    served.beneficiary_id,
    case
        when served.service_date is not null
            then concat(served.beneficiary_id, '-', cast(year(served.service_date) as string))
    end as beneficiary_year_key,
    served.service_date,
    served.service_date_rule,
    cast(year(served.service_date) as int) as service_year,
    cast(date_trunc('month', served.service_date) as date) as service_month,
    served.claim_from_date,
    served.claim_thru_date,
    served.admission_date,
    served.discharge_date,
    served.facility_id,
    served.attending_npi,
    served.operating_npi,
    served.other_npi,
    served.drg_code,
    served.diagnosis_code_0 as admitting_diagnosis_code,
    served.diagnosis_code_1 as principal_diagnosis_code,
    served.paid_amount_usd,
    served.deductible_amount_usd,
    served.coinsurance_amount_usd,
    served.blood_deductible_amount_usd,
    served.primary_payer_amount_usd,
    served.pass_through_per_diem_usd,
    served.pass_through_amount_usd,
    cast(
        served.paid_amount_usd
        {%- for amount in other_parts %}
            + coalesce(served.{{ amount }}, 0)
        {%- endfor %}
        as decimal(14, 2)
    ) as provider_payment_usd,
    cast(
        {%- for amount in other_parts %}
            case when served.{{ amount }} is null then 1 else 0 end{{ ' +' if not loop.last }}
        {%- endfor %}
        as int
    ) as blank_amount_count,
    served.utilization_days,
    served.length_of_stay_days,
    served.length_of_stay_days <> served.utilization_days as is_length_of_stay_mismatch,
    case
        when served.paid_amount_usd > 0 then 'positive'
        when served.paid_amount_usd < 0 then 'negative'
        else 'zero'
    end as payment_sign,
    summarised.beneficiary_id is not null as has_beneficiary_year,
    served.source_file_id,
    served.source_record
from served
left join summarised
    on
        served.beneficiary_id = summarised.beneficiary_id
        and cast(year(served.service_date) as int) = summarised.summary_year
