"""The registry of the sample over time and over Georgia: weeks, companion files, the report, and who works where."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import fastexcel
import numpy as np
import pytest

from lakeward.sample import SampleSummary
from lakeward.sample.facts import keyed, table
from lakeward.sample.identifiers import npi_texts
from lakeward.sample.market import organisations
from lakeward.sample.places import places
from lakeward.sample.providers.calendar import day_number
from lakeward.sample.providers.folder import FOLDER, MONTH_ARCHIVE, REPORT, week_archive
from lakeward.sample.providers.people import NEVER, Providers
from lakeward.sample.providers.population import county_places, home_counties, providers_of_georgia, specialty_counts
from lakeward.sample.providers.weeks import NEW_A_WEEK, REPLACED_A_WEEK, REPORTED_ONLY, Week, weeks_after
from lakeward.sources import nppes
from lakeward.sources.landing import Landing

Rows = list[dict[str, str]]
PRIMARY_CARE = ("family", "internal", "pediatrics", "obgyn", "general")
FIRST_ORGANISATION = ("EXAMPLE BUCHANAN COMMUNITY HOSPITAL 1 (MADE UP)", "2202507010")
LAST_ORGANISATION = ("EXAMPLE BARWICK CLINIC 412 (MADE UP)", "2409766534")
UNSERVED_RESIDENTS = 3_500
"""Residents per primary-care doctor from which an area may be short of them (42 CFR 5, Appendix A)."""


@pytest.fixture(scope="module")
def month() -> Providers:
    return providers_of_georgia()


@pytest.fixture(scope="module")
def weeks(month: Providers) -> list[Week]:
    return list(weeks_after(month))


@pytest.fixture(scope="module")
def read(sample: SampleSummary) -> Callable[[str, str], Rows]:
    def read_member(archive: str, start: str) -> Rows:
        with zipfile.ZipFile(sample.directory / FOLDER / archive) as opened:
            (name,) = (name for name in opened.namelist() if name.startswith(start) and "fileheader" not in name)
            return list(csv.DictReader(io.StringIO(opened.read(name).decode())))

    return read_member


def test_every_file_is_read_by_the_source_with_the_rows_that_the_summary_says(
    sample: SampleSummary, tmp_path: Path
) -> None:
    for path in sorted((sample.directory / FOLDER).iterdir()):
        counted = sum(rows for name, rows in sample.rows.items() if name.split(":")[0] == f"{FOLDER}/{path.name}")
        with Landing(path, tmp_path / path.stem) as landing:
            extracted = nppes.extract(path, landing)
        assert extracted.rows_in == extracted.rows_out == counted > 0, path.name


def test_counties_have_about_as_many_as_they_should_and_some_show_gaps(month: Providers) -> None:
    residents = {county["fips"]: int(county["population_2023"]) for county in home_counties()}
    doctors = {
        county["fips"]: sum(specialty_counts(county)[specialty] for specialty in PRIMARY_CARE)
        for county in home_counties()
    }
    short = [fips for fips in residents if doctors[fips] * UNSERVED_RESIDENTS < residents[fips]]
    assert 1_300 < sum(residents.values()) / sum(doctors.values()) < 2_500
    assert 20 < len(short) < 100
    assert sum(residents[fips] for fips in short) / sum(residents.values()) < 0.3
    assert 25_000 < len(month) < 35_000


def test_everyone_works_in_a_zip_of_the_own_county(month: Providers) -> None:
    expected: Counter[str] = Counter()
    for county in home_counties():
        expected[county["fips"]] = sum(specialty_counts(county).values())
    first, counties = 0, {}
    for row in table("zip_county"):
        counties.setdefault(row["zip"], set()).add(row["county_fips"])
    for fips, count in expected.items():
        zips = {places()[position]["zip"] for position in month.places[first : first + count]}
        assert all(fips in counties[zip_code] for zip_code in zips), fips
        first += count
    assert first == len(month)


def test_a_county_without_a_zip_of_its_own_uses_those_it_shares() -> None:
    own, shared = county_places("13247")
    assert own == shared
    own, shared = county_places("13121")
    assert set(own).isdisjoint(shared)


def test_the_market_is_where_it_was_and_shares_no_number(month: Providers) -> None:
    market = {npi for one in organisations(0) for npi in (one.npi, *(person.npi for person in one.people))}
    assert market.isdisjoint(npi_texts(month.serials).to_pylist())
    added = {row["zip"] for row in table("zip_more")}
    assert not {one.place["zip"] for one in organisations(0)} & added
    # The ids of prices depend on these: they may not change with the tables of places and specialties.
    first, last = organisations(0)[0], organisations(0)[-1]
    assert (first.name, first.npi) == FIRST_ORGANISATION
    assert (last.name, last.npi) == LAST_ORGANISATION


def test_what_happens_in_a_week(month: Providers, weeks: list[Week]) -> None:
    before = month
    for week in weeks:
        known = np.isin(week.changed.serials, before.serials)
        old = before.take(np.searchsorted(before.serials, week.changed.serials[known]))
        new = week.changed.take(known)
        assert (~known).sum() == NEW_A_WEEK
        assert (new.moves > old.moves).sum() > 50
        assert (new.renames > old.renames).sum() > 10
        assert (new.specialties != old.specialties).sum() > 10
        assert (new.is_blank & ~old.is_blank).sum() > 10
        assert (old.is_blank & ~new.is_blank).sum() > 2
        assert ((new.successors != NEVER) & (old.successors == NEVER)).sum() == REPLACED_A_WEEK
        monday, sunday = day_number(week.monday), day_number(week.sunday)
        assert ((week.changed.updated >= monday) & (week.changed.updated <= sunday)).all()
        before = week.registry


def test_replaced_numbers_form_a_chain(weeks: list[Week]) -> None:
    registry = weeks[-1].registry
    successor = dict(zip(registry.serials.tolist(), registry.successors.tolist(), strict=True))
    chains = [serial for serial, after in successor.items() if after != NEVER and successor[after] != NEVER]
    assert len(chains) == REPLACED_A_WEEK
    assert all(successor[successor[successor[serial]]] == NEVER for serial in chains)


def test_weekly_files_hold_the_changed_alone(weeks: list[Week], read: Callable[[str, str], Rows]) -> None:
    for week in weeks:
        records = read(week_archive(week), "npidata")
        assert {record["NPI"] for record in records} == set(npi_texts(week.changed.serials).to_pylist())
        assert {record["Last Update Date"][:2] for record in records} == {"08", ""}
        off = [record for record in records if not record["Entity Type Code"]]
        assert len(off) > 10
        assert all(record["NPI Deactivation Date"].endswith("/2025") for record in off)


@pytest.mark.parametrize("start", ["pl_pfile", "othername_pfile", "endpoint_pfile"])
def test_companion_files_are_of_active_providers_of_the_same_file(
    weeks: list[Week], read: Callable[[str, str], Rows], start: str
) -> None:
    for archive in (MONTH_ARCHIVE, *map(week_archive, weeks)):
        active = {record["NPI"] for record in read(archive, "npidata") if record["Entity Type Code"]}
        companions = read(archive, start)
        assert companions
        assert {row["NPI"] for row in companions} <= active


def test_second_places_are_real_and_in_other_streets(read: Callable[[str, str], Rows]) -> None:
    known = {(place["zip"], place["city"], place["state"]) for place in places()}
    secondary = "Provider Secondary Practice Location Address"
    streets = {
        record["NPI"]: record["Provider First Line Business Practice Location Address"]
        for record in read(MONTH_ARCHIVE, "npidata")
    }
    for row in read(MONTH_ARCHIVE, "pl_pfile"):
        where = (
            row[f"{secondary} - Postal Code"][:5],
            row[f"{secondary} - City Name"],
            row[f"{secondary} - State Name"],
        )
        assert where in known
        assert row[f"{secondary}- Address Line 1"] != streets[row["NPI"]]


def test_the_report_lists_all_that_are_off_and_some_that_no_file_has(sample: SampleSummary, weeks: list[Week]) -> None:
    path = sample.directory / FOLDER / REPORT
    rows = fastexcel.read_excel(path).load_sheet(0, header_row=None).to_polars().rows()
    assert rows[0][0] == "NPPES Deactivated Records as of Aug 25 2025"
    assert rows[1] == ("NPI", "NPPES Deactivation Date")
    reported = dict(rows[2:])
    registry = weeks[-1].registry
    off = set(npi_texts(registry.serials[registry.is_blank]).to_pylist())
    assert off < set(reported)
    assert len(reported) == len(rows) - 2 == sample.rows[f"{FOLDER}/{REPORT}"]
    active = set(npi_texts(registry.serials[~registry.is_blank]).to_pylist())
    assert [reported[npi] for npi in active & set(reported)] == ["08/23/2025"] * REPORTED_ONLY


def test_people_have_the_credentials_of_their_specialty(read: Callable[[str, str], Rows]) -> None:
    specialties = keyed("taxonomy", "code")
    for record in read(MONTH_ARCHIVE, "npidata"):
        if record["Entity Type Code"] == "1":
            code = record["Healthcare Provider Taxonomy Code_2"] or record["Healthcare Provider Taxonomy Code_1"]
            assert specialties[code]["credential"] == record["Provider Credential Text"]
            assert specialties[code]["kind"] == "person"
