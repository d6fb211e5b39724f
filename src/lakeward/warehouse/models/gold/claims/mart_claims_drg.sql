with line as (

    select * from {{ ref('int_claims__line') }}

),

drg as (

    select * from {{ ref('dim_drg') }}

),

facility as (

    select * from {{ ref('dim_facility') }}

),

-- Two steps instead of count(distinct): the engine can write the first one to disk.
beneficiary_cell as (

    select
        service_year,
        drg_code,
        facility_id,
        beneficiary_id,
        sum(claim_count) as claim_count,
        sum(stay_count) as stay_count,
        sum(paid_amount_usd) as paid_amount_usd,
        sum(provider_payment_usd) as provider_payment_usd,
        sum(length_of_stay_days) as length_of_stay_days,
        count(length_of_stay_days) as length_of_stay_count,
        sum(utilization_days) as utilization_days
    from line
    group by service_year, drg_code, facility_id, beneficiary_id

),

cell as (

    select
        service_year,
        drg_code,
        facility_id,
        cast(sum(claim_count) as bigint) as claim_count,
        cast(sum(stay_count) as bigint) as stay_count,
        cast(count(*) as bigint) as beneficiary_count,
        cast(sum(paid_amount_usd) as decimal(18, 2)) as paid_amount_usd,
        cast(sum(provider_payment_usd) as decimal(18, 2)) as provider_payment_usd,
        cast(coalesce(sum(length_of_stay_days), 0) as bigint) as length_of_stay_days,
        sum(length_of_stay_count) as length_of_stay_count,
        cast(coalesce(sum(utilization_days), 0) as bigint) as utilization_days
    from beneficiary_cell
    group by service_year, drg_code, facility_id

),

weighed as (

    select
        cell.*,
        drg.mdc_code,
        drg.drg_title,
        drg.drg_type,
        drg.relative_weight,
        facility.state_code as facility_state_code,
        cast(cell.claim_count * drg.relative_weight as decimal(18, 4)) as case_mix_weight
    from cell
    left join drg on cell.drg_code = drg.drg_code
    left join facility on cell.facility_id = facility.facility_id

)

select
    service_year,
    mdc_code,
    drg_code,
    drg_title,
    drg_type,
    facility_id,
    facility_state_code,
    relative_weight,
    claim_count,
    stay_count,
    beneficiary_count,
    paid_amount_usd,
    provider_payment_usd,
    length_of_stay_days,
    utilization_days,
    case when claim_count > 0 then round(cast(paid_amount_usd as double) / claim_count, 6) end as average_paid_usd,
    case when length_of_stay_count > 0 then round(cast(length_of_stay_days as double) / length_of_stay_count, 6) end
        as average_length_of_stay_days,
    case when case_mix_weight > 0 then round(cast(paid_amount_usd as double) / cast(case_mix_weight as double), 6) end
        as paid_per_weight_usd,
    case_mix_weight
from weighed
