"""DE-SynPUF records go through dlt (data load tool) into one Parquet file in a private staging directory.

In: record batches of one file, in the bronze schema of its layout. Out: the path of a zstd Parquet file with exactly
that schema. dlt's schema contract is frozen before the first row: a new table, a new column or another type is an
error. All that dlt keeps of its own (packages, state, schema history) is inside the staging directory and goes with it,
and nothing is reported to its makers.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from lakeward.errors import LakewardError, SourceSchemaChanged
from lakeward.sources.landing import ROW_GROUP_ROWS
from lakeward.sources.silent_dlt import silent_dlt
from lakeward.sources.synpuf.layout import Layout

FROZEN: Any = {"tables": "freeze", "columns": "freeze", "data_type": "freeze"}
Compression = Literal["zstd", "snappy"]
COMPRESSION: Compression = "zstd"
_PIPELINE, _SCHEMA, _DATASET_NAME = "lakeward_synpuf", "synpuf", "bronze"
_NAMING: Any = {"names": "direct", "json": {"module": "dlt.common.normalizers.json.relational"}}
"""Names stay as CMS writes them; dlt's own rule would make them lower case."""
_TYPES: dict[pa.DataType, dict[str, Any]] = {
    pa.string(): {"data_type": "text"},
    pa.int64(): {"data_type": "bigint"},
    pa.int32(): {"data_type": "bigint", "precision": 32},
}


def stage_by_dlt(
    path: Path, batches: Iterable[pa.RecordBatch], layout: Layout, staging: Path, compression: Compression = COMPRESSION
) -> Path:
    """Write batches through a dlt pipeline; the same batches give the same bytes, however they were cut.

    Args:
        path: the file they are from, for messages.
        batches: rows in the layout's bronze schema; at most one row group of them waits in memory.
        layout: the frozen contract.
        staging: a private directory; holds nothing but the finished file afterwards.
        compression: of the Parquet file: ``zstd`` or ``snappy``.

    Returns:
        ``<staging>/<dataset>.parquet``.

    Raises:
        SourceSchemaChanged: the batches break the contract.
        LakewardError: what taking the batches raised, such as SourceUnreadable.
    """
    work = staging / f"{layout.dataset}-dlt"
    try:
        _run_pipeline(path, _row_groups(batches), layout, work, compression)
        (written,) = (work / "out" / _DATASET_NAME / layout.dataset).glob("*.parquet")
        return written.replace(staging / f"{layout.dataset}.parquet")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Gather batches into tables of one row group each, so that the file does not depend on how rows were read."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= ROW_GROUP_ROWS:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, ROW_GROUP_ROWS).combine_chunks()
            waiting = table.slice(ROW_GROUP_ROWS).to_batches()
            rows -= ROW_GROUP_ROWS
    if rows:
        yield pa.Table.from_batches(waiting).combine_chunks()


def _run_pipeline(path: Path, tables: Iterator[pa.Table], layout: Layout, work: Path, compression: Compression) -> None:
    with silent_dlt():
        # Imported here: dlt takes half a second, and only a run with new claims files needs it.
        import dlt
        from dlt.common.destination.configuration import ParquetFormatConfiguration
        from dlt.destinations import filesystem
        from dlt.extract import DltSource
        from dlt.pipeline.exceptions import PipelineStepFailed

        schema = _frozen_schema(layout)
        resource = dlt.resource(tables, name=layout.dataset, schema_contract=FROZEN)
        parquet = ParquetFormatConfiguration(compression=compression, row_group_size=ROW_GROUP_ROWS)
        pipeline = dlt.pipeline(
            _PIPELINE,
            pipelines_dir=str(work / "pipelines"),
            destination=filesystem(
                bucket_url=(work / "out").resolve().as_uri(),
                layout="{table_name}/{file_id}.{ext}",
                naming_convention="direct",
                warn_unsafe_layout_separators=False,
                parquet_format=parquet,
            ),
            dataset_name=_DATASET_NAME,
        )
        try:
            pipeline.run(DltSource(schema, _SCHEMA, [resource]), loader_file_format="parquet")
        except PipelineStepFailed as error:
            raise _own_error(path, error) from None


def _frozen_schema(layout: Layout) -> Any:
    import dlt
    from dlt.common.schema.utils import new_table

    columns: list[Any] = [{"name": column.name, "nullable": True, **_TYPES[column.type]} for column in layout.schema]
    schema = dlt.Schema(_SCHEMA, normalizers=_NAMING)
    schema.update_table(new_table(layout.dataset, columns=columns, schema_contract=FROZEN))
    return schema


def _own_error(path: Path, error: BaseException) -> BaseException:
    """Return the error of ours that dlt wrapped, or say which column broke the contract; else the error itself."""
    from dlt.common.schema.exceptions import DataValidationError

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, LakewardError):
            return cause
        if isinstance(cause, DataValidationError):
            return SourceSchemaChanged("synpuf", path, [], [str(cause.column_name or cause.table_name)])
        cause = cause.__cause__ or cause.__context__
    return error
