with stay as (

    select
        stay_id,
        release_id,
        sample_number,
        beneficiary_id,
        min(admission_date) as admission_date,
        max(discharge_date) as discharge_date,
        max(case when claim_key = stay_id then facility_id end) as first_facility_id,
        max(case when discharge_date is not null then concat(cast(discharge_date as string), coalesce(facility_id, '')) end) as last_left,
        max(case when claim_key = stay_id then drg_code end) as drg_code,
        cast(count(*) as int) as claim_count,
        cast(sum(case when joined_as = 'transfer' then 1 else 0 end) as int) as transfer_count,
        max(case when is_overlap then 1 else 0 end) = 1 as has_overlap,
        cast(sum(paid_amount_usd) as decimal(14, 2)) as paid_amount_usd
    from {{ ref('int_claims__stay_claim') }}
    group by stay_id, release_id, sample_number, beneficiary_id

),

deceased as (

    select
        beneficiary_id,
        death_date
    from {{ ref('dim_beneficiary') }}
    where death_date is not null

)

select
    stay.stay_id,
    stay.beneficiary_id,
    stay.release_id,
    stay.sample_number,
    stay.admission_date,
    stay.discharge_date,
    stay.first_facility_id,
    case when stay.last_left is null then stay.first_facility_id else nullif(substr(stay.last_left, 11), '') end as last_facility_id,
    stay.drg_code,
    stay.claim_count,
    stay.transfer_count,
    stay.has_overlap,
    stay.paid_amount_usd,
    deceased.death_date,
    coalesce(deceased.death_date <= stay.discharge_date, false) as is_in_stay_death
from stay
left join deceased on stay.beneficiary_id = deceased.beneficiary_id
