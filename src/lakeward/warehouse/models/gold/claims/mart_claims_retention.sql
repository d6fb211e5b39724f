with active_year as (

    select * from {{ ref('int_claims__active_year') }}

),

-- Named twice, not once for both: a table that is read twice through one name would be kept in memory.
next_active as (

    select
        beneficiary_id,
        claim_count,
        service_year - 1 as cohort_year
    from {{ ref('int_claims__active_year') }}

),

deceased as (

    select
        beneficiary_id,
        death_date
    from {{ ref('dim_beneficiary') }}
    where death_date is not null

),

summary as (

    select * from {{ ref('int_claims__cohort_summary') }}

),

-- What is known of a member of the cohort at the end of the next year.
followed as (

    select
        active_year.beneficiary_id,
        active_year.service_year as cohort_year,
        active_year.claim_count,
        active_year.paid_amount_usd,
        active_year.last_facility_id as index_facility_id,
        coalesce(next_active.claim_count, 0) as next_year_claim_count,
        next_active.beneficiary_id is not null as is_active_next_year,
        active_year.service_year >= {{ var('claims_last_year') }} as is_censored,
        coalesce(year(deceased.death_date) <= active_year.service_year + 1, false) as is_dead,
        coalesce(summary.has_next_summary, false) as has_next_summary,
        coalesce(summary.is_disenrolled_next_year, false) as is_disenrolled,
        summary.state_code,
        summary.sex,
        summary.age_band
    from active_year
    left join next_active
        on
            active_year.beneficiary_id = next_active.beneficiary_id
            and active_year.service_year = next_active.cohort_year
    left join deceased on active_year.beneficiary_id = deceased.beneficiary_id
    left join summary
        on
            active_year.beneficiary_id = summary.beneficiary_id
            and active_year.service_year = summary.cohort_year

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
