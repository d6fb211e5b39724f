with line as (

    select * from {{ ref('int_claims__line') }}

),

-- By day first: what is left to choose from for a year is one row a day, and its key has a fixed size.
active_day as (

    select
        beneficiary_id,
        service_year,
        service_date,
        sum(claim_count) as claim_count,
        sum(paid_amount_usd) as paid_amount_usd,
        coalesce(min(case when claim_count = 1 then facility_id end), min(facility_id)) as facility_id
    from line
    where service_year >= {{ var('claims_first_year') }}
    group by beneficiary_id, service_year, service_date

)

select
    beneficiary_id,
    cast(service_year as int) as service_year,
    cast(sum(claim_count) as bigint) as claim_count,
    cast(sum(paid_amount_usd) as decimal(18, 2)) as paid_amount_usd,
    max_by(facility_id, service_date) as last_facility_id
from active_day
group by beneficiary_id, service_year
