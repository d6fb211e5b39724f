"""How much a commit holds and a transaction brought: each file once, each partition once."""

from pathlib import Path

import pytest

from lakeward.lake.commit import FileEntry, Lake, SliceEntry, Transaction
from lakeward.lake.extent import Extent
from lakeward.lake.storage import open_storage

from .conftest import Options

FACT, CODES = "gold/rates/fact_rate_enriched", "silver/rates/dim_code"
Files = dict[str, dict[str, str | None]]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(open_storage(str(tmp_path / "lake"), Options()))


def committed(lake: Lake, table: str, slice_id: str, files: Files) -> Transaction:
    """Commit a slice of files of ten bytes, each with its partition."""
    transaction = lake.begin("run")
    listed = tuple(FileEntry(f"{table}/{name}", 1, 10, partition) for name, partition in files.items())
    transaction.replace_slice(table, SliceEntry(slice_id, "1", {}, listed))
    transaction.commit()
    return transaction


def test_files_of_the_same_values_in_the_same_slice_are_one_partition(lake: Lake) -> None:
    files: Files = {"1": {"state": "GA"}, "2": {"state": "GA"}, "3": {"state": None}}
    committed(lake, FACT, "july", files)
    committed(lake, FACT, "august", {"4": {"state": "GA"}})
    assert Extent.of_snapshot(lake.snapshot()) == Extent(bytes=40, partitions=3)


def test_a_table_without_keys_has_bytes_and_no_partition(lake: Lake) -> None:
    committed(lake, CODES, "whole", {"1": {}, "2": {}})
    assert Extent.of_snapshot(lake.snapshot()) == Extent(bytes=20, partitions=0)


def test_an_empty_lake_holds_nothing(lake: Lake) -> None:
    assert Extent.of_snapshot(lake.snapshot()) == Extent(0, 0)


def test_only_files_that_the_lake_had_not_are_new(lake: Lake) -> None:
    first = committed(lake, FACT, "july", {"1": {"state": "GA"}, "2": {"state": "AL"}})
    second = committed(lake, FACT, "july", {"1": {"state": "GA"}, "3": {"state": "AL"}})
    assert Extent.of(first.new_files()) == Extent(bytes=20, partitions=2)
    assert Extent.of(second.new_files()) == Extent(bytes=10, partitions=1)


def test_a_slice_that_is_taken_out_brings_nothing(lake: Lake) -> None:
    committed(lake, FACT, "july", {"1": {"state": "GA"}})
    transaction = lake.begin("run")
    transaction.remove_slice(FACT, "july")
    transaction.commit()
    assert Extent.of(transaction.new_files()) == Extent()
