"""Density, gap, region and state marts against a second computation: the sample's registry and the real files."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.build import dbt_variables, register
from lakeward.dbt_run import run_dbt
from lakeward.settings import QualitySettings

from .built_models import built, failures, landed
from .provider_marts_recomputation import Marts, group_codes
from .sample_bronze import land_sample

MODELS = "+int_providers_marts__ledger"
COMPLETE = 100
GEOGRAPHY = (
    "2024_Gaz_counties_national.txt", "ZIP-COUNTY-FIPS_2017-06.csv", "co-est2023-alldata.csv", "list1_2023.xlsx",
    "list1_2020.xls",
)  # fmt: skip
REGISTRY = "npidata_pfile_2025-04_rows1-700_requoted.csv"


def environment(database: Path) -> dict[str, str]:
    return {"LAKEWARD_BUILD_DATABASE": str(database), "LAKEWARD_BUILD_TEMPORARY": str(database.parent / "temporary")}


def opened(database: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(database), read_only=True)
    connection.execute("set search_path = 'lakeward'")
    return connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def recomputed(connection: duckdb.DuckDBPyConnection, complete: float) -> Marts:
    zips = connection.sql("select distinct zip_code, county_fips from stg_geography__zip_county").fetchall()
    counties = rows(connection, "select * from dim_county")
    return Marts(rows(connection, "select * from bridge_npi_location"), counties, zips, complete)


@pytest.fixture(scope="module")
def georgia(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample's registry, over every county of Georgia, with all models of this domain built and tested."""
    folder = tmp_path_factory.mktemp("georgia")
    bronze = land_sample(folder)
    database = folder / "build.duckdb"
    register(database, bronze.relations())
    variables = dbt_variables(bronze.settings.quality)
    assert failures(run_dbt(folder / "dbt", environment(database), variables, select=MODELS)) == []
    with opened(database) as connection:
        yield connection


@pytest.fixture(scope="module")
def marts(georgia: duckdb.DuckDBPyConnection) -> Marts:
    return recomputed(georgia, COMPLETE)


def test_the_sample_covers_georgia_and_no_other_state(georgia: duckdb.DuckDBPyConnection, marts: Marts) -> None:
    covered = georgia.sql("select state from int_providers__state_coverage where is_covered").fetchall()
    assert covered == [("GA",)]
    assert marts.covered_states == {"GA"}
    assert len(marts.covered) == 159


def test_densities_of_counties_and_states(georgia: duckdb.DuckDBPyConnection, marts: Marts) -> None:
    density = rows(georgia, "select * from mart_provider_density")
    assert len(density) == len(marts.groups) * (len(marts.counties) + 56)
    found = {"county": marts.by_county, "state": marts.by_state}
    for row in density:
        place = row["geography_id"] if row["geography_level"] == "county" else row["state"]
        count = found[row["geography_level"]].get((place, row["specialty_group"]))
        figures = (row["providers_registered"], row["organizations_registered"])
        assert figures == ((len(count.people), len(count.organizations)) if count else (0, 0))
        assert row["providers_fractional"] == pytest.approx(float(count.share) if count else 0, abs=1e-6)
        could_be = marts.open_to.get((place, row["specialty_group"])) if row["geography_level"] == "county" else None
        assert row["providers_possible"] == figures[0] + (len(could_be.people) if could_be else 0)
        if row["coverage_status"] == "covered":
            assert row["has_no_provider"] == (False if figures[0] else row["providers_possible"] == 0 or None)
            assert row["providers_per_100000"] == pytest.approx(100_000 * figures[0] / row["population"], abs=1e-6)


def test_every_gap_and_its_size(georgia: duckdb.DuckDBPyConnection, marts: Marts) -> None:
    mart = {
        (row["county_fips"], row["discipline"], row["denominator_basis"]): row
        for row in rows(georgia, "select * from mart_provider_gap")
    }
    expected = dict(marts.gaps())
    assert mart.keys() == expected.keys()
    for key, figures in expected.items():
        row = mart[key]
        assert row["coverage_status"] == "covered" if "is_gap" in figures else row["is_gap"] is None
        for name, value in figures.items():
            if value is None or isinstance(value, str | bool):
                assert row[name] == value, (key, name)
            else:
                assert row[name] == pytest.approx(float(value), abs=2e-6), (key, name)


def test_gaps_are_some_and_not_all(georgia: duckdb.DuckDBPyConnection) -> None:
    flags = georgia.sql(
        "select discipline, count(*) filter (is_gap), count(*) from mart_provider_gap "
        "where state = 'GA' and denominator_basis = 'individuals' group by all order by all"
    ).fetchall()
    assert [discipline for discipline, _, _ in flags] == ["dental", "mental_health", "primary_care"]
    assert all(0 < gaps < counties == 159 for _, gaps, counties in flags)


def test_ranks_lie_within_their_spread(georgia: duckdb.DuckDBPyConnection) -> None:
    spreads = rows(
        georgia,
        "select county_fips, discipline, list(rank_in_nation) as places, min(rank_worst) as worst, "
        "max(rank_best) as best, bool_and(is_rank_stable) as stable, min(counties_ranked) as counties "
        "from mart_provider_gap where coverage_status = 'covered' group by all",
    )
    for row in spreads:
        assert (min(row["places"]), max(row["places"])) == (row["worst"], row["best"])
        assert row["stable"] == (100 * (row["best"] - row["worst"]) <= 5 * row["counties"])
    assert {row["stable"] for row in spreads} == {True, False}


def test_regions_against_the_covered_nation(georgia: duckdb.DuckDBPyConnection, marts: Marts) -> None:
    mart = {
        (row["region_level"], row["region_id"], row["specialty_group"]): row
        for row in rows(georgia, "select * from mart_specialty_gap where counties > 0")
    }
    expected = dict(marts.regions())
    assert mart.keys() == expected.keys()
    for key, (people, residents, counties, ratio) in expected.items():
        row = mart[key]
        assert (row["providers"], row["population"], row["counties"]) == (people, residents, counties)
        assert (row["ratio_to_nation"] or 0) == pytest.approx(float(ratio), abs=1e-6)


def test_a_state_is_its_counties_and_the_residual(georgia: duckdb.DuckDBPyConnection, marts: Marts) -> None:
    (profile,) = rows(georgia, "select * from mart_state_profile where state = 'GA'")
    people = [row for row in marts.locations if row["state"] == "GA" and row["enumeration_type"] == "NPI-1"]
    placed = {row["npi"] for row in people if row["county_fips"]}
    everyone = {row["npi"] for row in people}
    assert profile["individuals_active"] == len(everyone)
    assert profile["unplaced_providers"] == len(everyone - placed)
    assert profile["unplaced_share_pct"] == pytest.approx(100 * len(everyone - placed) / len(everyone), abs=1e-6)
    gaps = Counter(key[1] for key, row in marts.gaps() if key[2] == "individuals" and row.get("is_gap"))
    assert {name: profile[f"{name}_gap_counties"] for name in gaps} == gaps
    county_income = [
        (county["median_household_income_usd"], county["households"])
        for county in marts.counties.values()
        if county["state"] == "GA" and county["median_household_income_usd"] is not None and county["households"]
    ]
    if county_income:
        mean = sum(float(income) * count for income, count in county_income) / sum(count for _, count in county_income)
        assert float(profile["county_median_income_weighted_usd"]) == pytest.approx(mean, abs=0.01)


def test_deactivated_providers_stand_where_they_last_practised(georgia: duckdb.DuckDBPyConnection) -> None:
    last: dict[str, str] = {}
    for row in rows(georgia, "select npi, practice_state from dim_npi_history order by npi, valid_from"):
        last[row["npi"]] = row["practice_state"] or last.get(row["npi"], "")
    inactive = [npi for (npi,) in georgia.sql("select npi from dim_npi where not is_active").fetchall()]
    expected = Counter(last.get(npi, "") for npi in inactive)
    profile = rows(georgia, "select state, deactivated_npis from mart_state_profile where deactivated_npis > 0")
    assert {row["state"]: row["deactivated_npis"] for row in profile} == {k: v for k, v in expected.items() if k}


def test_every_step_balances(georgia: duckdb.DuckDBPyConnection) -> None:
    ledger = rows(georgia, "select * from int_providers_marts__ledger")
    assert all(row["balanced"] for row in ledger)
    located = {row["slice"]: row for row in ledger if row["step"] == "locate"}
    (active,) = georgia.sql("select count(*) from dim_npi where is_active").fetchone() or (0,)
    assert sum(row["rows_in"] for row in located.values()) == active > 20_000
    assert sum(row["rows_exploded"] for row in located.values()) > 0


@pytest.fixture(scope="module")
def real_files(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The real 2025 rows and real places, built as if 700 rows were a whole registry; the database and dbt's folder."""
    folder = tmp_path_factory.mktemp("real")
    files = [
        ("nppes", real_data / "providers" / REGISTRY),
        *(("geography", real_data / "geo" / name) for name in GEOGRAPHY),
    ]
    database, results = built(landed(files, folder), folder, MODELS)
    assert failures(results) == []
    return database, folder


def test_700_real_rows_make_no_gap(real_files: tuple[Path, Path]) -> None:
    with opened(real_files[0]) as connection:
        statuses = dict(connection.sql("select coverage_status, count(*) from mart_provider_gap group by 1").fetchall())
        assert set(statuses) == {"registry_incomplete", "no_population"}
        # The gazetteer's counties, and four of the Island Areas that only the ZIP file has.
        assert sum(statuses.values()) == (3_222 + 4) * 9
        assert connection.sql("select count(is_gap), count(rank_in_nation) from mart_provider_gap").fetchone() == (0, 0)
        assert connection.sql("select count(ratio_to_nation) from mart_specialty_gap").fetchone() == (0,)


def test_real_people_are_counted_in_the_county_of_their_zip(real_files: tuple[Path, Path], real_data: Path) -> None:
    """From the published files alone: a ZIP in one county places a person, any other does not."""
    counties: dict[str, set[str]] = {}
    with (real_data / "geo/ZIP-COUNTY-FIPS_2017-06.csv").open(encoding="utf-8-sig") as lines:
        for line in csv.DictReader(lines):
            values = {name.lower(): value for name, value in line.items()}
            counties.setdefault(values["zip"], set()).add(values["stcountyfp"])
    codes = group_codes()
    expected: Counter[tuple[str, str]] = Counter()
    with (real_data / "providers" / REGISTRY).open(encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            if line["Entity Type Code"] != "1":
                continue
            slots = range(1, 16)
            listed = [line[f"Healthcare Provider Taxonomy Code_{slot}"] for slot in slots]
            primary = [line[f"Healthcare Provider Primary Taxonomy Switch_{slot}"] == "Y" for slot in slots]
            code = next((name for name, is_primary in zip(listed, primary, strict=True) if is_primary), listed[0])
            found = counties.get(line["Provider Business Practice Location Address Postal Code"][:5], set())
            if len(found) == 1 and not min(found).startswith("09"):
                expected.update((min(found), group) for group in codes if code in codes[group])
    with opened(real_files[0]) as connection:
        found_rows = connection.sql(
            "select geography_id, specialty_group, providers_registered from mart_provider_density "
            "where geography_level = 'county' and providers_registered > 0 and state <> 'CT'"
        ).fetchall()
    assert {(county, group): count for county, group, count in found_rows} == expected
    assert sum(expected.values()) > 300


def test_real_rows_as_a_whole_registry(real_files: tuple[Path, Path]) -> None:
    database, folder = real_files
    variables = {**dbt_variables(QualitySettings()), "complete_registry_min_per_100000": 0.0}
    results = run_dbt(folder, environment(database), variables, select=f"int_providers__state_coverage+,{MODELS}")
    assert failures(results) == []
    with opened(database) as connection:
        marts = recomputed(connection, 0)
        mart = rows(connection, "select * from mart_provider_gap where coverage_status = 'covered'")
        expected = {key: row for key, row in marts.gaps() if "is_gap" in row}
        # Puerto Rico and the other territories are in no estimate, so nothing is said of them.
        assert len(mart) == len(expected) == 3_144 * 9
        for row in mart:
            figures = expected[row["county_fips"], row["discipline"], row["denominator_basis"]]
            assert (row["gap_rule"], row["rank_in_nation"]) == (figures["gap_rule"], figures["rank_in_nation"])
            assert row["providers_possible"] == pytest.approx(float(figures["providers_possible"]), abs=2e-6)
