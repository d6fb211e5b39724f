with line as (

    select * from {{ ref('int_claims__line') }}

),

member_month as (

    select * from {{ ref('int_claims__member_month') }}

),

-- Two steps instead of count(distinct): the engine can write the first one to disk.
beneficiary_month as (

    select
        service_month,
        beneficiary_id,
        sum(claim_count) as claim_count,
        sum(paid_amount_usd) as paid_amount_usd,
        sum(provider_payment_usd) as provider_payment_usd
    from line
    group by service_month, beneficiary_id

),

claim_month as (

    select
        service_month,
        sum(claim_count) as claim_count,
        count(*) as beneficiary_count,
        sum(paid_amount_usd) as paid_amount_usd,
        sum(provider_payment_usd) as provider_payment_usd
    from beneficiary_month
    group by service_month

),

span as (

    select
        min(service_month) as first_month,
        max(service_month) as last_month
    from claim_month

),

calendar_month as (

    select distinct calendar.month_start_date as service_month
    from {{ ref('dim_date') }} as calendar
    inner join span on calendar.month_start_date between span.first_month and span.last_month

),

filled as (

    select
        calendar_month.service_month,
        coalesce(claim_month.claim_count, 0) as claim_count,
        coalesce(claim_month.beneficiary_count, 0) as beneficiary_count,
        coalesce(claim_month.paid_amount_usd, 0) as paid_amount_usd,
        coalesce(claim_month.provider_payment_usd, 0) as provider_payment_usd
    from calendar_month
    left join claim_month on calendar_month.service_month = claim_month.service_month
    union all
    -- Claims without any date have no month; their money is kept in sight all the same.
    select
        service_month,
        claim_count,
        beneficiary_count,
        paid_amount_usd,
        provider_payment_usd
    from claim_month
    where service_month is null

),

typed as (

    select
        filled.service_month,
        year(filled.service_month) as service_year,
        month(filled.service_month) as month_number,
        cast(filled.claim_count as bigint) as claim_count,
        cast(filled.beneficiary_count as bigint) as beneficiary_count,
        cast(filled.paid_amount_usd as decimal(18, 2)) as paid_amount_usd,
        cast(filled.provider_payment_usd as decimal(18, 2)) as provider_payment_usd,
        member_month.member_months,
        case when year(filled.service_month) >= {{ var('claims_first_year') }} then 1 else 0 end as is_in_period
    from filled
    left join member_month on filled.service_month = member_month.service_month

),

running as (

    select
        *,
        sum(is_in_period) over (order by service_month asc nulls first rows between 2 preceding and current row) as whole_months,
        sum(paid_amount_usd) over (order by service_month asc nulls first rows between 2 preceding and current row) as three_month_usd,
        sum(paid_amount_usd) over (partition by service_year order by service_month) as year_to_date_usd,
        sum(paid_amount_usd) over (partition by service_year) as calendar_year_usd
    from typed

)

select
    running.service_month,
    cast(running.service_year as int) as service_year,
    cast(running.month_number as int) as month_number,
    running.claim_count,
    running.beneficiary_count,
    running.paid_amount_usd,
    running.provider_payment_usd,
    running.member_months,
    case when running.member_months > 0 then round(cast(running.paid_amount_usd as double) / running.member_months, 6) end as pmpm_usd,
    running.paid_amount_usd as mrr_usd,
    cast(case when running.whole_months = 3 then running.three_month_usd end as decimal(18, 2)) as trailing_three_month_paid_usd,
    cast(case when running.whole_months = 3 then running.three_month_usd * 4 end as decimal(18, 2)) as arr_run_rate_usd,
    cast(running.year_to_date_usd as decimal(18, 2)) as year_to_date_paid_usd,
    year_before.paid_amount_usd as prior_year_paid_usd,
    case
        when year_before.paid_amount_usd > 0
            then round(100 * (cast(running.paid_amount_usd as double) / cast(year_before.paid_amount_usd as double) - 1), 6)
    end as year_over_year_pct,
    cast(running.calendar_year_usd as decimal(18, 2)) as calendar_year_paid_usd,
    running.is_in_period = 0 or coalesce(running.member_months, 0) = 0 as is_partial_month,
    'paid amounts' as amount_basis
from running
left join typed as year_before
    on
        running.service_year = year_before.service_year + 1
        and running.month_number = year_before.month_number
        and year_before.is_in_period = 1
