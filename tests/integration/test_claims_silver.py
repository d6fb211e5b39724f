"""The claims star over the complete Sample 1, against pandas over the same files; and over rows that are wrong."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from .built_models import built, failures, landed
from .claims_bronze import BROKEN, MODELS, written

SAMPLE_1 = "DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv.gz"
SUMMARIES = {year: f"DE1_0_{year}_Beneficiary_Summary_File_Sample_1.csv.gz" for year in (2008, 2009, 2010)}
CODE_SETS = (
    "FY 2010 FR Table 5.xls", "CMS32_DESC_LONG_DX.txt", "CMS32_DESC_LONG_SG.txt", "CMS32_DESC_SHORT_DX.txt",
    "CMS32_DESC_SHORT_SG.txt",
)  # fmt: skip


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """All of Sample 1 with the code sets and the county crosswalk; the models' unit tests run too."""
    folder = real_data / "claims"
    files = [("synpuf", folder / name) for name in (SAMPLE_1, *SUMMARIES.values(), *CODE_SETS)]
    files.append(("geography", real_data / "geo/ssa_fips_county_crosswalk.csv"))
    scratch = tmp_path_factory.mktemp("claims")
    database, results = built(landed(files, scratch), scratch, MODELS, unit_tests=True)
    assert failures(results) == []
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        yield connection


@pytest.fixture(scope="module")
def published(real_data: Path) -> pd.DataFrame:
    """Claims of Sample 1 as published, all text."""
    return pd.read_csv(real_data / "claims" / SAMPLE_1, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def summaries(real_data: Path) -> pd.DataFrame:
    """The three summaries of Sample 1 as published, all text, with their year."""
    return pd.concat(
        pd.read_csv(real_data / "claims" / name, dtype=str, keep_default_na=False).assign(year=year)
        for year, name in SUMMARIES.items()
    )


def counts(connection: duckdb.DuckDBPyConnection, columns: str, table: str) -> dict[Any, int]:
    rows = connection.sql(f"select {columns}, count(*) from {table} group by all").fetchall()
    return {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in rows}


def total(published: pd.DataFrame, column: str) -> Decimal:
    return sum((Decimal(text) for text in published[column] if text), Decimal(0))


def test_sample_1_is_whole(real: duckdb.DuckDBPyConnection, published: pd.DataFrame) -> None:
    found = real.sql(
        "select count(*), count(distinct claim_id), count(*) filter (segment = 2), "
        "count(*) filter (payment_sign = 'negative'), count(*) filter (payment_sign = 'zero'), sum(paid_amount_usd) "
        "from fact_inpatient_claim"
    ).fetchone()
    assert found == (66_773, 66_705, 68, 55, 2_160, Decimal("639260180.00"))
    assert found[0] == len(published)
    assert found[5] == total(published, "CLM_PMT_AMT")
    assert real.sql("select count(*) from quarantine_inpatient_claim").fetchone() == (0,)
    assert real.sql("select count(*) from quarantine_beneficiary_summary").fetchone() == (0,)


def test_the_ledger_balances_to_the_cent(real: duckdb.DuckDBPyConnection) -> None:
    ledger = real.sql(
        "select step, table_name, rows_in, rows_out, rows_exploded, rows_merged, money_in = money_out, balanced "
        "from int_claims__ledger order by step, table_name"
    ).fetchall()
    assert ledger == [
        ("describe", "dim_beneficiary_year", 343_644, 343_644, 0, 0, None, True),
        ("explode", "bridge_claim_diagnosis", 66_773, 603_445, 536_672, 0, None, True),
        ("explode", "bridge_claim_procedure", 66_773, 95_871, 29_098, 0, None, True),
        ("merge", "int_claims__stay", 66_773, 64_365, 0, 2_408, True, True),
        ("screen", "fact_inpatient_claim", 66_773, 66_773, 0, 0, True, True),
    ]


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("deductible_amount_usd", "NCH_BENE_IP_DDCTBL_AMT"),
        ("coinsurance_amount_usd", "NCH_BENE_PTA_COINSRNC_LBLTY_AM"),
        ("blood_deductible_amount_usd", "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM"),
        ("primary_payer_amount_usd", "NCH_PRMRY_PYR_CLM_PD_AMT"),
        ("pass_through_per_diem_usd", "CLM_PASS_THRU_PER_DIEM_AMT"),
    ],
)
def test_every_amount_adds_up_to_what_was_published(
    real: duckdb.DuckDBPyConnection, published: pd.DataFrame, column: str, field: str
) -> None:
    found = real.sql(f"select sum({column}), count(*) - count({column}) from fact_inpatient_claim").fetchone()
    assert found == (total(published, field), (published[field] == "").sum())


def test_dates_and_days_follow_their_rules(real: duckdb.DuckDBPyConnection, published: pd.DataFrame) -> None:
    claim = published.set_index(["CLM_ID", "SEGMENT"])
    first = claim.xs("1", level="SEGMENT")["CLM_FROM_DT"]
    own = claim["CLM_FROM_DT"]
    served = own.where(own != "", first.reindex(claim.index.get_level_values("CLM_ID")).to_numpy())
    assert counts(real, "service_date_rule", "fact_inpatient_claim") == {"claim_from": 66_705, "segment_1": 68}
    assert counts(real, "service_year", "fact_inpatient_claim") == {
        int(year): count for year, count in served.str[:4].value_counts().items()
    }
    days = (pd.to_datetime(claim["NCH_BENE_DSCHRG_DT"]) - pd.to_datetime(claim["CLM_ADMSN_DT"])).dt.days.clip(lower=1)
    covered = pd.to_numeric(claim["CLM_UTLZTN_DAY_CNT"])
    found = real.sql(
        "select sum(length_of_stay_days), sum(utilization_days), count(*) filter (is_length_of_stay_mismatch), "
        "count(is_length_of_stay_mismatch) from fact_inpatient_claim"
    ).fetchone()
    assert found == (days.sum(), covered.sum(), (days != covered)[covered.notna()].sum(), covered.notna().sum())


def test_summaries_keep_every_person_and_dollar(real: duckdb.DuckDBPyConnection, summaries: pd.DataFrame) -> None:
    assert counts(real, "summary_year", "dim_beneficiary_year") == {2008: 116_352, 2009: 114_538, 2010: 112_754}
    assert real.sql("select count(*), count(death_date) from dim_beneficiary").fetchone() == (
        summaries["DESYNPUF_ID"].nunique(),
        summaries.loc[summaries["BENE_DEATH_DT"] != "", "DESYNPUF_ID"].nunique(),
    )
    found = real.sql(
        "select sum(inpatient_reimbursement_usd), sum(carrier_primary_payer_usd), sum(drug_plan_months), "
        "count(*) filter (has_esrd), count(*) filter (has_stroke), sum(chronic_condition_count) "
        "from dim_beneficiary_year"
    ).fetchone()
    flags = summaries.loc[:, "SP_ALZHDMTA":"SP_STRKETIA"]
    assert found == (
        total(summaries, "MEDREIMB_IP"),
        total(summaries, "PPPYMT_CAR"),
        summaries["PLAN_CVRG_MOS_NUM"].astype(int).sum(),
        (summaries["BENE_ESRD_IND"] == "Y").sum(),
        (summaries["SP_STRKETIA"] == "1").sum(),
        (flags == "1").sum().sum(),
    )


def test_claims_find_the_summary_of_their_year(
    real: duckdb.DuckDBPyConnection, published: pd.DataFrame, summaries: pd.DataFrame
) -> None:
    known = set(zip(summaries["DESYNPUF_ID"], summaries["year"], strict=True))
    rows = real.sql("select beneficiary_id, service_year, has_beneficiary_year from fact_inpatient_claim").fetchall()
    assert len(rows) == len(published)
    assert all(has_summary == ((person, year) in known) for person, year, has_summary in rows)
    without = counts(real, "service_year", "fact_inpatient_claim where not has_beneficiary_year")
    assert without[2007] == counts(real, "service_year", "fact_inpatient_claim")[2007]


def test_ssa_codes_lead_to_the_county_of_their_state(real: duckdb.DuckDBPyConnection, summaries: pd.DataFrame) -> None:
    statuses = counts(real, "county_match_status", "dim_beneficiary_year")
    assert statuses == {"matched": 338_191, "other_state": 4_817, "unknown_code": 636}
    assert statuses["other_state"] == (summaries["SP_STATE_CODE"] == "54").sum()
    matched = "dim_beneficiary_year where county_match_status = 'matched'"
    assert counts(real, "substr(county_fips, 1, 2) = state_fips", matched) == {True: 338_191}
    assert counts(real, "state_code is null, ssa_state_code = '54'", "dim_beneficiary_year") == {
        (False, False): 338_827,
        (True, True): 4_817,
    }
    assert counts(real, "state_code is null", "dim_facility") == {False: 2_675}


def test_codes_are_kept_and_said_to_be_what_they_are(
    real: duckdb.DuckDBPyConnection, real_data: Path, published: pd.DataFrame
) -> None:
    sets = {
        kind: {line.split()[0] for line in (real_data / f"claims/CMS32_DESC_SHORT_{kind}.txt").read_text().splitlines()}
        for kind in ("DX", "SG")
    }
    slots = pd.concat(
        published[f"ICD9_PRCDR_CD_{slot}"].rename("code").to_frame().assign(slot=slot) for slot in range(1, 7)
    )
    slots = slots[slots["code"] != ""]
    expected: dict[tuple[int, str], int] = {}
    for slot, code in zip(slots["slot"], slots["code"], strict=True):
        kind = "procedure" if code in sets["SG"] else "diagnosis" if code in sets["DX"] else "unknown"
        expected[slot, kind] = expected.get((slot, kind), 0) + 1
    assert counts(real, "procedure_sequence, code_classification", "bridge_claim_procedure") == expected
    assert expected[1, "procedure"] == 38_199
    assert expected[2, "diagnosis"] == 18_269
    diagnoses = [column for column in published if "DGNS_CD" in column]
    assert counts(real, "diagnosis_role", "bridge_claim_diagnosis") == {
        "admitting": (published["ADMTNG_ICD9_DGNS_CD"] != "").sum(),
        "principal": (published["ICD9_DGNS_CD_1"] != "").sum(),
        "secondary": (published[diagnoses[2:]] != "").sum().sum(),
    }
    assert counts(real, "drg_status", "dim_drg") == {"ms_drg": 746, "other": 1, "ungroupable": 1}
    assert counts(real, "drg_code", "fact_inpatient_claim where drg_code in ('OTH', '000')") == {"OTH": 258, "000": 235}
    dotted = real.sql(
        "select diagnosis_code_dotted from dim_diagnosis where diagnosis_code in ('4019', 'V4501', 'E9330') order by 1"
    ).fetchall()
    assert dotted == [("401.9",), ("E933.0",), ("V45.01",)]


def test_physicians_and_days_are_what_they_say(real: duckdb.DuckDBPyConnection, published: pd.DataFrame) -> None:
    roles = [set(published[f"{role}_PHYSN_NPI"]) - {""} for role in ("AT", "OP", "OT")]
    found = real.sql(
        "select count(*), count(*) filter (is_attending), count(*) filter (is_operating), count(*) filter (is_other), "
        "count(*) filter (physician_npi like '0%') from dim_physician"
    ).fetchone()
    every = set().union(*roles)
    assert found == (len(every), *(len(role) for role in roles), sum(npi[0] == "0" for npi in every))
    days = real.sql(
        "select date_day, date_key, day_of_week_number, day_name, federal_fiscal_year from dim_date"
    ).fetchall()
    assert {day for day, *_ in days} == {date(2007, 1, 1) + timedelta(number) for number in range(1461)}
    for day, key, weekday, name, fiscal_year in days:
        assert (key, weekday, name) == (int(f"{day:%Y%m%d}"), day.isoweekday(), f"{day:%A}")
        assert fiscal_year == (day + timedelta(92)).year


def test_stays_are_what_a_plain_loop_merges(real: duckdb.DuckDBPyConnection, published: pd.DataFrame) -> None:
    expected = {frozenset(stay) for stay in merged_stays(published)}
    rows = real.sql("select stay_id, list(distinct claim_id) from int_claims__stay_claim group by stay_id").fetchall()
    assert {frozenset(claims) for _, claims in rows} == expected
    assert len(rows) == 64_365
    assert all(stay_id.rpartition("-")[0] in claims for stay_id, claims in rows)


def merged_stays(published: pd.DataFrame) -> list[list[str]]:
    """Merge claims to stays one after the other: the rule as prose has it, without a window."""
    claims = published.sort_values("SEGMENT").groupby("CLM_ID").agg(
        person=("DESYNPUF_ID", "first"),
        admitted=("CLM_ADMSN_DT", "min"),
        left=("NCH_BENE_DSCHRG_DT", "max"),
        place=("PRVDR_NUM", "first"),
    )  # fmt: skip
    stays: list[list[str]] = []
    last_person, last_left, last_place = "", date.min, ""
    ordered = claims.reset_index().sort_values(["person", "admitted", "left", "CLM_ID"])
    for claim in ordered.itertuples():
        admitted, left = (date.fromisoformat(text) for text in (claim.admitted, claim.left))
        gap = (admitted - last_left).days if claim.person == last_person else None
        if gap is not None and gap <= (0 if claim.place == last_place else 1):
            stays[-1].append(claim.CLM_ID)
        else:
            stays.append([claim.CLM_ID])
        if claim.person != last_person or (left, claim.place) > (last_left, last_place):
            last_person, last_left, last_place = claim.person, left, claim.place
    return stays


def test_rows_that_cannot_be_kept_are_quarantined_with_their_money(tmp_path: Path) -> None:
    database, results = built(written(BROKEN, tmp_path), tmp_path, MODELS)
    assert failures(results) == []
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        quarantined = connection.sql(
            "select source_record, reasons from quarantine_inpatient_claim order by 1"
        ).fetchall()
        assert quarantined == [
            (4, ["key_repeated"]),
            (5, ["key_repeated"]),
            (6, ["claim_from_date_unreadable"]),
            (7, ["paid_amount_unreadable"]),
        ]
        assert counts(connection, "source_record", "fact_inpatient_claim") == {1: 1, 2: 1, 8: 1}
        rejected = connection.sql(
            "select source_record, reasons from quarantine_beneficiary_summary order by 1"
        ).fetchall()
        assert rejected == [(3, ["key_repeated"]), (4, ["key_repeated"])]
        steps = connection.sql(
            "select step, rows_in, rows_out, rows_quarantined, rows_merged, money_out, money_quarantined, balanced "
            "from int_claims__ledger where step in ('describe', 'screen') order by step"
        ).fetchall()
        assert steps == [
            ("describe", 4, 1, 2, 1, None, None, True),
            ("screen", 8, 3, 4, 1, Decimal("92.75"), Decimal("7.00"), True),
        ]
        people = connection.sql("select beneficiary_id, summary_year_count from dim_beneficiary order by 1").fetchall()
        assert people == [("P1", 1), ("P2", 0)]
        assert counts(connection, "drg_code, drg_status", "dim_drg") == {("XYZ", "unknown"): 1}


def test_a_lake_without_claims_builds_empty_tables(tmp_path: Path) -> None:
    database, results = built({}, tmp_path, MODELS)
    assert failures(results) == []
    with duckdb.connect(str(database), read_only=True) as connection:
        for table in ("fact_inpatient_claim", "dim_date", "dim_drg", "int_claims__stay", "int_claims__ledger"):
            assert connection.sql(f"select count(*) from lakeward.{table}").fetchone() == (0,)
