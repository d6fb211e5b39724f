"""The questions that the claims report asks of the lake, each aggregated by the database to what one page draws.

In: nothing. Out: one SELECT per dataset of the report. What is cut to keep the file small is cut here, by the limits
below, and goes into a named rest, so that every total on a page is still that of its table.
"""

from lakeward.publish.sql import quoted

NOT_STATED = "not stated"
REST = "(rest)"
ENTITIES_SHOWN = 25
"""Bars of one ranking; the classes beside them count every entity."""
CURVE_POINTS = 120
"""Points of a cumulative curve; the first and last of each class are always among them."""
DRGS_NAMED = 80
"""DRGs that are broken down by place; the others are one rest within their major category."""
FACILITIES_NAMED = 40
"""Facilities that can be chosen; the others are one rest within their state."""
FACILITIES_OF_DRG = 12
"""Facilities that are named within one DRG, be they among those that can be chosen or not."""

FACT, ABC, DRG = "fact_inpatient_claim", "mart_claims_abc", "mart_claims_drg"
RETENTION, REVENUE = "mart_claims_retention", "mart_claims_revenue"
TABLES = (FACT, ABC, DRG, RETENTION, REVENUE)

_RANKED = f"""
    select entity_type, period, rank_number, paid_amount_usd, claim_count, share_pct, cumulative_before_pct,
        cumulative_pct, abc_class,
        -- A person is shown by rank alone; a report is forwarded, an identifier should not be.
        case when entity_type = 'beneficiary' then 'Person at rank ' || rank_number else entity_id end as entity_id,
        case when entity_type <> 'beneficiary' then entity_name end as entity_name,
        count(*) over (partition by entity_type, period) as entities,
        lag(abc_class) over (partition by entity_type, period order by rank_number) as class_before,
        lead(abc_class) over (partition by entity_type, period order by rank_number) as class_after
    from {ABC}
"""  # noqa: S608

_ABC_TOP = f"""
with ranked as ({_RANKED})

select entity_type, period, rank_number, entity_id, entity_name, claim_count, paid_amount_usd, share_pct,
    cumulative_pct, abc_class
from ranked
where rank_number <= {ENTITIES_SHOWN}
order by entity_type, period, rank_number
"""  # noqa: S608

_ABC_CURVE = f"""
with ranked as ({_RANKED})

select entity_type, period, rank_number, round(100.0 * rank_number / entities, 3) as entities_pct,
    round(cumulative_pct, 3) as cumulative_pct, abc_class
from ranked
where abc_class <> 'N' and (
    class_before is distinct from abc_class or class_after is distinct from abc_class
    or rank_number % greatest(1, entities // {CURVE_POINTS}) = 0
)
order by entity_type, period, rank_number
"""  # noqa: S608

_ABC_CLASSES = f"""
select entity_type, period, abc_class, count(*) as entities, sum(claim_count) as claim_count,
    sum(paid_amount_usd) as paid_amount_usd
from {ABC}
group by entity_type, period, abc_class
order by entity_type, period, abc_class
"""  # noqa: S608

_DRGS = f"""
select drg_code, any_value(drg_title) as drg_title, any_value(mdc_code) as mdc_code, sum(claim_count) as claim_count,
    sum(paid_amount_usd) as paid_amount_usd
from {DRG}
group by drg_code
order by paid_amount_usd desc, drg_code
"""  # noqa: S608

_DRG_MONTHS = f"""
with later_segment as (select distinct claim_id from {FACT} where segment > 1),

first_segment as (
    select claim_id, min(segment) as segment from {FACT}
    where claim_id in (select claim_id from later_segment) group by claim_id
)

-- A claim counts once, in its first segment, as in the marts; its money counts in every segment.
select line.service_month, coalesce(line.drg_code, {quoted(NOT_STATED)}) as drg_code,
    count(*) filter (where first_segment.segment is null or line.segment = first_segment.segment) as claim_count,
    sum(line.paid_amount_usd) as paid_amount_usd
from {FACT} as line
left join first_segment on line.claim_id = first_segment.claim_id
group by all
order by line.service_month, drg_code
"""  # noqa: S608

_NAMED_FACILITY = f"""
    select facility_id from {DRG} where facility_id <> {quoted(NOT_STATED)}
    group by facility_id order by sum(paid_amount_usd) desc, facility_id limit {FACILITIES_NAMED}
"""  # noqa: S608

_PLACES = f"""
with named_drg as (
    select drg_code from {DRG} group by drg_code order by sum(paid_amount_usd) desc, drg_code limit {DRGS_NAMED}
),

named_facility as ({_NAMED_FACILITY}),

facility_of_drg as (
    select drg_code, facility_id from {DRG}
    where drg_code in (select drg_code from named_drg) and facility_id <> {quoted(NOT_STATED)}
    group by drg_code, facility_id
    qualify row_number() over (
        partition by drg_code order by sum(paid_amount_usd) desc, facility_id
    ) <= {FACILITIES_OF_DRG}
)

select mart.service_year, mart.facility_state_code as state_code, mart.mdc_code,
    coalesce(named_drg.drg_code, {quoted(REST)}) as drg_code,
    coalesce(named_facility.facility_id, facility_of_drg.facility_id, {quoted(REST)}) as facility_id,
    sum(mart.claim_count) as claim_count, sum(mart.paid_amount_usd) as paid_amount_usd,
    sum(mart.utilization_days) as utilization_days
from {DRG} as mart
left join named_drg on mart.drg_code = named_drg.drg_code
left join named_facility on mart.facility_id = named_facility.facility_id
left join facility_of_drg
    on mart.drg_code = facility_of_drg.drg_code and mart.facility_id = facility_of_drg.facility_id
group by all
order by all
"""  # noqa: S608

_RETENTION = f"""
with named_facility as (
    select index_facility_id from {RETENTION} where index_facility_id is not null
    group by index_facility_id order by count(*) desc, index_facility_id limit {FACILITIES_NAMED}
)

select cohort_year, state_code, sex, age_band, outcome,
    case when index_facility_id in (select index_facility_id from named_facility) then index_facility_id
        else {quoted(REST)} end as facility_id,
    count(*) as beneficiary_count
from {RETENTION}
group by all
order by all
"""  # noqa: S608

_REVENUE = f"""
select service_month, service_year, month_number, claim_count, beneficiary_count, paid_amount_usd,
    round(member_months, 3) as member_months, pmpm_usd, trailing_three_month_paid_usd, arr_run_rate_usd,
    calendar_year_paid_usd, year_over_year_pct, is_partial_month
from {REVENUE}
order by service_month
"""  # noqa: S608

DATASETS = {
    "abc_top": _ABC_TOP,
    "abc_curve": _ABC_CURVE,
    "abc_classes": _ABC_CLASSES,
    "drgs": _DRGS,
    "drg_months": _DRG_MONTHS,
    "facilities": _NAMED_FACILITY,
    "places": _PLACES,
    "retention": _RETENTION,
    "revenue": _REVENUE,
}

TOTALS = f"""
select {quoted(FACT)} as table_name, 'all rows' as part, sum(paid_amount_usd) as paid_amount_usd from {FACT}
union all
select {quoted(ABC)}, 'by ' || entity_type, sum(paid_amount_usd) from {ABC} where period = 'all' group by entity_type
union all
select {quoted(DRG)}, 'all rows', sum(paid_amount_usd) from {DRG}
union all
select {quoted(REVENUE)}, 'all months', sum(paid_amount_usd) from {REVENUE}
order by table_name, part
"""  # noqa: S608
"""What the tables say in all, to stand on the page beside each other; the cents must agree."""
