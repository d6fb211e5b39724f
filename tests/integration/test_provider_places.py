"""Practice addresses become places in the counties of today: every real geography file, and files that do not fit."""

import csv
import gzip
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.build import WAREHOUSE
from lakeward.sample.identifiers import npi_check_digit

from .built_models import SCHEMAS, built, failures, landed
from .plain_gazette import SPLIT, Gazette

MODELS = "+int_providers_places__ledger +int_providers__practice_location"
GEOGRAPHY = {
    "2021_Gaz_zcta_centroids.csv": 33_791,
    "2024_Gaz_counties_national.txt": 3_222,
    "ZIP-COUNTY-FIPS_2017-06.csv": 52_889,
    "co-est2023-alldata.csv": 3_195,
    "list1_2020.xls": 1_916,
    "list1_2023.xlsx": 1_915,
    "ssa_fips_county_crosswalk.csv": 3_219,
    "zip_cbsa_122022.xlsx": 47_478,
    "zipcode_zcta.csv": 41_160,
}
Rows = list[dict[str, Any]]


def written(source: str, dataset: str, rows: Rows, folder: Path) -> list[str]:
    """Write rows of bronze that no file was landed for; columns that a row lacks are null."""
    path = folder / f"{source}__{dataset}.parquet"
    numbered = [{"_file_id": "madeup", "_source_record": number, **row} for number, row in enumerate(rows, start=1)]
    pq.write_table(pa.Table.from_pylist(numbered, SCHEMAS[f"{source}__{dataset}"]), path)
    return [str(path)]


def found_rows(results: list[Any]) -> list[str]:
    """Return the tests that found rows; what reads their models is then left out."""
    return sorted(result.node.name for result in results if str(result.status) == "fail")


def read(database: Path, query: str) -> Rows:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def counts(database: Path, columns: str, table: str) -> dict[Any, int]:
    rows = [tuple(row.values()) for row in read(database, f"select {columns}, count(*) from {table} group by all")]
    return {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in rows}


LOCATION_FIELDS = {
    "address_1": "provider_first_line_business_practice_location_address",
    "address_2": "provider_second_line_business_practice_location_address",
    "city": "provider_business_practice_location_address_city_name",
    "state": "provider_business_practice_location_address_state_name",
    "postal_code": "provider_business_practice_location_address_postal_code",
    "country_code": "provider_business_practice_location_address_country_code_if_outside_u_s",
}
PUBLISHED_FIELDS = {
    "city": "Provider Business Practice Location Address City Name",
    "state": "Provider Business Practice Location Address State Name",
    "postal_code": "Provider Business Practice Location Address Postal Code",
    "country_code": "Provider Business Practice Location Address Country Code (If outside U.S.)",
}
SECONDARY_FIELDS = {
    "address_1": "provider_secondary_practice_location_address_address_line_1",
    "address_2": "provider_secondary_practice_location_address_address_line_2",
    "city": "provider_secondary_practice_location_address_city_name",
    "state": "provider_secondary_practice_location_address_state_name",
    "postal_code": "provider_secondary_practice_location_address_postal_code",
    "country_code": "provider_secondary_practice_location_address_country_code_if_outside_u_s",
}
REGISTRY = "npidata_pfile_2025-04_rows1-700_requoted.csv"
"""The real registry rows whose addresses are recomputed in plain Python."""


def made_up(places: list[dict[str, str]], start: int = 180_000_000) -> Rows:
    """Return a registry record for each practice address."""
    return [
        {
            "npi": f"{start + number}{npi_check_digit(str(start + number))}",
            "entity_type_code": "1",
            "provider_last_name_legal_name": "MADE UP",
            "provider_enumeration_date": "05/01/2020",
            "last_update_date": "05/01/2020",
            "layout": "v2",
            **{LOCATION_FIELDS[field]: value for field, value in place.items()},
        }
        for number, place in enumerate(places)
    ]


MADE_UP = [
    {"address_1": "1 MAIN ST", "address_2": "STE 1", "city": "HARTFORD", "state": "CT", "postal_code": "061031234"},
    {"address_1": "2 MAIN ST", "city": "W.  Hartford", "state": "CT", "postal_code": "06107"},
    {"address_1": "3 MAIN ST", "city": "MYSTIC", "state": "CT", "postal_code": "06355"},
    {"address_1": "4 MAIN ST", "city": "MYSTIC", "state": "CT", "postal_code": "06355"},
    {"address_1": "5 MAIN ST", "city": "DURHAM", "state": "CT", "postal_code": "06422"},
    {"address_1": "6 MAIN ST", "city": "NEW HAVEN", "state": "CT", "postal_code": "06103"},
    {"address_1": "7 MAIN ST", "city": "CHEVAK", "state": "AK", "postal_code": "99563"},
    {"address_1": "8 MAIN ST", "city": "VALDEZ", "state": "AK", "postal_code": "99686"},
    {"address_1": "9 MAIN ST", "city": "HAGATNA", "state": "GU", "postal_code": "96910"},
    {"address_1": "10 MAIN ST", "city": "SAN JUAN", "state": "PR", "postal_code": "00901"},
    {"address_1": "11 RUE X", "city": "MONTREAL", "state": "QC", "postal_code": "H2X", "country_code": "CA"},
    {"address_1": "12 MAIN ST", "city": "MACON", "state": "GA"},
    {"address_1": "13 MAIN ST", "city": "MACON", "state": "GA", "postal_code": "3120"},
    {"address_1": "14 MAIN ST", "city": "MACON", "state": "GA", "postal_code": "99999"},
    {"address_1": "UNIT 15", "city": "APO", "state": "AE", "postal_code": "09012"},
    {"address_1": "16 MAIN ST", "city": "MACON", "state": "GA", "postal_code": "31201"},
    {"address_1": "17 MAIN ST", "city": "MACON", "state": "GA", "postal_code": "31201"},
    {"address_1": "18 MAIN ST", "city": "MYSTIC", "state": "CT", "postal_code": "06355"},
    {"address_1": "19 MAIN ST", "city": "MACON", "state": "GA", "postal_code": "31201"},
    {"address_1": "20 MAIN ST", "city": "MACON", "state": "ALABAMA", "postal_code": "31201"},
]
FURTHER = [
    (
        0,
        {
            "address_1": "1 Main St Ste 1",
            "city": "Hartford",
            "state": "CT",
            "postal_code": "06103",
            "country_code": "US",
        },
    ),
    (0, {"address_1": "1 MAIN ST", "address_2": "STE 2", "city": "HARTFORD", "state": "CT", "postal_code": "06103"}),
    (0, {"address_1": "8 ELM ST", "city": "MACON", "state": "GA", "postal_code": "31201"}),
    (1, {"address_1": "9 RUE X", "city": "MONTREAL", "state": "QC", "postal_code": "H2X", "country_code": "CA"}),
]
"""Further places of the provider with that number; the first is its primary place again."""
ANSWERS = {3: "09180", 15: "13169", 16: "Tie", 17: "09011", 18: "99999", 19: "No_Match"}
"""What the Census Geocoder answered to the address of that number: the county of a match, or another answer."""


def address_key(place: dict[str, str]) -> str:
    """Return the key of an address that has neither double blanks nor other letters than ASCII."""
    parts = [place["address_1"], place["city"], place["state"], place["postal_code"][:5]]
    return hashlib.md5("|".join(parts).upper().encode(), usedforsecurity=False).hexdigest()


def answers() -> Rows:
    """Return the geocoder's answers as bronze rows."""
    rows: Rows = []
    for number, answer in ANSWERS.items():
        row: dict[str, Any] = {"address_key": address_key(MADE_UP[number]), "status": answer}
        if answer.isdigit():
            point = {"longitude": "-70.5", "latitude": "40.5", "matched_address": "X"}
            county = {"state_fips": answer[:2], "county_fips": answer[2:]}
            row |= {"status": "Match", "match_type": "Exact", **point, **county}
        rows.append(row)
    return rows


@dataclass(frozen=True)
class RealPlaces:
    """The build over all real geography files, real registry rows and made-up ones, and what was built."""

    database: Path
    results: list[Any]
    bronze: dict[str, list[str]]
    folder: Path


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RealPlaces:
    folder = tmp_path_factory.mktemp("places")
    files = [("geography", real_data / "geo" / name) for name in GEOGRAPHY]
    files += [
        ("census", real_data / "geo/ACSST5Y2023.S1901-Data.csv.gz"),
        ("nppes", real_data / "providers" / REGISTRY),
    ]
    bronze = landed(files, folder / "bronze")
    records = made_up(MADE_UP)
    further = [
        {"npi": records[number]["npi"], **{SECONDARY_FIELDS[field]: value for field, value in place.items()}}
        for number, place in FURTHER
    ]
    bronze["nppes__npidata"] += written("nppes", "npidata", records, folder)
    bronze["nppes__secondary_practice_location"] = written("nppes", "secondary_practice_location", further, folder)
    bronze["geocoder__answer"] = written("geocoder", "answer", answers(), folder)
    database, results = built(bronze, folder, MODELS, unit_tests=True)
    return RealPlaces(database, results, bronze, real_data / "geo")


def test_every_model_test_and_unit_test_holds_over_the_real_files(real: RealPlaces) -> None:
    assert failures(real.results) == []
    kinds = Counter(result.node.resource_type for result in real.results)
    assert kinds["unit_test"] >= 10
    names = {result.node.name for result in real.results}
    assert {path.stem for path in (WAREHOUSE / "tests/geography").glob("*.sql")} <= names


def test_every_line_of_the_geography_files_is_in_bronze(real: RealPlaces) -> None:
    rows = sorted(
        pq.read_metadata(address).num_rows
        for dataset, addresses in real.bronze.items()
        if dataset.startswith("geography__")
        for address in addresses
    )
    assert rows == sorted(GEOGRAPHY.values())


def test_places_are_those_of_a_plain_reading_of_the_files(real: RealPlaces, real_data: Path) -> None:
    gazette = Gazette.read(real.folder)
    expected: Counter[tuple[Any, ...]] = Counter()
    with (real_data / "providers" / REGISTRY).open(newline="", encoding="utf-8") as lines:
        for record in csv.DictReader(lines):
            if record["NPI Deactivation Date"] and not record["NPI Reactivation Date"]:
                continue
            address = {field: record[header] for field, header in PUBLISHED_FIELDS.items()}
            expected[(record["NPI"], True, *gazette.place(address), 1)] += 1
    npis = [record["npi"] for record in made_up(MADE_UP)]
    counted = {0: 3, 1: 2}
    for number, place in enumerate(MADE_UP):
        expected[(npis[number], True, *gazette.place(place, ANSWERS.get(number)), counted.get(number, 1))] += 1
    for number, place in FURTHER[1:]:
        expected[(npis[number], False, *gazette.place(place), counted[number])] += 1
    columns = "npi, is_primary_location, county_fips, county_status, county_rule, location_count"
    found = Counter(tuple(row.values()) for row in read(real.database, f"select {columns} from bridge_npi_location"))
    assert found == expected
    assert {status for _, _, _, status, _, _ in found} == {
        "placed", "geocoded", "county_split", "zip_in_several_counties", "zip_unknown", "zip_missing", "zip_malformed",
        "not_us",
    }  # fmt: skip


def test_the_ledger_names_the_residual(real: RealPlaces) -> None:
    ledger = {
        (row["step"], row["slice"]): (row["rows_in"], row["rows_out"], row["rows_merged"], row["balanced"])
        for row in read(real.database, "select * from int_providers_places__ledger")
    }
    statuses = counts(real.database, "county_status", "bridge_npi_location")
    assert ledger.pop(("location", "all")) == (668, 667, 1, True)
    assert ledger == {("county", status): (rows, rows, 0, True) for status, rows in statuses.items()}
    assert sum(statuses.values()) == 667


def test_shares_of_a_provider_sum_to_one_and_a_state_is_the_countys(real: RealPlaces) -> None:
    sums = read(real.database, "select sum(location_share) as share from bridge_npi_location group by npi")
    assert all(row["share"] == pytest.approx(1) for row in sums)
    mismatch = "bridge_npi_location where is_state_mismatch"
    assert counts(real.database, "state, county_fips", mismatch) == {("GA", "13021"): 1}
    without_state = read(real.database, "select distinct county_status from bridge_npi_location where state is null")
    assert {row["county_status"] for row in without_state} == {"not_us", "zip_unknown"}


def test_what_the_geocoder_did_not_match_is_kept_and_decides_nothing(real: RealPlaces) -> None:
    columns = "geocoder_status, county_status, coordinate_precision"
    asked = counts(real.database, columns, "dim_npi_address_geolocation where geocoder_status is not null")
    assert asked == {
        ("Match", "geocoded", "geocoder"): 2,
        ("Match", "county_split", "geocoder"): 1,
        ("Match", "placed", "geocoder"): 1,
        ("Tie", "placed", "zcta_centroid"): 1,
        ("No_Match", "placed", "zcta_centroid"): 1,
    }


def test_counties_have_their_facts(real: RealPlaces) -> None:
    assert counts(real.database, "is_current, county_change_kind, population_source", "dim_county") == {
        (True, None, "estimate"): 3_144,
        (True, None, None): 78,
        (None, None, None): 4,
        (False, "split", None): 8,
        (False, "renamed", None): 1,
        (False, "merged", None): 1,
    }
    with (real.folder / "co-est2023-alldata.csv").open(newline="", encoding="utf-8") as lines:
        states = [row for row in csv.DictReader(lines) if row["SUMLEV"].zfill(3) == "040"]
    regions = ["Northeast", "Midwest", "South", "West"]
    expected = {(row["STNAME"], regions[int(row["REGION"]) - 1]): int(row["POPESTIMATE2023"]) for row in states}
    query = """
        select state_name, dim_county.region_name, sum(population) as population
        from dim_county inner join seed_state using (state) where population is not null group by all
    """
    found = {(row["state_name"], row["region_name"]): row["population"] for row in read(real.database, query)}
    assert found == expected
    divisions = counts(real.database, "division_name", "(select distinct division_name, state from dim_county)")
    by_division = Counter(int(row["DIVISION"]) for row in states)
    assert sorted(divisions[name] for name in divisions if name) == sorted(by_division.values())
    with gzip.open(real.folder / "ACSST5Y2023.S1901-Data.csv.gz", "rt", encoding="utf-8-sig", newline="") as lines:
        survey = {row["GEO_ID"][-5:]: row for row in list(csv.DictReader(lines))[1:]}
    income = read(
        real.database, "select county_fips, households, median_household_income_usd from dim_county where is_current"
    )
    assert len(survey) == len(income) == 3_222
    for row in income:
        published = survey[row["county_fips"]]
        assert row["households"] == int(published["S1901_C01_001E"].replace(",", ""))
        median = published["S1901_C01_012E"].replace(",", "")
        shown = row["median_household_income_usd"]
        assert (shown is None) if not re.fullmatch(r"\d+\+?-?", median) else True
        if median.isdigit():
            assert shown == int(median)


def test_a_state_that_drops_out_of_a_join_fails_loudly(real: RealPlaces, tmp_path: Path) -> None:
    """Connecticut under its old codes in estimates, survey and list; Georgia's counties under codes of no system."""
    (population,), (crosswalk,) = real.bronze["geography__county_population"], real.bronze["geography__zip_county"]
    old = {"120": "1", "190": "3", "110": "5", "140": "7", "160": "9", "130": "11", "150": "13", "170": "15"}
    people = [
        row | {"county": old.get(row["county"], row["county"])} if row["state"] == "9" else row
        for row in pq.read_table(population).to_pylist()
        if (row["state"], row["county"]) != ("9", "180")
    ]
    zips = [
        row | {"county": f"13{900 + int(row['county'][2:]) // 4}"} if row["county"].startswith("13") else row
        for row in pq.read_table(crosswalk).to_pylist()
    ]
    counties = read(real.database, "select county_fips from dim_county where is_current and state <> 'CT'")
    codes = [row["county_fips"] for row in counties] + sorted(SPLIT - {"02261"})
    survey = [
        {"acs_year": 2020, "geography_level": "county", "geography_id": code, "variable": "B01003_001E", "value": "9"}
        for code in codes
    ]
    list_of_2020 = next(
        address
        for address in real.bronze["geography__cbsa_delineation"]
        if pq.read_table(address, columns=["vintage"]).column("vintage")[0].as_py() == "2020-03"
    )
    bronze = {
        "geography__gazetteer_county": real.bronze["geography__gazetteer_county"],
        "geography__cbsa_delineation": [list_of_2020],
        "geography__county_population": written("geography", "county_population", people, tmp_path),
        "geography__zip_county": written("geography", "zip_county", zips, tmp_path),
        "census__acs5": written("census", "acs5", survey, tmp_path),
    }
    _, results = built(bronze, tmp_path, "+dim_county")
    assert found_rows(results) == [
        "counties_find_their_estimate_in_every_state",
        "counties_find_their_stat_area_in_every_state",
        "counties_find_their_survey_in_every_state",
        "crosswalk_counties_are_known_today",
        "no_county_without_population",
    ]


def test_addresses_of_a_state_that_lead_nowhere_fail_loudly(real: RealPlaces, tmp_path: Path) -> None:
    """Twenty addresses whose ZIPs the crosswalk lost and twenty in a village; nineteen in Ohio may be typed wrong."""
    (crosswalk,) = real.bronze["geography__zip_county"]
    zips = [row for row in pq.read_table(crosswalk).to_pylist() if not row["zip"].startswith("312")]
    places = [
        *[{"address_1": "1 MAIN ST", "city": "MACON", "state": "GA", "postal_code": "31201"}] * 20,
        *[{"address_1": "1 MAIN ST", "city": "MYSTIC", "state": "CT", "postal_code": "06355"}] * 20,
        *[{"address_1": "1 MAIN ST", "city": "LIMA", "state": "OH", "postal_code": "31201"}] * 19,
    ]
    bronze = {
        **{name: files for name, files in real.bronze.items() if name.startswith("geography__")},
        "geography__zip_county": written("geography", "zip_county", zips, tmp_path),
        "nppes__npidata": written("nppes", "npidata", made_up(places), tmp_path),
    }
    _, results = built(bronze, tmp_path, MODELS)
    assert found_rows(results) == [
        "addresses_find_their_zip_in_every_state",
        "addresses_have_a_county_of_today_in_every_state",
    ]


def test_without_any_file_nothing_is_placed_and_nothing_fails(tmp_path: Path) -> None:
    database, results = built({}, tmp_path, MODELS)
    assert failures(results) == []
    assert counts(database, "npi", "bridge_npi_location") == {}
