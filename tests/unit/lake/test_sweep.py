"""The sweep deletes what no kept commit needs, and nothing that was written lately."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lakeward.lake.commit import FileEntry, Lake, SliceEntry
from lakeward.lake.storage import open_storage
from lakeward.lake.sweep import sweep

from .conftest import Options

AT_ONCE = timedelta(seconds=-1)
TABLE = "gold/rates/mart"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake of four commits; each replaces the one slice, which has so many files that it has a manifest."""
    lake = Lake(open_storage(str(tmp_path / "lake"), Options()))
    local = tmp_path / "x"
    local.write_bytes(b"x")
    for version in range(4):
        transaction = lake.begin(f"run-{version}")
        files = tuple(FileEntry(f"{TABLE}/{version}-{n}", 1, 1) for n in range(10))
        for file in files:
            transaction.add_file(local, file.path)
        transaction.replace_slice(TABLE, SliceEntry("whole", str(version), {}, files))
        transaction.commit()
    lake.storage.write("_lakeward/runs/1.json", b"{}")
    return lake


def test_keeps_what_kept_commits_need(lake: Lake) -> None:
    swept = sweep(lake, AT_ONCE, keep_commits=2)
    assert lake.commit_numbers() == [3, 4]
    assert len([path for path in swept.paths if path.startswith(TABLE)]) == 20
    assert swept.bytes > 20
    for number in (3, 4):
        assert all(lake.storage.exists(path) for path in lake.snapshot(number).paths())
    assert lake.storage.exists("_lakeward/runs/1.json")
    assert len(list(lake.storage.list("_lakeward/manifests/"))) == 2


def test_leaves_young_files_alone(lake: Lake) -> None:
    assert [path for path in sweep(lake, keep_commits=1).paths if path.startswith(TABLE)] == []


def test_leaves_files_of_a_running_run_alone(lake: Lake) -> None:
    lake.storage.write(f"{TABLE}/of-a-running-run", b"")
    started = datetime.now(UTC) - timedelta(minutes=1)
    assert [p for p in sweep(lake, AT_ONCE, running_since=started).paths if p.startswith(TABLE)] == []


def test_removes_what_killed_runs_left(lake: Lake) -> None:
    lake.storage.write(f"{TABLE}/of-a-killed-run", b"")
    lake.storage.write("_lakeward/temporary/1-2", b"")
    assert set(sweep(lake, AT_ONCE).paths) == {f"{TABLE}/of-a-killed-run", "_lakeward/temporary/1-2"}


def test_a_second_sweep_finds_nothing(lake: Lake) -> None:
    sweep(lake, AT_ONCE, keep_commits=1)
    assert sweep(lake, AT_ONCE, keep_commits=1).paths == ()
