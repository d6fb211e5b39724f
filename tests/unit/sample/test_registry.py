"""The made-up registry: the publisher's layout, real codes and places, and the gaps that a real registry has."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lakeward.sample import SampleSummary
from lakeward.sample.facts import keyed, table
from lakeward.sources.landing import Landing
from lakeward.sources.nppes import LAYOUT, extract

PATH = "nppes/npidata_pfile_20050523-20250810.csv"
PRACTICE = "Provider Business Practice Location Address"


@pytest.fixture(scope="module")
def records(sample: SampleSummary) -> list[dict[str, str]]:
    with (sample.directory / PATH).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _published_npis(document: dict[str, Any]) -> Iterator[str]:
    for reference in document["provider_references"]:
        for group in reference["provider_groups"]:
            yield from map(str, group["npi"])


def test_every_field_is_quoted_as_the_publisher_does(sample: SampleSummary) -> None:
    header, first = (sample.directory / PATH).read_text().splitlines()[:2]
    assert header == ",".join(f'"{column}"' for column in LAYOUT)
    assert first.count('","') == len(LAYOUT) - 1


def test_it_is_read_by_the_source(sample: SampleSummary, records: list[dict[str, str]], tmp_path: Path) -> None:
    with Landing(sample.directory / PATH, tmp_path) as landing:
        extracted = extract(sample.directory / PATH, landing)
    assert extracted.rows_in == extracted.rows_out == sample.rows[PATH] == len(records)


def test_npis_are_distinct_and_nobodys(records: list[dict[str, str]]) -> None:
    npis = [record["NPI"] for record in records]
    assert len(set(npis)) == len(npis)
    assert {npi[0] for npi in npis} == {"2"}


def test_people_and_organisations_and_all_states(records: list[dict[str, str]]) -> None:
    assert {record["Entity Type Code"] for record in records} == {"", "1", "2"}
    states = {record[f"{PRACTICE} State Name"] for record in records} - {""}
    assert states == {"GA", "AL", "FL", "NC", "SC", "TN"}


def test_places_are_real(records: list[dict[str, str]]) -> None:
    places = keyed("zip", "zip")
    for record in records:
        if record["Entity Type Code"]:
            place = places[record[f"{PRACTICE} Postal Code"][:5]]
            assert (place["city"], place["state"]) == (
                record[f"{PRACTICE} City Name"],
                record[f"{PRACTICE} State Name"],
            )


def test_specialties_are_real_codes_and_all_occur(records: list[dict[str, str]]) -> None:
    known = {row["code"] for row in table("taxonomy")}
    used = {record[f"Healthcare Provider Taxonomy Code_{slot}"] for record in records for slot in (1, 2)} - {""}
    assert used == known


def test_the_primary_specialty_is_not_always_the_first(records: list[dict[str, str]]) -> None:
    switches = {
        tuple(record[f"Healthcare Provider Primary Taxonomy Switch_{slot}"] for slot in (1, 2)) for record in records
    }
    assert switches == {("Y", ""), ("N", "Y"), ("", "")}


def test_deactivated_providers_are_blank_but_for_npi_and_date(records: list[dict[str, str]]) -> None:
    gone = [record for record in records if not record["Entity Type Code"]]
    assert len(gone) > 10
    for record in gone:
        assert {column for column, value in record.items() if value} == {"NPI", "NPI Deactivation Date"}


def test_some_came_back(records: list[dict[str, str]]) -> None:
    assert any(record["NPI Reactivation Date"] and record["NPI Deactivation Date"] for record in records)


def test_some_providers_of_the_price_files_are_not_registered(
    records: list[dict[str, str]], documents: dict[str, dict[str, Any]]
) -> None:
    published = {npi for document in documents.values() for npi in _published_npis(document)}
    registered = {record["NPI"] for record in records}
    assert 0.85 < len(published & registered) / len(published) < 0.97
