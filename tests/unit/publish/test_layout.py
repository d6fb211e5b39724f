"""A layout that would make tiny files says so with numbers, and goes on only when asked for by name."""

import logging
from collections.abc import Iterator

import duckdb
import pytest

from lakeward.errors import UsageError
from lakeward.publish.layout import COMPACT, DEEP, Layout, forecast, layout_of, require_sensible
from lakeward.publish.partition import PartitionSpec
from lakeward.settings import LayoutSettings


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A table of 5,000 rows with 1,000 codes."""
    with duckdb.connect() as connection:
        columns = ", ".join(f"'x' as {key}" for key in dict.fromkeys(DEEP.spec.keys) if key not in ("year", "month"))
        connection.execute(
            f"create table t as select {columns}, '2025-06' as year_month, i % 1000 as code from range(5000) r(i)"
        )
        yield connection


@pytest.mark.parametrize(
    ("settings", "layout"),
    [
        (LayoutSettings(), COMPACT),
        (LayoutSettings(name="compact"), COMPACT),
        (LayoutSettings(name="deep"), DEEP),
        (
            LayoutSettings(keys=("state",), sort=("code",)),
            Layout("custom", PartitionSpec(("state",)), ("code",), allow_tiny_files=False),
        ),
        (
            LayoutSettings(keys=("procedure_set",), allow_tiny_files=True),
            Layout("custom", PartitionSpec(("procedure_set",)), COMPACT.sort[1:]),
        ),
    ],
    ids=["default", "compact", "deep", "custom", "custom-default-sort"],
)
def test_settings_name_a_layout(settings: LayoutSettings, layout: Layout) -> None:
    assert layout_of(settings) == layout


def test_repeated_keys_are_refused() -> None:
    with pytest.raises(UsageError, match="names state more than once"):
        layout_of(LayoutSettings(keys=("state", "year", "state")))


def test_a_forecast_counts_files(connection: duckdb.DuckDBPyConnection) -> None:
    expected = forecast(connection, "t", Layout("custom", PartitionSpec(("code", "year"))))
    assert (expected.files, expected.rows, expected.median_rows) == (1000, 5000, 5.0)
    assert expected.makes_tiny_files
    assert not forecast(connection, "t", COMPACT).makes_tiny_files


def test_tiny_files_are_refused_with_numbers(connection: duckdb.DuckDBPyConnection) -> None:
    layout = Layout("custom", PartitionSpec(("code",)), allow_tiny_files=False)
    with pytest.raises(
        UsageError, match=r"1,000 files with a median of 5 rows \(5,000 rows, about (?s:.)*allow_tiny_f"
    ):
        require_sensible(forecast(connection, "t", layout), layout)


def test_tiny_files_asked_for_by_name_are_announced(
    connection: duckdb.DuckDBPyConnection, caplog: pytest.LogCaptureFixture
) -> None:
    layout = Layout("deep", PartitionSpec(("code",)))
    with caplog.at_level(logging.WARNING):
        require_sensible(forecast(connection, "t", layout), layout)
    assert "layout 'deep' would make 1,000 files with a median of 5 rows" in caplog.text


def test_unknown_columns_are_named(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match=r"columns that fact_rate_enriched has not: colour, size\.(?s:.)*payer_slug"):
        forecast(connection, "t", Layout("custom", PartitionSpec(("colour", "year")), ("size",)))
