"""Cuts a stream of sorted rows into row groups: the rows of one partition, so many at a time.

In: record batches in which the rows of one partition follow each other. Out: tables to be encoded as one row group
each, every column of them one chunk, however the rows were batched.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.publish.partition import PartitionSpec

Partition = Mapping[str, str | None]
RowGroup = tuple[Partition, pa.Table]


def row_groups(
    batches: Iterator[pa.RecordBatch], spec: PartitionSpec, rows: int, *, as_it_is: bool = False
) -> Iterator[RowGroup]:
    """Gather the rows of each partition into groups; the last group of a partition may be smaller.

    Args:
        batches: sorted rows; the keys are their first columns, as text.
        spec: partition keys, which are left out of the groups.
        rows: of a group.
        as_it_is: leave in the dictionaries of text what a group does not use, where no dictionary is written.
    """
    table = _table if as_it_is else _compact_table
    waiting: list[pa.RecordBatch] = []
    missing = rows
    current: Partition = {}
    for partition, run in _runs(batches, spec):
        if waiting and partition != current:
            yield current, table(waiting)
            waiting, missing = [], rows
        current = partition
        while run.num_rows:
            taken = run.slice(0, missing)
            run = run.slice(taken.num_rows)
            waiting.append(taken)
            missing -= taken.num_rows
            if not missing:
                yield current, table(waiting)
                waiting, missing = [], rows
    if waiting:
        yield current, table(waiting)


def one_ahead(groups: Iterator[RowGroup]) -> Generator[RowGroup, None, None]:
    """Take each group, in a thread of its own, while the one before it is used; closing it waits for the thread."""
    with ThreadPoolExecutor(1, "row-groups") as thread:
        coming = thread.submit(next, groups, None)
        while (group := coming.result()) is not None:
            coming = thread.submit(next, groups, None)
            yield group


def without_keys(schema: pa.Schema, spec: PartitionSpec) -> pa.Schema:
    """Return the columns that are kept in the file: those after the partition keys."""
    return pa.schema([schema.field(position) for position in range(len(spec.keys), len(schema))])


def _table(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches([pa.concat_batches(batches)])


def _compact_table(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    group = pa.concat_batches(batches)
    return pa.Table.from_arrays([_compact(column) for column in group.columns], names=group.schema.names)


def _runs(batches: Iterator[pa.RecordBatch], spec: PartitionSpec) -> Iterator[tuple[Partition, pa.RecordBatch]]:
    """Split batches where a partition ends."""
    width = len(spec.keys)
    for batch in batches:
        keys = [column.cast(pa.string()) for column in batch.columns[:width]]
        rows = pa.RecordBatch.from_arrays(batch.columns[width:], schema=without_keys(batch.schema, spec))
        starts = [0, *_changes(keys)]
        for start, end in zip(starts, [*starts[1:], batch.num_rows], strict=True):
            if end > start:
                values = [column[start].as_py() for column in keys]
                yield dict(zip(spec.keys, values, strict=True)), rows.slice(start, end - start)


def _changes(columns: list[pa.Array]) -> list[int]:
    """Return the positions at which any column differs from the row before."""
    changed: set[int] = set()
    for column in columns:
        before, after = column[:-1], column[1:]
        same = pc.coalesce(pc.equal(before, after), pc.and_(pc.is_null(before), pc.is_null(after)))
        changed.update(position + 1 for position in pc.indices_nonzero(pc.invert(same)).to_pylist())
    return sorted(changed)


def _compact(values: pa.Array) -> pa.Array:
    """Leave out of a dictionary what its rows do not use: the Parquet dictionary holds all that is given."""
    if not pa.types.is_dictionary(values.type):
        return values
    missing = values.indices.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    indices = values.indices.fill_null(0).to_numpy(zero_copy_only=False)
    used = np.zeros(len(values.dictionary), dtype=bool)
    used[indices if missing is None else indices[~missing]] = True
    renumbered = (np.cumsum(used) - 1).astype(indices.dtype)[indices]
    kept = values.dictionary.filter(pa.array(used))
    return pa.DictionaryArray.from_arrays(pa.array(renumbered, mask=missing), kept)
