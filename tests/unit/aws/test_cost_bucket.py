"""Advice and bill of a lake in a bucket are those of the same lake in a folder."""

from pathlib import Path

import duckdb

from lakeward.aws.bill import Usage
from lakeward.aws.cost import standing_cost
from lakeward.aws.prices import load_prices
from lakeward.lake.commit import Lake, SliceEntry
from lakeward.lake.entries import ColumnDescription, TableDescription
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT, DEEP
from lakeward.publish.layout_advice import advise
from lakeward.publish.writer import ENRICHED
from lakeward.settings import Settings, StorageSettings

COLUMNS = ("fact_uid", "code", "procedure_set", "procedure_class", "primary_taxonomy_code", "stat_area_name")
KEYS = {"payer_slug": "acme", "state": "GA", "billing_class": "professional", "year": "2025", "month": "06"}


def make_lake(url: str, storage: StorageSettings, scratch: Path) -> Settings:
    scratch.mkdir()
    file = scratch / "part.parquet"
    selected = ", ".join(f"(i % 7)::varchar as {name}" for name in COLUMNS)
    duckdb.connect().execute(f"copy (select {selected} from range(500) t(i)) to '{file}' (format parquet)")
    transaction = Lake.open(url, storage).begin("run")
    folder = "/".join([ENRICHED, *(f"{key}={value}" for key, value in KEYS.items())])
    entry = transaction.add_parquet(file, folder, partition=dict(KEYS))
    transaction.replace_slice(ENRICHED, SliceEntry("acme", "1", {"layout": "compact"}, (entry,)))
    columns = tuple(ColumnDescription(name, "VARCHAR") for name in (*COLUMNS, *KEYS))
    transaction.describe(ENRICHED, TableDescription(columns=columns, partition_keys=tuple(KEYS), layout="compact"))
    transaction.commit()
    return Settings(lake=url, storage=storage)


def test_a_bucket_is_advised_and_billed_as_a_folder(s3_endpoint: str, tmp_path: Path) -> None:
    storage = StorageSettings(endpoint_url=s3_endpoint)
    resources = Resources(2 * 10**9, 1, tmp_path / "scratch")
    found = []
    for number, url in enumerate((str(tmp_path / "lake"), "s3://lake/here")):
        settings = make_lake(url, storage, tmp_path / f"made-{number}")
        snapshot = Lake.open(url, storage).snapshot()
        advices = advise(snapshot, [COMPACT, DEEP], resources, storage)
        cost = standing_cost(settings, resources, load_prices(), Usage())
        lines = [line for line in cost.bill.lines if line.item != "storage: _lakeward"]
        found.append((advices, lines))
    assert found[0] == found[1]
    assert [(item.name, item.files, item.rows) for item in found[0][0]] == [("compact", 1, 500), ("deep", 7, 500)]
