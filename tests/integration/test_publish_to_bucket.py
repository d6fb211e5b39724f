"""The same build in a folder and in a bucket: same tables, same bytes, and a query that reads only what it must."""

from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT, DEEP, Layout
from lakeward.publish.query import query
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings

META = {"domain": "rates", "zone": "gold", "slice": "release", "key": ["fact_uid"]}
NODE = {
    "resource_type": "model",
    "name": "fact_rate_enriched",
    "database": "build",
    "relation_name": '"build"."main"."fact_rate_enriched"',
    "config": {"meta": META},
}


@pytest.fixture
def built(tmp_path: Path) -> SimpleNamespace:
    """20,000 prices of one release in two states, one of which is not known."""
    database = tmp_path / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table fact_rate_enriched as select md5(i::varchar) as fact_uid, 'acme.ga.2025-06' as release_id, "
            "'acme' as payer_slug, case when i % 4 > 0 then 'GA' end as state, 'professional' as billing_class, "
            "'2025-06' as year_month, lpad((i % 500)::varchar, 5, '0') as code, 'E&M, 100%' as procedure_set, "
            "'Office/ outpatient' as procedure_class, '207Q00000X' as primary_taxonomy_code, "
            "'Atlanta, GA' as stat_area_name, round(i * 0.01, 2) as negotiated_rate from range(20000) t(i)"
        )
    return SimpleNamespace(database=database, manifest={"nodes": {"model.lakeward.fact_rate_enriched": NODE}})


def published(url: str, settings: StorageSettings, built: SimpleNamespace, layout: Layout, scratch: Path) -> Snapshot:
    transaction = Lake.open(url, settings).begin("run")
    publish_build(built, transaction, layout, Resources(2 * 10**9, 2, scratch))
    return transaction.commit()


@pytest.mark.parametrize("layout", [COMPACT, DEEP], ids=lambda layout: layout.name)
def test_a_bucket_is_a_folder(built: SimpleNamespace, s3_endpoint: str, tmp_path: Path, layout: Layout) -> None:
    settings = StorageSettings(endpoint_url=s3_endpoint)
    folder = published(str(tmp_path / "lake"), settings, built, layout, tmp_path / "scratch")
    bucket = published("s3://lake/some/prefix", settings, built, layout, tmp_path / "scratch")
    assert bucket.document == folder.document
    for path in sorted(folder.paths()):
        assert bucket.lake.storage.read(path) == folder.lake.storage.read(path)
    sql = "select state, count(*), sum(cast(negotiated_rate as decimal(9, 2))) from fact_rate_enriched group by 1"
    assert query(bucket, sql, settings).rows.sort_by("state") == query(folder, sql, settings).rows.sort_by("state")


def test_a_pruned_query_asks_for_little(built: SimpleNamespace, s3_endpoint: str, tmp_path: Path) -> None:
    settings = StorageSettings(endpoint_url=s3_endpoint)
    snapshot = published("s3://lake/pruned", settings, built, COMPACT, tmp_path / "scratch")
    cost = query(
        snapshot, "select sum(negotiated_rate) from fact_rate_enriched where state = 'GA'", settings, explain=True
    ).cost
    assert cost is not None
    assert (cost.files, cost.files_of_tables) == (1, 2)
    assert 0 < cost.requests < 20
    assert cost.bytes < sum(file.bytes for file in snapshot.files("gold/rates/fact_rate_enriched")) / 2
