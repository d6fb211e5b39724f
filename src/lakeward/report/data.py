"""What a report shows, read from one snapshot of the lake and put into the fewest bytes that a page can carry.

In: a snapshot. Out: :class:`ReportData`: datasets by column, control totals, and where each table comes from. Rows are
aggregated by the database; what is held here is what the page shows, a few ten thousand short rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from lakeward.errors import UsageError
from lakeward.lake.commit import Snapshot
from lakeward.lake.storage import S3Options
from lakeward.publish.catalog import find_table, open_catalog, shown_name
from lakeward.report import queries

Column = list[Any] | dict[str, list[Any]]
"""A column of numbers as they are; one of text or dates as ``{"levels": values, "codes": places in them}``."""
RELEASES_NAMED = 4
"""A lake of more releases names the first, the last and how many they are."""


@dataclass(frozen=True)
class TableSource:
    """Where a figure comes from: the table, what one of its rows is, its rows, and the releases in it."""

    table: str
    grain: str
    rows: int
    releases: str


@dataclass(frozen=True)
class ControlTotal:
    """What one table says the claims were paid in all, and how far that is from the claims themselves."""

    table: str
    part: str
    paid_amount_usd: Decimal
    difference_usd: Decimal


@dataclass(frozen=True)
class ReportData:
    """Everything that the report is made of.

    Args:
        snapshot: number of the lake's commit.
        datasets: name -> column -> values.
        sources: table name -> where it comes from.
        totals: one per table and way of adding it up; none where nothing is added up.
    """

    snapshot: int
    datasets: Mapping[str, Mapping[str, Column]]
    sources: Mapping[str, TableSource]
    totals: tuple[ControlTotal, ...] = ()


def read_report_data(
    snapshot: Snapshot, options: S3Options, memory_bytes: int | None = None, workers: int | None = None
) -> ReportData:
    """Read what the claims report shows.

    Args:
        snapshot: of the lake; every figure is of this commit, whatever is published meanwhile.
        options: how a bucket is reached.
        memory_bytes: what the engine may hold.
        workers: threads of the engine.

    Raises:
        UsageError: the lake has no claims yet.
    """
    way = "`lakeward run claims` brings them in, from the files of `sources: synpuf:`."
    tables = required_tables(snapshot, queries.TABLES, "claims", way)
    with open_catalog(snapshot, options, tables.values(), memory_bytes, workers) as catalog:
        datasets = read_datasets(catalog, queries.DATASETS)
        totals = catalog.sql(queries.TOTALS).fetchall()
    in_all = next(paid or Decimal(0) for table, _, paid in totals if table == queries.FACT)
    control = (ControlTotal(table, part, paid or Decimal(0), (paid or 0) - in_all) for table, part, paid in totals)
    releases = _releases(list(snapshot.slices(tables[queries.FACT])))
    sources = {name: table_source(snapshot, name, path, releases) for name, path in tables.items()}
    return ReportData(snapshot.number, datasets, sources, tuple(control))


def required_tables(snapshot: Snapshot, names: Sequence[str], what: str, way: str) -> dict[str, str]:
    """Return the paths of the tables that a report stands on.

    Args:
        snapshot: of the lake.
        names: of the tables.
        what: they hold, in a word.
        way: that brings them in, a sentence.

    Raises:
        UsageError: one is missing.
    """
    present = {shown_name(table) for table in snapshot.tables()}
    missing = [name for name in names if name not in present]
    if missing:
        raise UsageError(
            f"The lake {snapshot.lake.url} has no {what} to report on.\n"
            f"  expected: {', '.join(names)}\n  missing: {', '.join(missing)}\n"
            f"Nothing was written. {way}"
        )
    return {name: find_table(snapshot, name) for name in names}


def read_datasets(catalog: duckdb.DuckDBPyConnection, selects: Mapping[str, str]) -> dict[str, dict[str, Column]]:
    """Return the answer of each SELECT by column, as a page carries it."""
    return {name: columnar(catalog.sql(sql).to_arrow_table()) for name, sql in selects.items()}


def table_source(snapshot: Snapshot, name: str, path: str, releases: str) -> TableSource:
    """Return where a figure comes from that shows this table."""
    rows = sum(entry.rows for entry in snapshot.slices(path).values())
    return TableSource(name, snapshot.description(path).grain or "as published", rows, releases)


def columnar(rows: pa.Table) -> dict[str, Column]:
    """Return a table by column, text and dates once each with their places, decimals as plain numbers.

    Example:
        >>> columnar(pa.table({"state": ["GA", "GA", None], "paid": [1, 2, 3]}))
        {'state': {'levels': ['GA'], 'codes': [0, 0, -1]}, 'paid': [1, 2, 3]}
    """
    return {name: _column(rows.column(name)) for name in rows.column_names}


def _column(column: pa.ChunkedArray) -> Column:
    if pa.types.is_string(column.type) or pa.types.is_date(column.type):
        encoded = column.combine_chunks().dictionary_encode()
        levels = [value.isoformat() if isinstance(value, date) else value for value in encoded.dictionary.to_pylist()]
        return {"levels": levels, "codes": [-1 if code is None else code for code in encoded.indices.to_pylist()]}
    return [_number(value) for value in column.to_pylist()]


def _number(value: Any) -> Any:
    if isinstance(value, Decimal | float):
        # Whole amounts, which nearly all are, are written without their cents.
        return int(value) if value == int(value) else round(float(value), 6)
    return value


def _releases(names: list[str]) -> str:
    if len(names) > RELEASES_NAMED:
        return f"{len(names)}, {names[0]} to {names[-1]}"
    return ", ".join(names)
