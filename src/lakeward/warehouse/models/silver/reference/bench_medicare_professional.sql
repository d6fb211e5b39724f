with codes as (

    select * from {{ ref('int_medicare__professional_code') }}

),

states as (

    select * from {{ ref('int_medicare__professional_state') }}

),

{% for setting in ['non_facility', 'facility'] -%}
    {{ setting }}_national as (

        select
            code,
            modifier,
            effective_from,
            cast(null as string) as state,
            '{{ setting }}' as setting,
            cast(1 as decimal(18, 4)) as work_gpci,
            cast(1 as decimal(18, 4)) as pe_gpci,
            cast(1 as decimal(18, 4)) as mp_gpci,
            cast(null as decimal(18, 4)) as state_rate,
            cast(null as decimal(18, 4)) as state_rate_min,
            cast(null as decimal(18, 4)) as state_rate_max,
            cast(null as int) as n_localities,
            'national' as state_rate_rule
        from codes
        where {{ setting }}_rate is not null

    ),

    {{ setting }}_state as (

        select
            code,
            modifier,
            effective_from,
            state,
            '{{ setting }}' as setting,
            work_gpci,
            pe_gpci,
            mp_gpci,
            {{ setting }}_rate as state_rate,
            {{ setting }}_min as state_rate_min,
            {{ setting }}_max as state_rate_max,
            n_localities,
            state_rate_rule
        from states
        where {{ setting }}_rate is not null

    ),

{% endfor -%}
amounts as (

    select * from non_facility_national
    union all
    select * from facility_national
    union all
    select * from non_facility_state
    union all
    select * from facility_state

)

select
    'professional' as benchmark_type,
    codes.code_type,
    codes.code,
    codes.modifier,
    amounts.setting,
    amounts.state,
    codes.effective_from,
    codes.effective_to,
    codes.data_year,
    codes.release,
    codes.status_code,
    codes.work_rvu as work_rvu,
    cast(case when amounts.setting = 'facility' then codes.facility_pe_rvu else codes.non_facility_pe_rvu end as decimal(18, 4))
        as practice_expense_rvu,
    codes.mp_rvu as malpractice_rvu,
    cast(
        codes.work_rvu + codes.mp_rvu
        + case when amounts.setting = 'facility' then codes.facility_pe_rvu else codes.non_facility_pe_rvu end
        as decimal(18, 4)
    ) as total_rvu,
    codes.conversion_factor as conversion_factor,
    codes.is_opps_capped,
    amounts.work_gpci,
    amounts.pe_gpci,
    amounts.mp_gpci,
    cast(
        case when amounts.setting = 'facility' then codes.facility_rate else codes.non_facility_rate end as decimal(18, 4)
    ) as medicare_prof_national,
    amounts.state_rate as medicare_prof_stateavg,
    amounts.state_rate_min as medicare_prof_state_min,
    amounts.state_rate_max as medicare_prof_state_max,
    amounts.n_localities,
    amounts.state_rate_rule
from amounts
inner join codes
    on
        amounts.code = codes.code
        and coalesce(amounts.modifier, '') = coalesce(codes.modifier, '')
        and amounts.effective_from = codes.effective_from
