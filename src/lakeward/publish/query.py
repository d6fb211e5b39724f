"""Answers SQL over one snapshot of the lake, and says what the answer cost.

In: a snapshot and one SELECT. Out: :class:`Answer`, with the rows as an Arrow table and, when asked for, the files, row
groups, bytes and requests that reading them took. Nothing can be written: only statements that read are taken, and the
engine may open no file outside the lake.
"""

import time
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from lakeward.errors import UsageError
from lakeward.lake.commit import Snapshot
from lakeward.lake.storage import S3Options
from lakeward.publish.catalog import open_catalog, view_name
from lakeward.publish.cost import Cost, measured_cost
from lakeward.publish.sql import quoted

__all__ = ["Answer", "Cost", "Format", "formatted", "query", "require_reading"]

Format = Literal["table", "csv", "json", "parquet"]

READING_STATEMENTS = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})


@dataclass(frozen=True)
class Answer:
    """The rows of an answer, and their cost when it was asked for."""

    rows: pa.Table
    cost: Cost | None = None


def query(
    snapshot: Snapshot,
    sql: str,
    options: S3Options,
    *,
    explain: bool = False,
    memory_bytes: int | None = None,
    workers: int | None = None,
) -> Answer:
    """Answer one SELECT.

    Args:
        snapshot: of the lake.
        sql: one statement that reads.
        options: how a bucket is reached.
        explain: measure what the answer took.
        memory_bytes: what the engine may hold.
        workers: threads of the engine.

    Raises:
        UsageError: the statement is wrong, or does more than read.
    """
    require_reading(sql)
    tables = _tables_named(snapshot, sql)
    with open_catalog(snapshot, options, tables, memory_bytes, workers, measured=explain) as connection:
        _confine(connection, snapshot)
        started = time.perf_counter()
        rows = _answered(connection, sql)
        seconds = time.perf_counter() - started
        files = sum(len(snapshot.files(table)) for table in tables)
        cost = measured_cost(connection, snapshot.lake, seconds, rows.num_rows, files) if explain else None
        return Answer(rows, cost)


def require_reading(sql: str) -> None:
    """Refuse SQL that is not one statement that reads.

    Raises:
        UsageError: says what it is instead.
    """
    try:
        statements = duckdb.connect().extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(f"The SQL cannot be parsed.\n  found: {error}") from None
    if len(statements) != 1:
        raise UsageError(f"`lakeward query` takes one statement; this has {len(statements)}.")
    if statements[0].type not in READING_STATEMENTS:
        raise UsageError(f"`lakeward query` only reads; this is a {statements[0].type.name} statement.")


def formatted(rows: pa.Table, form: Format) -> bytes:
    """Return rows as text or Parquet; ``table`` is drawn by the command line and refused here.

    Lists and structs have no place in CSV; they are written there as JSON text.
    """
    if form == "parquet":
        target = BytesIO()
        pq.write_table(rows, target, compression="zstd")
        return target.getvalue()
    if form == "csv":
        target = BytesIO()
        pyarrow.csv.write_csv(_nested_as_json(rows), target)
        return target.getvalue()
    if form == "json":
        connection = duckdb.connect()
        connection.register("answer", rows)
        lines = connection.sql("select cast(to_json(a) as varchar) from answer as a").fetchall()
        return ("[" + ",\n ".join(line for (line,) in lines) + "]\n").encode()
    raise UsageError(f"'{form}' is not a format; use table, csv, json or parquet.")


def _nested_as_json(rows: pa.Table) -> pa.Table:
    nested = [field.name for field in rows.schema if pa.types.is_nested(field.type)]
    if not nested:
        return rows
    connection = duckdb.connect()
    connection.register("answer", rows)
    replaced = ", ".join(f'cast(to_json("{name}") as varchar) as "{name}"' for name in nested)
    return connection.sql(f"select * replace ({replaced}) from answer").to_arrow_table()  # noqa: S608


def _tables_named(snapshot: Snapshot, sql: str) -> list[str]:
    """Return the tables whose names stand in the SQL, so that only their files are opened."""
    try:
        named = {name.lower() for name in duckdb.connect().get_table_names(sql)}
    except duckdb.Error:
        return snapshot.tables()
    return [table for table in snapshot.tables() if view_name(table)[1].lower() in named]


def _confine(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    connection.execute(f"set allowed_directories = [{quoted(snapshot.lake.url + '/')}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _answered(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    try:
        return connection.sql(sql).to_arrow_table()
    except duckdb.CatalogException as error:
        raise UsageError(f"{error}\n`lakeward tables` lists the tables, `lakeward tables TABLE` its columns.") from None
    except (duckdb.BinderException, duckdb.ParserException, duckdb.PermissionException) as error:
        raise UsageError(f"{error}\n`lakeward tables TABLE` lists the columns of a table.") from None
