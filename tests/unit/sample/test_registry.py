"""The made-up registry: the publisher's layout, real codes and places, and the gaps that a real registry has."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from lakeward.sample import SampleSummary
from lakeward.sample.facts import table
from lakeward.sample.identifiers import npi_check_digit
from lakeward.sample.places import places
from lakeward.sample.providers.folder import FOLDER, MONTH_ARCHIVE
from lakeward.sample.providers.planted import IMPOSSIBLE_DAY
from lakeward.sources.nppes import LAYOUT

MONTH = "npidata_pfile_20050523-20250810.csv"
PATH = f"{FOLDER}/{MONTH_ARCHIVE}:{MONTH}"
PRACTICE = "Provider Business Practice Location Address"


@pytest.fixture(scope="module")
def text(sample: SampleSummary) -> str:
    with zipfile.ZipFile(sample.directory / FOLDER / MONTH_ARCHIVE) as archive:
        return archive.read(MONTH).decode()


@pytest.fixture(scope="module")
def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _published_npis(document: dict[str, Any]) -> Iterator[str]:
    for reference in document["provider_references"]:
        for group in reference["provider_groups"]:
            yield from map(str, group["npi"])


def test_every_field_is_quoted_as_the_publisher_does(text: str) -> None:
    header, *lines = text.splitlines()
    assert header == ",".join(f'"{column}"' for column in LAYOUT)
    assert {line.count('","') for line in lines} == {len(LAYOUT) - 1}


def test_npis_are_nobodys_and_distinct_but_for_those_planted(
    sample: SampleSummary, records: list[dict[str, str]]
) -> None:
    npis = Counter(record["NPI"] for record in records)
    assert {npi[0] for npi in npis} == {"2"}
    assert sum(npis.values()) - len(npis) == sample.registry_planted["duplicate_npi"]


def test_planted_defects_are_as_many_as_the_summary_says(sample: SampleSummary, records: list[dict[str, str]]) -> None:
    wrong = [record for record in records if npi_check_digit(record["NPI"][:9]) != record["NPI"][9]]
    unreadable = [record for record in records if record["Provider Enumeration Date"] == IMPOSSIBLE_DAY]
    assert len(wrong) == sample.registry_planted["npi_bad_check_digit"] > 0
    assert len(unreadable) == sample.registry_planted["unreadable_date"] > 0


def test_people_and_organisations_and_all_states(sample: SampleSummary, records: list[dict[str, str]]) -> None:
    assert {record["Entity Type Code"] for record in records} == {"", "1", "2"}
    states = {record[f"{PRACTICE} State Name"] for record in records} - {""}
    assert len(records) == sample.rows[PATH]
    assert states == {"GA", "AL", "FL", "NC", "SC", "TN"}


def test_places_are_real(records: list[dict[str, str]]) -> None:
    known = {place["zip"]: place for place in places()}
    for record in records:
        if record["Entity Type Code"]:
            place = known[record[f"{PRACTICE} Postal Code"][:5]]
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
