with codes as (

    select * from {{ ref('int_medicare__facility_code') }}
    where benchmark_type = 'opps' and national_rate is not null

),

states as (

    select * from {{ ref('int_medicare__facility_state') }}
    where benchmark_type = 'opps'

),

national as (

    select
        codes.*,
        cast(null as string) as state,
        cast(null as decimal(18, 4)) as wage_index_mean,
        cast(null as decimal(18, 4)) as state_rate,
        cast(null as decimal(18, 4)) as state_rate_min,
        cast(null as decimal(18, 4)) as state_rate_max,
        cast(null as int) as n_localities,
        'national' as state_rate_rule
    from codes

),

by_state as (

    select
        codes.*,
        states.state,
        states.wage_index_mean,
        states.state_rate,
        states.state_rate_min,
        states.state_rate_max,
        states.n_localities,
        states.state_rate_rule
    from codes
    inner join states on codes.code = states.code and codes.effective_from = states.effective_from

),

amounts as (

    select * from national
    union all
    select * from by_state

)

select
    amounts.benchmark_type,
    amounts.code_type,
    amounts.code,
    cast(null as string) as modifier,
    'outpatient' as setting,
    amounts.state,
    amounts.effective_from,
    amounts.effective_to,
    amounts.data_year,
    amounts.release,
    amounts.apc,
    amounts.relative_weight as opps_weight,
    amounts.status_code as opps_si,
    amounts.short_descriptor as opps_short_desc,
    amounts.conversion_factor as conversion_factor,
    amounts.is_wage_adjusted,
    amounts.wage_index_mean as state_wage_index_avg,
    case
        when amounts.wage_index_mean is null then cast(null as decimal(18, 4))
        when amounts.is_wage_adjusted
            then cast(round(cast(0.60 as decimal(3, 2)) * amounts.wage_index_mean + cast(1 - 0.60 as decimal(3, 2)), 4) as decimal(18, 4))
        else cast(1 as decimal(18, 4))
    end as opps_adj_factor_stateavg,
    amounts.national_rate as medicare_opps_national,
    amounts.state_rate as medicare_opps_stateavg,
    amounts.state_rate_min as medicare_opps_state_min,
    amounts.state_rate_max as medicare_opps_state_max,
    amounts.n_localities,
    amounts.state_rate_rule
from amounts
