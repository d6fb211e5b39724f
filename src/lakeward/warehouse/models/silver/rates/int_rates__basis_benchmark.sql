with choice as (

    select * from {{ ref('int_rates__benchmark_choice') }}

),

professional as (

    select * from {{ ref('int_medicare__professional_code') }}

),

facility as (

    select * from {{ ref('int_medicare__facility_code') }}

)

select
    choice.basis_id,
    choice.benchmark_type,
    choice.benchmark_setting,
    choice.benchmark_effective_from,
    choice.benchmark_release,
    choice.medicare_national_rate,
    choice.medicare_state_rate,
    choice.medicare_state_rate_min,
    choice.medicare_state_rate_max,
    choice.n_localities,
    choice.state_rate_rule,
    choice.medicare_facility_rate,
    choice.medicare_non_facility_rate,
    choice.not_comparable_reason,
    cast(professional.work_rvu as decimal(18, 4)) as work_rvu,
    cast(case choice.benchmark_setting
        when 'facility' then professional.facility_pe_rvu
        when 'non_facility' then professional.non_facility_pe_rvu
    end as decimal(18, 4)) as practice_expense_rvu,
    cast(professional.mp_rvu as decimal(18, 4)) as malpractice_rvu,
    cast(case choice.benchmark_setting
        when 'facility' then professional.work_rvu + professional.facility_pe_rvu + professional.mp_rvu
        when 'non_facility' then professional.work_rvu + professional.non_facility_pe_rvu + professional.mp_rvu
    end as decimal(18, 4)) as total_rvu,
    cast(coalesce(professional.conversion_factor, facility.conversion_factor) as decimal(18, 4)) as conversion_factor,
    cast(case when choice.benchmark_type = 'opps' then facility.relative_weight end as decimal(18, 4)) as opps_weight,
    case when choice.benchmark_type = 'opps' then facility.status_code end as opps_si,
    case when choice.benchmark_type = 'asc' then facility.status_code end as asc_pi
from choice
inner join {{ ref('int_rates__price_basis') }} as basis on choice.basis_id = basis.basis_id
left join professional
    on
        choice.benchmark_type = 'professional'
        and basis.code = professional.code
        and coalesce(choice.benchmark_modifier, '') = coalesce(professional.modifier, '')
        and choice.benchmark_effective_from = professional.effective_from
left join facility
    on
        choice.benchmark_type = facility.benchmark_type
        and basis.code = facility.code
        and choice.benchmark_effective_from = facility.effective_from
