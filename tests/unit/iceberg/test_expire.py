"""Expiring: what the lake keeps can still be read, what it does not keep goes, and the metadata with it."""

from datetime import timedelta
from pathlib import Path

import pytest

from lakeward.iceberg.catalogue import METADATA_PATH, IcebergCatalogue
from lakeward.iceberg.expire import Expired, expire
from lakeward.iceberg.publish import follow
from lakeward.iceberg.snapshots import list_snapshots, snapshot_at
from lakeward.lake.commit import Lake, SliceEntry
from lakeward.lake.sweep import sweep

from ..publish.conftest import Publish

AT_ONCE = timedelta(0)


def commits_in(catalogue: IcebergCatalogue) -> list[int]:
    table = catalogue.load()
    assert table is not None
    return [each.commit for each in list_snapshots(table)]


def count_rows(catalogue: IcebergCatalogue, commit: int) -> int:
    table = catalogue.load()
    assert table is not None
    return len(table.scan(snapshot_id=snapshot_at(table, commit).snapshot_id).to_arrow())


def commit_of_another_table(lake: Lake, content: str) -> None:
    transaction = lake.begin("other")
    transaction.replace_slice("gold/claims/other", SliceEntry("whole", content))
    transaction.commit()


def test_what_the_lake_keeps_is_read_after_the_sweep(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    for seed in "abcd":
        publish(seed=seed)
    follow(lake, catalogue)
    assert expire(lake, catalogue, keep_commits=2).commits == (1, 2)
    swept = sweep(lake, older_than=AT_ONCE, keep_commits=2)
    assert any(path.endswith(".parquet") for path in swept.paths)
    assert commits_in(catalogue) == [3, 4]
    assert [count_rows(catalogue, commit) for commit in (3, 4)] == [600, 600]


def test_the_snapshot_that_a_kept_commit_shows_stays(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    publish(seed="a")
    publish(seed="b")
    commit_of_another_table(lake, "x")  # commit 3 shows the table of commit 2
    publish(seed="c")
    follow(lake, catalogue)
    assert expire(lake, catalogue, keep_commits=2).commits == (1,)
    sweep(lake, older_than=AT_ONCE, keep_commits=2)
    assert commits_in(catalogue) == [2, 4]
    assert count_rows(catalogue, 3) == 600


def test_the_newest_stays_whatever_is_kept(publish: Publish, lake: Lake, catalogue: IcebergCatalogue) -> None:
    publish()
    follow(lake, catalogue)
    for number in range(12):
        commit_of_another_table(lake, str(number))
    assert expire(lake, catalogue, keep_commits=1).commits == ()
    sweep(lake, older_than=AT_ONCE, keep_commits=1)
    assert count_rows(catalogue, 13) == 600


def test_metadata_that_no_snapshot_needs_is_deleted_when_it_is_old(
    publish: Publish, lake: Lake, catalogue: IcebergCatalogue
) -> None:
    for seed in "abc":
        publish(seed=seed)
    follow(lake, catalogue)
    unfinished = f"{METADATA_PATH}/snap-1-0-killed.avro"
    lake.storage.write(unfinished, b"of a run that was killed")
    before = set(lake.storage.list(f"{METADATA_PATH}/"))
    assert expire(lake, catalogue, keep_commits=1).files == 0  # all of it is young
    done = expire(lake, catalogue, keep_commits=1, older_than=AT_ONCE)
    left = set(lake.storage.list(f"{METADATA_PATH}/"))
    assert done.files == len(before - left) > 3
    assert unfinished not in left
    assert count_rows(catalogue, 3) == 600


def test_a_lake_without_a_table_has_nothing_to_expire(lake: Lake, catalogue: IcebergCatalogue) -> None:
    assert expire(lake, catalogue) == Expired((), 0, 0)


@pytest.mark.parametrize("commit", [3, 99], ids=["newest", "one-that-is-to-come"])
def test_a_commit_is_found_by_its_number(
    publish: Publish, lake: Lake, catalogue: IcebergCatalogue, commit: int
) -> None:
    for seed in "abc":
        publish(seed=seed)
    follow(lake, catalogue)
    table = catalogue.load()
    assert table is not None
    assert snapshot_at(table, commit).commit == 3
    assert Path(table.metadata_location).is_file()
