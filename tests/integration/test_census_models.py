"""Census figures become facts of counties and states: real files and made answers, recomputed another way; and none."""

import csv
import gzip
import io
from pathlib import Path

import duckdb
import pytest
from pydantic import SecretStr

from lakeward.sources import census
from lakeward.sources.census.api import download

from .built_models import built, failures, landed
from .census_server import COUNTIES, STATES, census_server

MODELS = "+int_census__ledger"
MISSING = frozenset({"", "-", "N", "(X)", "**", "***", "*****"})
FACTS = (
    "acs_population", "households", "median_household_income_usd", "population_under_18", "population_18_to_64",
    "population_65_and_over", "poverty_pct", "uninsured_pct",
)  # fmt: skip


def built_from(paths: list[Path], folder: Path) -> tuple[Path, list[str]]:
    """Land files, build the Census models, and return the database and the names of what failed or warned."""
    bronze = landed((("census", path) for path in paths), folder, year=2023)
    database, results = built(bronze, folder, MODELS, unit_tests=True)
    return database, failures(results)


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def real_files(real_data: Path) -> list[Path]:
    return [path for path in sorted((real_data / "geo").rglob("*")) if path.is_file() and census.recognise(path)]


@pytest.fixture(scope="module")
def real(real_files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    database, failed = built_from(real_files, tmp_path_factory.mktemp("census"))
    assert failed == []
    return database


@pytest.fixture(scope="module")
def export(real_files: list[Path]) -> dict[str, dict[str, str]]:
    """The real export as its own text, one county a row, read without Lakeward."""
    (path,) = (path for path in real_files if "S1901" in path.name)
    text = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    return {row["GEO_ID"].removeprefix("0500000US"): row for row in table if row["GEO_ID"] != "Geography"}


def test_the_real_files_are_an_export_and_an_answer(real_files: list[Path]) -> None:
    assert [path.name for path in real_files] == [
        "ACSST5Y2023.S1901-Data.csv.gz",
        "acs5_2018_B19013_001E_MD_counties_first9.json",
    ]


def test_every_real_county_has_its_households_and_income(real: Path, export: dict[str, dict[str, str]]) -> None:
    assert len(export) == 3_222
    facts = rows(
        real,
        "select county_fips, geography_name, acs_year, households, median_household_income_usd, acs_population,"
        " poverty_pct from int_census__county order by county_fips",
    )
    expected = [
        (
            code,
            row["NAME"],
            2023,
            int(row["S1901_C01_001E"]),
            None if row["S1901_C01_012E"] in MISSING else int(row["S1901_C01_012E"]),
            None,
            None,
        )
        for code, row in sorted(export.items())
    ]
    assert [
        (*fact[:4], None if fact[4] is None else int(str(fact[4]).split(".")[0]), *fact[5:]) for fact in facts
    ] == expected


def test_every_real_figure_is_a_number_or_has_its_reason(real: Path, export: dict[str, dict[str, str]]) -> None:
    cells = [value for row in export.values() for name, value in row.items() if name.startswith("S1901_")]
    counts = {mark: cells.count(mark) for mark in MISSING if mark in cells}
    assert counts == {"(X)": 67_662, "N": 4_466, "-": 24, "**": 24}
    found = rows(
        real,
        "select value_text, count(*) from stg_census__value where missing_reason is not null group by value_text",
    )
    assert dict(found) == counts
    numbers = sum(float(value) for value in cells if value not in MISSING)
    ((total,),) = rows(real, "select sum(estimate) from stg_census__value where acs_year = 2023")
    assert total == pytest.approx(numbers, rel=1e-12)


def test_the_older_answer_is_read_and_not_mixed_with_the_newer_release(real: Path) -> None:
    older = rows(real, "select count(*), min(estimate), max(estimate) from stg_census__value where acs_year = 2018")
    assert older == [(9, 48_840.0, 117_730.0)]
    assert rows(real, "select distinct acs_year from int_census__figure") == [(2023,)]
    merged = rows(real, "select rows_in, rows_out, rows_merged from int_census__ledger where step = 'census_figure'")
    assert merged == [(412_425, 412_416, 9)]


@pytest.fixture(scope="module")
def asked(real_files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Facts made from the answers of a server on this machine, and a real answer of the same year beside them."""
    folder = tmp_path_factory.mktemp("asked")
    with census_server() as server:
        recording = download(folder / "answers.json.gz", 2018, SecretStr("key"), server.url)
    database, failed = built_from([recording, *(path for path in real_files if path.suffix == ".json")], folder)
    assert failed == []
    return database


def test_facts_of_the_api_are_those_of_its_figures(asked: Path) -> None:
    columns = ", ".join(f"cast({name} as double)" for name in FACTS)
    # 8 lines of 100 people under 18, 12 of 65 and over, of 4,900; 500 of 4,000 poor; 4 bands of 60 uninsured of 4,800.
    whole = (4_900.0, 2_000.0, 61_145.0, 800.0, 2_900.0, 1_200.0, 12.5, 5.0)
    without_income = (*whole[:2], None, *whole[3:])
    assert rows(
        asked, f"select county_fips, {columns} from int_census__county where county_fips not like '24%' order by 1"
    ) == [
        ("09110", *whole),
        ("13001", *without_income),
        ("13121", *whole),
    ]
    assert rows(asked, f"select state_fips, {columns} from int_census__state order by 1") == [
        (code, *whole) for code in sorted(STATES)
    ]


def test_a_county_of_one_answer_has_its_one_figure(asked: Path) -> None:
    found = rows(
        asked,
        "select acs_year, median_household_income_usd, households, poverty_pct from int_census__county"
        " where county_fips = '24027'",
    )
    assert [tuple(str(value) for value in row) for row in found] == [("2018", "117730.00", "None", "None")]


def test_a_missing_figure_of_the_api_says_why(asked: Path) -> None:
    found = rows(
        asked,
        "select variable, missing_reason, value_text from stg_census__value"
        " where geography_id = '13001' and estimate is null order by variable",
    )
    assert found == [
        ("B01003_001M", "controlled", "-555555555"),
        ("B19013_001E", "not_computable", "-666666666"),
        ("B19013_001M", "blank", None),
    ]


def test_nothing_is_lost_between_answers_and_facts(asked: Path) -> None:
    steps = rows(asked, "select step, rows_in, rows_out, rows_merged, balanced from int_census__ledger order by step")
    figures = 62 * (len(STATES) + len(COUNTIES)) + 9
    assert steps == [
        ("census_county", len(COUNTIES) + 9, len(COUNTIES) + 9, 0, True),
        ("census_figure", figures, figures, 0, True),
        ("census_state", len(STATES), len(STATES), 0, True),
    ]


def test_without_files_there_are_no_facts_and_no_failures(tmp_path: Path) -> None:
    database, failed = built_from([], tmp_path)
    assert failed == []
    assert rows(database, "select count(*) from int_census__county") == [(0,)]
