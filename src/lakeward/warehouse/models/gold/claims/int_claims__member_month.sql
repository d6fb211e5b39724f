with beneficiary_year as (

    select * from {{ ref('dim_beneficiary_year') }}

),

-- People are grouped before they are spread over months: a few hundred rows instead of twelve a person and year.
coverage as (

    select
        summary_year,
        case when year(death_date) = summary_year then month(death_date) else 12 end as months_lived,
        hospital_insurance_months,
        count(*) as person_count
    from beneficiary_year
    where death_date is null or year(death_date) >= summary_year
    group by
        summary_year,
        case when year(death_date) = summary_year then month(death_date) else 12 end,
        hospital_insurance_months

),

calendar_month as (

    select distinct
        month_start_date,
        year,
        month_number
    from {{ ref('dim_date') }}

)

select
    calendar_month.month_start_date as service_month,
    cast(sum(coverage.person_count) as bigint) as living_person_count,
    round(
        sum(
            cast(coverage.person_count as double)
            * least(1.0, cast(coalesce(coverage.hospital_insurance_months, 0) as double) / coverage.months_lived)
        ), 6
    ) as member_months
from coverage
inner join calendar_month
    on
        coverage.summary_year = calendar_month.year
        and coverage.months_lived >= calendar_month.month_number
group by calendar_month.month_start_date
