-- The state's amounts in both settings: each locality priced to the cent, then summarised.
with codes as (

    select * from {{ ref('int_medicare__professional_code') }}
    where is_priced_in_non_facility or is_priced_in_facility

),

localities as (

    select * from {{ ref('int_medicare__state_locality') }}

),

priced as (

    select
        codes.code,
        codes.modifier,
        codes.effective_from,
        localities.state,
        localities.weight,
        case
            when codes.is_priced_in_non_facility
                then {{ medicare_capped_amount('non_facility', 'localities.work_gpci', 'localities.pe_gpci', 'localities.mp_gpci') }}
        end as non_facility_rate,
        case
            when codes.is_priced_in_facility
                then {{ medicare_capped_amount('facility', 'localities.work_gpci', 'localities.pe_gpci', 'localities.mp_gpci') }}
        end as facility_rate
    from codes
    inner join localities on codes.effective_from = localities.effective_from

),

-- Narrow decimals: an amount below ten million dollars, fewer than a million ZIP codes.
summarised as (

    select
        code,
        modifier,
        effective_from,
        state,
        sum(cast(non_facility_rate as decimal(9, 2)) * cast(weight as decimal(6, 0))) as non_facility_weighted,
        min(non_facility_rate) as non_facility_min,
        max(non_facility_rate) as non_facility_max,
        sum(cast(facility_rate as decimal(9, 2)) * cast(weight as decimal(6, 0))) as facility_weighted,
        min(facility_rate) as facility_min,
        max(facility_rate) as facility_max
    from priced
    group by code, modifier, effective_from, state

),

states as (

    select
        effective_from,
        state,
        sum(work_gpci * weight) as work_gpci_weighted,
        sum(pe_gpci * weight) as pe_gpci_weighted,
        sum(mp_gpci * weight) as mp_gpci_weighted,
        sum(weight) as weight,
        count(*) as n_localities,
        min(state_rate_rule) as state_rate_rule
    from localities
    group by effective_from, state

)

select
    summarised.code,
    summarised.modifier,
    summarised.state,
    summarised.effective_from,
    {{ medicare_rounded_mean('summarised.non_facility_weighted', 'states.weight', 2) }} as non_facility_rate,
    cast(summarised.non_facility_min as decimal(18, 4)) as non_facility_min,
    cast(summarised.non_facility_max as decimal(18, 4)) as non_facility_max,
    {{ medicare_rounded_mean('summarised.facility_weighted', 'states.weight', 2) }} as facility_rate,
    cast(summarised.facility_min as decimal(18, 4)) as facility_min,
    cast(summarised.facility_max as decimal(18, 4)) as facility_max,
    {{ medicare_rounded_mean('states.work_gpci_weighted', 'states.weight', 4) }} as work_gpci,
    {{ medicare_rounded_mean('states.pe_gpci_weighted', 'states.weight', 4) }} as pe_gpci,
    {{ medicare_rounded_mean('states.mp_gpci_weighted', 'states.weight', 4) }} as mp_gpci,
    cast(states.n_localities as int) as n_localities,
    states.state_rate_rule
from summarised
inner join states on summarised.effective_from = states.effective_from and summarised.state = states.state
