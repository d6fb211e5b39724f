"""What a layout would make of a table, by writing it: all of it when it is small, else some of its folders.

In: a snapshot and a layout. Out: :class:`Trial`, the files that the layout would have, of which those that were written
lie in a scratch folder with their footers. They are written as publishing writes them, in the same order, so that a
table that was written whole has exactly the files that :func:`lakeward.publish.writer.relayout` would make.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import duckdb
import numpy as np

from lakeward.lake.commit import Snapshot
from lakeward.lake.entries import FileEntry
from lakeward.publish.catalog import slice_relation
from lakeward.publish.engine import engine_errors, sorted_rows
from lakeward.publish.layout import Layout, require_columns
from lakeward.publish.parquet_files import TARGET_FILE_BYTES, WrittenFile, write_partitioned

logger = logging.getLogger(__name__)

SAMPLE_ROWS = 2_000_000
SAMPLE_FILES = 1_000


@dataclass(frozen=True)
class Bounds:
    """How much a trial writes at most; one folder is written in any case."""

    rows: int = SAMPLE_ROWS
    files: int = SAMPLE_FILES


@dataclass(frozen=True)
class Trial:
    """The files of a table in a layout.

    ``files`` are all of them; the sizes of those that were not written follow from those that were. ``addresses`` has
    the local file of each path that was written. ``columns`` are those of the table, partition keys included.
    """

    layout: Layout
    columns: tuple[str, ...]
    files: tuple[FileEntry, ...]
    addresses: Mapping[str, str]

    @property
    def written_rows(self) -> int:
        """Rows of the files that were written."""
        return sum(file.rows for file in self.files if file.path in self.addresses)

    @property
    def is_whole(self) -> bool:
        """Whether every row was written, so that no size is estimated."""
        return len(self.addresses) == len(self.files)


@dataclass(frozen=True)
class _Folder:
    """A folder that the layout would make of one slice; ``mark`` is a hash of its keys' values."""

    slice_id: str
    mark: int
    partition: Mapping[str, str | None]
    rows: int


def try_layout(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    table: str,
    layout: Layout,
    scratch: Path,
    bounds: Bounds | None = None,
) -> Trial:
    """Write a table, or some folders of it, in a layout.

    Args:
        connection: reaches the files of the lake.
        snapshot: of the lake.
        table: the table, as its path in the lake.
        layout: to try.
        scratch: a folder to write to; what stands there is the caller's to remove.
        bounds: how much to write.

    Raises:
        UsageError: the table lacks a column of the layout.
    """
    relations = {name: f"({slice_relation(snapshot, table, [name])})" for name in snapshot.slices(table)}
    columns = {name: require_columns(connection, relation, layout) for name, relation in relations.items()}
    folders = [f for name, relation in relations.items() for f in _folders(connection, name, relation, layout, columns)]
    chosen = _chosen(folders, bounds or Bounds())
    key = snapshot.description(table).key
    files: list[FileEntry] = []
    addresses: dict[str, str] = {}
    for name, relation in relations.items():
        marks = sorted(folder.mark for folder in chosen if folder.slice_id == name)
        if not marks:
            continue
        where = "true"
        if len(marks) < sum(folder.slice_id == name for folder in folders):
            where = f"{_mark(layout, columns[name])} in ({', '.join(map(str, marks))})"
        target = scratch / f"slice-{len(addresses)}"
        with engine_errors(table):
            for file in _written(connection, relation, where, layout, columns[name], key, target):
                path = file.local.relative_to(scratch).as_posix()
                files.append(FileEntry(path, file.rows, file.bytes, dict(file.partition)))
                addresses[path] = str(file.local)
    logger.info("layout %s tried: %s of %s folders written", layout.name, len(chosen), len(folders))
    taken = {(folder.slice_id, folder.mark) for folder in chosen}
    left = [folder for folder in folders if (folder.slice_id, folder.mark) not in taken]
    known = dict.fromkeys([*next(iter(columns.values()), []), *layout.spec.keys])
    return Trial(layout, tuple(known), (*files, *_estimated(left, files)), addresses)


def _folders(
    connection: duckdb.DuckDBPyConnection,
    slice_id: str,
    relation: str,
    layout: Layout,
    columns: Mapping[str, Sequence[str]],
) -> list[_Folder]:
    expressions = layout.spec.expressions(set(columns[slice_id]))
    keys = "".join(f', {expression} as "{name}"' for name, expression in expressions.items())
    found = connection.sql(
        f"select {_mark(layout, columns[slice_id])} as mark, count(*){keys} from {relation} group by all order by mark"  # noqa: S608
    ).fetchall()
    return [
        _Folder(slice_id, mark, dict(zip(layout.spec.keys, values, strict=True)), rows) for mark, rows, *values in found
    ]


def _mark(layout: Layout, columns: Sequence[str]) -> str:
    expressions = layout.spec.expressions(set(columns)).values()
    return f"hash({', '.join(expressions) or '1'})"


def _chosen(folders: Sequence[_Folder], bounds: Bounds) -> list[_Folder]:
    """Choose folders in the order of a hash, which has nothing to do with their content, while they fit."""
    chosen: list[_Folder] = []
    rows = 0
    for folder in sorted(folders, key=lambda folder: (folder.mark, folder.slice_id)):
        if len(chosen) < bounds.files and rows + folder.rows <= bounds.rows:
            chosen.append(folder)
            rows += folder.rows
    return chosen or sorted(folders, key=lambda folder: folder.rows)[:1]


def _written(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    where: str,
    layout: Layout,
    columns: Sequence[str],
    key: Sequence[str],
    folder: Path,
) -> Iterator[WrittenFile]:
    spec = layout.spec
    keys = spec.expressions(set(columns))
    stored = {name: f'"{name}"' for name in columns if name not in spec.keys}
    order = [*keys, *(name for name in (*layout.sort, *(key or columns)) if name not in spec.keys)]
    reader = sorted_rows(connection, relation, where, keys | stored, order)
    yield from write_partitioned(reader, reader.schema, spec, folder, lean=layout.lean_footers)


def _estimated(folders: Sequence[_Folder], written: Sequence[FileEntry]) -> Iterator[FileEntry]:
    """Yield the files of folders that were not written, of the size that their rows suggest."""
    fixed, a_row = _size_by_rows(written)
    for folder in folders:
        size = fixed + a_row * folder.rows
        count = max(ceil(size / TARGET_FILE_BYTES), 1)
        for number in range(count):
            path = f"not-written/{folder.slice_id}/{folder.mark}/{number}"
            yield FileEntry(path, folder.rows // count, round(size / count), folder.partition)


def _size_by_rows(written: Sequence[FileEntry]) -> tuple[float, float]:
    """Return the bytes that a file has without rows, and those that each row adds: the line of least squares."""
    rows, sizes = np.array([f.rows for f in written], float), np.array([f.bytes for f in written], float)
    if len(set(rows.tolist())) > 1:
        a_row, fixed = np.polyfit(rows, sizes, 1)
        if a_row > 0 and fixed >= 0:
            return float(fixed), float(a_row)
    return 0.0, float(sizes.sum() / max(rows.sum(), 1))
