"""A lake of made-up tables for the tests of reports: tables made by fixed SQL, published as a build's are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings

FIXTURES = Path(__file__).parents[1] / "fixtures" / "report"


@dataclass(frozen=True)
class FakeBuild:
    """What publishing needs of a build."""

    database: Path
    manifest: dict[str, Any]


def publish_tables(folder: Path, statements: Sequence[str], nodes: Mapping[str, Mapping[str, Any]]) -> Snapshot:
    """Make tables in ``folder/build.duckdb`` and publish them into ``folder/lake``.

    Args:
        folder: a private one.
        statements: the SQL that makes them, in order; an empty one is nothing.
        nodes: table -> what dbt would say of it beyond its name, its ``meta``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement or "select 1")
    manifest = {"nodes": {f"model.lakeward.{name}": _node(name, meta) for name, meta in nodes.items()}}
    transaction = Lake.open(str(folder / "lake"), StorageSettings()).begin("run")
    resources = Resources(memory_bytes=2 * 10**9, workers=2, scratch=folder / "scratch")
    publish_build(FakeBuild(database, manifest), transaction, COMPACT, resources)
    return transaction.commit()


def _node(name: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "database": "build",
        "relation_name": f'"build"."main"."{name}"',
        "description": f"One row per {meta['grain']}.",
        "config": {"meta": {"key": [], "slice": "whole", **meta}},
        "columns": {},
    }
