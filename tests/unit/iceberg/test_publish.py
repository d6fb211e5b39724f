"""The Iceberg table follows the commits of the lake: a snapshot each, nothing rewritten, nothing forgotten."""

import shutil
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table
from pyiceberg.types import StringType

from lakeward.errors import ConcurrentCommit, UsageError
from lakeward.iceberg import publish as publishing
from lakeward.iceberg.catalogue import HINT_PATH, METADATA_PATH, IcebergCatalogue
from lakeward.iceberg.opening import catalogue_file, open_catalogue
from lakeward.iceberg.publish import follow
from lakeward.iceberg.snapshots import list_snapshots, snapshot_at
from lakeward.lake.commit import Lake, SliceEntry, Snapshot
from lakeward.lake.entries import ColumnDescription
from lakeward.publish.catalog import open_catalog
from lakeward.publish.layout import COMPACT, DEEP, Layout
from lakeward.publish.partition import PartitionSpec
from lakeward.publish.writer import ENRICHED
from lakeward.settings import IcebergSettings, StorageSettings

from ..publish import conftest as builds
from ..publish.conftest import Publish

ACME = "acme.ga.2025-06"
GLOBEX = "globex.us.2025-06"


def table_of(catalogue: IcebergCatalogue) -> Table:
    table = catalogue.load()
    assert table is not None
    return table


def rows_at(catalogue: IcebergCatalogue, commit: int) -> set[str]:
    table = table_of(catalogue)
    found = table.scan(selected_fields=("fact_uid",), snapshot_id=snapshot_at(table, commit).snapshot_id)
    return set(found.to_arrow()["fact_uid"].to_pylist())


def files_at(catalogue: IcebergCatalogue) -> set[str]:
    return {task.file.file_path for task in table_of(catalogue).scan().plan_files()}


def rows_of(commit: Snapshot) -> set[str]:
    with open_catalog(commit, StorageSettings()) as catalog:
        return {uid for (uid,) in catalog.sql("select fact_uid from fact_rate_enriched").fetchall()}


def without(commit: Snapshot, slice_id: str) -> Snapshot:
    """Commit the lake without one slice of the table."""
    transaction = commit.lake.begin("remove")
    transaction.remove_slice(ENRICHED, slice_id)
    return transaction.commit()


def test_each_commit_becomes_one_snapshot(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    commits = [publish(seed=seed) for seed in "abc"]
    done = follow(lake, catalogue)
    assert (done.commits, done.commit, done.was_made) == ((1, 2, 3), 3, True)
    assert [(each.commit, each.tag, each.rows) for each in list_snapshots(table_of(catalogue))] == [
        (1, "commit-1", 600), (2, "commit-2", 600), (3, "commit-3", 600)
    ]  # fmt: skip
    assert [rows_at(catalogue, commit.number) for commit in commits] == [rows_of(commit) for commit in commits]


def test_no_data_file_is_written(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    commit = publish()
    before = {path for path in lake.storage.list("") if path.endswith(".parquet")}
    follow(lake, catalogue)
    assert {path for path in lake.storage.list("") if path.endswith(".parquet")} == before
    assert files_at(catalogue) == {lake.url_for(file.path) for file in commit.files(ENRICHED)}


def test_a_second_time_changes_nothing(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    publish()
    first = follow(lake, catalogue)
    content = {path: lake.storage.read(path) for path in lake.storage.list(f"{METADATA_PATH}/")}
    second = follow(lake, catalogue)
    assert (second.commits, second.metadata_location) == ((), first.metadata_location)
    assert {path: lake.storage.read(path) for path in lake.storage.list(f"{METADATA_PATH}/")} == content


def test_a_commit_of_other_tables_makes_no_snapshot(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    publish()
    follow(lake, catalogue)
    transaction = lake.begin("other")
    transaction.replace_slice("gold/claims/other", SliceEntry("whole", "x"))
    assert transaction.commit().number == 2
    done = follow(lake, catalogue)
    assert (done.commits, done.commit) == ((), 1)
    assert snapshot_at(table_of(catalogue), 2).commit == 1


def test_replacing_a_slice_leaves_the_files_of_others(
    publish: Publish, lake: Lake, catalogue: IcebergCatalogue
) -> None:
    first = publish(seed="a")
    second = publish(seed="b")
    transaction = lake.begin("back")
    transaction.replace_slice(ENRICHED, first.slices(ENRICHED)[ACME])
    third = transaction.commit()
    follow(lake, catalogue)
    replaced = list_snapshots(table_of(catalogue))[-1]
    assert replaced.files_added == len(first.slices(ENRICHED)[ACME].files)
    assert replaced.files_removed == len(second.slices(ENRICHED)[ACME].files)
    assert replaced.files == len(third.files(ENRICHED))
    assert rows_at(catalogue, 3) == rows_of(third)
    assert rows_at(catalogue, 3) & rows_of(first) != set()
    assert rows_at(catalogue, 3) & rows_of(second) != set()


def test_a_table_that_is_gone_is_empty(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    without(without(publish(), ACME), GLOBEX)
    assert follow(lake, catalogue).commits == (1, 2, 3)
    assert rows_at(catalogue, 3) == set()
    assert len(rows_at(catalogue, 1)) == 600


def test_a_lake_without_the_table_says_so(lake: Lake, catalogue: IcebergCatalogue) -> None:
    with pytest.raises(UsageError, match="has no table fact_rate_enriched to show as Iceberg"):
        follow(lake, catalogue)


@pytest.mark.parametrize(
    "layouts",
    [
        (COMPACT, DEEP, COMPACT),
        (DEEP, COMPACT),
        (COMPACT, Layout("custom", PartitionSpec(("state", "procedure_set", "year", "month")), ("code",))),
    ],
    ids=["there-and-back", "deep-to-compact", "keys-in-another-order"],
)
def test_another_layout_is_another_partition_specification(
    publish: Publish, lake: Lake, catalogue: IcebergCatalogue, layouts: tuple[Layout, ...]
) -> None:
    commits = [publish(seed=str(number), layout=layout) for number, layout in enumerate(layouts)]
    assert follow(lake, catalogue).commits == tuple(range(1, len(layouts) + 1))
    assert [rows_at(catalogue, commit.number) for commit in commits] == [rows_of(commit) for commit in commits]
    assert {field.name for field in table_of(catalogue).spec().fields} == set(layouts[-1].spec.keys)


def test_slices_in_two_layouts_are_one_commit(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    deep, compact = publish(seed="a", layout=DEEP), publish(seed="b", layout=COMPACT)
    transaction = lake.begin("mixed")
    transaction.replace_slice(ENRICHED, deep.slices(ENRICHED)[ACME])
    mixed = transaction.commit()
    follow(lake, catalogue)
    assert rows_at(catalogue, mixed.number) == rows_of(mixed)
    assert rows_at(catalogue, compact.number) == rows_of(compact)
    assert [each.commit for each in list_snapshots(table_of(catalogue))] == [1, 2, 3]


def test_a_key_that_goes_makes_the_table_anew(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    publish(seed="a")
    first = follow(lake, catalogue)
    commit = publish(seed="b", layout=Layout("custom", PartitionSpec(("state",)), ("code",)))
    second = follow(lake, catalogue)
    assert second.was_made
    assert rows_at(catalogue, 2) == rows_of(commit)
    assert "year" not in table_of(catalogue).schema().column_names
    assert not lake.storage.exists(first.metadata_location.removeprefix(f"{lake.url}/"))


def described(commit: Snapshot, *, added: tuple[ColumnDescription, ...] = (), **types: str) -> Snapshot:
    """Commit other columns of the table, and one slice less so that there is something to commit."""
    transaction = commit.lake.begin("columns")
    description = commit.description(ENRICHED)
    columns = tuple(replace(column, type=types.get(column.name, column.type)) for column in description.columns)
    transaction.describe(ENRICHED, replace(description, columns=columns + added))
    transaction.remove_slice(ENRICHED, GLOBEX)
    return transaction.commit()


def test_a_new_column_is_null_in_files_without_it(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    first = publish()
    follow(lake, catalogue)
    described(first, added=(ColumnDescription("note", "VARCHAR[]", "A note."),))
    assert not follow(lake, catalogue).was_made
    found = table_of(catalogue).scan().to_arrow()
    assert found["note"].null_count == found.num_rows == 400
    assert rows_at(catalogue, 1) == rows_of(first)


def test_a_column_of_another_type_makes_the_table_anew(
    publish: Publish, lake: Lake, catalogue: IcebergCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    follow(lake, catalogue)
    monkeypatch.setattr(builds, "FACTS", builds.FACTS.replace("cast(i + 1 as bigint)", "cast(i + 1 as varchar)"))
    commit = publish(seed="b")
    assert follow(lake, catalogue).was_made
    assert [each.commit for each in list_snapshots(table_of(catalogue))] == [2]
    assert rows_at(catalogue, 2) == rows_of(commit)
    assert table_of(catalogue).schema().find_field("source_record").field_type == StringType()


class TestSelfHealing:
    def test_a_lost_catalogue_is_made_again_with_its_history(
        self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue
    ) -> None:
        commits = [publish(seed=seed) for seed in "ab"]
        first = follow(lake, catalogue)
        catalogue_file(lake, IcebergSettings()).unlink()
        with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as again:
            assert follow(lake, again).metadata_location == first.metadata_location
            assert [rows_at(again, commit.number) for commit in commits] == [rows_of(commit) for commit in commits]

    def test_a_lost_catalogue_and_hint_are_made_from_the_commits(
        self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue
    ) -> None:
        commits = [publish(seed=seed) for seed in "ab"]
        follow(lake, catalogue)
        lake.storage.delete([HINT_PATH])
        catalogue_file(lake, IcebergSettings()).unlink()
        with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as again:
            assert follow(lake, again).was_made
            assert [rows_at(again, commit.number) for commit in commits] == [rows_of(commit) for commit in commits]

    def test_a_hint_that_was_not_written_is_written_by_the_next(
        self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue
    ) -> None:
        publish()
        follow(lake, catalogue)
        hint = lake.storage.read(HINT_PATH)
        publish(seed="b")
        follow(lake, catalogue)
        newest = lake.storage.read(HINT_PATH)
        lake.storage.write(HINT_PATH, hint)  # killed between the catalogue and the hint
        assert follow(lake, catalogue).commits == ()
        assert lake.storage.read(HINT_PATH) == newest != hint

    def test_another_machine_goes_on_where_one_stopped(
        self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue, tmp_path: Path
    ) -> None:
        publish(seed="a")
        follow(lake, catalogue)
        publish(seed="b")
        elsewhere = IcebergSettings(catalog_path=str(tmp_path / "elsewhere.db"))
        with open_catalogue(lake, elsewhere, "development", "us-east-1") as other:
            assert follow(lake, other).commits == (2,)
        publish(seed="c")
        assert follow(lake, catalogue).commits == (3,)
        assert [each.commit for each in list_snapshots(table_of(catalogue))] == [1, 2, 3]

    def test_a_lake_made_anew_in_the_same_place(
        self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue
    ) -> None:
        publish(seed="a")
        publish(seed="b")
        follow(lake, catalogue)
        for zone in ("_lakeward", "gold", "silver", "quarantine"):
            shutil.rmtree(Path(lake.url) / zone)
        commit = publish(seed="c")
        done = follow(lake, catalogue)
        assert (done.commits, done.was_made) == ((1,), True)
        assert rows_at(catalogue, 1) == rows_of(commit)

    def test_a_lake_that_was_copied_has_a_table_of_its_own(
        self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue, tmp_path: Path
    ) -> None:
        publish()
        before = follow(lake, catalogue)
        shutil.copytree(lake.url, tmp_path / "copy")
        copy = Lake.open(str(tmp_path / "copy"), StorageSettings())
        with open_catalogue(copy, IcebergSettings(), "development", "us-east-1") as other:
            assert follow(copy, other).was_made
            assert all(path.startswith(f"{copy.url}/") for path in files_at(other))
        shutil.rmtree(tmp_path / "copy")
        assert follow(lake, catalogue).metadata_location == before.metadata_location


class TestConcurrency:
    def test_two_at_once_add_each_commit_once(self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
        commits = [publish(seed=seed) for seed in "abc"]
        failures: list[BaseException] = []

        def publish_too() -> None:
            try:
                with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as own:
                    follow(lake, own)
            except BaseException as error:
                failures.append(error)

        others = [Thread(target=publish_too) for _ in range(3)]
        for other in others:
            other.start()
        for other in others:
            other.join()
        assert failures == []
        assert [each.commit for each in list_snapshots(table_of(catalogue))] == [1, 2, 3]
        assert len(table_of(catalogue).metadata.snapshots) == 3
        assert [rows_at(catalogue, commit.number) for commit in commits] == [rows_of(commit) for commit in commits]

    def test_one_that_lost_reads_again_and_leaves_no_metadata(
        self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish(seed="a")
        follow(lake, catalogue)
        commit = publish(seed="b")
        write_metadata, lost = SqlCatalog._write_metadata, []

        def lose_once(*arguments: Any, **named: Any) -> None:
            write_metadata(*arguments, **named)
            if not lost:  # what is written is not in the catalogue yet
                lost.append(1)
                with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as other:
                    follow(lake, other)

        monkeypatch.setattr(SqlCatalog, "_write_metadata", staticmethod(lose_once))
        assert follow(lake, catalogue).commit == 2
        assert len(table_of(catalogue).metadata.snapshots) == 2
        assert rows_at(catalogue, 2) == rows_of(commit)
        numbers = [Path(path).name[:5] for path in lake.storage.list(f"{METADATA_PATH}/") if path.endswith(".json")]
        assert sorted(set(numbers)) == sorted(numbers)

    def test_one_that_always_loses_says_so(
        self, publish: Publish, lake: Lake, catalogue: IcebergCatalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish()

        def lose(*_: object) -> None:
            raise CommitFailedException("another was first")

        monkeypatch.setattr(publishing, "_take", lose)
        with pytest.raises(ConcurrentCommit, match="10 times in a row"):
            follow(lake, catalogue)


def test_statistics_prune_files_without_opening_them(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    publish()
    follow(lake, catalogue)
    table = table_of(catalogue)
    assert list(table.scan(row_filter="code = '00000'").plan_files()) == []
    assert list(table.scan(row_filter="amount > 100000").plan_files()) == []
    assert 0 < len(list(table.scan(row_filter="payer_slug = 'globex'").plan_files())) < len(files_at(catalogue))
