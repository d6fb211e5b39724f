"""The lake as DuckDB sees it: one view a table over the files of one snapshot.

In: a snapshot. Out: a connection on which every table has its bare name (``fact_rate_enriched``), and bronze datasets
stand in the schema ``bronze`` as ``<source>__<dataset>``. What a reader gets does not change while it reads, whatever
is committed meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from lakeward.errors import StorageFailed, UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.lake.entries import ColumnDescription, FileEntry
from lakeward.lake.storage import S3Options
from lakeward.publish.bucket import Bucket, BucketReader, refusals_of
from lakeward.publish.cost import log_reads
from lakeward.publish.partition import PartitionSpec
from lakeward.publish.sql import quoted

BRONZE = "bronze"
FILES_NAMED_IN_VIEW = 2_000
"""A slice of more files is read by a pattern over its tree, whose name says its content and which never changes."""


def view_name(table: str) -> tuple[str, str]:
    """Return the schema and the name of a table's view: ``("main", "fact_rate")``, ``("bronze", "mrf__price")``."""
    zone, source, name = table.split("/", 2)
    return (BRONZE, f"{source}__{name}") if zone == BRONZE else ("main", name)


def shown_name(table: str) -> str:
    """Return the name that a query uses for a table: ``fact_rate``, ``bronze.mrf__price``."""
    return ".".join(view_name(table)).removeprefix("main.")


def find_table(snapshot: Snapshot, name: str) -> str:
    """Return the table that a name means: bare, with schema (``bronze.mrf__price``), or its path in the lake.

    Raises:
        UsageError: there is no such table; names those there are.
    """
    shown = {shown_name(table): table for table in snapshot.tables()}
    if name in shown:
        return shown[name]
    if name in snapshot.tables():
        return name
    known = ", ".join(sorted(shown)) or "none yet; `lakeward run` makes them"
    raise UsageError(f"There is no table '{name}' in {snapshot.lake.url}. Tables: {known}.")


@dataclass(frozen=True)
class TableSummary:
    """One table of a snapshot: what one row is, and how much there is of it."""

    name: str
    table: str
    grain: str
    rows: int
    bytes: int
    files: int
    slices: int
    layout: str


def list_tables(snapshot: Snapshot) -> list[TableSummary]:
    """Return every table of a snapshot, in order of zones and names; reads no data."""
    return [_summary(snapshot, table) for table in snapshot.tables()]


def table_columns(snapshot: Snapshot, name: str, options: S3Options) -> list[ColumnDescription]:
    """Return a table's columns with their types and descriptions; those of bronze are read from its files.

    Raises:
        UsageError: there is no such table.
    """
    table = find_table(snapshot, name)
    described = snapshot.description(table).columns
    if described:
        return list(described)
    with open_catalog(snapshot, options, [table]) as connection:
        schema, view = view_name(table)
        found = connection.sql(f'describe {schema}."{view}"').fetchall()
    return [ColumnDescription(column, kind) for column, kind, *_ in found]


@contextmanager
def open_catalog(
    snapshot: Snapshot,
    options: S3Options,
    tables: Iterable[str] | None = None,
    memory_bytes: int | None = None,
    workers: int | None = None,
    *,
    measured: bool = False,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection with a view for each table of a snapshot.

    Args:
        snapshot: of the lake.
        options: how a bucket is reached; not used for a local lake.
        tables: the tables to make views of; all when not given. A view opens one file of its table.
        memory_bytes: what the engine may hold.
        workers: threads of the engine.
        measured: log every read from here on, that of naming the tables too.
    """
    connection = duckdb.connect()
    try:
        if memory_bytes:
            connection.execute(f"set memory_limit = '{memory_bytes // 2**20}MiB'")
        if workers:
            connection.execute(f"set threads = {workers}")
        use_s3(connection, snapshot.lake, options)
        bucket = Bucket.of(snapshot.lake.url, options)
        if measured:
            log_reads(connection, snapshot.lake)
        connection.execute(f"create schema {BRONZE}")
        for table in snapshot.tables() if tables is None else tables:
            schema, name = view_name(table)
            with _readable(snapshot, table), refusals_of(bucket):
                connection.execute(f'create view {schema}."{name}" as {slice_relation(snapshot, table)}')
        with refusals_of(bucket):
            yield connection
    finally:
        connection.close()


def _summary(snapshot: Snapshot, table: str) -> TableSummary:
    description, slices = snapshot.description(table), snapshot.slices(table).values()
    return TableSummary(
        name=shown_name(table),
        table=table,
        grain=description.grain,
        rows=sum(entry.rows for entry in slices),
        bytes=sum(entry.bytes for entry in slices),
        files=sum(len(entry.files) for entry in slices),
        slices=len(slices),
        layout=description.layout,
    )


def slice_relation(snapshot: Snapshot, table: str, slices: Sequence[str] | None = None) -> str:
    """Return the SQL that reads a table, or some of its slices, with its columns in their order.

    Slices that are partitioned by other keys than the rest (written before the layout changed) are read too.
    """
    files = snapshot.files(table, list(slices) if slices is not None else None)
    by_keys: dict[tuple[str, ...], list[FileEntry]] = {}
    for file in files:
        by_keys.setdefault(tuple(file.partition), []).append(file)
    names = [column.name for column in snapshot.description(table).columns]
    columns = ", ".join(f'"{name}"' for name in names) or "*"
    parts = []
    for keys, group in sorted(by_keys.items()):
        # Bronze has no description; its files may be of different releases of a reader, and are matched by name.
        relation = parquet_relation(_addresses(snapshot.lake, group), PartitionSpec(keys), by_name=not names)
        parts.append(f"select {columns} from {relation}")  # noqa: S608
    return " union all by name ".join(parts)


def parquet_relation(addresses: Sequence[str], spec: PartitionSpec, *, by_name: bool = False) -> str:
    """Return the SQL function call that reads Parquet files, with the partition keys as text columns.

    Args:
        addresses: files or patterns.
        spec: the keys in their paths.
        by_name: match columns by name; opens every file.
    """
    listed = ", ".join(quoted(address) for address in addresses)
    types = ", ".join(f"'{key}': varchar" for key in spec.keys)
    hive = f", hive_partitioning = true, hive_types = {{{types}}}" if spec.keys else ", hive_partitioning = false"
    return f"read_parquet([{listed}]{hive}{', union_by_name = true' if by_name else ''})"


def use_s3(connection: duckdb.DuckDBPyConnection, lake: Lake, options: S3Options) -> None:
    """Let a connection read a lake in a bucket; one in a folder needs nothing.

    Raises:
        StorageFailed: there are no credentials.
    """
    bucket = Bucket.of(lake.url, options)
    if bucket:
        BucketReader(bucket).prepare(connection)


def _addresses(lake: Lake, files: Sequence[FileEntry]) -> list[str]:
    if len(files) <= FILES_NAMED_IN_VIEW:
        return [lake.url_for(file.path) for file in files]
    roots = sorted({_tree(file) for file in files})
    return [f"{lake.url_for(root)}/{'*/' * len(files[0].partition)}*.parquet" for root in roots]


def _tree(file: FileEntry) -> str:
    """Return what stands before the partition folders of a path."""
    return "/".join(file.path.split("/")[: -1 - len(file.partition)])


@contextmanager
def _readable(snapshot: Snapshot, table: str) -> Iterator[None]:
    try:
        yield
    except duckdb.IOException as error:
        raise StorageFailed(
            f"{table} of commit {snapshot.number} cannot be read in {snapshot.lake.url}.\n"
            f"  found: {str(error).splitlines()[0]}\nIf files were removed by hand, run `lakeward run` again."
        ) from error
