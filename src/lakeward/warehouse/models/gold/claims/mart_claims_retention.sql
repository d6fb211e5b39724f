with line as (

    select * from {{ ref('int_claims__line') }}

),

beneficiary as (

    select * from {{ ref('dim_beneficiary') }}

),

beneficiary_year as (

    select * from {{ ref('dim_beneficiary_year') }}

),

active_year as (

    select
        beneficiary_id,
        service_year,
        sum(claim_count) as claim_count,
        sum(paid_amount_usd) as paid_amount_usd
    from line
    where service_year >= {{ var('claims_first_year') }}
    group by beneficiary_id, service_year

),

line_order as (

    select
        beneficiary_id,
        service_year,
        facility_id,
        row_number() over (
            partition by beneficiary_id, service_year
            order by service_date desc, claim_id desc, segment asc
        ) as place_from_last
    from line
    where service_year >= {{ var('claims_first_year') }}

),

-- What is known of a member of the cohort at the end of the next year.
followed as (

    select
        active_year.beneficiary_id,
        active_year.service_year as cohort_year,
        active_year.claim_count,
        active_year.paid_amount_usd,
        line_order.facility_id as index_facility_id,
        coalesce(next_active.claim_count, 0) as next_year_claim_count,
        next_active.beneficiary_id is not null as is_active_next_year,
        active_year.service_year >= {{ var('claims_last_year') }} as is_censored,
        coalesce(year(beneficiary.death_date) <= active_year.service_year + 1, false) as is_dead,
        next_year.beneficiary_id is not null as has_next_summary,
        coalesce(
            next_year.hospital_insurance_months < 12 or next_year.medical_insurance_months < 12 or next_year.hmo_months > 0, false
        ) as is_disenrolled,
        this_year.state_code,
        this_year.sex,
        this_year.age_band
    from active_year
    inner join line_order
        on
            active_year.beneficiary_id = line_order.beneficiary_id
            and active_year.service_year = line_order.service_year
            and line_order.place_from_last = 1
    left join active_year as next_active
        on
            active_year.beneficiary_id = next_active.beneficiary_id
            and active_year.service_year + 1 = next_active.service_year
    left join beneficiary on active_year.beneficiary_id = beneficiary.beneficiary_id
    left join beneficiary_year as this_year
        on
            active_year.beneficiary_id = this_year.beneficiary_id
            and active_year.service_year = this_year.summary_year
    left join beneficiary_year as next_year
        on
            active_year.beneficiary_id = next_year.beneficiary_id
            and active_year.service_year + 1 = next_year.summary_year

),

judged as (

    select
        *,
        case
            when is_censored then 'censored'
            when is_dead then 'died'
            when is_disenrolled then 'disenrolled'
            when not has_next_summary then 'no_summary_year'
            when is_active_next_year then 'retained'
            else 'lapsed'
        end as outcome
    from followed

)

select
    beneficiary_id,
    cast(cohort_year as int) as cohort_year,
    cast(concat(cast(cohort_year as string), '-01-01') as date) as cohort_year_start,
    outcome,
    is_censored,
    outcome in ('retained', 'lapsed') as is_exposed,
    cast(next_year_claim_count as bigint) as next_year_claim_count,
    cast(claim_count as bigint) as claim_count,
    cast(paid_amount_usd as decimal(18, 2)) as paid_amount_usd,
    index_facility_id,
    state_code,
    sex,
    age_band
from judged
