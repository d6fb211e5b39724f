"""Writes the tables that Power BI imports: one snappy Parquet file each, with dates as dates and money as decimals.

In: a snapshot and the model. Out: ``<table>.parquet``, rows in order of the table's key, so that the same lake gives
the same bytes. Rows stream in row groups; no table is held whole.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.lake.commit import Snapshot
from lakeward.lake.storage import S3Options
from lakeward.publish.catalog import open_catalog
from lakeward.publish.powerbi.model import Model, Table

ROW_GROUP_ROWS = 122_880
COMPRESSION = "snappy"
"""Every reader of Parquet in Power BI and around it takes snappy; the lake's own files are zstd."""


def export_tables(
    snapshot: Snapshot,
    model: Model,
    folder: Path,
    options: S3Options,
    memory_bytes: int | None = None,
    workers: int | None = None,
) -> dict[str, int]:
    """Write every table of the model and return the rows of each.

    Args:
        snapshot: of the lake.
        model: whose tables are written.
        folder: where they go.
        options: how a bucket is reached.
        memory_bytes: what the engine may hold.
        workers: threads of the engine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [table.path for table in model.tables]
    with open_catalog(snapshot, options, paths, memory_bytes, workers) as connection:
        return {
            table.name: _write(
                connection.sql(selection(table)).to_arrow_reader(ROW_GROUP_ROWS), folder / f"{table.name}.parquet"
            )
            for table in model.tables
        }


def selection(table: Table) -> str:
    """Return the SQL that reads a table with the types that Power BI has."""
    columns = ", ".join(f"cast({_name(c.name)} as {c.kind.sql}) as {_name(c.name)}" for c in table.columns)
    order = ", ".join(_name(name) for name in table.key) or "all"
    return f"select {columns} from {_name(table.name)} order by {order}"  # noqa: S608


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _write(batches: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with pq.ParquetWriter(path, batches.schema, compression=COMPRESSION, store_schema=False) as writer:
        for group in _row_groups(batches):
            writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
            rows += group.num_rows
    return rows


def _row_groups(batches: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Yield the rows in groups of one size, however the engine cut them, so that the bytes are the same."""
    waiting = batches.schema.empty_table()
    for batch in batches:
        waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch])])
        while waiting.num_rows >= ROW_GROUP_ROWS:
            yield waiting.slice(0, ROW_GROUP_ROWS).combine_chunks()
            waiting = waiting.slice(ROW_GROUP_ROWS)
    yield waiting.combine_chunks()
