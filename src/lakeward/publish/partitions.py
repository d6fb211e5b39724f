"""The published partitions of a table, and how healthy each is.

In: a snapshot. Out: one :class:`PartitionHealth` a partition of each slice. Everything comes from the commit; no data
file is opened, so that a tree of a hundred thousand files is listed as fast as its names are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from lakeward.errors import UsageError
from lakeward.lake.commit import Snapshot
from lakeward.lake.entries import FileEntry, SliceEntry
from lakeward.publish.catalog import find_table
from lakeward.publish.layout import LAID_OUT_TABLE, MANY_FILES, TINY_FILE_BYTES
from lakeward.publish.parquet_files import ROW_GROUP_ROWS, TARGET_FILE_BYTES
from lakeward.publish.query import require_reading
from lakeward.publish.sql import quoted

FACT = "silver/rates/fact_rate"
OVERSIZED_FILE_BYTES = 2 * TARGET_FILE_BYTES
BYTES_A_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class PartitionHealth:
    """One partition of one slice.

    ``row_groups`` follows from the rows, because every file is written in groups of a fixed size. ``health`` is ``ok``
    or the first of these that holds: ``empty``, no rows; ``stale``, the slice was made from other input than
    ``fact_rate`` of the same release, or stands in another layout than the table; ``oversized``, a file of more than
    512 MiB; ``tiny``, many files of less than 1 MB.
    """

    slice: str
    partition: Mapping[str, str | None]
    files: int
    rows: int
    bytes: int
    rows_per_mb: float | None
    row_groups: int
    health: str

    def as_record(self) -> dict[str, Any]:
        """Return the partition as plain values, its keys among them."""
        return {
            "slice": self.slice,
            **self.partition,
            "files": self.files,
            "rows": self.rows,
            "bytes": self.bytes,
            "rows_per_mb": self.rows_per_mb,
            "row_groups": self.row_groups,
            "health": self.health,
        }


def list_partitions(snapshot: Snapshot, name: str = LAID_OUT_TABLE, where: str | None = None) -> list[PartitionHealth]:
    """Return the partitions of a table, in order of slices and paths.

    Args:
        snapshot: of the lake.
        name: the table; ``fact_rate_enriched`` when not given.
        where: an SQL condition on what :meth:`PartitionHealth.as_record` shows, such as ``state = 'GA' and rows > 10``.

    Raises:
        UsageError: there is no such table, or the condition is wrong.
    """
    table = find_table(snapshot, name)
    stale = _stale_slices(snapshot, table)
    many = len(snapshot.files(table)) > MANY_FILES
    found = [
        _health(slice_id, partition, files, is_stale=slice_id in stale, is_among_many=many)
        for slice_id, entry in snapshot.slices(table).items()
        for partition, files in _by_partition(entry)
    ]
    return found if where is None else [found[position] for position in _positions(found, where)]


def _by_partition(entry: SliceEntry) -> list[tuple[Mapping[str, str | None], list[FileEntry]]]:
    groups: dict[tuple[tuple[str, str | None], ...], list[FileEntry]] = {}
    for file in entry.files:
        groups.setdefault(tuple(file.partition.items()), []).append(file)
    return [(dict(key), files) for key, files in groups.items()]


def _health(
    slice_id: str, partition: Mapping[str, str | None], files: list[FileEntry], *, is_stale: bool, is_among_many: bool
) -> PartitionHealth:
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    health = "ok"
    if rows == 0:
        health = "empty"
    elif is_stale:
        health = "stale"
    elif max(file.bytes for file in files) > OVERSIZED_FILE_BYTES:
        health = "oversized"
    elif is_among_many and size / len(files) < TINY_FILE_BYTES:
        health = "tiny"
    return PartitionHealth(
        slice=slice_id,
        partition=partition,
        files=len(files),
        rows=rows,
        bytes=size,
        rows_per_mb=round(rows * BYTES_A_MEGABYTE / size, 1) if size else None,
        row_groups=sum(-(-file.rows // ROW_GROUP_ROWS) for file in files),
        health=health,
    )


def _stale_slices(snapshot: Snapshot, table: str) -> set[str]:
    if table.rpartition("/")[2] != LAID_OUT_TABLE:
        return set()
    facts, layout = snapshot.slices(FACT), snapshot.description(table).layout
    return {
        slice_id
        for slice_id, entry in snapshot.slices(table).items()
        if (slice_id in facts and facts[slice_id].fingerprint != entry.fingerprint)
        or str(entry.attributes.get("layout", layout)).partition(":")[0] != layout
    }


def _positions(found: list[PartitionHealth], where: str) -> list[int]:
    records = [partition.as_record() for partition in found]
    names = list(dict.fromkeys(name for record in records for name in record))
    connection = duckdb.connect()
    connection.register("records", pa.Table.from_pylist([dict.fromkeys(names) | record for record in records]))
    connection.execute("create table partitions as select row_number() over () - 1 as position, * from records")
    connection.execute("set enable_external_access = false")
    sql = f"select position from partitions where {where} order by position"  # noqa: S608
    require_reading(sql)
    try:
        rows = connection.execute(sql).fetchall()
    except duckdb.Error as error:
        raise UsageError(
            f"The condition {quoted(where)} cannot be used.\n  found: {str(error).splitlines()[0]}\n"
            f"It may name: {', '.join(names)}."
        ) from None
    return [int(position) for (position,) in rows]
