"""Weeks, reports, replacements and companion files of the registry, as they arrive: late, twice, and in any order."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.build import SCHEMA

from .registry_bronze import (
    SELECTION,
    RegistryFile,
    RegistryModels,
    Row,
    back,
    build_registry,
    contents,
    gone,
    npi,
    record,
    report,
    rows_of,
    spans,
    written,
)  # fmt: skip

A, B, C, D = (npi(number) for number in range(1, 5))
SPAN = ("valid_from", "valid_to", "status", "change_kind")


def clinic(number: str, street: str | None, state: str = "GA") -> Row:
    prefix = "provider_secondary_practice_location_address_"
    return {"npi": number, f"{prefix}address_line_1": street, f"{prefix}state_name": state if street else None}


def other_name(number: str, name: str) -> Row:
    return {
        "npi": number,
        "provider_other_organization_name": name,
        "provider_other_organization_name_type_code": "3",
    }


MONTH = RegistryFile("month", "20240107", [record(A, "01/02/2020"), record(B, "03/04/2021"), record(C, "05/06/2022")])
WEEK_1 = RegistryFile("week1", "20240114", [record(A, "01/10/2024", "ATLANTA"), gone(B, "01/11/2024")])
WEEK_2 = RegistryFile("week2", "20240121", [back(B, "01/17/2024", "01/11/2024", "01/16/2024"), record(D, "01/18/2024")])
REPORT = report("report", "2024-01-12", {B: "01/11/2024"})
LISTS = RegistryFile(
    "lists",
    "20240121",
    [record(npi(9), "01/18/2024", replacement_npi=A) | other_name(npi(9), "NINE CARE")],
    {
        "secondary_practice_location": [
            clinic(A, "1 A ST"),
            clinic(A, "1 A ST"),
            clinic(B, None),
            clinic(npi(8), "8 ST"),
        ],
        "other_name": [
            other_name(npi(9), "NINE CARE"),
            other_name(npi(9), "NINE AND SONS"),
            other_name("12", "NOBODY"),
        ],
        "endpoint": [{"npi": A, "endpoint": "a@example.org"}, {"npi": A}],
        "deactivation": [{"npi": npi(7), "deactivation_date": "01/02/2024"}, {"npi": A, "deactivation_date": "soon"}],
    },
)
SPOILT = RegistryFile("spoilt", "20240121", [record(A, "1/20/24"), record("1234567890", "01/20/2024")])
LOADS = {
    "in_order": [MONTH, WEEK_1, WEEK_2],
    "late": [MONTH, WEEK_2, WEEK_1],
    "month_last": [WEEK_2, WEEK_1, MONTH],
    "week_twice": [MONTH, WEEK_1, RegistryFile("again", "20240114", WEEK_1.records), WEEK_2],
    "with_report": [REPORT, MONTH, WEEK_1, WEEK_2],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """Every table and ledger of the registry over files with a bit of everything, with every test of the models."""
    folder = tmp_path_factory.mktemp("registry")
    files = [*LOADS["week_twice"], REPORT, LISTS, SPOILT]
    return build_registry(written(files, folder), folder, f"{SELECTION} +int_providers__ledger")


@pytest.fixture(scope="module")
def models(built: tuple[Path, list[Any]]) -> RegistryModels:
    return RegistryModels(built[1])


def test_every_row_of_every_file_is_accounted_for(built: tuple[Path, list[Any]]) -> None:
    columns = "step, rows_in, rows_out, rows_quarantined, rows_merged, balanced"
    with duckdb.connect(str(built[0]), read_only=True) as connection:
        ledger = connection.sql(f"select {columns} from {SCHEMA}.int_providers__ledger").fetchall()
    assert {row[0]: row[1:] for row in ledger if row[0] not in ("geolocation", "practice_location")} == {
        # twelve records and three lines of reports become five providers and one that only a report has
        "current_provider": (15, 6, 3, 6, True),
        "history": (12, 9, 0, 3, True),
        "taxonomy": (0, 0, 0, 0, True),
        "identifier": (0, 0, 0, 0, True),
        "name": (9, 7, 1, 1, True),
        "endpoint": (2, 1, 1, 0, True),
        "address": (9, 6, 2, 1, True),
    }


@pytest.mark.parametrize("files", LOADS.values(), ids=LOADS)
def test_weeks_may_come_late_twice_and_in_any_order(models: RegistryModels, files: list[RegistryFile]) -> None:
    expected, found = contents(models.run(LOADS["in_order"])), contents(models.run(files))
    for tables in (expected, found):
        for row in tables["dim_npi_history"]:
            row.pop("record_count")
    assert found == expected
    of_b = [tuple(row[name] for name in SPAN) for row in spans(models.run(files)) if row["npi"] == B]
    assert of_b == [
        (date(2021, 3, 4), date(2024, 1, 11), "A", "enumerated"),
        (date(2024, 1, 11), date(2024, 1, 17), "I", "deactivated"),
        (date(2024, 1, 17), None, "A", "reactivated"),
    ]


def test_of_two_records_of_one_day_the_later_file_wins(models: RegistryModels) -> None:
    files = [
        RegistryFile("b", "20240107", [record(A, "01/02/2024", "FIRST"), record(A, "01/02/2024", "SECOND")]),
        RegistryFile("a", "20240114", [record(A, "01/02/2024", "LATER")]),
        RegistryFile("z", None, [record(A, "01/02/2024", "UNDATED")]),
    ]
    connection = models.run(files)
    history_rows = rows_of(connection, "dim_npi_history")
    assert [(row["practice_city"], row["record_count"]) for row in history_rows] == [("LATER", 4)]
    assert [row["city"] for row in rows_of(connection, "dim_npi_address")] == ["LATER"]


def test_a_record_without_dates_begins_with_its_file_or_at_no_known_day(models: RegistryModels) -> None:
    files = [RegistryFile("a", "20240107", [record(A, None)]), RegistryFile("b", None, [record(B, None)])]
    starts = {row["npi"]: row["valid_from"] for row in rows_of(models.run(files), "dim_npi_history")}
    assert starts == {A: date(2024, 1, 7), B: None}


REPORTED = report("r", "2024-02-01", {A: "01/20/2024"})


def week(end: str, row: Row) -> RegistryFile:
    return RegistryFile("week", end, [row])


DEACTIVATIONS = {
    "a_newer_report_deactivates": ([REPORTED], ("I", "report", [("A", 2020), ("I", 2024)])),
    "an_older_report_does_not": (
        [week("20240301", back(A, "02/20/2024", "01/20/2024", "02/10/2024")), REPORTED],
        ("A", None, [("A", 2020), ("I", 2024), ("A", 2024)]),
    ),
    "the_record_says_so_itself": (
        [week("20240128", gone(A, "01/20/2024")), REPORTED],
        ("I", "record", [("A", 2020), ("I", 2024)]),
    ),
    "taken_back_before_the_report": (
        [week("20240128", back(A, "01/22/2024", "01/20/2024", "01/22/2024")), REPORTED],
        ("A", None, [("A", 2020), ("I", 2024), ("A", 2024)]),
    ),
    "taken_back_the_same_day": (
        [week("20240128", back(A, "01/20/2024", "01/20/2024", "01/20/2024")), REPORTED],
        ("A", None, [("A", 2020), ("A", 2024)]),
    ),
    "a_record_between_that_knows_nothing": (
        [week("20240128", record(A, "01/25/2024")), REPORTED],
        ("I", "report", [("A", 2020), ("I", 2024)]),
    ),
    "who_left_the_list_was_taken_back": (
        [REPORTED, report("s", "2024-03-01", {B: "01/20/2024"})],
        ("A", None, [("A", 2020)]),
    ),
}


@pytest.mark.parametrize(("files", "expected"), DEACTIVATIONS.values(), ids=DEACTIVATIONS)
def test_a_report_deactivates_unless_the_record_knows_better(
    models: RegistryModels, files: list[RegistryFile], expected: tuple[str, str | None, list[tuple[str, int]]]
) -> None:
    connection = models.run([MONTH, *files])
    (provider,) = (row for row in rows_of(connection, "dim_npi") if row["npi"] == A)
    of_a = [(row["status"], row["valid_from"].year) for row in spans(connection) if row["npi"] == A]
    assert (provider["status"], provider["deactivation_source"], of_a) == expected
    assert provider["is_active"] == (expected[0] == "A")
    assert provider["organization_name"] == (None if expected[1] == "record" else "A CLINIC")


def test_an_npi_that_only_a_report_has_is_kept_and_blank(models: RegistryModels) -> None:
    connection = models.run([MONTH, report("r", "2024-02-01", {D: "01/20/2024"})])
    (provider,) = (row for row in rows_of(connection, "dim_npi") if row["npi"] == D)
    assert (provider["status"], provider["last_record_layout"], provider["source_file_id"]) == ("I", None, "r")
    (span,) = (row for row in spans(connection) if row["npi"] == D)
    assert (span["valid_from"], span["change_kind"]) == (date(2024, 1, 20), "deactivated")


def test_replacements_are_followed_to_their_end_and_cycles_end(models: RegistryModels) -> None:
    chain = [npi(number) for number in range(100, 131)]
    edges = dict(pairwise(chain)) | {A: B, B: A, C: C, D: A, npi(50): npi(51), npi(52): npi(50)}
    providers = {*edges, *chain}
    records = [record(who, "01/02/2020", replacement_npi=edges.get(who)) for who in sorted(providers)]
    found = {
        row["npi"]: (row["current_npi"], row["replacement_status"])
        for row in rows_of(models.run([RegistryFile("a", "20240107", records)]), "dim_npi")
    }
    expected = dict.fromkeys(chain[:-1], (chain[-1], "followed")) | {chain[-1]: (chain[-1], "none")}
    expected |= {who: (who, "cycle") for who in (A, B, C, D)}
    expected |= {npi(50): (npi(50), "unknown_npi"), npi(52): (npi(50), "unknown_npi")}
    assert found == expected


def test_the_newest_list_speaks_for_a_provider_and_silence_takes_away(models: RegistryModels) -> None:
    before = [clinic(A, "1 A ST"), clinic(B, "1 B ST"), clinic(B, "2 B ST"), clinic(C, "1 C ST")]
    companions = {"secondary_practice_location": before, "other_name": [other_name(C, "C CARE")]}
    first = RegistryFile("first", "20240107", MONTH.records, companions)
    after = [
        clinic(B, "3 B ST"),
        clinic(B, "3 B ST"),
        clinic(D, "1 D ST"),
        clinic(A, None),
        clinic("1234567890", "5 X ST"),
    ]
    endpoints = [{"npi": A, "endpoint": "a@example.org", "affiliation": "N"}, {"npi": A, "endpoint": None}]
    companions = {"secondary_practice_location": after, "endpoint": endpoints}
    second = RegistryFile("second", "20240114", [record(A, "01/10/2024"), record(B, "01/11/2024")], companions)
    expected = contents(models.run([first, second]))
    assert contents(models.run([second, first])) == expected
    secondary = [row for row in expected["dim_npi_address"] if row["address_purpose"] == "SECONDARY"]
    assert [(row["npi"], row["address_1"], row["address_type"]) for row in secondary] == [
        (B, "3 B ST", "DOM"),
        (C, "1 C ST", "DOM"),
    ]
    assert [(row["npi"], row["endpoint_number"], row["is_affiliation"]) for row in expected["dim_npi_endpoint"]] == [
        (A, 1, False)
    ]
    names = [row["organization_name"] for row in expected["dim_npi_name"] if row["name_kind"] == "other_organization"]
    assert names == ["C CARE"]
    reasons = sorted((row["dataset"], *row["reasons"]) for row in expected["quarantine_npi_detail"])
    assert reasons == [
        ("endpoint", "endpoint_missing"),
        ("secondary_practice_location", "address_missing"),
        ("secondary_practice_location", "npi_check_digit"),
        ("secondary_practice_location", "npi_not_in_registry"),
    ]
