with active_year as (

    select * from {{ ref('int_claims__active_year') }}

),

beneficiary_year as (

    select * from {{ ref('dim_beneficiary_year') }}

),

-- One reading of the summaries finds both years; a table of its own, because two joins to all people would not fit into memory.
watched as (

    select
        active_year.beneficiary_id,
        active_year.service_year,
        beneficiary_year.summary_year = active_year.service_year as is_this_year,
        beneficiary_year.state_code,
        beneficiary_year.sex,
        beneficiary_year.age_band,
        beneficiary_year.hospital_insurance_months < 12
        or beneficiary_year.medical_insurance_months < 12
        or beneficiary_year.hmo_months > 0 as is_disenrolled
    from active_year
    inner join beneficiary_year
        on
            active_year.beneficiary_id = beneficiary_year.beneficiary_id
            and beneficiary_year.summary_year between active_year.service_year and active_year.service_year + 1

)

select
    beneficiary_id,
    service_year as cohort_year,
    min(case when is_this_year then state_code end) as state_code,
    min(case when is_this_year then sex end) as sex,
    min(case when is_this_year then age_band end) as age_band,
    max(case when is_this_year then 0 else 1 end) = 1 as has_next_summary,
    max(case when is_disenrolled and not is_this_year then 1 else 0 end) = 1 as is_disenrolled_next_year
from watched
group by beneficiary_id, service_year
