"""Files of the lake as Iceberg lists them: address, partition, rows, and what each column holds at least and at most.

In: entries of a commit. Out: one ``DataFile`` for each; of a file with statistics the footer is read, and nothing else.
"""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    MetricModeTypes,
    MetricsMode,
    StatisticsCollector,
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.typedef import Record
from pyiceberg.types import StringType

from lakeward.iceberg.file_io import BUFFER_BYTES, RangeStream
from lakeward.lake.commit import Snapshot
from lakeward.lake.entries import FileEntry
from lakeward.lake.storage import Storage
from lakeward.publish.layout import LAYOUTS

PARALLEL_FOOTERS = 16
UNKNOWN_COLUMN = -1


@dataclass(frozen=True)
class LakeData:
    """One file that a commit has in the table.

    Args:
        entry: of the commit.
        address: that readers take.
        is_lean: whether the file was written without statistics, so that its footer tells nothing.
    """

    entry: FileEntry
    address: str
    is_lean: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that the file is partitioned by."""
        return tuple(self.entry.partition)


def lake_data(snapshot: Snapshot, table: str) -> dict[str, LakeData]:
    """Return the files of a table with rows in them, by their addresses."""
    found = {}
    for entry in snapshot.slices(table).values():
        layout = LAYOUTS.get(str(entry.attributes.get("layout")))
        for file in entry.files:
            # A slice without rows keeps one empty file under null keys, which is no partition of anything.
            if file.rows:
                address = snapshot.lake.url_for(file.path)
                found[address] = LakeData(file, address, is_lean=layout is not None and layout.lean_footers)
    return found


def data_files(storage: Storage, files: Sequence[LakeData], metadata: TableMetadata) -> list[DataFile]:
    """Return files as Iceberg lists them.

    Args:
        storage: of the lake.
        files: all partitioned by the keys of the table's current specification.
        metadata: of the table.

    Raises:
        StorageFailed: a file cannot be read.
    """
    footers = _Footers(storage, metadata)
    with ThreadPoolExecutor(PARALLEL_FOOTERS) as pool:
        statistics = list(pool.map(footers.statistics, files))
    keys, spec_id = [field.name for field in metadata.spec().fields], metadata.default_spec_id
    made = []
    for file, values in zip(files, statistics, strict=True):
        data_file = DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=file.address,
            file_format=FileFormat.PARQUET,
            partition=Record(*(file.entry.partition[key] for key in keys)),
            file_size_in_bytes=file.entry.bytes,
            sort_order_id=None,
            spec_id=spec_id,
            equality_ids=None,
            key_metadata=None,
            **({"record_count": file.entry.rows} | values),
        )
        data_file.spec_id = spec_id
        made.append(data_file)
    return made


class _Footers:
    """Reads what the footers of files say of the columns of a table."""

    def __init__(self, storage: Storage, metadata: TableMetadata) -> None:
        self._storage = storage
        self._plan = compute_statistics_plan(metadata.schema(), metadata.properties)
        # A column that the table has no more is still in files of before.
        nothing = MetricsMode(MetricModeTypes.NONE)
        self._plan[UNKNOWN_COLUMN] = StatisticsCollector(UNKNOWN_COLUMN, StringType(), nothing, "")
        self._ids = _IdsByPath(parquet_path_to_id_mapping(metadata.schema()))

    def statistics(self, file: LakeData) -> dict[str, Any]:
        """Return the members of a ``DataFile`` that come from its footer; none of one without statistics."""
        if file.is_lean:
            return {}
        stream = io.BufferedReader(RangeStream(self._storage, file.entry.path, file.entry.bytes), BUFFER_BYTES)
        found = data_file_statistics_from_parquet_metadata(pq.read_metadata(stream), self._plan, self._ids)
        found.column_sizes.pop(UNKNOWN_COLUMN, None)
        return dict(found.to_serialized_dict())


class _IdsByPath(dict[str, int]):
    def __missing__(self, path: str) -> int:
        return UNKNOWN_COLUMN
