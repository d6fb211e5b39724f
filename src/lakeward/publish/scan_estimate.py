"""What a query would read of a table, from what the footers of its files say. No column data is read.

In: the files of a table, the footers of all or of some of them, and a query. Out: :class:`ScanEstimate`. Folders are
pruned by the values in their paths, row groups by least and greatest values, nulls and Bloom filters, and of what is
left only the columns of the query count. Files whose footer was not read are taken to be like those whose was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from lakeward.lake.entries import FileEntry
from lakeward.publish.example_queries import Condition, ExampleQuery
from lakeward.publish.sql import quoted

WHOLE_FILE_BYTES = 3 * 2**20
"""A file up to this size is fetched whole whatever is asked of it: ``parquet.small-file-threshold`` of Trino."""
MERGED_GAP_BYTES = 2**20
LARGEST_READ_BYTES = 8 * 2**20
"""Ranges with a smaller gap are fetched together, up to this size; again Trino's defaults."""
LISTED_A_REQUEST = 1_000
FILES_A_STATEMENT = 500

FOOTERS = """
    select file_name, row_group_id, row_group_num_rows, split_part(path_in_schema, ', ', 1), stats_min_value,
        stats_max_value, stats_null_count, coalesce(dictionary_page_offset, data_page_offset), total_compressed_size
    from parquet_metadata([{files}])
    order by all
"""


@dataclass(frozen=True)
class Chunk:
    """One column of one row group: its statistics, and where it lies."""

    column: str
    least: str | None
    most: str | None
    nulls: int | None
    start: int
    bytes: int


@dataclass(frozen=True)
class RowGroup:
    """One row group of a file."""

    number: int
    rows: int
    chunks: tuple[Chunk, ...]


Footer = tuple[RowGroup, ...]


@dataclass(frozen=True)
class ScanEstimate:
    """What a query reads.

    ``bytes`` are those of column data and footers, and all of a small file; ``requests`` are GETs of files,
    ``listings`` of folders. All are those of an engine that lists each folder it cannot rule out and reads as Trino
    does by default. Athena is built on Trino and does not publish its own settings.
    """

    query: str
    partitions: int
    files: int
    row_groups: int
    bytes: int
    requests: int
    listings: int


def read_footers(
    connection: duckdb.DuckDBPyConnection, addresses: Sequence[str], columns: Iterable[str] | None = None
) -> dict[str, Footer]:
    """Read the footers of files.

    Args:
        connection: reaches the files.
        addresses: the files.
        columns: of which columns; all when not given.
    """
    wanted = set(columns) if columns is not None else None
    footers: dict[str, Footer] = {}
    for start in range(0, len(addresses), FILES_A_STATEMENT):
        listed = ", ".join(quoted(address) for address in addresses[start : start + FILES_A_STATEMENT])
        groups: dict[str, dict[tuple[int, int], list[Chunk]]] = {}
        for file, number, rows, column, *statistics in connection.sql(FOOTERS.format(files=listed)).fetchall():
            chunks = groups.setdefault(file, {}).setdefault((number, rows), [])
            if wanted is None or column in wanted:
                chunks.append(Chunk(column, *statistics))
        for file, found in groups.items():
            footers[file] = tuple(RowGroup(number, rows, tuple(chunks)) for (number, rows), chunks in found.items())
    return {address: footers.get(address, ()) for address in addresses}


class Scanner:
    """Estimates queries over the files of one table in one layout."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Sequence[FileEntry],
        addresses: Mapping[str, str],
        columns: Sequence[str],
        whole_file_bytes: int = WHOLE_FILE_BYTES,
    ) -> None:
        """Read the footers.

        Args:
            connection: reaches the files.
            files: every file of the table, whether it is there to be read or not.
            addresses: the address of each path whose footer is to be read.
            columns: of the table, partition keys included.
            whole_file_bytes: a file up to this size is fetched whole.
        """
        self.files, self.columns, self.whole_file_bytes = files, columns, whole_file_bytes
        self._connection, self._addresses = connection, addresses
        self._footers = read_footers(connection, list(addresses.values()))

    def estimate(self, query: ExampleQuery) -> ScanEstimate:
        """Return what a query reads."""
        query = query.within(self.columns)
        matched = [file for file in self.files if _partition_matches(file, query.conditions)]
        known = [file for file in matched if file.path in self._addresses]
        # Where no file of the folders that the query needs was read, any other tells more than none.
        examples = known or [file for file in self.files if file.path in self._addresses]
        excluded = self._excluded(examples, query)
        read = [self._file_read(file, query, excluded) for file in examples]
        share = len(matched) / len(examples) if examples else 0.0
        weight = _ratio(sum(file.bytes for file in matched), sum(file.bytes for file in examples))
        folders: dict[tuple[tuple[str, str | None], ...], int] = {}
        for file in matched:
            folder = tuple(file.partition.items())
            folders[folder] = folders.get(folder, 0) + 1
        return ScanEstimate(
            query=query.name,
            partitions=len(folders),
            files=round(sum(bool(part.row_groups) for part in read) * share),
            row_groups=round(sum(part.row_groups for part in read) * share),
            bytes=round(sum(part.bytes for part in read) * weight),
            requests=round(sum(part.requests for part in read) * share),
            listings=sum(-(-count // LISTED_A_REQUEST) for count in folders.values()),
        )

    def _file_read(self, file: FileEntry, query: ExampleQuery, excluded: set[tuple[str, int]]) -> "_FileRead":
        address = self._addresses[file.path]
        footer = self._footers[address]
        columns = set(query.columns(self.columns))
        kept = [
            group
            for group in footer
            if (address, group.number) not in excluded and _group_matches(group, query.conditions)
        ]
        chunks = sorted((c.start, c.bytes) for group in kept for c in group.chunks if c.column in columns)
        footer_bytes = max(file.bytes - sum(c.bytes for group in footer for c in group.chunks), 0)
        if file.bytes <= self.whole_file_bytes:
            return _FileRead(len(kept), file.bytes, 1)
        return _FileRead(len(kept), footer_bytes + sum(size for _, size in chunks), 1 + sum(_requests(chunks)))

    def _excluded(self, files: Sequence[FileEntry], query: ExampleQuery) -> set[tuple[str, int]]:
        """Return the row groups that a Bloom filter rules out."""
        addresses = [self._addresses[file.path] for file in files]
        excluded: set[tuple[str, int]] = set()
        for condition in query.conditions:
            stored = [address for address in addresses if self._stores(address, condition.column)]
            if condition.operator != "=" or not stored:
                continue
            for start in range(0, len(stored), FILES_A_STATEMENT):
                listed = ", ".join(quoted(address) for address in stored[start : start + FILES_A_STATEMENT])
                found = self._connection.execute(
                    f"select file_name, row_group_id from parquet_bloom_probe([{listed}], "  # noqa: S608
                    f"{quoted(condition.column)}, {quoted(str(condition.value))}) where bloom_filter_excludes"
                ).fetchall()
                excluded.update((file, number) for file, number in found)
        return excluded

    def _stores(self, address: str, column: str) -> bool:
        return any(chunk.column == column for group in self._footers[address][:1] for chunk in group.chunks)


@dataclass(frozen=True)
class _FileRead:
    row_groups: int
    bytes: int
    requests: int


def _partition_matches(file: FileEntry, conditions: Iterable[Condition]) -> bool:
    return all(c.holds(file.partition[c.column]) for c in conditions if c.column in file.partition)


def _group_matches(group: RowGroup, conditions: Iterable[Condition]) -> bool:
    by_name = {chunk.column: chunk for chunk in group.chunks}
    return all(
        condition.may_hold(chunk.least, chunk.most, chunk.nulls, group.rows)
        for condition in conditions
        if (chunk := by_name.get(condition.column)) is not None
    )


def _requests(chunks: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Yield the reads of each run of neighbouring chunks."""
    start = end = None
    for position, size in chunks:
        if start is None or end is None or position - end > MERGED_GAP_BYTES:
            if start is not None and end is not None:
                yield -(-(end - start) // LARGEST_READ_BYTES)
            start = position
        end = position + size
    if start is not None and end is not None:
        yield -(-(end - start) // LARGEST_READ_BYTES)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
