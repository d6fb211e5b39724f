with stay as (

    select
        *,
        lead(stay_id) over (partition by beneficiary_id order by admission_date asc nulls first, stay_id asc) as next_stay_id,
        lead(admission_date) over (partition by beneficiary_id order by admission_date asc nulls first, stay_id asc) as next_admission_date
    from {{ ref('int_claims__stay') }}

),

facility as (

    select * from {{ ref('dim_facility') }}

),

followed as (

    select
        *,
        {{ days_between('discharge_date', 'next_admission_date') }} as days_to_next_admission,
        {{ days_between('discharge_date', "cast('" ~ var('claims_last_year') ~ "-12-31' as date)") }} as days_observed
    from stay

),

judged as (

    select
        *,
        case
            when discharge_date is null then 'no_discharge_date'
            when is_in_stay_death then 'died_in_stay'
            when days_observed < 30 then 'last_30_days'
            when days_to_next_admission < 1 then 'overlaps_next'
        end as exclusion_reason
    from followed

),

counted as (

    select
        *,
        exclusion_reason is null as is_index,
        exclusion_reason is null and coalesce(days_to_next_admission between 1 and 30, false) as is_readmission_30_days
    from judged

),

linked as (

    select
        *,
        lag(is_readmission_30_days) over (partition by beneficiary_id order by admission_date asc nulls first, stay_id asc) as follows_index
    from counted

)

select
    linked.stay_id,
    linked.beneficiary_id,
    coalesce(linked.last_facility_id, 'not stated') as facility_id,
    coalesce(linked.drg_code, 'not stated') as drg_code,
    linked.admission_date,
    linked.discharge_date,
    cast(year(linked.discharge_date) as int) as discharge_year,
    linked.is_index,
    linked.exclusion_reason,
    linked.next_stay_id,
    cast(linked.days_to_next_admission as int) as days_to_next_admission,
    linked.is_readmission_30_days,
    coalesce(linked.follows_index, false) as is_readmission,
    cast(linked.paid_amount_usd as decimal(18, 2)) as paid_amount_usd,
    facility.state_code
from linked
left join facility on linked.last_facility_id = facility.facility_id
