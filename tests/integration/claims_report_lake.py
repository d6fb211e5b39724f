"""A lake of made-up claims for the tests of the claims report."""

from pathlib import Path
from typing import Any

from lakeward.lake.commit import Snapshot

from .report_lake import FIXTURES, publish_tables

GRAINS = {
    "fact_inpatient_claim": "segment of a claim",
    "mart_claims_abc": "entity of a period",
    "mart_claims_drg": "DRG of a facility in a year",
    "mart_claims_retention": "person admitted in a year",
    "mart_claims_revenue": "month",
}


def claims_lake(folder: Path, changes: str = "", more_changes: str = "") -> Snapshot:
    """Publish the made-up claims into ``folder/lake``.

    Args:
        folder: a private one.
        changes: SQL that is run over the claims, before the gold tables are made of them.
        more_changes: SQL that is run over the gold tables.
    """
    claims, marts = ((FIXTURES / name).read_text(encoding="utf-8") for name in ("claims.sql", "marts.sql"))
    nodes = {name: _meta(name, grain) for name, grain in GRAINS.items()}
    return publish_tables(folder, (claims, changes, marts, more_changes), nodes)


def _meta(name: str, grain: str) -> dict[str, Any]:
    is_fact = name.startswith("fact_")
    return {
        "domain": "claims",
        "zone": "silver" if is_fact else "gold",
        "grain": grain,
        "slice": "release" if is_fact else "whole",
    }
