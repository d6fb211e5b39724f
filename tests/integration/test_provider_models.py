"""Registry and geography files become providers in their places: real files, damaged ones, and none at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .built_models import built, failures, landed

MODELS = "+int_providers__ledger +dim_county +dim_taxonomy"
GEOGRAPHY = (
    "2021_Gaz_zcta_centroids.csv",
    "2024_Gaz_counties_national.txt",
    "ZIP-COUNTY-FIPS_2017-06.csv",
    "co-est2023-alldata.csv",
    "list1_2020.xls",
    "list1_2023.xlsx",
    "zip_cbsa_122022.xlsx",
    "zipcode_zcta.csv",
)


def built_from(files: list[tuple[str, Path]], folder: Path, *, unit_tests: bool = False) -> tuple[Path, list[Any]]:
    """Land files, build the provider models, and return the database and dbt's result of every node."""
    return built(landed(files, folder), folder, MODELS, unit_tests=unit_tests)


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The 2025 registry rows, twelve of 2020 that they supersede, all geography files and the specialties."""
    files = [
        ("nppes", real_data / "providers/npidata_pfile_2025-04_rows1-700_requoted.csv"),
        ("nppes", real_data / "providers/npidata_pfile_fixture.csv"),
        ("taxonomy", real_data / "providers/nucc_taxonomy_240.csv"),
        *(("geography", real_data / "geo" / name) for name in GEOGRAPHY),
    ]
    database, results = built_from(files, tmp_path_factory.mktemp("real"), unit_tests=True)
    assert failures(results) == []
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        yield connection


def counts(connection: duckdb.DuckDBPyConnection, columns: str, table: str) -> dict[Any, int]:
    rows = connection.sql(f"select {columns}, count(*) from {table} group by all").fetchall()
    return {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in rows}


def test_providers_are_counted_as_published(real: duckdb.DuckDBPyConnection) -> None:
    assert counts(real, "enumeration_type, status", "dim_npi") == {
        ("NPI-1", "A"): 511,
        ("NPI-2", "A"): 133,
        (None, "I"): 56,
    }
    assert counts(real, "primary_taxonomy_rule", "dim_npi") == {"switch": 638, "first_listed": 6, "none": 56}
    reactivated = "dim_npi where deactivation_date is not null and status = 'A'"
    assert sum(counts(real, "status", reactivated).values()) == 21


def test_every_specialty_has_its_description(real: duckdb.DuckDBPyConnection) -> None:
    active = "dim_npi where primary_taxonomy_code is not null"
    assert counts(real, "primary_taxonomy_desc is null", active) == {False: 644}


def test_the_ledger_balances_and_names_what_was_superseded(real: duckdb.DuckDBPyConnection) -> None:
    ledger = real.sql("select step, rows_in, rows_out, rows_merged, balanced from int_providers__ledger").fetchall()
    assert {row[-1] for row in ledger} == {True}
    places = {"address", "current_provider", "geolocation", "practice_location"}
    assert sorted(row for row in ledger if row[0] in places) == [
        ("address", 1288, 1288, 0, True),
        ("current_provider", 712, 700, 12, True),
        ("geolocation", 644, 644, 0, True),
        ("practice_location", 644, 644, 0, True),
    ]


def test_every_practice_location_says_how_it_was_placed(real: duckdb.DuckDBPyConnection) -> None:
    assert counts(real, "geocode_status", "dim_npi_address_geolocation") == {
        "zip_single_county": 473,
        "zip_in_several_counties": 170,
        "zip_unknown": 1,
    }
    placed = counts(real, "geocode_status, county_fips is not null", "dim_npi_address_geolocation")
    assert placed == {
        ("zip_single_county", True): 473,
        ("zip_in_several_counties", False): 170,
        ("zip_unknown", False): 1,
    }


def test_crosswalks_are_read_whole(real: duckdb.DuckDBPyConnection) -> None:
    statuses = counts(real, "county_status", "int_reference__zip_place")
    assert statuses["zip_single_county"] + statuses["zip_in_several_counties"] == 39_456
    assert counts(real, "is_current", "dim_county") == {True: 3_222, False: 10, None: 4}
    areas = counts(real, "vintage", "(select distinct vintage, stat_area_code from stg_geography__area_county)")
    assert areas == {"2020-03": 939, "2023-07": 935}
    (population,) = real.sql("select count(population) from dim_county").fetchone() or ()
    assert population == 3_144


def test_connecticut_keeps_its_areas_in_either_code_system(real: duckdb.DuckDBPyConnection) -> None:
    connecticut = counts(real, "is_current, stat_area_vintage, stat_area_code is null", "dim_county where state = 'CT'")
    assert connecticut == {(True, "2023-07", False): 9, (False, "2020-03", False): 8}


def test_an_area_has_one_name_and_no_point_is_null_island(real: duckdb.DuckDBPyConnection) -> None:
    names = "(select stat_area_code, count(distinct stat_area_name) as names from int_reference__zip_place group by 1)"
    assert set(counts(real, "names", names)) == {0, 1}
    points = "int_reference__zip_place where latitude between -1 and 1 or longitude between -1 and 1"
    assert counts(real, "zip_code", points) == {}


def test_rows_that_a_spreadsheet_spoilt_are_quarantined_with_their_reason(real_data: Path, tmp_path: Path) -> None:
    database, results = built_from([("nppes", real_data / "providers/nppes_sample.csv")], tmp_path)
    assert failures(results) == []
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        assert counts(
            connection, "reasons", "(select array_to_string(reasons, ',') as reasons from quarantine_npi)"
        ) == {"entity_type_unknown": 644}
        step = "int_providers__ledger where step = 'current_provider'"
        ledger = connection.sql(f"select rows_in, rows_out, rows_quarantined, balanced from {step}").fetchall()
        assert ledger == [(700, 56, 644, True)]


def test_without_any_file_there_is_no_provider_and_no_error(tmp_path: Path) -> None:
    database, results = built_from([], tmp_path)
    assert failures(results) == []
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        assert set(counts(connection, "balanced, rows_in, rows_out", "int_providers__ledger")) == {(True, 0, 0)}
        assert counts(connection, "npi", "dim_npi") == {}


def test_addresses_without_a_crosswalk_say_so(real_data: Path, tmp_path: Path) -> None:
    database, results = built_from([("nppes", real_data / "providers/npidata_pfile_fixture.csv")], tmp_path)
    assert failures(results) == []
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        statuses = counts(connection, "geocode_status, stat_area_status", "dim_npi_address_geolocation")
        assert statuses == {("no_zip_table", "undetermined"): 12}


def test_connecticut_counties_without_their_list_fail_the_build(real_data: Path, tmp_path: Path) -> None:
    names = ("ZIP-COUNTY-FIPS_2017-06.csv", "list1_2023.xlsx")
    _, results = built_from([("geography", real_data / "geo" / name) for name in names], tmp_path)
    failed = [result.node.name for result in results if str(result.status) == "fail"]
    assert failed == ["connecticut_counties_match_a_delineation"]
