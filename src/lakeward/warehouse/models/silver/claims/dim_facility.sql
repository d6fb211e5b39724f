with facility as (

    select
        facility_id,
        substr(facility_id, 1, 2) as ssa_state_code,
        min(service_date) as first_service_date,
        max(service_date) as last_service_date
    from {{ ref('fact_inpatient_claim') }}
    where facility_id is not null
    group by facility_id

),

ssa_state as (

    select
        seed_ssa_state.ssa_state_code,
        seed_state.state,
        seed_state.state_name
    from {{ ref('seed_ssa_state') }} as seed_ssa_state
    inner join {{ ref('seed_state') }} as seed_state on seed_ssa_state.state = seed_state.state

)

select
    facility.facility_id,
    facility.ssa_state_code,
    ssa_state.state as state_code,
    ssa_state.state_name,
    facility.first_service_date,
    facility.last_service_date
from facility
left join ssa_state on facility.ssa_state_code = ssa_state.ssa_state_code
