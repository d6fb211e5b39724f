"""The quirks of claims, counted in their bronze: every condition can be met, and a plain row meets none."""

import duckdb
import pyarrow as pa
import pytest

from lakeward.quality.claims_findings import QUERIES, claims_counts, claims_facts, claims_findings
from lakeward.sources.synpuf.layout import INPATIENT, LAYOUTS, SUMMARY

AMOUNTS = (
    "NCH_PRMRY_PYR_CLM_PD_AMT",
    "CLM_PASS_THRU_PER_DIEM_AMT",
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
)
CLAIM = {
    "DESYNPUF_ID": "A",
    "CLM_ID": "1",
    "SEGMENT": "1",
    "CLM_FROM_DT": "20080101",
    "CLM_THRU_DT": "20080105",
    "CLM_ADMSN_DT": "20080101",
    "NCH_BENE_DSCHRG_DT": "20080105",
    "CLM_PMT_AMT": "4000.00",
    "CLM_DRG_CD": "217",
    **dict.fromkeys(AMOUNTS, "0.00"),
}
PERSON = {"DESYNPUF_ID": "A", "BENE_BIRTH_DT": "19230501", "SP_STATE_CODE": "26", "MEDREIMB_IP": "0.00"}
ROWS = {INPATIENT.dataset: CLAIM, SUMMARY.dataset: PERSON}
ODD = {
    (INPATIENT.dataset, "second_segment"): {"SEGMENT": "2"},
    (INPATIENT.dataset, "from_date_blank"): {"CLM_FROM_DT": None},
    (INPATIENT.dataset, "began_before_2008"): {"CLM_FROM_DT": "20071231"},
    (INPATIENT.dataset, "discharge_date_blank"): {"NCH_BENE_DSCHRG_DT": None},
    (INPATIENT.dataset, "paid_negative"): {"CLM_PMT_AMT": "-0.01"},
    (INPATIENT.dataset, "paid_zero"): {"CLM_PMT_AMT": "0.00"},
    (INPATIENT.dataset, "part_blank"): {"NCH_BENE_IP_DDCTBL_AMT": None},
    (INPATIENT.dataset, "drg_not_ms_drg"): {"CLM_DRG_CD": "OTH"},
    (INPATIENT.dataset, "key_missing"): {"DESYNPUF_ID": None},
    (INPATIENT.dataset, "paid_missing"): {"CLM_PMT_AMT": None},
    (INPATIENT.dataset, "count_format"): {"CLM_UTLZTN_DAY_CNT": "1.5"},
    (INPATIENT.dataset, "amount_format"): {"CLM_PASS_THRU_PER_DIEM_AMT": "$5"},
    (INPATIENT.dataset, "date_format"): {"CLM_THRU_DT": "20080230"},
    (SUMMARY.dataset, "state_other"): {"SP_STATE_CODE": "54"},
    (SUMMARY.dataset, "reimbursement_negative"): {"PPPYMT_CAR": "-1.00"},
    (SUMMARY.dataset, "key_missing"): {"DESYNPUF_ID": None},
    (SUMMARY.dataset, "months_format"): {"PLAN_CVRG_MOS_NUM": "13"},
    (SUMMARY.dataset, "amount_format"): {"BENRES_OP": "none"},
    (SUMMARY.dataset, "date_format"): {"BENE_DEATH_DT": "2008-01-01"},
}


def bronze(dataset: str, *rows: dict[str, str | None]) -> duckdb.DuckDBPyConnection:
    table = pa.Table.from_pylist(list(rows), schema=LAYOUTS[dataset].schema)
    connection = duckdb.connect()
    connection.register("given", table)
    connection.execute(f"create table {dataset} as from given")
    return connection


@pytest.mark.parametrize("dataset", LAYOUTS)
def test_a_plain_row_has_no_finding(dataset: str) -> None:
    assert claims_findings(dataset, bronze(dataset, ROWS[dataset])) == ()


@pytest.mark.parametrize(("place", "odd"), ODD.items(), ids=["-".join(place) for place in ODD])
def test_an_odd_row_is_counted(place: tuple[str, str], odd: dict[str, str | None]) -> None:
    dataset, finding_id = place
    other = {**ROWS[dataset], "DESYNPUF_ID": "B", "CLM_ID": "2"}
    other = {name: value for name, value in other.items() if name in LAYOUTS[dataset].columns}
    found = claims_findings(dataset, bronze(dataset, {**ROWS[dataset], **odd}, other))
    assert [(finding.finding_id, finding.count) for finding in found] == [(finding_id, 1)]


def test_every_condition_has_a_row_that_meets_it() -> None:
    assert {(dataset, query[0]) for dataset, queries in QUERIES.items() for query in queries} == set(ODD)


def test_repeated_rows_and_keys_are_told_apart() -> None:
    repeated = {**CLAIM, "_source_record": 2}
    other = {**CLAIM, "CLM_PMT_AMT": "1.00"}
    found = claims_findings(INPATIENT.dataset, bronze(INPATIENT.dataset, CLAIM, repeated, repeated, other))
    assert {(finding.finding_id, finding.count, finding.action) for finding in found} == {
        ("row_repeated", 2, "merged"),
        ("key_repeated", 1, "quarantined"),
    }


def test_counts_and_total() -> None:
    second = {**CLAIM, "SEGMENT": "2", "CLM_PMT_AMT": "-1000.50", "DESYNPUF_ID": "A"}
    connection = bronze(INPATIENT.dataset, CLAIM, second, {**CLAIM, "CLM_ID": "2", "CLM_PMT_AMT": "n/a"})
    assert claims_counts(INPATIENT.dataset, connection) == {
        "rows": 3,
        "claims": 2,
        "beneficiaries": 1,
        "facilities": 0,
    }
    assert claims_facts(INPATIENT.dataset, connection) == {"paid amounts, US dollars": "2,999.50"}
    assert claims_facts(SUMMARY.dataset, bronze(SUMMARY.dataset, PERSON)) == {}
