{%- set dates = ['service_date', 'claim_from_date', 'claim_thru_date', 'admission_date', 'discharge_date'] %}
{%- set months = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] %}
{%- set weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] -%}
with span as (

    -- Null dates are left out by least and greatest alike.
    select
        min(least({{ dates | join(', ') }})) as first_date,
        max(greatest({{ dates | join(', ') }})) as last_date
    from {{ ref('fact_inpatient_claim') }}

),

whole_years as (

    select
        cast(concat(cast(year(first_date) as string), '-01-01') as date) as first_day,
        cast(concat(cast(year(last_date) as string), '-12-31') as date) as last_day
    from span
    where first_date is not null

),

calendar as (

    select cast(day.date_day as date) as date_day
    from whole_years {{ explode_days('whole_years.first_day', 'whole_years.last_day', 'day', 'date_day') }}

),

numbered as (

    select
        date_day,
        cast(year(date_day) as int) as year,
        cast(month(date_day) as int) as month_number,
        cast(day(date_day) as int) as day_number,
        -- 1 January 1900 was a Monday; the remainder is made positive for days before it.
        cast(({{ days_between("cast('1900-01-01' as date)", 'date_day') }} % 7 + 7) % 7 + 1 as int) as day_of_week_number
    from calendar

)

select
    date_day,
    year * 10000 + month_number * 100 + day_number as date_key,
    year,
    concat('Q', cast(quarter(date_day) as string)) as quarter,
    month_number,
    case month_number
        {% for name in months -%}
            when {{ loop.index }} then '{{ name }}'
        {% endfor -%}
    end as month_name,
    concat(cast(year as string), '-', case when month_number < 10 then '0' else '' end, cast(month_number as string)) as year_month,
    cast(date_trunc('month', date_day) as date) as month_start_date,
    day_of_week_number,
    case day_of_week_number
        {% for name in weekdays -%}
            when {{ loop.index }} then '{{ name }}'
        {% endfor -%}
    end as day_name,
    day_of_week_number >= 6 as is_weekend,
    year + case when month_number >= 10 then 1 else 0 end as federal_fiscal_year
from numbered
