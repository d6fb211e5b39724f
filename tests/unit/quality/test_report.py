"""The report of the small lake, to the last key: what a machine may rely on."""

import json
from pathlib import Path

import duckdb
import pytest

from lakeward.lake.ledger import LedgerRow
from lakeward.quality.figures import written
from lakeward.quality.report import QualityReport, quality_report
from lakeward.quality.text import aligned, render_text

GOLDEN = Path(__file__).parents[2] / "fixtures" / "quality" / "small_lake_report.json"
LEDGER = (
    LedgerRow("extract", "peach-health.ga.2025-07", "bronze/mrf/price", rows_in=9, rows_out=9, seconds=1.5, run_id="a"),
    LedgerRow("stage", "peach-health.ga.2025-07", "silver/rates/fact_rate", rows_in=9, rows_out=8, rows_merged=1),
)


@pytest.fixture
def report(lake: duckdb.DuckDBPyConnection) -> QualityReport:
    return quality_report(lake, ledger=LEDGER, snapshot=3)


def rows(report: QualityReport, key: str) -> list[dict[str, object]]:
    figure = report.figure(key)
    assert figure is not None
    return [dict(row) for row in figure.rows]


def test_json_is_the_golden_report(report: QualityReport) -> None:
    """When a key changes on purpose, write the new report over the golden one and tell it in the change log."""
    assert json.loads(report.to_json()) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_same_lake_gives_the_same_bytes(lake: duckdb.DuckDBPyConnection, report: QualityReport) -> None:
    lake.execute("create table shuffled as select * from fact_rate order by hash(fact_uid)")
    lake.execute("delete from fact_rate")
    lake.execute("insert into fact_rate select * from shuffled")
    lake.execute("drop table shuffled")
    later = (*LEDGER[:1], LEDGER[1].__class__(**{**LEDGER[1].__dict__, "seconds": 9.0, "run_id": "b"}))
    assert quality_report(lake, ledger=later, snapshot=3).to_json() == report.to_json()


def test_amounts_of_different_units_never_meet(report: QualityReport) -> None:
    statistics = rows(report, "rate_statistics")
    assert {(row["rate_unit"], row["n"]) for row in statistics if row["year_month"] == "2025-07"} == {
        ("percent", 1),
        ("usd", 1),
        ("usd", 3),
        ("usd_per_day", 1),
    }


@pytest.mark.parametrize("reasons", ["'rate_is_zero,state_unknown'", "'rate_is_zero, state_unknown'"])
def test_reasons_of_one_row_are_counted_apart(lake: duckdb.DuckDBPyConnection, reasons: str) -> None:
    lake.execute(f"insert into quarantine_fact_rate select *, {reasons} from fact_rate limit 1")
    lake.execute("insert into quarantine_fact_rate select *, 'rate_is_zero' from fact_rate limit 1")
    reasons = rows(quality_report(lake), "quarantine_fact_rate_by_reason")
    assert [(row["reason"], row["rows"], row["share"]) for row in reasons] == [
        ("rate_is_zero", 2, 1.0),
        ("state_unknown", 1, 0.5),
    ]


def test_reasons_may_be_lists(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute("create table quarantine_npi as select ['npi_format', 'entity_type_unknown'] as reasons")
    reasons = rows(quality_report(lake), "quarantine_npi_by_reason")
    assert [row["reason"] for row in reasons] == ["entity_type_unknown", "npi_format"]


def test_a_price_stated_more_than_once_is_counted(report: QualityReport) -> None:
    assert [row["merged"] for row in rows(report, "releases")] == [2, 0]


def test_a_release_that_was_rejected_as_a_whole_is_listed(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute(
        "insert into quarantine_fact_rate select *, 'rate_is_zero' from fact_rate where year_month = '2025-08'"
    )
    lake.execute("delete from fact_rate where year_month = '2025-08'")
    last = rows(quality_report(lake), "releases")[-1]
    assert (last["release_id"], last["facts"], last["quarantined_share"]) == ("peach-health.ga.2025-08", 0, 1.0)


def test_amounts_may_be_decimals(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute("alter table fact_rate_enriched alter rate_to_medicare_ratio type decimal(18, 4)")
    report = quality_report(lake)
    assert report.score.value == 100
    assert rows(report, "ratio_distribution")[0]["median"] == pytest.approx(1.0621)


def test_missing_tables_leave_their_figures_out(lake: duckdb.DuckDBPyConnection) -> None:
    for table in ("dim_npi_address_geolocation", "quarantine_fact_rate", "fact_rate_enriched"):
        lake.execute(f"drop table {table}")
    report = quality_report(lake)
    assert [figure.key for figure in report.figures] == [
        "releases",
        "completeness",
        "rate_statistics",
        "provider_coverage",
        "quarantine_provider_member_by_reason",
    ]


def test_text_tells_score_rules_and_sources(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute("update fact_rate set state = 'XX' where fact_uid like '%1'")
    text = render_text(quality_report(lake, snapshot=3), width=100)
    lines = text.splitlines()
    assert lines[:2] == ["Data quality report, snapshot 3", "Score: 90 of 100"]
    assert "  fail         state_is_known" in text
    assert "From fact_rate (one published price of one provider group; payers' in-network files; 2025-07" in text
    assert "\033" not in text
    assert "\033[31m  fail " in render_text(quality_report(lake), colour=True)


def test_text_of_an_empty_lake_says_what_to_type() -> None:
    text = render_text(quality_report(duckdb.connect()), width=100)
    assert "Score: not scored" in text
    assert "There are no rates in this lake. `lakeward run rates` brings some in." in text


def test_a_published_name_cannot_steer_the_terminal() -> None:
    assert "\033" not in aligned(["Name", "Rows"], [["\033[2Jgone", "1"]], [False, True])


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "count", "–"),
        (1234567, "count", "1,234,567"),
        (0.0, "share", "0.0 %"),
        (0.0001, "share", "< 0.1 %"),
        (0.99999, "share", "> 99.9 %"),
        (1.0, "share", "100.0 %"),
        (0.1234, "share", "12.3 %"),
        (1234.5, "number", "1,234.50"),
        (0.00042, "number", "0.00042"),
        (0.0, "number", "0.00"),
        ("GA", "text", "GA"),
    ],
)
def test_values_are_written_for_a_reader(value: object, kind: str, text: str) -> None:
    assert written(value, kind) == text
