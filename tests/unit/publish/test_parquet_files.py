"""The same sorted rows give the same files, however they come in batches."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.publish import parquet_files
from lakeward.publish.parquet_files import WrittenFile, write_empty, write_partitioned
from lakeward.publish.partition import PartitionSpec

SPEC = PartitionSpec(("state", "kind"))
ROWS = 10_000


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row groups of 1,000 rows, and files of a few of them."""
    monkeypatch.setattr(parquet_files, "ROW_GROUP_ROWS", 1_000)
    monkeypatch.setattr(parquet_files, "TARGET_FILE_BYTES", 20_000)


def table() -> pa.Table:
    """Sorted rows of four partitions, one of them null; text as a dictionary that is larger than what is used."""
    states = ["GA"] * 100 + ["TX"] * 7_000 + [None] * 2_900
    kinds = ["a"] * 50 + ["b"] * 9_950
    names = pa.DictionaryArray.from_arrays(
        pa.array([None if i % 7 == 0 else i % 5 for i in range(ROWS)], pa.int8()), pa.array([*"vwxyz", "unused"])
    )
    numbers = pa.array([i * 7919 % 100_003 for i in range(ROWS)])
    lists = pa.array([[str(i)] * (i % 3) for i in range(ROWS)])
    return pa.table({"state": states, "kind": kinds, "name": names, "number": numbers, "list": lists})


def batches(rows: pa.Table, size: int) -> Iterator[pa.RecordBatch]:
    return iter(rows.combine_chunks().to_batches(max_chunksize=size))


def written(folder: Path, size: int) -> list[WrittenFile]:
    rows = table()
    return list(write_partitioned(batches(rows, size), rows.schema, SPEC, folder))


def test_every_row_is_written_once_and_in_order(tmp_path: Path) -> None:
    files = written(tmp_path, 777)
    expected = table().drop_columns(["state", "kind"])
    found = pa.concat_tables(pq.read_table(file.local, partitioning=None) for file in files)
    assert found.column("name").to_pylist() == expected.column("name").to_pylist()
    assert found.column("number").equals(expected.column("number"))
    assert found.column("list").to_pylist() == expected.column("list").to_pylist()
    assert sum(file.rows for file in files) == ROWS


def test_a_partition_is_told_by_its_values(tmp_path: Path) -> None:
    rows: dict[tuple[str | None, ...], int] = {}
    for file in written(tmp_path, 5_000):
        rows[tuple(file.partition.values())] = rows.get(tuple(file.partition.values()), 0) + file.rows
    assert rows == {("GA", "a"): 50, ("GA", "b"): 50, ("TX", "b"): 7_000, (None, "b"): 2_900}


def test_large_partitions_are_split_at_row_groups(tmp_path: Path) -> None:
    files = [file for file in written(tmp_path, 10_000) if file.partition["state"] == "TX"]
    assert len(files) > 1
    assert all(file.rows % 1_000 == 0 for file in files)
    assert all(file.bytes > 20_000 for file in files[:-1])


@pytest.mark.parametrize("size", [1, 333, 1_000, 1_001, 9_999], ids=lambda size: f"{size}-rows")
def test_batching_changes_no_byte(tmp_path: Path, size: int) -> None:
    reference = [(file.sha256, file.partition) for file in written(tmp_path / "reference", ROWS)]
    assert [(file.sha256, file.partition) for file in written(tmp_path / "other", size)] == reference


def test_text_is_text_to_every_reader(tmp_path: Path) -> None:
    file = written(tmp_path, ROWS)[0]
    schema = pq.read_schema(file.local)
    assert schema.field("name").type == pa.string()
    assert schema.names == ["name", "number", "list"]


def test_unused_dictionary_values_are_left_out(tmp_path: Path) -> None:
    assert all(b"unused" not in file.local.read_bytes() for file in written(tmp_path, ROWS))


def test_lean_files_have_no_statistics(tmp_path: Path) -> None:
    rows = table()
    lean = list(write_partitioned(batches(rows, ROWS), rows.schema, SPEC, tmp_path / "lean", lean=True))
    assert pq.read_metadata(lean[0].local).row_group(0).column(1).statistics is None
    assert pq.read_metadata(written(tmp_path, ROWS)[0].local).row_group(0).column(1).statistics.has_min_max


def test_an_empty_file_keeps_the_columns(tmp_path: Path) -> None:
    schema = pa.schema([("state", pa.string()), ("kind", pa.string()), ("amount", pa.decimal128(18, 4))])
    file = write_empty(schema, SPEC, tmp_path)
    assert (file.rows, dict(file.partition)) == (0, {"state": None, "kind": None})
    assert pq.read_schema(file.local).field("amount").type == pa.decimal128(18, 4)


def test_an_error_of_the_disk_ends_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is told, as whoever hears of it closes the engine that is read from."""

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(parquet_files._OpenFile, "write", full)
    with pytest.raises(OSError, match="no space") as told:
        written(tmp_path, 500)
    assert told.traceback
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("row-groups")] == []


def test_an_error_in_the_stream_closes_the_file(tmp_path: Path) -> None:
    rows = table()

    def failing() -> Iterator[pa.RecordBatch]:
        yield from batches(rows, 500)
        raise OSError("the stream broke")

    with pytest.raises(OSError, match="the stream broke"):
        list(write_partitioned(failing(), rows.schema, SPEC, tmp_path))
