"""A build becomes files: nothing lost, same rows same bytes, and only slices that changed are rewritten."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from lakeward.errors import DataCheckFailed, StorageFailed, UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish import engine, writer
from lakeward.publish.catalog import open_catalog
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT, DEEP, Layout
from lakeward.publish.partition import PartitionSpec
from lakeward.publish.writer import publish_build, relayout
from lakeward.settings import StorageSettings

from .conftest import Publish, make_build

ENRICHED = "gold/rates/fact_rate_enriched"
CUSTOM = Layout("custom", PartitionSpec(("procedure_set", "state")), ("code",))
LAYOUTS = pytest.mark.parametrize("layout", [COMPACT, DEEP, CUSTOM], ids=lambda layout: layout.name)


def rows_of(snapshot: Snapshot, table: str = "fact_rate_enriched") -> list[tuple[object, ...]]:
    with open_catalog(snapshot, StorageSettings()) as catalog:
        columns = "* replace (cast(amount as double) as amount)" if table == "fact_rate_enriched" else "*"
        return catalog.sql(f"select {columns} from {table} order by all").fetchall()


def content(snapshot: Snapshot) -> dict[str, bytes]:
    storage = snapshot.lake.storage
    return {file.path: storage.read(file.path) for table in snapshot.tables() for file in snapshot.files(table)}


@LAYOUTS
def test_what_is_read_is_what_was_built(publish: Publish, tmp_path: Path, layout: Layout) -> None:
    snapshot = publish(layout=layout)
    with duckdb.connect(str(tmp_path / "build" / "build.duckdb"), read_only=True) as build:
        built = build.sql("select * replace (cast(amount as double) as amount) from fact_rate_enriched").fetchall()
    width = len(built[0])
    assert sorted(map(str, (row[:width] for row in rows_of(snapshot)))) == sorted(map(str, built))


def test_every_published_table_is_there(publish: Publish) -> None:
    snapshot = publish()
    assert snapshot.tables() == [
        "gold/rates/fact_rate_enriched",
        "gold/rates/mart_code",
        "quarantine/rates/quarantine_fact_rate",
        "silver/reference/dim_nothing",
    ]
    assert sorted(snapshot.slices(ENRICHED)) == ["acme.ga.2025-06", "globex.us.2025-06"]
    assert list(snapshot.slices("gold/rates/mart_code")) == ["whole"]


def test_tables_without_rows_keep_their_columns(publish: Publish) -> None:
    snapshot = publish()
    (file,) = snapshot.files("silver/reference/dim_nothing")
    assert file.rows == 0
    assert pq.read_schema(snapshot.lake.url_for(file.path)).names == ["code", "weight"]
    quarantined = snapshot.slices("quarantine/rates/quarantine_fact_rate")
    assert {name: entry.rows for name, entry in quarantined.items()} == {"acme.ga.2025-06": 3, "globex.us.2025-06": 0}


def test_paths_follow_the_layouts(publish: Publish) -> None:
    compact = {file.path.rpartition("/")[0] for file in publish().files(ENRICHED)}
    assert f"{ENRICHED}/payer_slug=acme/state=GA/billing_class=professional/year=2025/month=06" in compact
    deep = publish(layout=DEEP).files(ENRICHED)
    tree, _, rest = deep[0].path.removeprefix(f"{ENRICHED}/deep-").partition("/")
    assert len(tree) == 12
    assert rest.count("=") == 9
    assert rest.endswith("/year=2025/month=06/fact_rate_enriched.parquet")
    assert any("procedure_class=Office%2Foutpatient 100%25" in file.path for file in deep)
    quarantine = publish().files("quarantine/rates/quarantine_fact_rate")[0].path
    assert quarantine.startswith("quarantine/rates/quarantine_fact_rate/release=acme.ga.2025-06/part-")


def test_partition_columns_are_not_in_the_files(publish: Publish) -> None:
    snapshot = publish()
    for file in snapshot.files(ENRICHED):
        assert not set(COMPACT.spec.keys) & set(pq.read_schema(snapshot.lake.url_for(file.path)).names)
        assert dict(file.partition) == COMPACT.spec.values(file.path)


def test_files_are_sorted(publish: Publish) -> None:
    snapshot = publish()
    order = [*COMPACT.sort, "fact_uid"]
    for file in snapshot.files(ENRICHED):
        rows = pq.read_table(snapshot.lake.url_for(file.path), columns=order, partitioning=None).to_pylist()
        keys = [tuple(("" if row[name] is None else "1" + row[name]) for name in order) for row in rows]
        assert keys == sorted(keys)


@LAYOUTS
def test_a_second_publication_changes_nothing(publish: Publish, layout: Layout) -> None:
    first = publish(layout=layout)
    before = sorted(first.lake.storage.list(""))
    second = publish(layout=layout)
    assert second.number == first.number
    assert sorted(first.lake.storage.list("")) == before


@LAYOUTS
def test_threads_and_input_order_change_no_byte(
    tmp_path: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ROWS_WORTH_ENCODING", 1_000)
    build = make_build(tmp_path / "build", rows=20_000)
    made = []
    for workers in (1, 4):
        lake = Lake.open(str(tmp_path / f"lake-{workers}"), StorageSettings())
        transaction = lake.begin("run")
        publish_build(build, transaction, layout, Resources(2 * 10**9, workers, tmp_path / "scratch"))
        made.append(content(transaction.commit()))
        with duckdb.connect(str(build.database)) as connection:
            connection.execute("create or replace table facts as select * from facts order by hash(fact_uid)")
    assert made[0] == made[1]


def test_only_the_release_that_changed_is_rewritten(publish: Publish, lake: Lake, resources: Resources) -> None:
    first = publish()
    build = make_build(resources.scratch / "again")
    with duckdb.connect(str(build.database)) as connection:
        connection.execute("update facts set negotiated_rate = 1 where release_id like 'globex%'")
    transaction = lake.begin("again")
    publish_build(build, transaction, COMPACT, resources)
    second = transaction.commit()
    acme, globex = "acme.ga.2025-06", "globex.us.2025-06"
    assert second.slices(ENRICHED)[acme] == first.slices(ENRICHED)[acme]
    assert second.slices(ENRICHED)[globex] != first.slices(ENRICHED)[globex]


def test_fingerprints_are_kept_with_the_slices(publish: Publish) -> None:
    snapshot = publish(fingerprints={"acme.ga.2025-06": "f1", "whole": "f2"})
    assert snapshot.slices(ENRICHED)["acme.ga.2025-06"].fingerprint == "f1"
    assert snapshot.slices("gold/rates/mart_code")["whole"].fingerprint == "f2"


def test_the_ledger_has_a_row_for_each_slice(lake: Lake, resources: Resources, tmp_path: Path) -> None:
    rows = publish_build(make_build(tmp_path / "build"), lake.begin("run"), COMPACT, resources)
    by_name = {(row.table, row.slice): row for row in rows}
    assert len(by_name) == 2 * 2 + 2
    row = by_name["fact_rate_enriched", "acme.ga.2025-06"]
    assert (row.step, row.rows_in, row.rows_out, row.keys_in, row.keys_out) == ("publish", 400, 400, 400, 400)
    assert row.money_in == row.money_out
    assert row.money_in is not None
    assert all(row.balanced for row in rows)


def test_files_that_lack_rows_are_not_published(
    publish: Publish, lake: Lake, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = publish()
    kept = writer.write_partitioned

    def losing(batches, *arguments, **options):  # type: ignore[no-untyped-def]
        return kept((batch.slice(1) for batch in batches), *arguments, **options)

    monkeypatch.setattr(writer, "write_partitioned", losing)
    with pytest.raises(DataCheckFailed, match=r"publish acme\.ga\.2025-06 fact_rate_enriched: rows 400 in"):
        publish(seed="other")
    assert lake.snapshot().number == before.number


def test_a_new_layout_takes_the_other_releases_along(publish: Publish, lake: Lake, resources: Resources) -> None:
    before = publish()
    build = make_build(resources.scratch / "again")
    with duckdb.connect(str(build.database)) as connection:
        connection.execute("delete from facts where release_id like 'globex%'")
        connection.execute("delete from quarantine_fact_rate where release_id like 'globex%'")
    transaction = lake.begin("again")
    rows = publish_build(build, transaction, DEEP, resources)
    after = transaction.commit()
    assert ("fact_rate_enriched", "globex.us.2025-06") in {(row.table, row.slice) for row in rows}
    assert {len(file.partition) for file in after.files(ENRICHED)} == {9}
    assert rows_of(after) == rows_of(before)
    assert after.description(ENRICHED).layout == "deep"


def test_relayout_keeps_rows_and_fingerprints(publish: Publish, lake: Lake, resources: Resources) -> None:
    before = publish(fingerprints={"acme.ga.2025-06": "f1"})
    transaction = lake.begin("relayout")
    relayout(transaction, DEEP, resources)
    deep = transaction.commit()
    assert rows_of(deep) == rows_of(before)
    assert deep.slices(ENRICHED)["acme.ga.2025-06"].fingerprint == "f1"
    transaction = lake.begin("back")
    relayout(transaction, COMPACT, resources)
    assert content(transaction.commit()) == content(before)


def test_mixed_layouts_are_read_as_one_table(publish: Publish, lake: Lake, resources: Resources) -> None:
    before = publish()
    transaction = lake.begin("half")
    slices = before.slices(ENRICHED)
    relayout(transaction, DEEP, resources)
    transaction.replace_slice(ENRICHED, slices["acme.ga.2025-06"])
    assert rows_of(transaction.commit()) == rows_of(before)


def test_an_unasked_layout_of_tiny_files_is_refused(publish: Publish) -> None:
    layout = replace(CUSTOM, spec=PartitionSpec(("fact_uid",)), allow_tiny_files=False)
    with pytest.raises(UsageError, match="600 files with a median of 1 rows"):
        publish(layout=layout)


def test_no_room_for_the_files(publish: Publish, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = publish()

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "write_partitioned", full)
    with pytest.raises(StorageFailed, match=r"No space left on device(?s:.)*Free some space"):
        publish(seed="other")
    assert lake.snapshot() == before


def test_nothing_is_left_in_scratch(publish: Publish, resources: Resources) -> None:
    publish()
    assert [path for path in resources.scratch.rglob("*") if path.is_file()] == []
