"""Providers through time: real extracts nine years apart, and any made-up files, computed again in plain Python."""

import csv
import gzip
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeward.build import SCHEMA
from lakeward.sources import nppes

from .built_models import landed
from .registry_bronze import (
    RegistryFile,
    RegistryModels,
    build_registry,
    contents,
    gone,
    npi,
    record,
    report,
    rows_of,
    spans,
)  # fmt: skip
from .registry_recomputation import Record, Reported, day, history, newest, rank, start_of, tracked

BEFORE, AFTER = "providers/npidata_small.csv.gz", "providers/npidata_pfile_2025-04_rows1-700_requoted.csv"
A, B = npi(1), npi(2)
THROUGH_TIME = ("dim_npi", "dim_npi_history")


@pytest.fixture(scope="module")
def built(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """The registry's tables over the extracts of 2016 and 2025, with every test of the models."""
    folder = tmp_path_factory.mktemp("pair")
    return build_registry(landed([("nppes", real_data / BEFORE), ("nppes", real_data / AFTER)], folder), folder)


@pytest.fixture(scope="module")
def models(built: tuple[Path, list[Any]]) -> RegistryModels:
    return RegistryModels(built[1])


@pytest.fixture(scope="module")
def real(built: tuple[Path, list[Any]]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built[0]), read_only=True) as connection:
        connection.execute(f"set search_path = '{SCHEMA}'")
        yield connection


@pytest.fixture(scope="module")
def published(real_data: Path) -> list[Record]:
    """Every record of the two extracts, read by Python's own reader."""
    with gzip.open(real_data / BEFORE, "rt", encoding="utf-8", newline="") as stream:
        before = list(csv.DictReader(stream))
    with (real_data / AFTER).open(encoding="utf-8", newline="") as stream:
        after = list(csv.DictReader(stream))
    return [*_as_records(before, "1", has_taxonomies=False), *_as_records(after, "2", has_taxonomies=True)]


def _as_records(rows: list[dict[str, str]], file_id: str, *, has_taxonomies: bool) -> list[Record]:
    named = [{nppes.column_name(name): value or None for name, value in row.items()} for row in rows]
    return dated([Record(row, file_id, at, None, has_taxonomies) for at, row in enumerate(named, 1)], None)


def dated(records: list[Record], file_date: date | None) -> list[Record]:
    """Give the records of one file its date: that of its name, else the newest that a record carries."""
    found = file_date or newest(*(start_of(record) for record in records))
    return [Record(r.values, r.file_id, r.number, found, r.has_taxonomies) for r in records]


def test_the_history_of_real_providers_is_recomputed(real: duckdb.DuckDBPyConnection, published: list[Record]) -> None:
    expected = history(published)
    assert len(expected) == 6_877
    assert spans(real) == expected


def test_the_present_of_real_providers_is_recomputed(real: duckdb.DuckDBPyConnection, published: list[Record]) -> None:
    current = {str(record.values["npi"]): record for record in sorted(published, key=rank)}
    columns = "npi, enumeration_type, status, last_name, primary_taxonomy_code, deactivation_date, is_active"
    found = {row[0]: row[1:] for row in real.sql(f"select {columns} from dim_npi").fetchall()}
    names = ("enumeration_type", "status", "last_name", "primary_taxonomy_code", "deactivation_date")
    expected = {
        number: (*(tracked(record)[name] for name in names), tracked(record)["status"] == "A")
        for number, record in current.items()
    }
    assert found == expected
    assert sum(not row[-1] for row in found.values()) == 211 + 31


def test_changes_between_the_extracts_are_counted(real: duckdb.DuckDBPyConnection) -> None:
    kinds = real.sql("select change_kind, is_current, count(*) from dim_npi_history group by all").fetchall()
    assert sorted(kinds) == [
        ("changed", True, 146),
        ("deactivated", True, 242),
        ("enumerated", False, 177),
        ("enumerated", True, 6312),
    ]
    statements = real.sql("select sum(record_count) from dim_npi_history").fetchone()
    assert statements == (7_400,)


@pytest.mark.parametrize(
    ("as_of", "active", "inactive"),
    [("2016-06-01", 6458 + 31, 211), ("2026-01-01", 6458, 242)],
    ids=["before", "after"],
)
def test_as_of_a_day_one_span_of_a_provider_holds(
    real: duckdb.DuckDBPyConnection, as_of: str, active: int, inactive: int
) -> None:
    held = f"dim_npi_history where valid_from <= date '{as_of}' and (valid_to > date '{as_of}' or valid_to is null)"
    statuses = real.sql(f"select status, count(*), count(distinct npi) from {held} group by 1 order by 1").fetchall()
    assert statuses == [("A", active, active), ("I", inactive, inactive)]


DAMAGED = {
    "resaved_by_pandas": ("nppes_sample.csv", 644, 56),
    "resaved_by_excel": ("NPI_Sample_200_Records.csv", 120, 0),
    "seven_columns_of_a_tutorial": ("npi_small.csv.gz", 13_557, 443),
}


@pytest.mark.parametrize(("name", "rejected", "kept"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_copies_are_rejected_row_by_row(
    models: RegistryModels, real_data: Path, tmp_path: Path, name: str, rejected: int, kept: int
) -> None:
    (parquet,) = landed([("nppes", real_data / "providers" / name)], tmp_path)["nppes__npidata"]
    rows = pq.read_table(parquet).to_pylist()
    connection = models.run([RegistryFile("damaged", None, rows)], ("quarantine_npi", "int_providers__version"))
    found = {row["source_record"]: set(row["reasons"]) for row in rows_of(connection, "quarantine_npi")}
    expected = {row["_source_record"]: reasons for row in rows if (reasons := _damage(row))}
    assert found == expected
    assert (len(found), connection.sql("select count(*) from int_providers__version").fetchone()) == (rejected, (kept,))


def _damage(row: dict[str, Any]) -> set[str]:
    dates = ("provider_enumeration_date", "last_update_date", "npi_deactivation_date", "npi_reactivation_date")
    unreadable = [name for name in dates if row[name] and not re.fullmatch(r"\d\d/\d\d/\d{4}", row[name])]
    reasons = {re.sub("^(provider|npi)_", "", name) + "_unreadable" for name in unreadable}
    return reasons | ({"entity_type_unknown"} if row["entity_type_code"] not in (None, "1", "2") else set())


def test_an_answer_of_the_registry_is_read_whole(models: RegistryModels, real_data: Path, tmp_path: Path) -> None:
    answer = landed([("nppes", real_data / "providers/nppes_registry_api_200.json")], tmp_path)
    rows = pq.read_table(answer["nppes__registry_answer"][0]).to_pylist()
    files = [RegistryFile("answer", companions={"registry_answer": rows})]
    told = rows_of(models.run(files, ("stg_nppes__registry_answer",)), "stg_nppes__registry_answer")
    assert (len(told), {row["reject_reasons"] for row in told}) == (200, {""})
    assert {row["name_prefix"] for row in told} == {
        row["name_prefix"] for row in rows if row["name_prefix"] != "--"
    } | {None}
    assert sum(row["practice_locations"] not in (None, "[]") for row in told) == 14


def test_slots_of_real_records_are_recomputed(real: duckdb.DuckDBPyConnection, published: list[Record]) -> None:
    current = {str(record.values["npi"]): record.values for record in sorted(published, key=rank)}
    taxonomies, identifiers = set(), set()
    for number, values in current.items():
        for slot in range(1, 16):
            code, licence = (
                values.get(f"{prefix}_{slot}")
                for prefix in ("healthcare_provider_taxonomy_code", "provider_license_number")
            )
            if code or licence:
                taxonomies.add((number, slot, code, licence))
        for slot in range(1, 51):
            if identifier := values.get(f"other_provider_identifier_{slot}"):
                identifiers.add((number, slot, identifier, values[f"other_provider_identifier_issuer_{slot}"]))
    found = real.sql("select npi, slot, taxonomy_code, license_number from bridge_npi_taxonomy").fetchall()
    assert (set(found), len(found)) == (taxonomies, 893)
    found = real.sql("select npi, slot, identifier, identifier_issuer from bridge_npi_identifier").fetchall()
    assert (set(found), len(found)) == (identifiers, 1_251)
    primary = real.sql(
        "select primary_rule, count(*), count(distinct npi) from bridge_npi_taxonomy where is_primary group by 1"
    )
    assert sorted(primary.fetchall()) == [("first_listed", 6, 6), ("switch", 638, 638)]


FIRST_DAY = date(2024, 1, 1)
days = st.integers(0, 6).map(lambda offset: FIRST_DAY + timedelta(days=offset))
written = days.map(lambda found: found.strftime("%m/%d/%Y"))


@st.composite
def made_records(draw: st.DrawFn) -> dict[str, str | None]:
    who = draw(st.sampled_from([A, B]))
    kind = draw(st.sampled_from(["update", "update", "gone", "back"]))
    if kind == "gone":
        return gone(who, draw(written))
    city, taxonomy = (
        draw(st.sampled_from(["MACON", "ATLANTA", None])),
        draw(st.sampled_from(["207Q00000X", "207R00000X", None])),
    )
    values = record(who, draw(written), city, healthcare_provider_taxonomy_code_1=taxonomy)
    if kind == "back":
        values |= {"npi_deactivation_date": draw(written), "npi_reactivation_date": draw(written)}
    return values


@st.composite
def made_files(draw: st.DrawFn) -> list[RegistryFile]:
    weeks = draw(st.lists(st.tuples(st.lists(made_records(), max_size=4), st.booleans(), days), min_size=1, max_size=4))
    reports = draw(
        st.lists(st.tuples(st.lists(st.tuples(st.sampled_from([A, B]), written), max_size=2), days), max_size=2)
    )
    files = [
        RegistryFile(f"week{at}", f"{end:%Y%m%d}" if is_dated else None, rows)
        for at, (rows, is_dated, end) in enumerate(weeks)
    ]
    return files + [report(f"report{at}", str(on), dict(said)) for at, (said, on) in enumerate(reports)]


def recomputed(files: Sequence[RegistryFile]) -> list[dict[str, Any]]:
    records, lines = [], []
    for file in files:
        end = date.fromisoformat(file.as_of) if file.as_of else None
        rows = file.rows("npidata")
        records += dated(
            [Record(r, file.file_id, at, None, r["layout"] != "first_41") for at, r in enumerate(rows, 1)], end
        )
        for row in file.rows("deactivation"):
            deactivated = day(row["deactivation_date"])
            assert deactivated
            lines.append(Reported(row["npi"], deactivated, date.fromisoformat(row["report_date"])))
    return history(records, lines)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(files=made_files(), data=st.data())
def test_no_order_of_files_changes_who_providers_are_and_were(
    models: RegistryModels, files: list[RegistryFile], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(files))
    connection = models.run(files, THROUGH_TIME)
    assert contents(models.run(shuffled, THROUGH_TIME), THROUGH_TIME) == contents(connection, THROUGH_TIME)
    assert spans(connection) == recomputed(files)
    present = "select npi, status, deactivation_date from dim_npi order by npi"
    last = "select npi, status, deactivation_date from dim_npi_history where is_current order by npi"
    assert connection.sql(present).fetchall() == connection.sql(last).fetchall()
