"""Publishes small builds in processes that may be killed at any moment, and started again at once.

In: builds, each a DuckDB file with its manifest, and the address of a lake. Out: processes, each with the list of what
the lake's storage acknowledged. A server has everything imported and forks, so that fifty of them take little time.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import duckdb

ROWS = 6_000
FACT = {"domain": "rates", "zone": "gold", "slice": "release", "key": ["fact_uid"]}
MART = {"domain": "rates", "zone": "gold", "slice": "whole", "key": ["code"]}
SERVER = """
import json, os, sys
from pathlib import Path
from types import SimpleNamespace
import boto3, duckdb, polars, pyarrow.parquet  # so that each of the processes to come has them
from lakeward.errors import LakewardError
from lakeward.lake.commit import Lake
from lakeward.lake.s3_storage import S3Storage
from lakeward.publish.engine import Resources
from lakeward.publish.layout import LAYOUTS
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings

class Telling(S3Storage):
    "Says what was acknowledged, once it was."
    def write(self, path, data):
        super().write(path, data)
        say("stored", path)
    def create(self, path, data):
        created = super().create(path, data)
        if created:
            say("stored", path)
        return created
    def add_files(self, files):
        files = list(files)
        super().add_files(files)
        for _, path in files:
            say("stored", path)

def say(*words):
    os.write(out, (json.dumps(words) + "\\n").encode())

def publish(bucket, prefix, storage, database, manifest, scratch, layout):
    lake = Lake(Telling(bucket, prefix, StorageSettings(**storage)))
    transaction = lake.begin("run")
    say("started")
    publish_build(
        SimpleNamespace(database=Path(database), manifest=manifest), transaction, LAYOUTS[layout],
        Resources(10**9, 1, Path(scratch)),
    )
    say("committed", transaction.commit().number)

for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if not child:
        out = os.open(asked.pop("out"), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        try:
            publish(**asked)
        except LakewardError as error:
            say("failed", type(error).__name__, str(error))
            os._exit(error.exit_code)
        except BaseException as error:
            say("broke", repr(error))
            os._exit(99)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class Build:
    """A finished build, as publishing takes it."""

    database: Path
    manifest: dict[str, Any]

    @classmethod
    def make(cls, database: Path, version: int, releases: tuple[str, ...], *, mart: bool = True) -> Self:
        """Make a build of some releases; two versions differ in every price."""
        database.parent.mkdir(parents=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute(
                "create table fact_rate_enriched as select md5(i || release_id) as fact_uid, 'acme' as payer_slug, "
                "'GA' as state, 'professional' as billing_class, '2025-06' as year_month, release_id, "
                "lpad((i % 500)::varchar, 5, '0') as code, 'Set' as procedure_set, 'Class' as procedure_class, "
                "'207Q00000X' as primary_taxonomy_code, 'Area ' || i % 3 as stat_area_name, "
                f"round(i * 0.01 + {version}, 2) as negotiated_rate "
                f"from range({ROWS}) t(i), (select unnest(?) as release_id)",
                [list(releases)],
            )
            connection.execute("create table mart as select code, count(*) as n from fact_rate_enriched group by code")
            if mart:
                connection.execute("update mart set n = n + ?", [version])
        tables = {"fact_rate_enriched": FACT} | ({"mart": MART} if mart else {})
        return cls(database, {"nodes": {name: _node(name, meta) for name, meta in tables.items()}})


def _node(name: str, meta: dict[str, Any]) -> dict[str, Any]:
    relation = f'"build"."main"."{name}"'
    node = {"resource_type": "model", "name": name, "database": "build", "relation_name": relation}
    return node | {"config": {"meta": meta}}


@dataclass(frozen=True)
class Publishing:
    """A process that publishes; ``kill`` ends it where it stands."""

    process: int
    """A descriptor of the process: unlike its number, never another's."""
    out: Path
    server: "subprocess.Popen[str]"

    def kill(self) -> None:
        """End it as ``kill -9`` does; one that has ended already stays so."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGKILL)

    def status(self) -> int:
        """Wait for its end; 0 done, 3 failed with a message, -9 killed."""
        assert self.server.stdout is not None
        status = int(self.server.stdout.readline())
        os.close(self.process)
        return status

    def said(self, word: str) -> list[Any]:
        """Return what it said so far of one kind: ``stored``, ``committed``, ``failed``, ``broke``."""
        lines = self.out.read_text().splitlines() if self.out.exists() else []
        said = [json.loads(line) for line in lines if line.endswith("]")]
        return [rest[0] if len(rest) == 1 else rest for first, *rest in said if first == word]


class Publisher:
    """Starts one process after another; two publishers publish at once.

    Args:
        folder: private, for scratch files.
        server: that forks.
    """

    def __init__(self, folder: Path, server: "subprocess.Popen[str]") -> None:
        self.folder, self._server, self._runs = folder, server, 0

    def start(self, build: Build, prefix: str, endpoint: str, layout: str = "compact", **storage: Any) -> Publishing:
        """Start to publish a build into ``s3://lake/<prefix>``; returns at once."""
        self._runs += 1
        out = self.folder / f"run-{self._runs}.jsonl"
        asked = {
            "bucket": "lake",
            "prefix": prefix,
            "storage": {"endpoint_url": endpoint, "unreported_encryption": "allow", **storage},
            "database": str(build.database),
            "manifest": build.manifest,
            "scratch": str(self.folder / f"scratch-{self._runs}"),
            "layout": layout,
            "out": str(out),
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(asked) + "\n")
        self._server.stdin.flush()
        return Publishing(os.pidfd_open(int(self._server.stdout.readline())), out, self._server)

    def run(self, build: Build, prefix: str, endpoint: str, **storage: Any) -> Publishing:
        """Publish a build, which must succeed."""
        publishing = self.start(build, prefix, endpoint, **storage)
        assert publishing.status() == 0, publishing.out.read_text()
        return publishing


@contextmanager
def publisher(folder: Path) -> Iterator[Publisher]:
    """Start a server, and end it with whatever it has started."""
    folder.mkdir(parents=True)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield Publisher(folder, server)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.communicate()
