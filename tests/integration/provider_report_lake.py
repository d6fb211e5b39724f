"""A lake of made-up counties for the tests of the provider report: Georgia and Puerto Rico covered, Alabama not."""

from pathlib import Path

from lakeward.lake.commit import Snapshot

from .report_lake import FIXTURES, publish_tables

GRAINS = {
    "dim_npi": ("silver", "npi"),
    "dim_county": ("silver", "county_fips"),
    "mart_provider_gap": ("gold", "county_fips, discipline, denominator_basis"),
    "mart_provider_density": ("gold", "geography_level, geography_id, specialty_group"),
    "mart_state_profile": ("gold", "state"),
}


def provider_lake(folder: Path, changes: str = "") -> Snapshot:
    """Publish the made-up counties into ``folder/lake``.

    Args:
        folder: a private one.
        changes: SQL that is run over the tables before they are published.
    """
    tables = (FIXTURES / "providers.sql").read_text(encoding="utf-8")
    nodes = {name: {"domain": "providers", "zone": zone, "grain": grain} for name, (zone, grain) in GRAINS.items()}
    return publish_tables(folder, (tables, changes), nodes)
