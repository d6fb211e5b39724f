"""Every row leads back to a file, its sha256 and a record in it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import UsageError
from lakeward.lake.commit import Lake, SliceEntry, Snapshot
from lakeward.publish.lineage import SOURCE_FILE, lineage
from lakeward.settings import StorageSettings

from .conftest import Publish

SETTINGS = StorageSettings()


@pytest.fixture
def snapshot(publish: Publish, lake: Lake, tmp_path: Path) -> Snapshot:
    """A small build, and the register of the two files that it came from."""
    publish()
    transaction = lake.begin("extract")
    for file_id in ("file0", "file1"):
        row = {"file_id": file_id, "source": "mrf", "name": f"{file_id}.json", "sha256": file_id * 8, "size_bytes": 1}
        pq.write_table(pa.Table.from_pylist([row]), tmp_path / f"{file_id}.parquet")
        entry = transaction.add_parquet(tmp_path / f"{file_id}.parquet", f"{SOURCE_FILE}/file={file_id}")
        transaction.replace_slice(SOURCE_FILE, SliceEntry(file_id, file_id, {}, (entry,)))
    return transaction.commit()


def test_a_fact_leads_to_its_record(snapshot: Snapshot) -> None:
    (origin,) = lineage(snapshot, "fact_rate_enriched", "source_record = 8", SETTINGS)
    assert list(origin.key) == ["fact_uid"]
    assert (origin.source, origin.name, origin.sha256, origin.record) == ("mrf", "file1.json", "file1" * 8, 8)


def test_a_mart_leads_through_its_facts(snapshot: Snapshot) -> None:
    origins = lineage(snapshot, "mart_code", "payer_slug = 'globex' and code = '99203'", SETTINGS, limit=1_000)
    assert {tuple(origin.key.values()) for origin in origins} == {("globex", "99203")}
    assert [origin.record for origin in origins] == [n + 1 for n in range(600) if n % 3 == 0 and n % 20 == 3]


def test_a_bronze_row_leads_to_its_record(snapshot: Snapshot, tmp_path: Path) -> None:
    pq.write_table(pa.table({"_file_id": ["file1"] * 2, "_source_record": [7, 8]}), tmp_path / "price.parquet")
    transaction = snapshot.lake.begin("extract")
    entry = transaction.add_parquet(tmp_path / "price.parquet", "bronze/mrf/price/file=file1")
    transaction.replace_slice("bronze/mrf/price", SliceEntry("file1", "1", {}, (entry,)))
    (origin,) = lineage(transaction.commit(), "bronze.mrf__price", "_source_record = 8", SETTINGS)
    assert (origin.name, origin.record) == ("file1.json", 8)


def test_the_number_of_records_is_bounded(snapshot: Snapshot) -> None:
    assert len(lineage(snapshot, "fact_rate_enriched", "true", SETTINGS, limit=7)) == 7


@pytest.mark.parametrize(
    ("table", "where", "message"),
    [
        ("mart", "true", "There is no table 'mart'"),
        ("mart_code", "colour = 1", "lists the columns of the table"),
        ("mart_code", "true) union (select 1", "lists the columns|cannot be parsed"),
        ("quarantine_fact_rate", "true); drop view mart_code; select (1", "cannot be parsed"),
    ],
    ids=["table", "column", "union", "statement"],
)
def test_what_cannot_be_followed(snapshot: Snapshot, table: str, where: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        lineage(snapshot, table, where, SETTINGS)
