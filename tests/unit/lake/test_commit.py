"""A commit is seen whole, is made once, and goes over another run's work only where they do not overlap."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import ConcurrentCommit, StorageFailed
from lakeward.lake.commit import FileEntry, Lake, SliceEntry, Transaction
from lakeward.lake.entries import ColumnDescription, TableDescription
from lakeward.lake.storage import Storage

FACT = "silver/rates/fact_rate"


@pytest.fixture
def lake(storage: Storage) -> Lake:
    return Lake(storage)


def release(slice_id: str, fingerprint: str = "1", files: int = 1) -> SliceEntry:
    listed = tuple(FileEntry(f"{FACT}/{slice_id}/{n}-{fingerprint}", 1, 10, {"state": None}) for n in range(files))
    return SliceEntry(slice_id, fingerprint, {"commit": 1, "state": None}, listed)


def committed(lake: Lake, *entries: SliceEntry) -> Transaction:
    transaction = lake.begin("run")
    for entry in entries:
        transaction.replace_slice(FACT, entry)
    transaction.commit()
    return transaction


def test_an_empty_lake_has_no_tables(lake: Lake) -> None:
    snapshot = lake.snapshot()
    assert (snapshot.number, snapshot.tables(), snapshot.slices(FACT), snapshot.files(FACT)) == (0, [], {}, [])


@pytest.mark.parametrize("files", [1, 8, 9, 300], ids=lambda n: f"{n}-files")
def test_a_commit_is_read_as_it_was_made(lake: Lake, files: int) -> None:
    entry = release("evry-health.tx.2025-06", files=files)
    committed(lake, entry)
    found = lake.snapshot().slices(FACT)[entry.slice_id]
    assert (found.fingerprint, found.attributes, found.rows) == ("1", entry.attributes, files)
    assert sorted(found.files, key=str) == sorted(entry.files, key=str)


def test_nothing_is_seen_before_the_commit(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    transaction = lake.begin("run")
    transaction.add_file(tmp_path / "x", "gold/x")
    transaction.replace_slice(FACT, release("a"))
    assert lake.snapshot().number == 0
    transaction.commit()
    assert lake.snapshot().tables() == [FACT]


def test_a_reader_keeps_its_snapshot(lake: Lake) -> None:
    committed(lake, release("a"))
    before = lake.snapshot()
    committed(lake, release("a", "2"))
    assert before.slices(FACT)["a"].fingerprint == "1"
    assert lake.snapshot(1).slices(FACT)["a"].fingerprint == "1"
    assert lake.snapshot().slices(FACT)["a"].fingerprint == "2"


def test_the_same_again_makes_no_commit(lake: Lake) -> None:
    committed(lake, release("a", files=20))
    committed(lake, release("a", files=20))
    assert lake.commit_numbers() == [1]


def test_unchanged_slices_share_their_manifest(lake: Lake) -> None:
    committed(lake, release("a", files=20))
    committed(lake, release("b", files=30))
    committed(lake, release("b", "2", files=30))
    assert len(list(lake.storage.list("_lakeward/manifests/"))) == 3


def test_a_slice_can_be_taken_out(lake: Lake) -> None:
    committed(lake, release("a"), release("b"))
    transaction = lake.begin("run")
    transaction.remove_slice(FACT, "a")
    assert list(transaction.commit().slices(FACT)) == ["b"]
    transaction = lake.begin("run")
    transaction.remove_slice(FACT, "b")
    assert transaction.commit().tables() == []


def test_a_table_is_described(lake: Lake) -> None:
    description = TableDescription("One row per price.", "a price", ("fact_uid",), (ColumnDescription("a", "VARCHAR"),))
    transaction = lake.begin("run")
    transaction.replace_slice(FACT, release("a"))
    transaction.describe(FACT, description)
    transaction.commit()
    assert lake.snapshot().description(FACT) == description
    assert lake.snapshot().description("gold/other") == TableDescription()


def test_runs_that_change_different_slices_both_commit(lake: Lake) -> None:
    first, second = lake.begin("first"), lake.begin("second")
    first.replace_slice(FACT, release("a"))
    second.replace_slice(FACT, release("b"))
    first.commit()
    assert sorted(second.commit().slices(FACT)) == ["a", "b"]


def test_runs_that_change_one_slice_do_not(lake: Lake) -> None:
    committed(lake, release("a"))
    first, second = lake.begin("first"), lake.begin("second")
    first.replace_slice(FACT, release("a", "2"))
    second.replace_slice(FACT, release("a", "3"))
    first.commit()
    with pytest.raises(ConcurrentCommit, match=r"run first changed 'a' of silver/rates/fact_rate(?s:.)*Run the same"):
        second.commit()
    assert lake.snapshot().slices(FACT)["a"].fingerprint == "2"


def test_runs_that_make_the_same_change_both_succeed(lake: Lake) -> None:
    first, second = lake.begin("first"), lake.begin("second")
    for transaction in (first, second):
        transaction.replace_slice(FACT, release("a", files=12))
    assert first.commit().number == second.commit().number == 1


def test_many_runs_at_once_all_land(lake: Lake) -> None:
    transactions = [lake.begin(f"run-{n}") for n in range(6)]
    for number, transaction in enumerate(transactions):
        transaction.replace_slice(FACT, release(f"slice-{number}"))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(Transaction.commit, transactions))
    assert lake.commit_numbers() == [1, 2, 3, 4, 5, 6]
    assert len(lake.snapshot().slices(FACT)) == 6


def test_parquet_files_are_named_by_content(lake: Lake, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "a.parquet")
    transaction = lake.begin("run")
    entry = transaction.add_parquet(tmp_path / "a.parquet", "bronze/mrf/price/file=1")
    again = lake.begin("other").add_parquet(tmp_path / "a.parquet", "bronze/mrf/price/file=1")
    assert entry == again
    assert entry.rows == 3
    assert entry.path.startswith("bronze/mrf/price/file=1/part-")
    assert list(lake.storage.list("bronze/")) == [entry.path]


def test_a_commit_of_a_newer_format_is_refused(lake: Lake) -> None:
    lake.storage.write("_lakeward/commits/00000001.json", json.dumps({"format": 99}).encode())
    with pytest.raises(StorageFailed, match="has format 99; this Lakeward reads 1"):
        lake.snapshot()
