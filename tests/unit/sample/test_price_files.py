"""The price files: the shape of both schema versions, counts as told, and every kind of price that a run must know."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lakeward.sample import SampleSummary
from lakeward.sample.price_file import PRICE_FILES, PriceFile
from lakeward.sample.price_files import write_price_file

Document = dict[str, Any]
FILES = pytest.mark.parametrize("file", PRICE_FILES, ids=lambda file: file.name)
VERSION_1 = [file for file in PRICE_FILES if not file.is_version_2]
VERSION_2 = [file for file in PRICE_FILES if file.is_version_2]
ARRANGEMENTS = {"ffs", "bundle", "capitation"}
TYPES = {"negotiated", "fee schedule", "percentage", "per diem"}


def rates_of(document: Document) -> Iterator[Document]:
    for item in document["in_network"]:
        yield from item["negotiated_rates"]


def prices_of(document: Document) -> Iterator[Document]:
    for rate in rates_of(document):
        yield from rate["negotiated_prices"]


@FILES
def test_counts_are_those_of_the_file(file: PriceFile, sample: SampleSummary, documents: dict[str, Document]) -> None:
    document, counts = documents[file.name], sample.price_files[file.name]
    inline = [group for rate in rates_of(document) for group in rate.get("provider_groups", ())]
    referred = [group for reference in document["provider_references"] for group in reference["provider_groups"]]
    assert counts.items == len(document["in_network"])
    assert counts.rates == sum(1 for _ in rates_of(document))
    assert counts.prices == sum(1 for _ in prices_of(document))
    assert counts.provider_references == len(document["provider_references"])
    assert counts.inline_groups == len(inline)
    assert counts.npis == sum(len(group["npi"]) for group in (*inline, *referred))


@FILES
def test_required_keys_are_there(file: PriceFile, documents: dict[str, Document]) -> None:
    document = documents[file.name]
    assert "(made up)" in document["reporting_entity_name"]
    assert document["last_updated_on"] == f"{file.year_month}-01"
    assert {item["negotiation_arrangement"] for item in document["in_network"]} == ARRANGEMENTS
    for item in document["in_network"]:
        assert item["negotiated_rates"]
        assert item.keys() >= {"name", "description", "billing_code_type", "billing_code_type_version", "billing_code"}
        assert ("bundled_codes" in item) == (item["negotiation_arrangement"] == "bundle")
        assert ("covered_services" in item) == (item["negotiation_arrangement"] == "capitation")
    for price in prices_of(document):
        assert price.keys() >= {"negotiated_type", "expiration_date", "billing_class"}
        assert "service_code" in price or price["billing_class"] == "institutional"
    assert {price["negotiated_type"] for price in prices_of(document)} == TYPES


@pytest.mark.parametrize("file", VERSION_1, ids=lambda file: file.name)
def test_version_1_has_inline_groups_references_and_both_at_once(
    file: PriceFile, documents: dict[str, Document]
) -> None:
    document = documents[file.name]
    kinds = Counter(("provider_references" in rate, "provider_groups" in rate) for rate in rates_of(document))
    assert min(kinds[True, False], kinds[False, True], kinds[True, True]) > 0
    assert kinds[False, False] == 0
    assert any(isinstance(reference["provider_group_id"], float) for reference in document["provider_references"])
    assert not any("setting" in price for price in prices_of(document))
    assert any("T00:00:00" in price["expiration_date"] for price in prices_of(document))
    texts = [npi for rate in rates_of(document) for group in rate.get("provider_groups", ()) for npi in group["npi"]]
    assert all(isinstance(npi, str) for npi in texts)


@pytest.mark.parametrize("file", VERSION_2, ids=lambda file: file.name)
def test_version_2_has_its_new_fields_and_none_of_the_old(file: PriceFile, documents: dict[str, Document]) -> None:
    document = documents[file.name]
    assert {price["setting"] for price in prices_of(document)} == {"inpatient", "outpatient", "both"}
    assert all(reference["network_name"] for reference in document["provider_references"])
    assert {len(reference["network_name"]) for reference in document["provider_references"]} == {1, 2}
    assert not any("provider_groups" in rate for rate in rates_of(document))
    groups = [group for reference in document["provider_references"] for group in reference["provider_groups"]]
    assert all("business_name" in group["tin"] for group in groups if group["tin"]["type"] == "ein")
    severities = {item["severity_of_illness"] for item in document["in_network"] if "severity_of_illness" in item}
    assert severities == {"1", "2", "3", "4"}


def test_all_kinds_of_codes_modifiers_and_places_occur(documents: dict[str, Document]) -> None:
    code_types = {item["billing_code_type"] for document in documents.values() for item in document["in_network"]}
    prices = [price for document in documents.values() for price in prices_of(document)]
    assert code_types == {"CPT", "HCPCS", "MS-DRG", "APR-DRG", "RC", "NDC", "LOCAL"}
    assert {tuple(price.get("billing_code_modifier", ())) for price in prices} == {(), ("26",), ("TC",)}
    places = {tuple(price.get("service_code", ())) for price in prices}
    assert {("CSTM-00",), ("24",), (), ("02", "11", "20", "49", "50", "72"), ("19", "21", "22", "23", "24")} <= places


def test_office_and_facility_prices_of_a_visit_differ_like_medicares(documents: dict[str, Document]) -> None:
    document = documents["2025-08-01_Sample-Mutual_GA_in-network-rates.json.gz"]
    item = next(item for item in document["in_network"] if item["billing_code"] == "99213")
    pairs = [
        [price["negotiated_rate"] for price in rate["negotiated_prices"]]
        for rate in item["negotiated_rates"]
        if len(rate["negotiated_prices"]) == 2 and len(set(map(str, rate["negotiated_prices"]))) == 2
    ]
    office_to_facility = [office / facility for office, facility in pairs if 0 < facility < office < 1000]
    assert len(office_to_facility) > 20
    assert all(ratio == pytest.approx(2.75 / 1.97, rel=0.001) for ratio in office_to_facility)


def test_some_rates_rise_in_the_second_month(documents: dict[str, Document]) -> None:
    july, august = (
        list(prices_of(documents[f"2025-{month}-01_Sample-Mutual_GA_in-network-rates.{ending}"]))
        for month, ending in (("07", "zip"), ("08", "json.gz"))
    )
    changed = [
        (before["negotiated_rate"], after["negotiated_rate"])
        for before, after in zip(july, august, strict=True)
        if before.get("negotiated_rate") != after.get("negotiated_rate")
    ]
    assert 0.05 < len(changed) / len(july) < 0.5
    assert all(abs(after) >= abs(before) for before, after in changed)


@pytest.mark.parametrize(
    ("name", "first_keys"),
    [
        ("2025-07-01_Example-Health-Plan_GA_in-network-rates.json", ["reporting_entity_name", "reporting_entity_type"]),
        ("2025-08-01_Sample-Mutual_GA_in-network-rates.json.gz", ["in_network", "provider_references"]),
    ],
    ids=["header-first", "rates-first-header-last"],
)
def test_key_order_varies(documents: dict[str, Document], name: str, first_keys: list[str]) -> None:
    assert list(documents[name])[:2] == first_keys


def test_layout_varies(sample: SampleSummary) -> None:
    folder = sample.directory / "price-files"
    pretty = (folder / "2025-07-01_Example-Health-Plan_GA_in-network-rates.json").read_bytes()
    compact = gzip.decompress((folder / "2025-08-01_Example-Health-Plan_GA_in-network-rates.json.gz").read_bytes())
    assert pretty.startswith(b'{\n  "reporting_entity_name": "')
    assert compact.startswith(b'{"reporting_entity_name":"')
    assert compact.count(b"\n") == 1


def test_two_blocks_have_twice_the_items_and_other_groups(
    tmp_path: Path, read_price_file: Callable[[Path], Document], documents: dict[str, Document]
) -> None:
    file = PRICE_FILES[1]
    write_price_file(file, tmp_path / file.name, scale=2)
    double, single = read_price_file(tmp_path / file.name), documents[file.name]
    ids = [reference["provider_group_id"] for reference in double["provider_references"]]
    assert double["in_network"][: len(single["in_network"])] == single["in_network"]
    assert len(double["in_network"]) == pytest.approx(2 * len(single["in_network"]), rel=0.02)
    assert len(set(ids)) == len(ids) == pytest.approx(2 * len(single["provider_references"]), rel=0.05)
