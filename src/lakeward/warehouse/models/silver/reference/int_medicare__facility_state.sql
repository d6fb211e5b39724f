-- The state's OPPS and ASC amounts: the labor share follows the state's wage index, where the service is wage-adjusted.
with codes as (

    select * from {{ ref('int_medicare__facility_code') }}
    where national_rate is not null

),

wage_indexes as (

    select * from {{ ref('int_medicare__state_wage_index') }}

),

priced as (

    select
        codes.benchmark_type,
        codes.code,
        codes.effective_from,
        codes.national_rate,
        codes.is_wage_adjusted,
        wage_indexes.state,
        wage_indexes.wage_index_mean,
        wage_indexes.wage_index_min,
        wage_indexes.wage_index_max,
        wage_indexes.n_areas,
        wage_indexes.state_rate_rule,
        -- 42 CFR 419.43 and 416.172: the labor share is 60 % in a hospital, 50 % in a surgical center.
        case when codes.benchmark_type = 'opps' then cast(0.60 as decimal(3, 2)) else cast(0.50 as decimal(3, 2)) end as labor_share
    from codes
    inner join wage_indexes on codes.index_file_id = wage_indexes.file_id

)

select
    benchmark_type,
    code,
    state,
    effective_from,
    wage_index_mean,
    case
        when
            is_wage_adjusted
            then cast({{ medicare_wage_adjusted_amount('national_rate', 'labor_share', 'wage_index_mean') }} as decimal(18, 4))
        else national_rate
    end as state_rate,
    case
        when
            is_wage_adjusted
            then cast({{ medicare_wage_adjusted_amount('national_rate', 'labor_share', 'wage_index_min') }} as decimal(18, 4))
        else national_rate
    end as state_rate_min,
    case
        when
            is_wage_adjusted
            then cast({{ medicare_wage_adjusted_amount('national_rate', 'labor_share', 'wage_index_max') }} as decimal(18, 4))
        else national_rate
    end as state_rate_max,
    n_areas as n_localities,
    case when is_wage_adjusted then state_rate_rule else 'not_wage_adjusted' end as state_rate_rule
from priced
