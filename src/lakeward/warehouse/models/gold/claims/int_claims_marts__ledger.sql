{#- What one row of a mart stands for, in columns of the fact. Retention is by cohort year and comes apart from these. -#}
{%- set cells = [
    ('mart_claims_abc', 'drg', ['drg_code']),
    ('mart_claims_abc', 'facility', ['facility_id']),
    ('mart_claims_abc', 'beneficiary', ['beneficiary_id']),
    ('mart_claims_revenue', 'whole', ['service_month']),
    ('mart_claims_drg', 'whole', ['service_year', 'drg_code', 'facility_id']),
    ('mart_claims_readmission', 'whole', ['stay_id']),
] -%}
with fact as (

    select
        claim_id,
        segment,
        beneficiary_id,
        service_year,
        service_month,
        stay_id,
        paid_amount_usd,
        coalesce(drg_code, 'not stated') as drg_code,
        coalesce(facility_id, 'not stated') as facility_id
    from {{ ref('fact_inpatient_claim') }}

),

first_segment as (

    select
        claim_id,
        min(segment) as segment
    from fact
    group by claim_id

),

claim as (

    select fact.service_year
    from fact
    inner join first_segment
        on
            fact.claim_id = first_segment.claim_id
            and fact.segment = first_segment.segment

),

fact_total as (

    select
        count(*) as row_count,
        (select count(*) from first_segment) as claim_count,
        coalesce(sum(paid_amount_usd), 0) as paid_amount_usd
    from fact

),

-- Grouped twice instead of count(distinct), which the engine cannot write to disk.
whole_cell as (

    {% for table, slice, columns in cells -%}
        select
            '{{ table }}' as table_name,
            '{{ slice }}' as slice,
            count(*) as cell_count
        from (select distinct {{ columns | join(', ') }} from fact) as cell
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

),

span as (

    select
        min(service_month) as first_month,
        max(service_month) as last_month
    from fact

),

month_without_claim as (

    select count(*) as month_count
    from (
        select distinct calendar.month_start_date
        from {{ ref('dim_date') }} as calendar
        inner join span on calendar.month_start_date between span.first_month and span.last_month
        left join (select distinct service_month from fact) as claim_month on calendar.month_start_date = claim_month.service_month
        where claim_month.service_month is null
    ) as missing_month

),

cohort_person as (

    select
        service_year,
        beneficiary_id,
        count(*) as row_count,
        sum(paid_amount_usd) as paid_amount_usd
    from fact
    where service_year >= {{ var('claims_first_year') }}
    group by service_year, beneficiary_id

),

cohort_claim as (

    select
        service_year,
        count(*) as claim_count
    from claim
    group by service_year

),

cohort as (

    select
        cohort_person.service_year,
        sum(cohort_person.row_count) as row_count,
        count(*) as cell_count,
        min(cohort_claim.claim_count) as claim_count,
        sum(cohort_person.paid_amount_usd) as paid_amount_usd
    from cohort_person
    left join cohort_claim on cohort_person.service_year = cohort_claim.service_year
    group by cohort_person.service_year

),

side_in as (

    select
        whole_cell.table_name,
        whole_cell.slice,
        fact_total.row_count,
        whole_cell.cell_count,
        case when whole_cell.table_name = 'mart_claims_revenue' then month_without_claim.month_count else 0 end as empty_count,
        case when whole_cell.table_name = 'mart_claims_readmission' then whole_cell.cell_count else fact_total.claim_count end as key_count,
        fact_total.paid_amount_usd
    from whole_cell
    cross join fact_total
    cross join month_without_claim
    union all
    select
        'mart_claims_retention' as table_name,
        concat('cohort ', cast(service_year as string)) as slice,
        row_count,
        cell_count,
        0 as empty_count,
        claim_count as key_count,
        paid_amount_usd
    from cohort

),

side_out as (

    select
        'mart_claims_abc' as table_name,
        entity_type as slice,
        count(*) as row_count,
        sum(claim_count) as key_count,
        sum(paid_amount_usd) as paid_amount_usd
    from {{ ref('mart_claims_abc') }}
    where period = 'all'
    group by entity_type
    union all
    select
        'mart_claims_retention' as table_name,
        concat('cohort ', cast(cohort_year as string)) as slice,
        count(*) as row_count,
        sum(claim_count) as key_count,
        sum(paid_amount_usd) as paid_amount_usd
    from {{ ref('mart_claims_retention') }}
    group by cohort_year
    {% for table, key in [
        ('mart_claims_revenue', 'sum(claim_count)'), ('mart_claims_drg', 'sum(claim_count)'), ('mart_claims_readmission', 'count(*)')
    ] -%}
        union all
        select
            '{{ table }}' as table_name,
            'whole' as slice,
            count(*) as row_count,
            {{ key }} as key_count,
            sum(paid_amount_usd) as paid_amount_usd
        from {{ ref(table) }}
    {% endfor %}

),

compared as (

    select
        coalesce(side_in.table_name, side_out.table_name) as table_name,
        coalesce(side_in.slice, side_out.slice) as slice,
        cast(coalesce(side_in.row_count, 0) as bigint) as rows_in,
        cast(coalesce(side_out.row_count, 0) as bigint) as rows_out,
        cast(coalesce(side_in.empty_count, 0) as bigint) as rows_exploded,
        cast(coalesce(side_in.row_count - side_in.cell_count, 0) as bigint) as rows_merged,
        cast(coalesce(side_in.key_count, 0) as bigint) as keys_in,
        cast(coalesce(side_out.key_count, 0) as bigint) as keys_out,
        cast(coalesce(side_in.paid_amount_usd, 0) as decimal(38, 6)) as money_in,
        cast(coalesce(side_out.paid_amount_usd, 0) as decimal(38, 6)) as money_out
    from side_in
    full outer join side_out
        on
            side_in.table_name = side_out.table_name
            and side_in.slice = side_out.slice

)

select
    'mart' as step,
    slice,
    table_name,
    rows_in,
    rows_out,
    cast(0 as bigint) as rows_quarantined,
    rows_exploded,
    rows_merged,
    keys_in,
    keys_out,
    money_in,
    money_out,
    cast(0 as decimal(38, 6)) as money_quarantined,
    rows_in + rows_exploded = rows_out + rows_merged and keys_in = keys_out and money_in = money_out as balanced
from compared
