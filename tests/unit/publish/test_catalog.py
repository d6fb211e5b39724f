"""Every table by its name, with its columns in order and null partitions as null."""

from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.errors import StorageFailed, UsageError
from lakeward.lake.commit import Lake, SliceEntry, Snapshot
from lakeward.publish import catalog
from lakeward.publish.catalog import find_table, list_tables, open_catalog, slice_relation, table_columns
from lakeward.publish.layout import DEEP
from lakeward.publish.query import query
from lakeward.settings import StorageSettings
from lakeward.sources.landing import Landing

from .conftest import Publish

SETTINGS = StorageSettings()


def land(lake: Lake, folder: Path, file_id: str, columns: dict[str, list[object]]) -> Snapshot:
    """Put one file of a bronze dataset into the lake."""
    source = folder / file_id
    source.write_text(file_id)
    rows = pa.RecordBatch.from_pydict(columns)
    with Landing(source, folder / f"staging-{file_id}") as landing:
        landing.writer("price", rows.schema).write(rows)
    transaction = lake.begin("extract")
    entry = transaction.add_parquet(landing.files()["price"], f"bronze/mrf/price/file={file_id}")
    transaction.replace_slice("bronze/mrf/price", SliceEntry(file_id, file_id, {}, (entry,)))
    return transaction.commit()


def test_null_partitions_are_null_and_text_is_text(publish: Publish) -> None:
    with open_catalog(publish(), SETTINGS) as connection:
        found = connection.sql(
            "select payer_slug, state, year, month, typeof(year), count(*) "
            "from fact_rate_enriched group by all order by 1"
        ).fetchall()
    assert found == [
        ("acme", "GA", "2025", "06", "VARCHAR", 400),
        ("globex", None, "2025", "06", "VARCHAR", 200),
    ]


def test_columns_stand_in_the_order_of_the_model(publish: Publish) -> None:
    snapshot = publish()
    with open_catalog(snapshot, SETTINGS, ["gold/rates/fact_rate_enriched"]) as connection:
        names = [row[0] for row in connection.sql("describe fact_rate_enriched").fetchall()]
    assert names[:4] == ["fact_uid", "release_id", "payer_slug", "state"]
    assert names[-2:] == ["year", "month"]


def test_bronze_has_a_schema_of_its_own_and_matches_columns_by_name(lake: Lake, tmp_path: Path) -> None:
    land(lake, tmp_path, "one", {"_file_id": ["one"], "a": [1]})
    snapshot = land(lake, tmp_path, "two", {"a": [2], "_file_id": ["two"], "b": ["new"]})
    rows = query(snapshot, "select _file_id, a, b from bronze.mrf__price order by a", SETTINGS).rows
    assert rows.to_pylist() == [{"_file_id": "one", "a": 1, "b": None}, {"_file_id": "two", "a": 2, "b": "new"}]
    assert [column.name for column in table_columns(snapshot, "bronze.mrf__price", SETTINGS)] == ["_file_id", "a", "b"]


def test_partition_keys_keep_their_order(publish: Publish) -> None:
    for file in publish().lake.snapshot().files("gold/rates/fact_rate_enriched"):
        assert tuple(file.partition) == ("payer_slug", "state", "billing_class", "year", "month")


def test_a_reader_does_not_see_later_commits(publish: Publish) -> None:
    before = publish()
    with open_catalog(before, SETTINGS) as connection:
        publish(seed="other")
        found = connection.sql("select min(fact_uid) from fact_rate_enriched").fetchone()
    with open_catalog(before, SETTINGS) as connection:
        assert connection.sql("select min(fact_uid) from fact_rate_enriched").fetchone() == found


def test_a_tree_of_many_files_is_read_by_its_pattern(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(layout=DEEP)
    snapshot = publish(layout=DEEP).lake.snapshot()
    monkeypatch.setattr(catalog, "FILES_NAMED_IN_VIEW", 2)
    assert "*/*/*/*/*/*/*/*/*/*.parquet" in slice_relation(snapshot, "gold/rates/fact_rate_enriched")
    rows = query(snapshot, "select count(*) as n, count(state) as s from fact_rate_enriched", SETTINGS).rows
    assert rows.to_pylist() == [{"n": 600, "s": 400}]


def test_tables_are_listed_with_their_grain_and_size(publish: Publish) -> None:
    snapshot = publish()
    listed = {summary.name: summary for summary in list_tables(snapshot)}
    summary = listed["fact_rate_enriched"]
    assert (summary.grain, summary.rows, summary.slices, summary.layout) == ("one price", 600, 2, "compact")
    assert summary.bytes == sum(file.bytes for file in snapshot.files(summary.table))
    described = {column.name: column for column in table_columns(snapshot, "fact_rate_enriched", SETTINGS)}
    assert described["code"].description == "The billing code."
    assert described["amount"].type == "DECIMAL(18,4)"
    assert described["pos_members"].type == "VARCHAR[]"


def test_an_unknown_table_names_those_there_are(publish: Publish, lake: Lake) -> None:
    with pytest.raises(UsageError, match="none yet; `lakeward run` makes them"):
        find_table(lake.snapshot(), "fact")
    snapshot = publish()
    assert find_table(snapshot, "mart_code") == find_table(snapshot, "gold/rates/mart_code") == "gold/rates/mart_code"
    with pytest.raises(UsageError, match=r"no table 'fact'(?s:.)*dim_nothing, fact_rate_enriched, mart_code"):
        find_table(snapshot, "fact")


def test_a_file_removed_by_hand_is_an_error_that_says_so(publish: Publish) -> None:
    snapshot = publish()
    snapshot.lake.storage.delete([snapshot.files("gold/rates/mart_code")[0].path])
    with (
        pytest.raises(StorageFailed, match=r"mart_code of commit 1 cannot be read(?s:.)*lakeward run"),
        open_catalog(snapshot, SETTINGS),
    ):
        pass
