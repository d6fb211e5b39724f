"""Records of runs: which of those without an end still go on, as far as this machine can know."""

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from lakeward.lake.commit import Lake
from lakeward.lake.runs import RUNS, Run, read_runs
from lakeward.settings import StorageSettings

GB = 10**9


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake.open(str(tmp_path / "lake"), StorageSettings())


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def begun(lake: Lake, **changed: object) -> None:
    run = Run(lake, "run", GB)
    record = {name: value for name, value in (run.record() | changed).items() if value is not None}
    lake.storage.write(f"{RUNS}/{run.run_id}.json", json.dumps(record | {"ended_at": None}).encode())


@pytest.mark.parametrize(
    ("machine", "outcome"),
    [(platform.node(), "interrupted"), ("another", "running"), (None, "interrupted")],
    ids=["here", "elsewhere", "of a version that did not say where"],
)
def test_a_run_whose_process_is_gone(lake: Lake, gone: int, machine: str | None, outcome: str) -> None:
    begun(lake, process_id=gone, machine=machine)
    assert [run["outcome"] for run in read_runs(lake)] == [outcome]


def test_a_run_that_goes_on(lake: Lake) -> None:
    begun(lake)
    assert [run["outcome"] for run in read_runs(lake)] == ["running"]
