"""The publishers' own files give the counts of their provenance notes."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.unit.sources.mrf import naive
from tests.unit.sources.mrf.conftest import land_file

from lakeward.errors import SourceUnreadable
from lakeward.sources import mrf
from lakeward.sources.landing import Landing

EVRY = {
    "2025-06-23": {
        "items": 3_483,
        "negotiated_rates": 19_122,
        "inline_groups": 191_986,
        "prices": 30_209,
        "npis": 10_342,
        "zero_rates": 0,
        "groups_with_repeats": 0,
        "npi_rows": 787_721,
        "rates_with_several": 4_750,
    },
    "2022-08-05": {
        "items": 489,
        "negotiated_rates": 5_295,
        "inline_groups": 469_655,
        "prices": 14_406,
        "npis": 2_476,
        "zero_rates": 1_223,
        "groups_with_repeats": 396_634,
        "npi_rows": 35_400_580,
        "rates_with_several": 2_921,
    },
}
COUNTS = """
with of_group as (
    select group_id, sum(npi_published_count) as npis, count(*) filter (where npi_published_count > len(npi)) as repeats
    from (select group_id, unnest(member_ids) as member_id from provider_group) join provider_member using (member_id)
    group by group_id
),
of_rate as (
    select rate_id, count(*) as prices, any_value(npis) as npis, any_value(repeats) as repeats
    from price join group_set using (group_set_id) join of_group on inline_group_id = group_id
    group by rate_id
)
select
    item_count as items, negotiated_rate_count as negotiated_rates, inline_group_count as inline_groups,
    (select count(*) from price) as prices,
    (select count(distinct npi) from (select unnest(npi) as npi from provider_member)) as npis,
    (select count(*) from price where negotiated_rate = 0) as zero_rates,
    (select sum(repeats) from of_rate) as groups_with_repeats,
    (select sum(prices * npis) from of_rate) as npi_rows,
    (select count(*) from of_rate where prices > 1) as rates_with_several
from header
"""


@pytest.mark.parametrize("month", EVRY)
def test_evry(real_data: Path, tmp_path: Path, month: str) -> None:
    path = real_data / "mrf" / f"{month}_Evry-Health_in-network-rates.json.gz"
    with Landing(path, tmp_path) as landing:
        mrf.extract(path, landing)
    connection = duckdb.connect()
    for name, file in landing.files().items():
        connection.read_parquet(str(file)).create_view(name)
    found: Any = connection.execute(COUNTS).to_arrow_table().to_pylist()[0]
    assert {name: int(count) for name, count in found.items()} == EVRY[month]


EXAMPLES = [
    "v1.6.2/in-network-rates-bundle-single-plan-sample",
    "v1.6.2/in-network-rates-capitation-single-plan-sample",
    "v1.6.2/in-network-rates-fee-for-service-single-plan-sample",
    "v1.6.2/in-network-rates-multiple-plans-sample",
    "v1.6.2/in-network-rates-no-npi",
    "v2.2.0/in-network-rates-all-negotiated-types-sample",
    "v2.2.0/in-network-rates-bundle-single-plan-sample",
    "v2.2.0/in-network-rates-capitation-single-plan-sample",
    "v2.2.0/in-network-rates-fee-for-service-single-plan-sample",
    "v2.2.0/in-network-rates-multiple-plans-sample",
    "v2.2.0/in-network-rates-no-npi",
]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("window", [50, 1 << 20])
def test_cms_examples_read_as_json_loads_reads_them(real_data: Path, tmp_path: Path, example: str, window: int) -> None:
    path = real_data / "mrf" / f"cms-examples-{example}.json"
    _, bronze = land_file(path, tmp_path, window_bytes=window)
    document = naive.load(path.read_bytes())
    assert naive.landed_prices(bronze) == naive.expected_prices(document)
    assert naive.landed_references(bronze) == naive.expected_references(document)
    assert bronze["header"][0]["schema_shape"] == ("v2" if example.startswith("v2") else "v1")
    assert bronze["header"][0]["unknown_keys"] == []


@pytest.mark.parametrize(
    ("example", "found"),
    [
        pytest.param("allowed-amounts-multiple-plan-sample.json", "an allowed-amounts file", id="allowed-amounts"),
        pytest.param("table-of-contents-sample.json", "a table of contents", id="table-of-contents"),
        pytest.param("in-network-rates-bundle-sample.xml", "XML", id="xml"),
    ],
)
def test_other_cms_examples_are_refused(real_data: Path, tmp_path: Path, example: str, found: str) -> None:
    with pytest.raises(SourceUnreadable, match=found):
        land_file(real_data / "mrf" / "cms-examples-v2.2.0" / example, tmp_path)
