"""The DuckDB that publishing sorts with: over the build's database, inside what is left of the memory budget.

In: a database file and a budget. Out: a connection, and a sorted stream of record batches.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.errors import ResourceError, StorageFailed
from lakeward.memory import resident_bytes
from lakeward.publish.bucket import Bucket, BucketReader, is_refusal, refusals_of
from lakeward.publish.parquet_files import ROW_GROUP_ROWS
from lakeward.publish.sql import quoted

WRITER_HEADROOM_BYTES = 250_000_000
"""For two row groups in Arrow and one in the encoder, beside what the engine holds."""
ENGINE_SHARE = 0.8
"""The engine's limit is for its data; what its allocator and threads hold beside it was up to a quarter of that."""
SMALLEST_ENGINE_BYTES = 256_000_000
BYTES_A_THREAD = 200_000_000
"""Each thread sorts in memory of its own: within 256 MiB a million wide rows are sorted by one thread, not by two."""
KEPT_BYTES = 50_000_000
"""What an engine may keep beside its limit for the slices after; only closing it gives that back, which takes 0.1 s."""
SHARE_OF_FREE_DISK = 0.9
"""How much of the free disk the engine's temporary files may take: an engine that fills the disk harms others."""
ROWS_WORTH_ENCODING = 20_000
"""From so many rows on, text is sorted as numbers: 170,000 rows of 1.4 kB took 0.9 GB as text and half of it so."""
ENCODED_VALUES = 65_535
"""Text columns of up to so many distinct values are sorted as numbers of two bytes."""
COUNTED_AT_ONCE = 16
"""Columns whose values are gathered in one reading: each takes memory of its own meanwhile, and each reading time."""


@dataclass(frozen=True)
class Resources:
    """What publishing may use: the memory of the whole process tree, engine threads, and a private folder.

    ``bucket`` is that of the lake, where it has one: slices in another layout are read from it.
    """

    memory_bytes: int
    workers: int
    scratch: Path
    bucket: Bucket | None = None

    @property
    def engine_bytes(self) -> int:
        """What of the budget is left for the engine now."""
        left = self.memory_bytes - resident_bytes() - WRITER_HEADROOM_BYTES
        return max(int(left * ENGINE_SHARE), SMALLEST_ENGINE_BYTES)


@contextmanager
def open_engine(
    resources: Resources, database: Path | None = None, name: str = "", *, reads_lake: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine within a budget.

    Args:
        resources: the budget.
        database: a database file to attach for reading.
        name: the name under which its relations are known.
        reads_lake: whether files of the lake are read, too; in a bucket that takes an extension of the engine.

    Raises:
        StorageFailed: there are no credentials for the lake's bucket, or it refused.
    """
    bucket = resources.bucket if reads_lake else None
    spill_folder = resources.scratch / "spill"
    spill_folder.mkdir(parents=True, exist_ok=True)
    memory_bytes = resources.engine_bytes
    threads = max(min(resources.workers, memory_bytes // BYTES_A_THREAD), 1)
    connection = duckdb.connect()
    try:
        connection.execute(f"set memory_limit = '{memory_bytes // 2**20}MiB'")
        connection.execute(f"set threads = {threads}")
        connection.execute(f"set temp_directory = {quoted(str(spill_folder))}")
        spill = int(shutil.disk_usage(spill_folder).free * SHARE_OF_FREE_DISK)
        connection.execute(f"set max_temp_directory_size = '{spill // 2**20}MiB'")
        if database is not None:
            connection.execute(f'attach {quoted(str(database))} as "{name}" (read_only)')
        if bucket is not None:
            BucketReader(bucket).prepare(connection)
        with refusals_of(bucket):
            yield connection
    finally:
        connection.close()


@contextmanager
def open_engines(resources: Resources, database: Path, name: str) -> Iterator[Callable[[], duckdb.DuckDBPyConnection]]:
    """Open an engine over a build, for one slice after another.

    Args:
        resources: the budget.
        database: a database file to attach for reading.
        name: the name under which its relations are known.

    Yields:
        What returns the engine to go on with: the one there is, or a new one once this process has grown.
    """
    with ExitStack() as opened:
        engine: duckdb.DuckDBPyConnection | None = None
        most_bytes = 0

        def engine_for_next() -> duckdb.DuckDBPyConnection:
            nonlocal engine, most_bytes
            if engine is None or resident_bytes() > most_bytes:
                opened.close()
                engine = opened.enter_context(open_engine(resources, database, name))
                most_bytes = resident_bytes() + KEPT_BYTES
            return engine

        yield engine_for_next


@contextmanager
def engine_errors(what: str) -> Iterator[None]:
    """Turn what the engine says when memory or disk is short into errors that say what to do."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ResourceError(
            f"{what} could not be published: the engine ran out of memory or of temporary space.\n"
            f"  found: {str(error).splitlines()[0]}\n"
            "The lake is as it was after its last commit. Give more with --memory, or free some disk space."
        ) from error
    except duckdb.IOException as error:
        if is_refusal(str(error)):
            raise  # of a bucket, which whoever opened the engine explains
        raise StorageFailed(
            f"{what} could not be published.\n  found: {str(error).splitlines()[0]}\n"
            "The lake is as it was after its last commit. Free some disk space, then run the same command again."
        ) from error


def sorted_rows(
    connection: duckdb.DuckDBPyConnection, relation: str, where: str, columns: dict[str, str], order: list[str]
) -> pa.RecordBatchReader:
    """Return rows of a relation in a total order, as a stream. Reads the relation twice.

    A sort carries every column along, and repeated text is what makes that slow: 3 M rows of 70 columns, 1.4 kB a row,
    took 45 s to sort and stream as text, and 12 s with repeated text as the numbers of an enum, within 800 MB.

    Args:
        connection: the engine; gets enum types of its own.
        relation: what to read.
        where: which rows of it; a slice.
        columns: name and expression of each column of the result.
        order: columns of the result to sort by, the last of which tell any two rows apart.
    """
    types = _make_enums(connection, _repeated_text(connection, relation, where, columns))
    selected = ", ".join(
        f'cast({expression} as {types[name]}) as "{name}"' if name in types else f'{expression} as "{name}"'
        for name, expression in columns.items()
    )
    # An enum's values are in order of their text, so that sorting by either gives the same rows.
    sorting = ", ".join(f'"{name}" nulls first' for name in order)
    query = f"select {selected} from {relation} where {where} order by {sorting}"  # noqa: S608
    return connection.execute(query).to_arrow_reader(ROW_GROUP_ROWS)


def _repeated_text(
    connection: duckdb.DuckDBPyConnection, relation: str, where: str, columns: dict[str, str]
) -> dict[str, pa.Array]:
    """Return the values of the text columns that have few, when there are so many rows that it matters.

    From the slice's own rows and nothing else, so that the same slice gives the same bytes in any company. Columns that
    are seen to have too many values by an estimate are not counted, for their values would fill the engine.
    """
    selected = ", ".join(f'{expression} as "{name}"' for name, expression in columns.items())
    rows = f"(select {selected} from {relation} where {where})"  # noqa: S608
    described = connection.sql(f"describe from {rows}").fetchall()
    texts = [name for name, kind, *_ in described if kind == "VARCHAR"]
    estimates = ", ".join(f'approx_count_distinct("{name}")' for name in texts)
    counted, *numbers = connection.sql(f"select count(*), {estimates} from {rows}").fetchone() or (0,)  # noqa: S608
    few = [name for name, number in zip(texts, numbers, strict=True) if number <= ENCODED_VALUES]
    if counted < ROWS_WORTH_ENCODING or not few:
        return {}
    values: dict[str, pa.Array] = {}
    for start in range(0, len(few), COUNTED_AT_ONCE):
        group = few[start : start + COUNTED_AT_ONCE]
        lists = ", ".join(f'list(distinct "{name}")' for name in group)
        found = connection.sql(f"select {lists} from {rows}").to_arrow_table()  # noqa: S608
        values |= {name: column.chunk(0).flatten() for name, column in zip(group, found.columns, strict=True)}
    return {name: distinct for name, distinct in values.items() if len(distinct) <= ENCODED_VALUES}


def _make_enums(connection: duckdb.DuckDBPyConnection, values: dict[str, pa.Array]) -> dict[str, str]:
    """Make a type of each column's values, in order of their bytes, as the engine orders text."""
    types = {}
    for number, (name, distinct) in enumerate(values.items()):
        texts = distinct.drop_null()
        if len(texts):
            types[name] = f"memory.main.text_{number}"
            listed = ", ".join(quoted(text) for text in texts.take(pc.sort_indices(texts)).to_pylist())
            connection.execute(f"drop type if exists {types[name]}")
            connection.execute(f"create type {types[name]} as enum ({listed})")
    return types
