"""The Iceberg table as the commands keep it: after a run, after a rewrite, after a run that was cut off."""

import shutil
from pathlib import Path

import pytest

from lakeward.lake.commit import Lake
from lakeward.settings import StorageSettings

from .command_line import done, lakeward
from .iceberg_readers import READERS, Place, hive_door, in_order
from .small_market import SmallMarket

ON = {"publish": True}


def snapshots(lake: Path) -> list[tuple[int, int, bool]]:
    """Commit, rows and whether it is the current one, of each snapshot."""
    found = done("iceberg", "snapshots", "--lake", lake, "--json").json["snapshots"]
    return [(each["commit"], each["rows"], each["is_current"]) for each in found]


def metadata(lake: Path) -> str:
    return str(done("iceberg", "snapshots", "--lake", lake, "--json").json["metadata_location"])


@pytest.fixture(scope="module")
def kept_lake(july_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of one month that knows nothing of Iceberg, and its table, made by hand."""
    lake = tmp_path_factory.mktemp("iceberg") / "lake"
    shutil.copytree(july_lake, lake)
    made = done("iceberg", "publish", "--lake", lake)
    assert "stands at commit" in made.out
    assert "No data file was written." in made.out
    return lake


@pytest.mark.parametrize("reader", READERS)
def test_every_column_of_the_real_table_is_read(kept_lake: Path, reader: str) -> None:
    rows, columns = hive_door(Lake.open(str(kept_lake), StorageSettings()).snapshot())
    assert len(columns) > 80
    assert in_order(READERS[reader](metadata(kept_lake), Place(str(kept_lake))), columns)[0] == rows


def test_publishing_again_adds_nothing(kept_lake: Path) -> None:
    again = done("iceberg", "publish", "--lake", kept_lake, "--json").json
    assert (again["table"], again["commits"], again["was_made"]) == ("rates.fact_rate_enriched", [], False)
    assert again["metadata_location"] == metadata(kept_lake)


def test_snapshots_are_shown_by_commit(kept_lake: Path) -> None:
    ((commit, rows, is_current),) = snapshots(kept_lake)
    assert (rows > 100, is_current) == (True, True)
    shown = done("iceberg", "snapshots", "--lake", kept_lake, "--commit", commit).out
    assert f"commit-{commit}" in shown
    too_old = lakeward("iceberg", "snapshots", "--lake", kept_lake, "--commit", 1)
    if commit > 1:
        assert (too_old.status, "no snapshot of commit 1 or before" in too_old.message) == (2, True)


def test_nothing_is_expired_that_the_lake_keeps(kept_lake: Path) -> None:
    gone = done("iceberg", "expire", "--lake", kept_lake, "--json").json
    assert (gone["commits"], gone["files"]) == ([], 0)


@pytest.mark.parametrize("command", ["snapshots", "expire"])
def test_a_lake_without_the_table_says_what_makes_it(july_lake: Path, command: str) -> None:
    failed = lakeward("iceberg", command, "--lake", july_lake)
    assert (failed.status, failed.message) == (
        2, f"{july_lake} has no Iceberg table yet. `lakeward iceberg publish` makes it."
    )  # fmt: skip
    assert not (july_lake / "iceberg").exists()


def test_runs_and_rewrites_are_followed(small_market: SmallMarket, july_lake: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(july_lake, lake)
    july = small_market.configuration("july", name="iceberg-july", iceberg=ON)
    # As after a run that was killed between its commit and the table: there is nothing else to do.
    assert done("run", "--config", july, "--lake", lake, "--json").json["outcome"] == "unchanged"
    ((first, rows, _),) = snapshots(lake)
    both = small_market.configuration("july", "august", name="iceberg-both", iceberg=ON)
    run = done("run", "--config", both, "--lake", lake, "--json").json
    assert "iceberg" in [stage["name"] for stage in run["stages"]]
    assert snapshots(lake) == [(first, rows, False), (run["commit"], 2 * rows, True)]
    deep = done("layout", "apply", "deep", "--config", both, "--lake", lake, "--json").json
    assert snapshots(lake)[1:] == [(run["commit"], 2 * rows, False), (deep["commit"], 2 * rows, True)]
    opened = Lake.open(str(lake), StorageSettings())
    place, ids = Place(str(lake)), {}
    for each in done("iceberg", "snapshots", "--lake", lake, "--json").json["snapshots"]:
        ids[each["commit"]] = each["snapshot_id"]
    for commit in (run["commit"], deep["commit"]):
        wanted, columns = hive_door(opened.snapshot(commit))
        assert in_order(READERS["duckdb"](metadata(lake), place, ids[commit]), columns)[0] == wanted


def test_a_table_that_cannot_be_kept_leaves_the_commit(
    small_market: SmallMarket, july_lake: Path, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(july_lake, lake)
    before = Lake.open(str(lake), StorageSettings()).snapshot().number
    broken = {"publish": True, "catalog_path": str(tmp_path / "broken.db")}
    (tmp_path / "broken.db").write_bytes(b"no database" * 500)
    august = small_market.configuration("july", "august", name="iceberg-broken", iceberg=broken)
    failed = lakeward("run", "--config", august, "--lake", lake)
    assert failed.status == 3
    assert "broken.db' cannot be used" in failed.message
    newest = Lake.open(str(lake), StorageSettings()).snapshot()
    assert newest.number > before
    assert f"commit {newest.number} is published, and the Iceberg table is behind it" in failed.err
    recorded = done("runs", "--lake", lake, "--json").json[-1]
    assert (recorded["outcome"], recorded["commit"]) == ("published", newest.number)
    assert "broken.db" in recorded["error"]
    done("iceberg", "publish", "--lake", lake)
    assert snapshots(lake)[-1][0] == newest.number
