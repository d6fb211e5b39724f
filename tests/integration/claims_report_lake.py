"""A lake of made-up claims for the report's tests: tables made by fixed SQL, published as a build's are."""

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
GRAINS = {
    "fact_inpatient_claim": "segment of a claim",
    "mart_claims_abc": "entity of a period",
    "mart_claims_drg": "DRG of a facility in a year",
    "mart_claims_retention": "person admitted in a year",
    "mart_claims_revenue": "month",
}


@dataclass(frozen=True)
class FakeBuild:
    """What publishing needs of a build."""

    database: Path
    manifest: dict[str, Any]


def claims_lake(folder: Path, changes: str = "", more_changes: str = "") -> Snapshot:
    """Publish the made-up claims into ``folder/lake``.

    Args:
        folder: a private one.
        changes: SQL that is run over the claims, before the gold tables are made of them.
        more_changes: SQL that is run over the gold tables.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute((FIXTURES / "claims.sql").read_text(encoding="utf-8"))
        connection.execute(changes or "select 1")
        connection.execute((FIXTURES / "marts.sql").read_text(encoding="utf-8"))
        connection.execute(more_changes or "select 1")
    nodes = {f"model.lakeward.{name}": _node(name, grain) for name, grain in GRAINS.items()}
    transaction = Lake.open(str(folder / "lake"), StorageSettings()).begin("run")
    resources = Resources(memory_bytes=2 * 10**9, workers=2, scratch=folder / "scratch")
    publish_build(FakeBuild(database, {"nodes": nodes}), transaction, COMPACT, resources)
    return transaction.commit()


def _node(name: str, grain: str) -> dict[str, Any]:
    is_fact = name.startswith("fact_")
    meta = {
        "domain": "claims",
        "zone": "silver" if is_fact else "gold",
        "grain": grain,
        "key": [],
        "slice": "release" if is_fact else "whole",
    }
    return {
        "resource_type": "model",
        "name": name,
        "database": "build",
        "relation_name": f'"build"."main"."{name}"',
        "description": f"One row per {grain}.",
        "config": {"meta": meta},
        "columns": {},
    }
