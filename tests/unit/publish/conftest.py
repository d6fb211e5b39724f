"""A small made-up build: a DuckDB with a few tables and a manifest that says what they are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT, Layout
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings

FACTS = """
    select
        md5('{seed}' || i) as fact_uid,
        case when i % 3 = 0 then 'globex.us.2025-06' else 'acme.ga.2025-06' end as release_id,
        case when i % 3 = 0 then 'globex' else 'acme' end as payer_slug,
        case when i % 3 = 0 then null else 'GA' end as state,
        case when i % 2 = 0 then 'professional' else 'institutional' end as billing_class,
        '2025-06' as year_month,
        cast(99200 + i % 20 as varchar) as code,
        case when i % 5 = 0 then null else 'E&M, visits: ' || i % 4 end as procedure_set,
        case when i % 5 = 0 then null else 'Office/outpatient 100%' end as procedure_class,
        case when i % 7 = 0 then null else '207Q00000X' end as primary_taxonomy_code,
        'Atlanta-Sandy Springs, GA' as stat_area_name,
        round(50 + i * 0.37, 2) as negotiated_rate,
        case when i % 2 = 0 then ['11', '22'] end as pos_members,
        date '2025-06-30' as expiration_date,
        cast(i * 1.5 as decimal(18, 4)) as amount,
        'file' || i % 2 as source_file_id,
        cast(i + 1 as bigint) as source_record
    from range({rows}) t(i)
"""
META = {
    "fact_rate_enriched": {
        "domain": "rates", "zone": "gold", "grain": "one price", "key": ["fact_uid"], "slice": "release"
    },
    "quarantine_fact_rate": {
        "domain": "rates", "zone": "quarantine", "grain": "one rejected price", "key": ["fact_uid"], "slice": "release"
    },
    "mart_code": {
        "domain": "rates", "zone": "gold", "grain": "payer and code", "key": ["payer_slug", "code"], "slice": "whole"
    },
    "dim_nothing": {"domain": "reference", "zone": "silver", "grain": "nothing", "key": ["code"], "slice": "whole"},
    "int_hidden": {"domain": "rates"},
}  # fmt: skip


@dataclass(frozen=True)
class FakeBuild:
    """What publishing needs of a build."""

    database: Path
    manifest: dict[str, Any]


def make_build(folder: Path, rows: int = 600, seed: str = "") -> FakeBuild:
    """Make a build of ``rows`` prices in two releases, one of which has no quarantined rows."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "build.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create table facts as {FACTS.format(rows=rows, seed=seed)}")
        # As in the real build, the widest table is a view.
        connection.execute("create view fact_rate_enriched as select * from facts")
        connection.execute(
            "create table quarantine_fact_rate as select fact_uid, release_id, ['rate_range'] as reasons from facts "
            "where release_id like 'acme%' limit 3"
        )
        connection.execute(
            "create table mart_code as select payer_slug, code, count(*) as rates from facts group by all"
        )
        connection.execute("create table dim_nothing as select 'a' as code, 1.5 as weight where false")
        connection.execute("create table int_hidden as select 1 as a")
    return FakeBuild(database, {"nodes": {f"model.lakeward.{name}": _node(name, meta) for name, meta in META.items()}})


def _node(name: str, meta: dict[str, Any]) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "database": "build",
        "relation_name": f'"build"."main"."{name}"',
        "description": f"One row per {meta.get('grain', '')}.",
        "config": {"meta": meta},
        "columns": {"code": {"name": "code", "data_type": "string", "description": "The billing code."}},
    }


Publish = Callable[..., Snapshot]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake in a folder that is not there yet."""
    return Lake.open(str(tmp_path / "lake"), StorageSettings())


@pytest.fixture
def resources(tmp_path: Path) -> Resources:
    """Enough for a small build."""
    return Resources(memory_bytes=2 * 10**9, workers=2, scratch=tmp_path / "scratch")


@pytest.fixture
def publish(lake: Lake, resources: Resources, tmp_path: Path) -> Publish:
    """Publish a small build and return the lake with it."""

    def published(rows: int = 600, seed: str = "", layout: Layout = COMPACT, **options: Any) -> Snapshot:
        transaction = lake.begin("run")
        publish_build(make_build(tmp_path / "build", rows, seed), transaction, layout, resources, **options)
        return transaction.commit()

    return published
