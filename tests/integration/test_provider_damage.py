"""Bad registry and Census files through the command line: one clear error, or quarantine with reasons; nothing lost."""

import gzip
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command_line import Finished, done, lakeward, rows
from .lake_files import all_files, data_files, snapshot_of
from .made_once import made_once
from .registry_files import (
    NPI,
    deactivated,
    individual,
    registry_text,
    valid_npi,
    write_registry,
)
from .test_damage_of_sources import Before, assert_message

MONTH, WEEK, NEXT_WEEK = (
    "npidata_pfile_20050523-20250810.csv", "npidata_pfile_20250811-20250817.csv", "npidata_pfile_20250818-20250824.csv",
)  # fmt: skip
PROVIDERS = 12
MOVED, GONE, NEW = 3, 4, 50
CURRENT = "select npi, last_name, status, last_updated from dim_npi order by npi"
QUARANTINE = "select reasons, count(*) as rows from quarantine_npi group by all order by all"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monthly file, and a weekly file of a move, a deactivation and a new provider."""
    folder = tmp_path_factory.mktemp("registry")
    write_registry(folder / MONTH, [individual(number) for number in range(PROVIDERS)])
    week = [
        individual(MOVED, street="1 NEW ST", last_update="08/12/2025"),
        deactivated(GONE, "08/13/2025"),
        individual(NEW, last_update="08/14/2025"),
    ]
    write_registry(folder / WEEK, week)
    return folder


@pytest.fixture(scope="module")
def made_lake(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of both files; only to be read."""

    def make(folder: Path) -> None:
        done("run", "providers", "--config", configured(folder, files), "--lake", folder / "lake")

    return made_once(tmp_path_factory, "damage-of-providers", make) / "lake"


@pytest.fixture
def lake(made_lake: Path, tmp_path: Path) -> Path:
    """A lake of its own with both files in it."""
    shutil.copytree(made_lake, tmp_path / "lake")
    return tmp_path / "lake"


def configured(folder: Path, files: Path, *more: Path, **sources: object) -> Path:
    """Write a configuration of the month, the week and further files of the registry."""
    paths = [files / MONTH, files / WEEK, *more]
    document = {"sources": {"nppes": [{"path": str(path)} for path in paths], **sources}}
    path = folder / "lakeward.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def run(lake: Path, files: Path, *more: Path, **sources: object) -> Finished:
    return lakeward("run", "providers", "--config", configured(lake.parent, files, *more, **sources), "--lake", lake)


def week_of(*records: dict[str, str]) -> bytes:
    return registry_text(records or [individual(NEW + number) for number in range(1, 9)]).encode()


def zipped(**members: bytes) -> Callable[[Path], object]:
    """Return what writes a zip of members, whose names stand for ``npidata_pfile_<name>.csv``."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(f"npidata_pfile_{name}.csv", content)

    return write


def without_last_cell(text: str) -> str:
    """The same file with one cell less in its fourth record."""
    lines = text.splitlines(keepends=True)
    lines[4] = lines[4].rpartition(",")[0] + "\n"
    return "".join(lines)


def plain(change: Callable[[str], str]) -> Callable[[Path], object]:
    return lambda path: path.write_text(change(week_of().decode()))


def half_of_zip(path: Path) -> None:
    zipped(week=week_of())(path)
    path.write_bytes(path.read_bytes()[:-40])


BROKEN: dict[str, tuple[str, Callable[[Path], object], tuple[str, ...]]] = {
    "an unknown header": (
        NEXT_WEEK,
        plain(lambda text: text.replace('"NPI"', '"NPI Number"', 1)),
        ("do not match the contract", "missing: ['NPI']", "unexpected: ['NPI Number']", "lakeward inspect"),
    ),
    "a column too many": (
        NEXT_WEEK,
        plain(lambda text: text.replace('"\n', '","x"\n').replace(',"x"', ',"Favourite Colour"', 1)),
        ("do not match the contract", "missing: []", "unexpected: ['Favourite Colour']"),
    ),
    "a ragged row": (NEXT_WEEK, plain(without_last_cell), ("records of 330 columns", "one of 329", "fetch it again")),
    "a cut record": (NEXT_WEEK, plain(lambda text: text[:-700]), ("records of 330 columns", "fetch it again")),
    "a cut gzip": (
        f"{NEXT_WEEK}.gz",
        lambda path: path.write_bytes(gzip.compress(week_of())[:-60]),
        ("cannot be read", "archive", "etch"),
    ),
    "a cut zip": ("week.zip", half_of_zip, ("cannot be read", "zip archive", "etch")),
    "two data files in a zip": (
        "week.zip",
        zipped(**{"20250818-20250824": week_of(), "20250825-20250831": week_of()}),
        ("cannot be read", "expected: ", "found: "),
    ),
    "a zip of a header": (
        "week.zip", zipped(**{"20250818-20250824_fileheader": week_of()}), ("cannot be read", "expected: ", "found: ")
    ),
    "a header alone": (NEXT_WEEK, lambda path: path.write_text(registry_text([])), ("header alone",)),
    "a web page": (
        NEXT_WEEK, lambda path: path.write_text("<html><body>Not found</body></html>"), (NEXT_WEEK,)
    ),
    "nothing": (NEXT_WEEK, lambda path: path.touch(), (NEXT_WEEK,)),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_leaves_the_lake_as_it_was(files: Path, lake: Path, tmp_path: Path, kind: str) -> None:
    name, write, parts = BROKEN[kind]
    path = tmp_path / name
    write(path)
    before = Before(lake)
    finished = run(lake, files, path)
    assert_message(finished, 3, *parts)
    assert str(path) in finished.message
    assert "Nothing was written" in finished.message
    assert not re.search(r"\b1[0-9]{9}\b|NAME[0-9]", finished.message), "no provider in a message"
    before.assert_unchanged()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("NPPES_Data_Dissemination_081825_082425_Weekly_V2.zip", b"PK\x03\x04 cut off"),
        ("NPPES_Deactivated_NPI_Report_081125_V2.xlsx", b"PK\x03\x04 cut off"),
        (f"{NEXT_WEEK}.gz", b"\x1f\x8b cut off"),
    ],
    ids=["archive", "book", "gzip"],
)
def test_a_damaged_file_among_good_ones_is_not_left_out(
    files: Path, lake: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    """Of a folder, files of other sources are left out; one of the registry that cannot be read is an error."""
    folder = tmp_path / "nppes"
    shutil.copytree(files, folder)
    (folder / "A READ ME.txt").write_text("not of the registry")
    (folder / name).write_bytes(content)
    before = Before(lake)
    path = tmp_path / "folder.yaml"
    path.write_text(yaml.safe_dump({"sources": {"nppes": [{"path": str(folder)}]}}))
    finished = lakeward("run", "providers", "--config", path, "--lake", lake)
    assert_message(finished, 3, str(folder / name), "cannot be read", "expected: ", "found: ", "Nothing was written")
    assert "'A READ ME.txt' is no file of this source and is left out" in finished.err
    before.assert_unchanged()


ANSWER = json.dumps([["NAME", "B01003_001E", "state", "county"], ["Fulton County, Georgia", "1074634", "13", "121"]])


@pytest.mark.parametrize("is_folder", [False, True], ids=["named", "in a folder"])
@pytest.mark.parametrize("end", [-2, -20, 30], ids=["at the last row's end", "in the last row", "in the header"])
def test_a_cut_census_answer_leaves_the_lake_as_it_was(
    files: Path, lake: Path, tmp_path: Path, end: int, is_folder: bool
) -> None:
    path = tmp_path / "census" / "acs5.json"
    path.parent.mkdir()
    path.write_text(ANSWER[:end])
    before = Before(lake)
    finished = run(lake, files, census={"year": 2023, "path": str(path.parent if is_folder else path)})
    assert_message(finished, 3, str(path), "expected: a whole answer", "found: ", "Nothing was written")
    before.assert_unchanged()


@pytest.mark.parametrize("content", ["", "<html><title>Invalid Key</title></html>"], ids=["nothing", "a web page"])
def test_a_census_file_that_is_none_is_an_error_where_it_is_named(
    files: Path, lake: Path, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "acs5.json"
    path.write_text(content)
    before = Before(lake)
    finished = run(lake, files, census={"year": 2023, "path": str(path)})
    assert_message(finished, 3, str(path), "expected: ", "found: ", "Nothing was written")
    before.assert_unchanged()


def test_a_path_of_no_file_is_wrong_usage(files: Path, lake: Path, tmp_path: Path) -> None:
    before, listed = Before(lake), all_files(lake)
    finished = run(lake, files, tmp_path / NEXT_WEEK)
    assert_message(finished, 2, "sources.nppes[2].path", "no file matches", NEXT_WEEK, "Nothing was read or written")
    before.assert_unchanged()
    assert all_files(lake) == listed


def test_after_the_repair_the_run_completes(files: Path, lake: Path, tmp_path: Path) -> None:
    path = tmp_path / NEXT_WEEK
    good = week_of(individual(NEW + 1, last_update="08/20/2025"))
    path.write_bytes(good[:-200])
    assert run(lake, files, path).status == 3
    assert not rows(lake, f"select 1 from dim_npi where npi = '{valid_npi(NEW + 1)}'")
    path.write_bytes(good)
    assert run(lake, files, path).status == 0
    assert rows(lake, "select count(*) as n from dim_npi") == [{"n": PROVIDERS + 2}]


@pytest.fixture(scope="module")
def damaged(files: Path, made_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake into which three damaged records and a whole one were taken up."""

    def make(folder: Path) -> None:
        shutil.copytree(made_lake, folder / "lake")
        records = [
            individual(1, last_update="08/20/2025", last_name="DECIMAL") | {NPI: f"{valid_npi(1)}.0"},
            individual(2, last_update="8/20/25", last_name="DATE"),
            individual(NEW + 1, last_update="8/20/25") | {NPI: f"{valid_npi(NEW + 1)}.0"},
            individual(5, last_update="08/20/2025", last_name="WHOLE", postal_code="2134", state="MA"),
        ]
        finished = run(folder / "lake", files, write_registry(folder / NEXT_WEEK, records))
        assert finished.status == 0, finished.err

    return made_once(tmp_path_factory, "damage-of-spreadsheet", make) / "lake"


class TestSpreadsheetCopy:
    """A weekly file that a spreadsheet has opened and saved: NPIs as decimals, dates as M/D/YY, ZIPs without zeros."""

    def test_damaged_rows_are_kept_apart_with_their_reasons(self, damaged: Path) -> None:
        reasons = [
            (set(row["reasons"].split(",")) if isinstance(row["reasons"], str) else set(row["reasons"]), row["rows"])
            for row in rows(damaged, QUARANTINE)
        ]
        assert sum(count for _, count in reasons) == 3
        assert all(reasons)
        named = set().union(*(names for names, _ in reasons))
        assert any("npi" in name for name in named)
        assert "last_update_date_unreadable" in named

    def test_good_rows_are_taken_and_damaged_ones_change_nothing(self, damaged: Path, made_lake: Path) -> None:
        before, after = ({row["npi"]: row for row in rows(each, CURRENT)} for each in (made_lake, damaged))
        assert after.keys() == before.keys()
        changed = {npi for npi in after if after[npi] != before[npi]}
        assert changed == {valid_npi(5)}
        assert after[valid_npi(5)]["last_name"] == "WHOLE"

    def test_a_postal_code_without_its_zero_is_not_guessed(self, damaged: Path) -> None:
        columns = "postal_code, zip_code, geocode_status, county_fips"
        found = rows(damaged, f"select {columns} from dim_npi_address_geolocation where npi = '{valid_npi(5)}'")
        place = {"postal_code": "2134", "zip_code": None, "geocode_status": "zip_malformed", "county_fips": None}
        assert found == [place]

    def test_bronze_has_the_copy_verbatim(self, damaged: Path) -> None:
        sql = "select npi, last_update_date from bronze.nppes__npidata where npi like '%.0' order by npi"
        assert rows(damaged, sql) == [
            {"npi": f"{valid_npi(1)}.0", "last_update_date": "08/20/2025"},
            {"npi": f"{valid_npi(NEW + 1)}.0", "last_update_date": "8/20/25"},
        ]

    def test_the_ledger_balances(self, damaged: Path) -> None:
        assert done("ledger", "--check", "--lake", damaged).status == 0


@pytest.fixture(scope="module")
def late(files: Path, made_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that got an older week after the newer one, with one provider twice in it."""

    def make(folder: Path) -> None:
        shutil.copytree(made_lake, folder / "lake")
        older = [
            individual(MOVED, last_name="FORMER", last_update="08/05/2025"),
            individual(GONE, last_update="08/06/2025"),
            individual(6, last_name="FIRST OF TWO", last_update="08/05/2025"),
            individual(6, last_name="SECOND OF TWO", last_update="08/06/2025"),
            individual(7, last_name="SAME", last_update="08/06/2025"),
            individual(7, last_name="SAME", last_update="08/06/2025"),
        ]
        path = write_registry(folder / "npidata_pfile_20250804-20250810.csv", older)
        finished = run(folder / "lake", files, path)
        assert finished.status == 0, finished.err

    return made_once(tmp_path_factory, "damage-of-order", make) / "lake"


class TestOrder:
    """Weeks that come twice, late, or with a provider twice."""

    def test_an_older_week_moves_nothing_back(self, late: Path, made_lake: Path) -> None:
        before, after = ({row["npi"]: row for row in rows(each, CURRENT)} for each in (made_lake, late))
        assert after.keys() == before.keys()
        assert {npi for npi in after if after[npi] != before[npi]} == {valid_npi(6), valid_npi(7)}
        assert after[valid_npi(GONE)]["status"] == "I"

    def test_of_a_provider_twice_the_newer_record_holds(self, late: Path) -> None:
        after = {row["npi"]: row["last_name"] for row in rows(late, CURRENT)}
        assert after[valid_npi(6)] == "SECOND OF TWO"
        assert after[valid_npi(7)] == "SAME"
        assert len(after) == PROVIDERS + 1

    def test_the_history_has_the_older_week_in_its_place(self, late: Path) -> None:
        sql = "select valid_from, valid_to, last_name from dim_npi_history where npi = '{}' order by valid_from"
        spans = [tuple(map(str, row.values())) for row in rows(late, sql.format(valid_npi(MOVED)))]
        assert spans == [
            ("2024-07-01", "2025-08-05", f"NAME{MOVED}"),
            ("2025-08-05", "2025-08-12", "FORMER"),
            ("2025-08-12", "None", f"NAME{MOVED}"),
        ]

    def test_nothing_is_lost(self, late: Path) -> None:
        assert rows(late, QUARANTINE) == []
        assert rows(late, "select count(*) as n from bronze.nppes__npidata") == [{"n": PROVIDERS + 3 + 6}]
        assert done("ledger", "--check", "--lake", late).status == 0

    def test_the_same_week_under_another_name_is_read_once(self, files: Path, lake: Path, tmp_path: Path) -> None:
        before: dict[str, Any] = data_files(snapshot_of(lake))
        shutil.copy(files / WEEK, tmp_path / "again.csv")
        finished = run(lake, files, tmp_path / "again.csv")
        assert finished.status == 0, finished.err
        assert data_files(snapshot_of(lake)) == before
        assert f"has the content of '{WEEK}'" in finished.err
