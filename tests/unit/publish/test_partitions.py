"""Partitions are listed from the commit alone, with their size and health."""

from pathlib import Path

import pytest

from lakeward.errors import UsageError
from lakeward.lake.commit import FileEntry, Lake, SliceEntry, Snapshot
from lakeward.lake.entries import TableDescription
from lakeward.publish.layout import DEEP
from lakeward.publish.partitions import list_partitions

from .conftest import Publish

ENRICHED = "gold/rates/fact_rate_enriched"
FACT = "silver/rates/fact_rate"


def file(name: str, rows: int, size: int, state: str | None = "GA") -> FileEntry:
    return FileEntry(f"{ENRICHED}/{name}", rows, size, {"state": state})


def committed(lake: Lake, *slices: SliceEntry, fact: str = "1") -> Snapshot:
    transaction = lake.begin("run")
    for entry in slices:
        transaction.replace_slice(ENRICHED, entry)
        transaction.replace_slice(FACT, SliceEntry(entry.slice_id, fact, {}, (FileEntry("f", 1, 1),)))
    transaction.describe(ENRICHED, TableDescription(layout="compact"))
    return transaction.commit()


def test_lists_each_partition_of_each_release(publish: Publish) -> None:
    found = list_partitions(publish())
    assert [(p.slice, p.partition["billing_class"], p.rows) for p in found] == [
        ("acme.ga.2025-06", "institutional", 200),
        ("acme.ga.2025-06", "professional", 200),
        ("globex.us.2025-06", "institutional", 100),
        ("globex.us.2025-06", "professional", 100),
    ]
    assert {(p.files, p.row_groups, p.health) for p in found} == {(1, 1, "ok")}


def test_a_condition_chooses(publish: Publish) -> None:
    snapshot = publish(layout=DEEP)
    chosen = list_partitions(snapshot, where="state is null and procedure_set like 'E&M%' and rows > 0")
    assert chosen
    assert all(p.partition["state"] is None and str(p.partition["procedure_set"]).startswith("E&M") for p in chosen)
    assert list_partitions(snapshot, where="month = '07'") == []


@pytest.mark.parametrize(
    "where", ["colour = 1", "rows >", "1 = 1; drop table partitions", "rows in (select * from 'x')"]
)
def test_a_wrong_condition_is_refused(publish: Publish, where: str) -> None:
    with pytest.raises(UsageError):
        list_partitions(publish(), where=where)


@pytest.mark.parametrize(
    ("files", "attributes", "fact", "health"),
    [
        ([file("a", 10, 100)], {}, "1", "ok"),
        ([file("a", 0, 100)], {}, "1", "empty"),
        ([file("a", 10, 600 * 2**20)], {}, "1", "oversized"),
        ([file(str(n), 10, 100) for n in range(65)], {}, "1", "tiny"),
        ([file(str(n), 10, 2_000_000) for n in range(65)], {}, "1", "ok"),
        ([file("a", 10, 100)], {}, "2", "stale"),
        ([file("a", 10, 100)], {"layout": "deep"}, "1", "stale"),
        ([file("a", 10, 100)], {"layout": "compact"}, "1", "ok"),
    ],
    ids=["ok", "empty", "oversized", "tiny", "many-good", "other-input", "other-layout", "same-layout"],
)
def test_health(
    lake: Lake, files: list[FileEntry], attributes: dict[str, str], fact: str, health: str, tmp_path: Path
) -> None:
    snapshot = committed(lake, SliceEntry("acme.ga.2025-06", "1", attributes, tuple(files)), fact=fact)
    assert [partition.health for partition in list_partitions(snapshot)] == [health]


def test_rows_a_megabyte(lake: Lake) -> None:
    snapshot = committed(lake, SliceEntry("acme.ga.2025-06", "1", {}, (file("a", 250_000, 20_000_000),)))
    (partition,) = list_partitions(snapshot)
    assert (partition.rows_per_mb, partition.row_groups) == (12_500.0, 3)
    assert partition.as_record()["state"] == "GA"


def test_a_table_without_partitions_is_listed_by_slice(publish: Publish) -> None:
    (partition,) = list_partitions(publish(), "mart_code")
    assert (partition.slice, partition.partition) == ("whole", {})
