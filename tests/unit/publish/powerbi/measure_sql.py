"""What every measure is in SQL, written apart from its DAX; and both over the data of one project."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lakeward.publish.powerbi.grammar import parse_tmdl

from .dax import Dax, Filters

VIEWS = """
create view f as
    select f.*, year(service_date) as y, monthname(service_date) as m, facility_id as fac, mdc_code as mdc,
        relative_weight as weight
    from fact_inpatient_claim as f left join dim_drg using (drg_code);
create view ra as
    select *, year(discharge_date) as y, monthname(discharge_date) as m, facility_id as fac, mdc_code as mdc
    from mart_claims_readmission left join dim_drg using (drg_code);
create view rt as select *, cohort_year as y, 'January' as m, index_facility_id as fac from mart_claims_retention;
create view rv as select *, year(service_month) as y, monthname(service_month) as m from mart_claims_revenue;
create view md as select *, facility_id as fac from mart_claims_drg left join
    (select drg_code, mdc_code as mdc from dim_drg) using (drg_code);
create view d as select *, year as y, month_name as m from dim_date;
create view abc as select *, entity_type as kind, period as per, abc_class as cls from mart_claims_abc;
"""
COLUMNS = {
    "y": ("dim_date", "year"), "m": ("dim_date", "month_name"), "fac": ("dim_facility", "facility_id"),
    "mdc": ("dim_drg", "mdc_code"), "kind": ("mart_claims_abc", "entity_type"), "per": ("mart_claims_abc", "period"),
    "cls": ("mart_claims_abc", "abc_class"),
}  # fmt: skip
REACH = {
    "f": ("y", "m", "fac", "mdc"), "ra": ("y", "m", "fac", "mdc"), "rt": ("y", "m", "fac"), "rv": ("y", "m"),
    "md": ("fac", "mdc"), "d": ("y", "m"), "abc": ("kind", "per", "cls"), "any_class": ("kind", "per"),
    "any_date": ("fac", "mdc"),
}  # fmt: skip
PAID, WITH_WEIGHT = "sum(paid_amount_usd)", "segment = 1 and weight is not null"
LAST = "(select max(service_month) from {rv})"
FIRST_DAY, LAST_DAY = "(select min(date_day) from {d})", "(select max(date_day) from {d})"
YEAR_BEFORE = (
    f"service_date >= {FIRST_DAY} - interval 1 year and service_date <= case when {LAST_DAY} = last_day({LAST_DAY}) "
    f"then last_day({LAST_DAY} - interval 1 year) else {LAST_DAY} - interval 1 year end"
)
PRIOR = f"(select {PAID} from {{any_date}} where {YEAR_BEFORE})"
HAS_PRIOR = "(select count(*) from {rv} where year(service_month) < 2009) = 0"
ONE_KIND = "(select count(distinct kind) from {abc}) = 1"
PERIOD = "(select case when count(distinct per) = 1 then min(per) else 'all' end from {abc})"


def _abc(expression: str) -> str:
    return f"select {expression} from {{abc}} where {ONE_KIND} and per = {PERIOD} having count(*) > 0"


def _share(over: str, under: str) -> str:
    return f"select ({over})::double / nullif(({under}), 0)"


SQL = {
    "Paid amounts": f"select {PAID} from {{f}}",
    "Paid amounts and liabilities": "select sum(provider_payment_usd) from {f}",
    "Reversed paid amounts": f"select {PAID} from {{f}} where paid_amount_usd < 0",
    "Average paid amounts per claim": f"select {PAID} / nullif(count(*) filter (segment = 1), 0) from {{f}}",
    "Paid amounts by admission date": f"select {PAID} from {{any_date}} where {{by admission_date}}",
    "Paid amounts by discharge date": f"select {PAID} from {{any_date}} where {{by discharge_date}}",
    "Paid amounts by operating physician": f"select {PAID} from {{f}}",
    "Paid amounts of claims with the diagnosis":
        f"select {PAID} from {{f}} where claim_key in (select claim_key from bridge_claim_diagnosis)",
    "Paid amounts of claims with the procedure":
        f"select {PAID} from {{f}} where claim_key in (select claim_key from bridge_claim_procedure)",
    "Claims": "select nullif(count(distinct claim_id), 0) from {f} where segment = 1",
    "Claim segments": "select nullif(count(*), 0) from {f}",
    "Beneficiaries with a claim": "select nullif(count(distinct beneficiary_id), 0) from {f}",
    "Share of segments without payment":
        _share("select nullif(count(*), 0) from {f} where paid_amount_usd = 0", "select count(*) from {f}"),
    "Average length of stay days": "select avg(length_of_stay_days) from {f} where segment = 1",
    "Average utilisation days": "select avg(utilization_days) from {f}",
    "Length of stay mismatch rate": _share(
        "select nullif(count(*) filter (is_length_of_stay_mismatch), 0) from {f}",
        "select count(is_length_of_stay_mismatch) from {f}",
    ),
    "Case mix index": f"select avg(weight) from {{f}} where {WITH_WEIGHT}",
    "Paid amounts per relative weight":
        f"select {PAID} / sum(weight) filter (segment = 1) from {{f}} where weight is not null",
    "MRR (paid amounts)": f"select {PAID} from {{any_date}} where service_month = {LAST}",
    "ARR run rate (paid amounts)":
        f"select 4 * {PAID} from {{any_date}} where service_month between {LAST} - interval 2 month and {LAST} and "
        f"{LAST} >= date '2008-03-01'",
    "Paid amounts year to date":
        f"select {PAID} from {{any_date}} where service_date between date_trunc('year', {LAST_DAY}) and {LAST_DAY}",
    "Paid amounts prior year": f"select case when {HAS_PRIOR} then {PRIOR} end",
    "Paid amounts year over year":
        f"select case when {HAS_PRIOR} then ((select {PAID} from {{f}}) - {PRIOR})::double "
        f"/ nullif({PRIOR}, 0) end",
    "Member months": "select sum(member_months) from {rv}",
    "PMPM (paid amounts)":
        f"select {PAID} / nullif(sum(member_months), 0) from {{rv}} where member_months > 0",
    "Paid amounts outside the months":
        f"select (select {PAID} from {{f}}) - (select {PAID} from {{rv}})",
    "ABC paid amounts": _abc("sum(paid_amount_usd)"),
    "ABC entities": _abc("count(*)"),
    "ABC share of paid amounts": _abc("sum(share_pct) / 100"),
    "ABC cumulative share of paid amounts": _abc("max(cumulative_pct) / 100"),
    "ABC share of entities": _share(
        _abc("count(*)"), _abc("count(*)").replace("{abc}", "{any_class}").replace(" having count(*) > 0", "")
    ),
    "Case mix weight of paid amounts": "select sum(case_mix_weight) from {md}",
    "Beneficiaries in cohort": "select nullif(count(*), 0) from {rt}",
    "Exposed beneficiaries": "select nullif(count(*), 0) from {rt} where is_exposed",
    "Retained beneficiaries": "select nullif(count(*), 0) from {rt} where outcome = 'retained'",
    "Lapsed beneficiaries": "select nullif(count(*), 0) from {rt} where outcome = 'lapsed'",
    "Beneficiaries who died": "select nullif(count(*), 0) from {rt} where outcome = 'died'",
    "Churn rate": _share("select nullif(count(*), 0) from {rt} where outcome = 'lapsed'",
                         "select count(*) from {rt} where outcome in ('lapsed', 'retained')"),
    "Retention rate": _share("select nullif(count(*), 0) from {rt} where outcome = 'retained'",
                             "select count(*) from {rt} where outcome in ('lapsed', 'retained')"),
    "Cohort paid amounts": f"select {PAID} from {{rt}}",
    "Stays": "select nullif(count(*), 0) from {ra}",
    "Index stays": "select nullif(count(*), 0) from {ra} where is_index",
    "Readmitted index stays": "select nullif(count(*), 0) from {ra} where is_readmission_30_days and is_index",
    "Readmission rate": _share(
        "select nullif(count(*), 0) from {ra} where is_readmission_30_days and is_index",
        "select count(*) from {ra} where is_index",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Model:
    """The measures of a project in both languages."""

    dax: Dax
    sql: duckdb.DuckDBPyConnection

    def expected(self, name: str, context: Mapping[str, Any]) -> Any:
        """Return a measure by SQL: each relation cut down to the rows that the context reaches."""
        text = SQL[name]
        for role in ("admission_date", "discharge_date"):
            chosen = f"{role} in (select date_day from {{d}})" if {"y", "m"} & set(context) else "true"
            text = text.replace(f"{{by {role}}}", chosen)
        for view, reach in REACH.items():
            where = " and ".join(f"{key} = '{value}'" for key, value in context.items() if key in reach) or "true"
            relation = {"any_date": "f", "any_class": "abc"}.get(view, view)
            text = text.replace(f"{{{view}}}", f"(select * from {relation} where {where})")
        found = self.sql.execute(text).fetchone()
        return found[0] if found else None


def measures_of(project: Path) -> Iterator[tuple[str, str]]:
    for path in (project / "lakeward-claims.SemanticModel" / "definition" / "tables").iterdir():
        for table in parse_tmdl(path.name, path.read_text(encoding="utf-8"))[0]:
            yield from ((node.name, node.expression) for node in table.of("measure"))


def opened(project: Path) -> Model:
    """Return the measures of a project over its data."""
    connection = duckdb.connect()
    for path in (project / "data").glob("*.parquet"):
        connection.execute(f"create view {path.stem} as select * from '{path}'")
    connection.execute(VIEWS)
    return Model(Dax(project / "data", dict(measures_of(project))), connection)


def filters(context: Mapping[str, Any]) -> Filters:
    """Return a context as filters of the model's columns."""
    return Filters({COLUMNS[key]: ((lambda value, chosen=chosen: value == chosen),) for key, chosen in context.items()})
