"""Landing: one input file becomes Parquet datasets in a private staging directory.

In: the path of a file and the record batches that a source module reads from it.
Out: one Parquet file per dataset in ``staging`` and the counts of what was written. Nothing here is visible in
the lake; the extract step adds the finished files to a commit, or throws the directory away.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 122_880
ROW_GROUP_BYTES = 64 << 20
FILE_ID_CHARACTERS = 16
PROVENANCE_FIELDS = (pa.field("_file_id", pa.string()), pa.field("_source_record", pa.int64()))
"""The first two columns of every bronze dataset: which file, and which record in it (1-based)."""


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's raw bytes, in hex; reads the file once."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Extracted:
    """What a source module says of one file: rows in and out, money in and out, and named counts for the log.

    Money is the control total of a source's own amounts, ``None`` where it has none.
    """

    rows_in: int
    rows_out: int
    rows_quarantined: int = 0
    money_in: Decimal | None = None
    money_out: Decimal | None = None
    notes: dict[str, int] = field(default_factory=dict)


class DatasetWriter:
    """Writes record batches of one dataset to one zstd Parquet file, in row groups of a fixed size.

    Batches are gathered until a row group is full, so that the same rows give the same bytes however
    they were batched; rows of very long lists are written earlier, so that what waits is bounded too.
    Whole numbers are ids and ordinals, which differ little from row to row: delta encoding halves their bytes.
    ``plain`` are columns whose values hardly repeat, for which a dictionary is wasted work.
    """

    def __init__(self, path: Path, schema: pa.Schema, plain: Collection[str] = ()) -> None:
        self.path, self.schema, self.rows = path, schema, 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", **_encodings(schema, plain))
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = self._waiting_bytes = 0

    def write(self, data: pa.RecordBatch | pa.Table) -> None:
        """Append rows; ``data`` has the writer's schema."""
        batches = data.to_batches() if isinstance(data, pa.Table) else [data]
        for batch in batches:
            self._waiting.append(batch)
            self._waiting_rows += batch.num_rows
            self._waiting_bytes += batch.nbytes
            self.rows += batch.num_rows
        if self._waiting_rows >= ROW_GROUP_ROWS or self._waiting_bytes >= ROW_GROUP_BYTES:
            self._flush(whole_groups_only=self._waiting_rows >= ROW_GROUP_ROWS)

    def _flush(self, *, whole_groups_only: bool) -> None:
        table = pa.Table.from_batches(self._waiting, schema=self.schema)
        full = table.num_rows // ROW_GROUP_ROWS * ROW_GROUP_ROWS if whole_groups_only else table.num_rows
        if full:
            self._writer.write_table(table.slice(0, full), row_group_size=ROW_GROUP_ROWS)
        rest = table.slice(full)
        self._waiting = rest.to_batches() if rest.num_rows else []
        self._waiting_rows = rest.num_rows
        self._waiting_bytes = rest.nbytes

    def close(self) -> None:
        """Write what waits and the footer."""
        if self._waiting_rows:
            self._flush(whole_groups_only=False)
        self._writer.close()


def _encodings(schema: pa.Schema, plain: Collection[str]) -> dict[str, Any]:
    """Return how Parquet is to write each column: whole numbers as differences, the rest by dictionary."""
    delta, dictionary = {}, []
    for column in schema:
        is_list = pa.types.is_list(column.type)
        kind, path = (column.type.value_type, f"{column.name}.list.element") if is_list else (column.type, column.name)
        if pa.types.is_integer(kind):
            delta[path] = "DELTA_BINARY_PACKED"
        elif not pa.types.is_nested(kind) and column.name not in plain:
            dictionary.append(path)
    return {"column_encoding": delta, "use_dictionary": dictionary}


class Landing:
    """One input file being landed; a context manager that closes its writers.

    Args:
        path: the input file, plain or compressed, read elsewhere.
        staging: a private directory that holds nothing yet.
        sha256: of the file's raw bytes; computed when not given.
    """

    def __init__(self, path: Path, staging: Path, sha256: str | None = None) -> None:
        self.path, self.staging = path, staging
        self.sha256 = sha256 or file_sha256(path)
        self.file_id = self.sha256[:FILE_ID_CHARACTERS]
        self._writers: dict[str, DatasetWriter] = {}
        self._adopted: dict[str, Path] = {}

    def writer(self, dataset: str, schema: pa.Schema, plain: Collection[str] = ()) -> DatasetWriter:
        """Return the writer of a dataset, opening ``<staging>/<dataset>.parquet`` at the first call.

        ``plain`` names columns whose values hardly repeat.
        """
        if dataset not in self._writers:
            self._writers[dataset] = DatasetWriter(self.staging / f"{dataset}.parquet", schema, plain)
        return self._writers[dataset]

    def adopt(self, dataset: str, parquet: Path) -> int:
        """Take a finished Parquet file of the staging directory as a dataset; return its rows."""
        self._adopted[dataset] = parquet
        return int(pq.read_metadata(parquet).num_rows)

    @property
    def counts(self) -> dict[str, int]:
        """Rows written so far, by dataset."""
        adopted = {name: int(pq.read_metadata(path).num_rows) for name, path in self._adopted.items()}
        written = {name: writer.rows for name, writer in self._writers.items()}
        return dict(sorted((adopted | written).items()))

    def files(self) -> dict[str, Path]:
        """Return the Parquet file of each dataset; complete only after the context is left."""
        written = {name: writer.path for name, writer in self._writers.items()}
        return dict(sorted((self._adopted | written).items()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()
