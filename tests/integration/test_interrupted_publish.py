"""A run that is killed, or finds no room, leaves the last good lake; the next one ends as if nothing had happened."""

import json
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.lake.commit import Lake, Snapshot
from lakeward.lake.local_storage import TEMPORARY
from lakeward.lake.sweep import sweep
from lakeward.settings import StorageSettings

KILLS = 5
ROWS = 30_000
ENRICHED = "gold/rates/fact_rate_enriched"
DEEP_KEYS = ("procedure_set", "procedure_class", "primary_taxonomy_code", "stat_area_name")

PUBLISHER = """
import json, resource, signal, sys
from pathlib import Path
from types import SimpleNamespace
from lakeward.lake.commit import Lake
from lakeward.publish.engine import Resources
from lakeward.publish.layout import LAYOUTS
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings

lake, database, manifest, scratch, layout, largest_file = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if int(largest_file):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest_file), resource.RLIM_INFINITY))
built = SimpleNamespace(database=Path(database), manifest=json.loads(manifest))
transaction = Lake.open(lake, StorageSettings()).begin("run")
print("started", flush=True)
publish_build(built, transaction, LAYOUTS[layout], Resources(2 * 10**9, 2, Path(scratch)))
print("committed", transaction.commit().number, flush=True)
"""


def make_build(database: Path, version: int) -> str:
    """Make a build of two releases in DuckDB and return its manifest as JSON."""
    with duckdb.connect(str(database)) as connection:
        others = ", ".join(f"'{key} ' || i % 3 as {key}" for key in DEEP_KEYS)
        connection.execute(
            "create table fact_rate_enriched as select md5(i::varchar) as fact_uid, 'acme' as payer_slug, "
            "'GA' as state, 'professional' as billing_class, "
            "case when i % 2 = 0 then '2025-06' else '2025-07' end as year_month, "
            f"'acme.ga.' || year_month as release_id, lpad((i % 500)::varchar, 5, '0') as code, {others}, "
            f"round(i * 0.01 + {version}, 2) as negotiated_rate from range({ROWS}) t(i)"
        )
        connection.execute("create table mart as select code, count(*) as n from fact_rate_enriched group by code")
    meta = {"domain": "rates", "zone": "gold", "slice": "release", "key": ["fact_uid"]}
    whole = {"domain": "rates", "zone": "gold", "slice": "whole", "key": ["code"]}
    return json.dumps({"nodes": {n: _node(n, m) for n, m in {"fact_rate_enriched": meta, "mart": whole}.items()}})


def _node(name: str, meta: dict[str, Any]) -> dict[str, Any]:
    relation = f'"build"."main"."{name}"'
    return {
        "resource_type": "model",
        "name": name,
        "database": "build",
        "relation_name": relation,
        "config": {"meta": meta},
    }


class Publisher:
    """Publishes one version of a build into a lake, in a process of its own."""

    def __init__(self, folder: Path, layout: str) -> None:
        self.folder, self.layout, self._runs = folder, layout, 0
        self.builds = {}
        for version in (1, 2):
            (folder / f"v{version}").mkdir()
            database = folder / f"v{version}" / "build.duckdb"
            self.builds[version] = (str(database), make_build(database, version))

    def start(self, lake: Path, version: int, largest_file: int = 0) -> subprocess.Popen[str]:
        self._runs += 1
        scratch = self.folder / f"scratch-{self._runs}"
        arguments = [str(lake), *self.builds[version], str(scratch), self.layout, str(largest_file)]
        command = [sys.executable, "-c", PUBLISHER, *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, lake: Path, version: int, largest_file: int = 0) -> tuple[int, str]:
        process = self.start(lake, version, largest_file)
        _, errors = process.communicate(timeout=120)
        return process.returncode, errors


def opened(lake: Path) -> Lake:
    return Lake.open(str(lake), StorageSettings())


def content(snapshot: Snapshot) -> dict[str, bytes]:
    """Return every data file of a snapshot with its bytes."""
    storage = snapshot.lake.storage
    return {file.path: storage.read(file.path) for table in snapshot.tables() for file in snapshot.files(table)}


def _wait_for_start(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"


def _seconds_of_work(process: subprocess.Popen[str]) -> float:
    _wait_for_start(process)
    started = time.monotonic()
    process.communicate()
    return time.monotonic() - started


@pytest.mark.parametrize("layout", ["compact", "deep"])
def test_killed_at_any_moment(tmp_path: Path, layout: str) -> None:
    publisher = Publisher(tmp_path, layout)
    whole, lake = tmp_path / "whole", tmp_path / "lake"
    for version in (1, 2):
        assert publisher.run(whole, version) == (0, "")
    assert publisher.run(lake, 1) == (0, "")
    expected = {number: content(opened(whole).snapshot(number)) for number in (1, 2)}
    duration = _seconds_of_work(publisher.start(tmp_path / "timed", 2))

    chance, killed = random.Random(2025), 0
    for _ in range(KILLS):
        process = publisher.start(lake, 2)
        _wait_for_start(process)
        time.sleep(chance.uniform(0, duration))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        snapshot = opened(lake).snapshot()
        assert content(snapshot) == expected[snapshot.number]
        if snapshot.number == 2:
            break
    assert killed
    assert publisher.run(lake, 2) == (0, "")
    assert content(opened(lake).snapshot()) == expected[2]

    sweep(opened(lake), timedelta(seconds=-1), keep_commits=1)
    assert set(opened(lake).storage.list("gold/")) == set(expected[2])
    assert list(opened(lake).storage.list(f"{TEMPORARY}/")) == []


@pytest.mark.parametrize("largest_file", [1_000, 20_000, 200_000], ids=lambda size: f"{size}-bytes")
def test_no_room(tmp_path: Path, largest_file: int) -> None:
    publisher, lake = Publisher(tmp_path, "compact"), tmp_path / "lake"
    assert publisher.run(lake, 1)[0] == 0
    before = content(opened(lake).snapshot())
    files = set(opened(lake).storage.list(""))
    status, errors = publisher.run(lake, 2, largest_file)
    assert status == 1
    assert "StorageFailed" in errors
    assert "run the" in errors
    assert opened(lake).snapshot().number == 1
    assert content(opened(lake).snapshot()) == before
    assert not {path for path in set(opened(lake).storage.list("")) - files if TEMPORARY in path}
    assert publisher.run(lake, 2) == (0, "")


def test_two_runs_at_once(tmp_path: Path) -> None:
    publisher, lake = Publisher(tmp_path, "compact"), tmp_path / "lake"
    assert publisher.run(lake, 1)[0] == 0
    first, second = publisher.start(lake, 2), publisher.start(lake, 2)
    assert {first.wait(120), second.wait(120)} == {0}
    for process in (first, second):
        process.communicate()
    assert opened(lake).commit_numbers() == [1, 2]
