"""The way through dlt: the same rows give the same bytes, the contract is frozen, and nothing is left outside."""

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources.landing import ROW_GROUP_ROWS
from lakeward.sources.synpuf.layout import SUMMARY
from lakeward.sources.synpuf.staging import stage_by_dlt

ROWS = ROW_GROUP_ROWS + 500


def batches(rows: int, size: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, size):
        numbers = range(start, min(start + size, rows))
        texts = {name: [f"{number % 97}" if number % 3 else None for number in numbers] for name in SUMMARY.columns}
        known = {
            "_file_id": ["f"] * len(numbers),
            "_source_record": [number + 1 for number in numbers],
            "_sample_number": [1] * len(numbers),
            "_summary_year": [2008] * len(numbers),
        }
        yield pa.RecordBatch.from_pydict({**known, **texts}, schema=SUMMARY.schema)


def test_the_same_rows_give_the_same_bytes_however_they_were_batched(tmp_path: Path) -> None:
    contents = []
    for number, size in enumerate((7_001, 7_001, 50_000)):
        written = stage_by_dlt(Path("a.csv"), batches(ROWS, size), SUMMARY, tmp_path / str(number))
        contents.append(written.read_bytes())
    assert contents[0] == contents[1] == contents[2]
    metadata = pq.read_metadata(written)
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [ROW_GROUP_ROWS, 500]
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert pq.read_schema(written).equals(SUMMARY.schema, check_metadata=True)
    assert pq.read_table(written, columns=["_source_record"])["_source_record"].to_pylist() == list(range(1, ROWS + 1))


def test_nothing_is_written_but_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, current, staging = tmp_path / "home", tmp_path / "current", tmp_path / "staging"
    home.mkdir()
    current.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(current)
    written = stage_by_dlt(Path("a.csv"), batches(10, 10), SUMMARY, staging)
    assert list(staging.iterdir()) == [written] == [staging / "beneficiary_summary.parquet"]
    assert list(home.iterdir()) == list(current.iterdir()) == []


def test_dlt_reports_nothing_to_its_makers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME__DLTHUB_TELEMETRY", raising=False)
    stage_by_dlt(Path("a.csv"), batches(10, 10), SUMMARY, tmp_path)
    from dlt.common.runtime import anon_tracker

    assert anon_tracker._ANON_TRACKER_ENDPOINT is None
    assert "RUNTIME__DLTHUB_TELEMETRY" not in os.environ


def with_another_column() -> pa.RecordBatch:
    (batch,) = batches(10, 10)
    return batch.append_column("NEW_CD", pa.array(["1"] * 10))


def with_another_type() -> pa.RecordBatch:
    (batch,) = batches(10, 10)
    place = SUMMARY.schema.get_field_index("SP_CHF")
    return batch.set_column(place, "SP_CHF", pa.array([1.5] * 10))


@pytest.mark.parametrize(
    ("batch", "column"),
    [(with_another_column(), "NEW_CD"), (with_another_type(), "SP_CHF")],
    ids=["another column", "another type"],
)
def test_the_contract_is_frozen(tmp_path: Path, batch: pa.RecordBatch, column: str) -> None:
    with pytest.raises(SourceSchemaChanged, match=column):
        stage_by_dlt(Path("a.csv"), [batch], SUMMARY, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_reading_raises_comes_through_as_it_is(tmp_path: Path) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield from batches(10, 10)
        raise SourceUnreadable("a.csv", "a whole archive", "a broken one", "Fetch the file again.")

    with pytest.raises(SourceUnreadable, match=r"a\.csv cannot be read"):
        stage_by_dlt(Path("a.csv"), broken(), SUMMARY, tmp_path)
    assert list(tmp_path.iterdir()) == []
