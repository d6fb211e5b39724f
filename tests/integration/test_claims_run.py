"""The real Samples 1 and 2 in one run within 1 GB: the counts of the files, made by other means, are those of the lake.

Sample 1 is complete, Sample 2 is the part of it that its mirror kept.
"""

import csv
import gzip
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from .command_line import Finished, done, rows
from .lake_files import data_files, snapshot_of
from .made_once import made_once

BUDGET = 1_000_000_000
SAMPLES = (1, 2)
RELEASES = {1: "synpuf.sample-01", 2: "synpuf.sample-02"}
DIAGNOSES = ("ADMTNG_ICD9_DGNS_CD", *(f"ICD9_DGNS_CD_{n}" for n in range(1, 11)))
PROCEDURES = tuple(f"ICD9_PRCDR_CD_{n}" for n in range(1, 7))


@dataclass(frozen=True)
class Counted:
    """What a claims file holds, counted record by record."""

    rows: int
    claims: int
    later_segments: int
    negative: int
    zero: int
    paid: Decimal
    diagnoses: int
    procedures: int
    from_2007: int
    other_drgs: Counter[str]


def count_claims(path: Path) -> Counted:
    """Read a claims file the simple way."""
    with gzip.open(path, "rt", encoding="ascii", newline="") as stream:
        records = list(csv.DictReader(stream))
    paid = [Decimal(record["CLM_PMT_AMT"]) for record in records]
    return Counted(
        rows=len(records),
        claims=len({record["CLM_ID"] for record in records}),
        later_segments=sum(record["SEGMENT"] == "2" for record in records),
        negative=sum(amount < 0 for amount in paid),
        zero=sum(amount == 0 for amount in paid),
        paid=sum(paid, Decimal(0)),
        diagnoses=sum(bool(record[name]) for record in records for name in DIAGNOSES),
        procedures=sum(bool(record[name]) for record in records for name in PROCEDURES),
        from_2007=sum(record["CLM_FROM_DT"].startswith("2007") for record in records),
        other_drgs=Counter(r["CLM_DRG_CD"] for r in records if r["CLM_DRG_CD"] in ("OTH", "000")),
    )


@pytest.fixture(scope="module")
def counted(real_data: Path) -> dict[int, Counted]:
    """The claims files of both samples."""
    name = "DE1_0_2008_to_2010_Inpatient_Claims_Sample_{}.csv.gz"
    return {sample: count_claims(real_data / "claims" / name.format(sample)) for sample in SAMPLES}


@pytest.fixture(scope="module")
def configuration(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration of all that is in the folder of the real claims."""
    crosswalk = real_data / "geo" / "ssa_fips_county_crosswalk.csv"
    sources = {"synpuf": [{"path": str(real_data / "claims")}], "geography": {"path": str(crosswalk)}}
    path = tmp_path_factory.mktemp("real-claims") / "lakeward.yaml"
    path.write_text(yaml.safe_dump({"sources": sources}))
    return path


@pytest.fixture(scope="module")
def lake(configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of both samples; only to be read."""

    def make(folder: Path) -> None:
        done("run", "claims", "--config", configuration, "--lake", folder / "lake", "--memory", "1GB")

    folder: Path = made_once(tmp_path_factory, "real-claims-lake", make)
    return folder / "lake"


@pytest.fixture(scope="module")
def again(configuration: Path, lake: Path) -> tuple[dict[str, str], Finished]:
    """The files of the lake before it was run again, and how that ended."""
    before = data_files(snapshot_of(lake))
    return before, done("run", "--config", configuration, "--lake", lake)


def test_sample_1_is_the_one_that_cms_published(counted: dict[int, Counted]) -> None:
    first = counted[1]
    assert (first.rows, first.claims, first.later_segments) == (66_773, 66_705, 68)
    assert (first.negative, first.zero, first.paid) == (55, 2_160, Decimal("639260180.00"))


def test_every_record_is_a_fact_of_its_sample(lake: Path, counted: dict[int, Counted]) -> None:
    found = rows(
        lake,
        "select sample_number, release_id, count(*) as n, count(distinct claim_id) as claims, "
        "count(*) filter (where segment > 1) as later, count(*) filter (where payment_sign = 'negative') as negative, "
        "count(*) filter (where payment_sign = 'zero') as zero, cast(sum(paid_amount_usd) as varchar) as paid, "
        "count(*) filter (where service_year = 2007 and claim_from_date is not null) as from_2007 "
        "from fact_inpatient_claim group by all order by all",
    )
    assert [row["release_id"] for row in found] == [RELEASES[sample] for sample in SAMPLES]
    for row in found:
        file = counted[row["sample_number"]]
        assert (row["n"], row["claims"], row["later"]) == (file.rows, file.claims, file.later_segments)
        assert (row["negative"], row["zero"], Decimal(row["paid"])) == (file.negative, file.zero, file.paid)
        assert row["from_2007"] == file.from_2007
    assert rows(lake, "select count(*) as n from quarantine_inpatient_claim") == [{"n": 0}]


def test_every_code_is_in_a_bridge_and_its_dimension(lake: Path, counted: dict[int, Counted]) -> None:
    for bridge, dimension, code, expected in (
        ("bridge_claim_diagnosis", "dim_diagnosis", "diagnosis_code", sum(c.diagnoses for c in counted.values())),
        ("bridge_claim_procedure", "dim_procedure", "procedure_code", sum(c.procedures for c in counted.values())),
    ):
        counts = (
            f"select count(*) as n, count(d.{code}) as known from {bridge} left join {dimension} as d using ({code})"
        )
        assert rows(lake, counts) == [{"n": expected, "known": expected}]


def test_drgs_that_are_none_are_kept_and_named(lake: Path, counted: dict[int, Counted]) -> None:
    found = rows(
        lake,
        "select drg_code, drg_status, count(*) as n from fact_inpatient_claim join dim_drg using (drg_code) "
        "where drg_code in ('OTH', '000') group by all order by all",
    )
    expected = sum((file.other_drgs for file in counted.values()), Counter[str]())
    assert {row["drg_code"]: row["n"] for row in found} == expected
    assert {row["drg_code"]: row["drg_status"] for row in found} == {"000": "ungroupable", "OTH": "other"}


def test_money_is_the_same_from_the_files_to_each_mart(lake: Path, counted: dict[int, Counted]) -> None:
    ledger = done("ledger", "--check", "--json", "--lake", lake).json
    screened = {
        row["slice"]: row for row in ledger if row["step"] == "screen" and row["table"] == "fact_inpatient_claim"
    }
    for sample, file in counted.items():
        row = screened[RELEASES[sample]]
        assert (row["rows_in"], row["rows_out"], row["rows_quarantined"]) == (file.rows, file.rows, 0)
        assert Decimal(row["money_in"]) == Decimal(row["money_out"]) == file.paid
    total = sum(file.paid for file in counted.values())
    marts = {row["table"] for row in ledger if row["step"] == "mart" and Decimal(row["money_out"] or 0) == total}
    assert {"mart_claims_abc", "mart_claims_revenue", "mart_claims_drg", "mart_claims_readmission"} <= marts
    for mart in ("mart_claims_revenue", "mart_claims_drg", "mart_claims_readmission"):
        (row,) = rows(lake, f"select cast(sum(paid_amount_usd) as varchar) as paid from {mart}")
        assert Decimal(row["paid"]) == total


def test_no_rule_of_severity_error_fails(lake: Path, tmp_path: Path) -> None:
    report = done("validate", "--lake", lake, "--json", "--output", tmp_path / "report.html").json
    claims = {rule["id"]: rule["status"] for rule in report["rules"] if "claim" in rule["scope"]}
    assert set(claims.values()) == {"pass"}
    assert {row["release_id"] for row in report["figures"]["claims_by_sample"]["rows"]} == set(RELEASES.values())


def test_a_second_run_changes_no_file(again: tuple[dict[str, str], Finished], lake: Path) -> None:
    before, finished = again
    assert "Nothing changed" in finished.out
    assert data_files(snapshot_of(lake)) == before


def test_the_run_stayed_within_its_memory(lake: Path) -> None:
    (first, *_) = done("runs", "--json", "--lake", lake).json
    assert first["outcome"] == "published"
    assert first["peak_rss_bytes"] < BUDGET
