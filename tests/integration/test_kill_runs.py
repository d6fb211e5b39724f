"""A run that is killed at any moment leaves the last good lake; the next run ends as if nothing had happened."""

import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from .command_line import done, rows, start
from .lake_files import data_files, fingerprints, snapshot_of
from .small_market import SmallMarket

SQL = (
    "select release_id, count(*) as n, round(sum(negotiated_rate), 2) as money from fact_rate_enriched "
    "group by release_id order by release_id"
)
SECONDS_OF_STAGE = {"start": 2.0, "august.json": 4.0, "building": 6.0, "rows ->": 0.8}
"""How long the stage that begins with a line of the log takes, at least, on a fast machine."""
MOMENTS = {
    "early": ["start", "august.json", "august.json", "building"],
    "late": ["start", "building", "rows ->", "rows ->"],
}


def kill_after(line: str, chance: random.Random, *arguments: object) -> bool:
    """Start a run and kill it a random while after a line of its log; False if the run was faster."""
    process = start(*arguments)
    assert process.stderr is not None
    if line != "start":
        for said in process.stderr:
            if line in said:
                break
    time.sleep(chance.uniform(0, SECONDS_OF_STAGE[line]))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moments", MOMENTS)
def test_killed_at_any_moment(
    small_market: SmallMarket, july_lake: Path, both_months_lake: Path, tmp_path: Path, moments: str
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(july_lake, lake)
    good, answer = data_files(snapshot_of(lake), published=True), rows(lake, SQL)
    run = ("run", "--config", small_market.configuration("july", "august"), "--lake", lake)
    chance, killed = random.Random(moments), 0
    for line in MOMENTS[moments]:
        killed += kill_after(line, chance, *run)
        if data_files(snapshot_of(lake), published=True) != good:
            break  # the commit was made before the kill: the run was complete, and is compared below
        assert_good(lake, answer)
    assert killed >= len(MOMENTS[moments]) - 1
    done("ledger", "--check", "--lake", lake)
    done(*run)
    whole = snapshot_of(both_months_lake)
    assert data_files(snapshot_of(lake)) == data_files(whole)
    assert fingerprints(snapshot_of(lake)) == fingerprints(whole)
    assert rows(lake, SQL) == rows(both_months_lake, SQL)


def assert_good(lake: Path, answer: list[dict[str, object]]) -> None:
    """Readers see the last good lake, every file of it is whole, and the killed runs are known as interrupted."""
    assert rows(lake, SQL) == answer
    runs = done("runs", "--json", "--lake", lake).json
    assert [run["outcome"] for run in runs[1:]] == ["interrupted"] * (len(runs) - 1)
    snapshot = snapshot_of(lake)
    for table in snapshot.tables():
        for file in snapshot.files(table):
            assert (lake / file.path).stat().st_size == file.bytes


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0, 3.0])
def test_interrupted_by_the_user(small_market: SmallMarket, july_lake: Path, tmp_path: Path, seconds: float) -> None:
    """Ctrl-C ends with one message and the exit code of a run that did not finish."""
    lake = tmp_path / "lake"
    shutil.copytree(july_lake, lake)
    number = snapshot_of(lake).number
    process = start("run", "--config", small_market.configuration("august"), "--lake", lake)
    assert process.stderr is not None
    for line in process.stderr:
        if "building" in line:
            break
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    assert "interrupted; nothing of this run is visible" in errors
    assert "Traceback" not in errors
    assert snapshot_of(lake).number >= number
    assert done("runs", "--json", "--lake", lake).json[-1]["outcome"] in ("failed", "interrupted")
