"""A small claims domain of made-up rows, with the names and types of the real tables: what Power BI is given in tests.

Every table has rows that try something: dates that are null, a DRG without weight, a text with quotes and backslashes,
a claim of two segments, a reversal, a member month of zero.
"""

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT
from lakeward.publish.writer import publish_build

from ..conftest import FakeBuild

MONEY, TEXT, WHOLE, FLAG, DAY, NUMBER = "decimal(14,2)", "varchar", "integer", "boolean", "date", "double"
NASTY = "\"Heart\", 'bypass' \\ 100% <b>&amp;</b>\tend #(lf) ]]"
FACT = (
    "release_id text, sample_number whole, claim_id text, segment whole, claim_key text, stay_id text, "
    "beneficiary_id text, beneficiary_year_key text, service_date day, service_date_rule text, service_year whole, "
    "service_month day, claim_from_date day, claim_thru_date day, admission_date day, discharge_date day, "
    "facility_id text, attending_npi text, operating_npi text, other_npi text, drg_code text, "
    "admitting_diagnosis_code text, principal_diagnosis_code text, paid_amount_usd money, deductible_amount_usd money, "
    "provider_payment_usd money, utilization_days whole, length_of_stay_days whole, is_length_of_stay_mismatch flag, "
    "payment_sign text, source_file_id text, source_record bigint"
)
TABLES = {
    "silver/fact_inpatient_claim": FACT,
    "silver/dim_beneficiary": "release_id text, beneficiary_id text, birth_date day, sex text, race text",
    "silver/dim_beneficiary_year": "release_id text, beneficiary_year_key text, beneficiary_id text, "
    "summary_year whole, age_band text, state_code text, county_match_status text, hospital_insurance_months whole, "
    "has_esrd flag, inpatient_reimbursement_usd money",
    "silver/dim_date": "date_day day, date_key whole, year whole, quarter text, month_number whole, month_name text, "
    "year_month text, month_start_date day, day_of_week_number whole, day_name text, is_weekend flag, "
    "federal_fiscal_year whole",
    "silver/dim_diagnosis": "diagnosis_code text, diagnosis_code_dotted text, short_description text, "
    "is_in_code_set flag, diagnosis_kind text",
    "silver/dim_drg": "drg_code text, drg_title text, mdc_code text, drg_type text, relative_weight decimal(10,4), "
    "geometric_mean_los_days decimal(8,2), drg_status text",
    "silver/dim_facility": "facility_id text, ssa_state_code text, state_code text, state_name text, "
    "first_service_date day, last_service_date day",
    "silver/dim_physician": "physician_npi text, has_valid_check_digit flag, is_attending flag, is_operating flag",
    "silver/dim_procedure": "procedure_code text, procedure_code_dotted text, short_description text, "
    "code_classification text",
    "silver/bridge_claim_diagnosis": "release_id text, claim_key text, claim_id text, segment whole, "
    "diagnosis_sequence whole, diagnosis_role text, diagnosis_code text",
    "silver/bridge_claim_procedure": "release_id text, claim_key text, claim_id text, segment whole, "
    "procedure_sequence whole, procedure_code text, code_classification text",
    "gold/mart_claims_abc": "entity_type text, period text, entity_id text, entity_name text, paid_amount_usd money, "
    "claim_count whole, rank_number whole, share_pct number, cumulative_before_pct number, cumulative_pct number, "
    "abc_class text",
    "gold/mart_claims_drg": "service_year whole, mdc_code text, drg_code text, facility_id text, claim_count whole, "
    "paid_amount_usd money, length_of_stay_days hugeint, average_paid_usd number, case_mix_weight decimal(18,4)",
    "gold/mart_claims_readmission": "stay_id text, beneficiary_id text, facility_id text, drg_code text, "
    "admission_date day, discharge_date day, discharge_year whole, is_index flag, exclusion_reason text, "
    "next_stay_id text, days_to_next_admission whole, is_readmission_30_days flag, paid_amount_usd money",
    "gold/mart_claims_retention": "beneficiary_id text, cohort_year whole, cohort_year_start day, outcome text, "
    "is_censored flag, is_exposed flag, next_year_claim_count whole, paid_amount_usd money, index_facility_id text, "
    "state_code text, sex text, age_band text",
    "gold/mart_claims_revenue": "service_month day, service_year whole, claim_count whole, paid_amount_usd money, "
    "member_months number, pmpm_usd number, mrr_usd money, arr_run_rate_usd money, prior_year_paid_usd money, "
    "year_over_year_pct number, "
    "is_partial_month flag, amount_basis text",
}
KEYS = {
    "fact_inpatient_claim": ["claim_id", "segment"], "dim_beneficiary": ["beneficiary_id"],
    "dim_beneficiary_year": ["beneficiary_id", "summary_year"], "dim_date": ["date_day"],
    "dim_diagnosis": ["diagnosis_code"], "dim_drg": ["drg_code"], "dim_facility": ["facility_id"],
    "dim_physician": ["physician_npi"], "dim_procedure": ["procedure_code"],
    "bridge_claim_diagnosis": ["claim_key", "diagnosis_sequence"],
    "bridge_claim_procedure": ["claim_key", "procedure_sequence"],
    "mart_claims_abc": ["entity_type", "period", "entity_id"],
    "mart_claims_drg": ["service_year", "drg_code", "facility_id"],
    "mart_claims_readmission": ["stay_id"], "mart_claims_retention": ["beneficiary_id", "cohort_year"],
    "mart_claims_revenue": ["service_month"],
}  # fmt: skip
DRGS = {"001": "1.5", "002": "0.75", "003": "2.25", "004": "1", "OTH": None, "000": None}
Rows = dict[str, list[dict[str, Any]]]


def columns_of(table: str) -> dict[str, str]:
    """Return a table's columns and their types in DuckDB."""
    words = {"text": TEXT, "whole": WHOLE, "flag": FLAG, "day": DAY, "number": NUMBER, "money": MONEY}
    pairs = (part.strip().split(" ", 1) for part in TABLES[table].replace("), ", ")| ").replace(", ", "| ").split("| "))
    return {name: words.get(kind, kind) for name, kind in pairs}


def make_rows(seed: int = 1) -> Rows:
    """Return the rows of every table."""
    chance = random.Random(seed)
    facts = list(_facts(chance))
    paid = _paid_by_month(facts)
    return {
        "fact_inpatient_claim": facts,
        "dim_beneficiary": [{"beneficiary_id": f"B{n:03}", "sex": chance.choice(["male", None])} for n in range(60)],
        "dim_beneficiary_year": [
            {"beneficiary_year_key": f"B{n:03}-{year}", "beneficiary_id": f"B{n:03}", "summary_year": year}
            for n in range(60) for year in (2008, 2009)
        ],
        "dim_date": [_date(date(2007, 1, 1) + timedelta(days=n)) for n in range(365 + 366 + 365 + 365)],
        "dim_diagnosis": [{"diagnosis_code": f"42{n}"} for n in range(8)],
        "dim_drg": [
            {"drg_code": code, "drg_title": NASTY if code == "002" else f"Title {code}", "mdc_code": f"0{n % 2}",
             "relative_weight": weight and Decimal(weight)}
            for n, (code, weight) in enumerate(DRGS.items())
        ],
        "dim_facility": [{"facility_id": f"F{n}", "state_code": "AL" if n % 2 else "GA"} for n in range(5)],
        "dim_physician": [{"physician_npi": f"P{n}"} for n in range(6)],
        "dim_procedure": [{"procedure_code": f"99{n}"} for n in range(4)],
        "bridge_claim_diagnosis": [
            {"claim_key": f["claim_key"], "diagnosis_sequence": n, "diagnosis_code": f"42{chance.randrange(8)}"}
            for f in facts for n in range(chance.randrange(1, 5))
        ],
        "bridge_claim_procedure": [
            {"claim_key": f["claim_key"], "procedure_sequence": 1, "procedure_code": f"99{chance.randrange(4)}"}
            for f in facts if chance.random() < 0.5
        ],
        "mart_claims_abc": list(_abc(chance)),
        "mart_claims_drg": [
            {"service_year": 2008, "drg_code": code, "facility_id": f"F{n}", "length_of_stay_days": 3 + n,
             "case_mix_weight": Decimal("1.2500") * n}
            for code in DRGS for n in range(3)
        ],
        "mart_claims_readmission": [_stay(chance, n) for n in range(120)],
        "mart_claims_retention": [_member(chance, n, year) for n in range(60) for year in (2008, 2009, 2010)],
        "mart_claims_revenue": [
            {"service_month": month, "service_year": month.year, "paid_amount_usd": amount,
             "member_months": 0.0 if month.year == 2007 else 40 + chance.random() * 20,
             "arr_run_rate_usd": amount if month >= date(2008, 3, 1) else None,
             "prior_year_paid_usd": paid[month.replace(year=month.year - 1)] if month.year > 2008 else None,
             "is_partial_month": month.year == 2007}
            for month, amount in paid.items()
        ],
    }  # fmt: skip


def publish_stand_in(folder: Path, rows: Rows) -> Snapshot:
    """Publish rows into a new lake and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "build.duckdb"
    nodes = {}
    with duckdb.connect(str(database)) as connection:
        for path in TABLES:
            name, columns = path.partition("/")[2], columns_of(path)
            typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table {name} ({typed})")
            values = [[row.get(column) for column in columns] for row in rows[name]]
            connection.executemany(f"insert into {name} values ({', '.join('?' * len(columns))})", values)
            nodes[f"model.lakeward.{name}"] = _node(name, path.partition("/")[0], list(columns))
    options = type("Options", (), {"region": None, "endpoint_url": None})()
    transaction = Lake.open(str(folder / "lake"), options).begin("run")
    resources = Resources(memory_bytes=10**9, workers=1, scratch=folder / "scratch")
    publish_build(FakeBuild(database, {"nodes": nodes}), transaction, COMPACT, resources)
    return transaction.commit()


def _node(name: str, zone: str, columns: list[str]) -> dict[str, Any]:
    return {
        "resource_type": "model", "name": name, "relation_name": f'"build"."main"."{name}"',
        "description": f"One row per {KEYS[name]}.\nSecond line: {NASTY}",
        "config": {"meta": {"domain": "claims", "zone": zone, "grain": "row", "key": KEYS[name], "slice": "whole"}},
        "columns": {c: {"name": c, "data_type": "", "description": f"What {c} means."} for c in columns},
    }  # fmt: skip


def _facts(chance: random.Random) -> Any:
    for n in range(400):
        first = date(2007, 11, 1) + timedelta(days=chance.randrange(1100))
        stay = chance.randrange(1, 12)
        amount = chance.choice([Decimal(0), Decimal(-2000), *(Decimal(chance.randrange(100, 9_000_000)) / 100,) * 6])
        fact = {
            "claim_id": f"C{n:04}", "segment": 1, "beneficiary_id": f"B{chance.randrange(60):03}",
            "service_date": first, "admission_date": first - timedelta(days=chance.randrange(3)),
            "discharge_date": first + timedelta(days=stay), "claim_from_date": first,
            "facility_id": chance.choice(["F0", "F1", "F2", "F3", None]), "attending_npi": f"P{chance.randrange(6)}",
            "operating_npi": chance.choice(["P0", "P1", None]), "drg_code": chance.choice([*DRGS, None, "999"]),
            "paid_amount_usd": amount, "provider_payment_usd": amount + 1068, "utilization_days": stay,
            "length_of_stay_days": stay, "is_length_of_stay_mismatch": chance.choice([True, False, False, None]),
        }  # fmt: skip
        yield _completed(fact)
        if n % 40 == 0:
            again = {"segment": 2, "admission_date": None, "discharge_date": None, "length_of_stay_days": None}
            yield _completed(fact | again)


def _completed(fact: dict[str, Any]) -> dict[str, Any]:
    amount, day = fact["paid_amount_usd"], fact["service_date"]
    return fact | {
        "claim_key": f"{fact['claim_id']}-{fact['segment']}", "service_month": day.replace(day=1),
        "service_year": day.year, "beneficiary_year_key": f"{fact['beneficiary_id']}-{day.year}",
        "payment_sign": "zero" if amount == 0 else "negative" if amount < 0 else "positive",
    }  # fmt: skip


def _paid_by_month(facts: list[dict[str, Any]]) -> dict[date, Decimal]:
    months = sorted({fact["service_month"] for fact in facts})
    return {m: sum((f["paid_amount_usd"] for f in facts if f["service_month"] == m), Decimal(0)) for m in months}


def _date(day: date) -> dict[str, Any]:
    return {
        "date_day": day, "date_key": int(day.strftime("%Y%m%d")), "year": day.year, "month_number": day.month,
        "month_name": day.strftime("%B"), "month_start_date": day.replace(day=1), "year_month": day.strftime("%Y-%m"),
        "day_of_week_number": day.isoweekday(), "day_name": day.strftime("%A"), "is_weekend": day.isoweekday() > 5,
    }  # fmt: skip


def _abc(chance: random.Random) -> Any:
    for kind, count in (("drg", 6), ("facility", 5)):
        for period in ("all", "2008", "2009"):
            for n in range(count - (period == "2009")):
                yield {
                    "entity_type": kind, "period": period, "entity_id": f"{kind}{n}", "rank_number": n + 1,
                    "entity_name": NASTY if n == 0 else f"{kind} {n}", "share_pct": 100 / (n + 2),
                    "paid_amount_usd": Decimal(chance.randrange(-500, 90_000)), "cumulative_pct": 100 - 100 / (n + 2),
                    "abc_class": "ABCN"[min(n, 3)],
                }  # fmt: skip


def _stay(chance: random.Random, n: int) -> dict[str, Any]:
    admitted = date(2008, 1, 1) + timedelta(days=chance.randrange(1000))
    is_index = chance.random() < 0.8
    return {
        "stay_id": f"S{n:03}", "beneficiary_id": f"B{n % 60:03}", "facility_id": f"F{n % 4}", "drg_code": "001",
        "admission_date": admitted, "discharge_date": admitted + timedelta(days=5) if n % 10 else None,
        "is_index": is_index, "is_readmission_30_days": is_index and chance.random() < 0.3,
    }  # fmt: skip


def _member(chance: random.Random, n: int, year: int) -> dict[str, Any]:
    outcome = "censored" if year == 2010 else chance.choice(["retained", "lapsed", "lapsed", "died", "disenrolled"])
    return {
        "beneficiary_id": f"B{n:03}", "cohort_year": year, "cohort_year_start": date(year, 1, 1), "outcome": outcome,
        "is_exposed": outcome in ("retained", "lapsed"), "index_facility_id": f"F{n % 5}",
        "paid_amount_usd": Decimal(chance.randrange(10_000)), "state_code": "GA", "age_band": "65-74",
    }  # fmt: skip
