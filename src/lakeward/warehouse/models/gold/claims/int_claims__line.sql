{{ config(materialized='view') }}
with line as (

    select * from {{ ref('fact_inpatient_claim') }}

),

-- Few claims have a second segment, so this side of the join below stays small however many samples there are.
continued as (

    select distinct claim_id from line
    where segment > 1

),

first_segment as (

    select
        line.claim_id,
        min(line.segment) as segment
    from line
    inner join continued on line.claim_id = continued.claim_id
    group by line.claim_id

)

select
    line.claim_id,
    line.segment,
    line.claim_key,
    line.stay_id,
    line.beneficiary_id,
    coalesce(line.facility_id, 'not stated') as facility_id,
    coalesce(line.drg_code, 'not stated') as drg_code,
    line.service_date,
    line.service_year,
    line.service_month,
    line.paid_amount_usd,
    line.provider_payment_usd,
    line.utilization_days,
    case when first_segment.segment is null or line.segment = first_segment.segment then line.length_of_stay_days end
        as length_of_stay_days,
    case when first_segment.segment is null or line.segment = first_segment.segment then 1 else 0 end as claim_count,
    case when line.claim_key = line.stay_id then 1 else 0 end as stay_count
from line
left join first_segment on line.claim_id = first_segment.claim_id
