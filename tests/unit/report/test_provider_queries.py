"""The questions of the provider report, asked of made-up counties: who is named, with which verdict, and of when."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.report.provider_queries import CERTAIN, DATASETS, NO_GAP, POSSIBLE, RELEASES, TABLES

COUNTIES = Path(__file__).parents[2] / "fixtures" / "report" / "providers.sql"


@pytest.fixture
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """The made-up counties."""
    with duckdb.connect() as connection:
        connection.execute(COUNTIES.read_text(encoding="utf-8"))
        yield connection


def asked(lake: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    """The answer of one dataset, row by row."""
    return lake.sql(DATASETS[name]).to_arrow_table().to_pylist()


def test_covered_counties_are_named_the_largest_first_and_the_others_are_counted(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    counties = asked(lake, "counties")
    assert {row["state"] for row in counties} == {"GA", "PR"}
    assert len({row["county_fips"] for row in counties}) == len(counties) == 37
    residents = [row["population"] for row in counties]
    assert residents == sorted(residents, reverse=True)
    assert sum(row["latitude"] is None for row in counties) == 1
    assert asked(lake, "left_out") == [{"coverage_status": "registry_incomplete", "counties": 5}]


def test_every_covered_county_has_a_verdict_in_every_discipline_and_way_of_counting(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    gaps = asked(lake, "gaps")
    assert len(gaps) == 37 * 3 * 3
    assert len({(row["county_fips"], row["discipline"], row["denominator_basis"]) for row in gaps}) == len(gaps)
    assert all(row["rank_worst"] <= row["rank_in_nation"] <= row["rank_best"] for row in gaps)


@pytest.mark.parametrize(
    ("is_gap", "is_gap_certain", "verdict"),
    [
        pytest.param("false", "false", NO_GAP, id="no-gap"),
        pytest.param("true", "false", POSSIBLE, id="open-addresses-could-fill-it"),
        pytest.param("true", "true", CERTAIN, id="nobody-could-fill-it"),
        pytest.param("true", "null", POSSIBLE, id="not-known-to-be-certain"),
    ],
)
def test_a_verdict_is_in_words(lake: duckdb.DuckDBPyConnection, is_gap: str, is_gap_certain: str, verdict: str) -> None:
    lake.execute(f"update mart_provider_gap set is_gap = {is_gap}, is_gap_certain = {is_gap_certain}")
    assert {row["verdict"] for row in asked(lake, "gaps")} == {verdict}


def test_densities_are_of_covered_states_and_every_state_has_its_coverage(lake: duckdb.DuckDBPyConnection) -> None:
    density = asked(lake, "density")
    assert [(row["state_name"], row["specialty_group"]) for row in density] == [
        (state, group) for state in ("Georgia", "Puerto Rico") for group in ("dental", "primary_care", "urology")
    ]
    assert density[0]["providers_per_100000"] == 21
    assert [row["state"] for row in asked(lake, "states")] == ["GA", "PR", "AL", "WY"]


def test_releases_are_the_newest_day_of_the_registry_and_every_year_of_the_census(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    assert lake.sql(RELEASES).fetchall() == [("2025-08-24", "2023", "2022", "2024")]
    lake.execute("update dim_county set population_year = 2020 where state = 'PR'")
    lake.execute("update dim_county set population_year = 1990, is_current = false where county_fips = '13001'")
    lake.execute("delete from dim_npi")
    assert lake.sql(RELEASES).fetchall() == [(None, "2020, 2023", "2022", "2024")]


def test_no_table_is_asked_but_those_that_the_report_requires(lake: duckdb.DuckDBPyConnection) -> None:
    wanted = {name for sql in (*DATASETS.values(), RELEASES) for name in lake.get_table_names(sql)}
    assert wanted == set(TABLES)
