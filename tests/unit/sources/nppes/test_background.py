"""Writing behind keeps the order of the batches, and an error of the writer ends the reader."""

import threading
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.sources.landing import DatasetWriter
from lakeward.sources.nppes.background import WAITING_BATCHES, writing_behind

SCHEMA = pa.schema([pa.field("number", pa.int64())])


def batch(number: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"number": [number]}, schema=SCHEMA)


def write_all(writer: DatasetWriter, numbers: Iterable[int]) -> None:
    with writing_behind(writer) as write:
        for number in numbers:
            write(batch(number))


def test_batches_are_written_in_order(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "a.parquet", SCHEMA)
    write_all(writer, range(10 * WAITING_BATCHES))
    writer.close()
    assert pq.read_table(tmp_path / "a.parquet")["number"].to_pylist() == list(range(10 * WAITING_BATCHES))


class FailingWriter(DatasetWriter):
    """Fails at the third batch, as a full disk would."""

    written = 0

    def write(self, data: pa.RecordBatch | pa.Table) -> None:
        """Count and fail."""
        self.written += 1
        if self.written == 3:
            raise OSError("no space left")


def test_an_error_of_the_writer_ends_the_reader(tmp_path: Path) -> None:
    writer = FailingWriter(tmp_path / "a.parquet", SCHEMA)
    with pytest.raises(OSError, match="no space left"):
        write_all(writer, range(10_000))
    assert writer.written < 10_000


def test_an_error_of_the_reader_drops_what_waits(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "a.parquet", SCHEMA)
    with pytest.raises(ZeroDivisionError):
        write_all(writer, (1 // number for number in (1, 0)))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("write-behind")]
