-- Every code of OPPS Addendum B and of ASC Addenda AA and BB with its national amount, or without one.
with periods as (

    select * from {{ ref('int_medicare__period') }}
    where benchmark_type in ('opps', 'asc')

),

hospital as (

    select
        file_id,
        'opps_addendum_b' as dataset,
        code_type,
        code,
        short_descriptor,
        status_indicator as status_code,
        apc,
        relative_weight,
        payment_rate
    from {{ ref('stg_medicare__opps_addendum_b') }}
    where reject_reasons is null and not is_repeat

),

surgical_center as (

    select
        file_id,
        dataset,
        code_type,
        code,
        short_descriptor,
        payment_indicator as status_code,
        cast(null as string) as apc,
        payment_weight as relative_weight,
        payment_rate
    from {{ ref('stg_medicare__asc_addendum') }}
    where reject_reasons is null and not is_repeat

),

codes as (

    select * from hospital
    union all
    select * from surgical_center

),

statuses as (

    select * from {{ ref('seed_medicare_status') }}

)

select
    periods.benchmark_type,
    periods.dataset,
    codes.code_type,
    codes.code,
    codes.short_descriptor,
    codes.status_code,
    codes.apc,
    coalesce(statuses.is_payable, false) as is_payable,
    coalesce(statuses.is_wage_adjusted, false) as is_wage_adjusted,
    codes.relative_weight,
    case
        when coalesce(statuses.is_payable, false) and round(codes.payment_rate, 2) > 0
            then cast(round(codes.payment_rate, 2) as decimal(18, 4))
    end as national_rate,
    periods.index_file_id,
    periods.data_year,
    periods.release,
    periods.conversion_factor,
    periods.effective_from,
    periods.effective_to
from codes
inner join periods on codes.file_id = periods.schedule_file_id and codes.dataset = periods.dataset
left join statuses on periods.benchmark_type = statuses.benchmark_type and codes.status_code = statuses.status_code
