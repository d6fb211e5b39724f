"""The claims report as text: what is in it, what is kept out of it, and what is said when it cannot be written."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.errors import UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.reference.tables import published_tables
from lakeward.report import queries
from lakeward.report.claims_report import CLAIMS
from lakeward.report.data import Column, ReportData, read_report_data
from lakeward.report.page import render_report
from lakeward.settings import StorageSettings

from .claims_report_lake import claims_lake
from .command_line import done, lakeward

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A lake of made-up claims; only to be read."""
    return claims_lake(tmp_path_factory.mktemp("claims"))


@pytest.fixture(scope="module")
def data(snapshot: Snapshot) -> ReportData:
    """What the report shows of it."""
    return read_report_data(snapshot, StorageSettings())


@pytest.fixture(scope="module")
def tables(snapshot: Snapshot) -> duckdb.DuckDBPyConnection:
    """The tables that were published."""
    return duckdb.connect(str(Path(snapshot.lake.url).parent / "build.duckdb"), read_only=True)


def rows(dataset: Mapping[str, Column]) -> list[dict[str, Any]]:
    """A dataset of the page, row by row."""
    values = [
        column
        if isinstance(column, list)
        else [None if code < 0 else column["levels"][code] for code in column["codes"]]
        for column in dataset.values()
    ]
    return [dict(zip(dataset, row, strict=True)) for row in zip(*values, strict=True)]


@pytest.mark.parametrize("name", ["drgs", "drg_months", "places", "revenue"])
def test_every_dataset_adds_up_to_all_claims(data: ReportData, tables: duckdb.DuckDBPyConnection, name: str) -> None:
    paid, claims = tables.sql("select sum(paid_amount_usd), sum(claim_count) from line").fetchall()[0]
    found = rows(data.datasets[name])
    assert sum(Decimal(str(row["paid_amount_usd"])) for row in found) == paid
    assert sum(row["claim_count"] for row in found) == claims == 3000


def test_classes_and_retention_count_every_entity(data: ReportData, tables: duckdb.DuckDBPyConnection) -> None:
    entities = tables.sql("select count(*) from mart_claims_abc").fetchall()[0][0]
    people = tables.sql("select count(*) from mart_claims_retention").fetchall()[0][0]
    assert sum(row["entities"] for row in rows(data.datasets["abc_classes"])) == entities
    assert sum(row["beneficiary_count"] for row in rows(data.datasets["retention"])) == people


def test_the_curve_keeps_the_ends_of_every_class(data: ReportData, tables: duckdb.DuckDBPyConnection) -> None:
    expected = tables.sql(
        "select entity_type, period, abc_class, min(rank_number), max(rank_number) from mart_claims_abc"
        " where abc_class <> 'N' group by all"
    ).fetchall()
    curve = rows(data.datasets["abc_curve"])
    for entity, period, name, first, last in expected:
        ranks = {
            row["rank_number"] for row in curve
            if (row["entity_type"], row["period"], row["abc_class"]) == (entity, period, name)
        }  # fmt: skip
        assert {first, last} <= ranks
    longest = max(
        sum(row["period"] == "all" and row["entity_type"] == kind for row in curve) for kind in ("drg", "beneficiary")
    )
    assert longest <= 2 * queries.CURVE_POINTS + 6


def test_what_is_not_named_is_one_rest(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    places = queries.DATASETS["places"].replace(f"limit {queries.DRGS_NAMED}", "limit 3")
    assert places != queries.DATASETS["places"]
    monkeypatch.setitem(queries.DATASETS, "places", places)
    found = rows(read_report_data(snapshot, StorageSettings()).datasets["places"])
    assert len({row["drg_code"] for row in found}) == 4
    assert queries.REST in {row["drg_code"] for row in found}


def test_control_totals_agree_and_a_lost_cent_is_seen(tmp_path: Path, data: ReportData) -> None:
    assert len(data.totals) == 6
    assert {total.difference_usd for total in data.totals} == {Decimal(0)}
    lost = (
        "update mart_claims_revenue set paid_amount_usd = paid_amount_usd - 0.01"
        " where service_month = date '2009-01-01'"
    )
    spoiled = read_report_data(claims_lake(tmp_path, more_changes=lost), StorageSettings())
    assert {t.table: t.difference_usd for t in spoiled.totals if t.difference_usd} == {
        "mart_claims_revenue": Decimal("-0.01")
    }
    assert render_report(CLAIMS, spoiled).count("✗ differs") == 1


def test_no_person_is_named_and_the_file_is_small(snapshot: Snapshot, tables: duckdb.DuckDBPyConnection) -> None:
    text = render_report(CLAIMS, read_report_data(snapshot, StorageSettings()))
    people = [name for (name,) in tables.sql("select distinct beneficiary_id from line").fetchall()]
    assert len(people) > 800
    assert [name for name in people if f'"{name}"' in text] == []
    assert len(text.encode()) < MOST_BYTES


def test_every_figure_says_table_grain_and_release(data: ReportData) -> None:
    text = render_report(CLAIMS, data)
    assert "<code>mart_claims_retention</code> one row: person admitted in a year" in text
    assert text.count("releases: synpuf.sample-01 · snapshot 1") >= 14


def test_the_same_snapshot_gives_the_same_file(snapshot: Snapshot) -> None:
    first, second = (render_report(CLAIMS, read_report_data(snapshot, StorageSettings())) for _ in range(2))
    assert first == second


def test_a_lake_without_claims_is_told_what_is_missing(tmp_path: Path) -> None:
    empty = Lake.open(str(tmp_path / "lake"), StorageSettings()).snapshot()
    with pytest.raises(UsageError) as raised:
        read_report_data(empty, StorageSettings())
    assert "has no claims to report on" in str(raised.value)
    assert "missing: fact_inpatient_claim, mart_claims_abc" in str(raised.value)
    assert "lakeward run claims" in str(raised.value)


def test_the_command_writes_the_file_and_says_so(snapshot: Snapshot, tmp_path: Path) -> None:
    finished = done("report", "--lake", snapshot.lake.url, "--output", tmp_path / "claims.html", "--json")
    said = json.loads(finished.out)
    assert said["bytes"] == (tmp_path / "claims.html").stat().st_size
    assert (said["snapshot"], said["differing_tables"]) == (1, [])
    failed = lakeward("report", "--lake", snapshot.lake.url, "--output", tmp_path / "nowhere" / "claims.html")
    assert failed.status == 3
    assert "No such file or directory" in failed.message
    assert "Traceback" not in failed.err


@pytest.mark.parametrize("name", queries.TABLES)
def test_the_stand_ins_have_no_column_that_the_models_lack(tables: duckdb.DuckDBPyConnection, name: str) -> None:
    published = {table.name: {column.name for column in table.columns} for table in published_tables()}
    assert {row[0] for row in tables.sql(f"describe {name}").fetchall()} <= published[name]
