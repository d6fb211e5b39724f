"""What the publisher puts beside a data file is taken up with it; what is of another release or source is not."""

from pathlib import Path

import pytest
from tests.unit.sources.nppes.registry_files import HEADERS, SPAN, release, table

from lakeward.settings import SourcePath, Sources
from lakeward.sources import nppes
from lakeward.sources.inputs import find_inputs

OTHER_SPAN = "20250414-20250420"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for span in (SPAN, OTHER_SPAN):
        release(tmp_path, span, npidata=[{"NPI": "1234567893"}], pl=[], othername=[], endpoint=[])
    table(tmp_path / f"pl_pfile_{SPAN}_fileheader.csv", HEADERS["pl"])
    (tmp_path / "NPPES Deactivated NPI Report 20250414.xlsx").touch()
    (tmp_path / "readme.txt").write_text("notes\n")
    return tmp_path


def names(path: str, base: Path) -> list[str]:
    return [item.name for item in find_inputs(Sources(nppes=(SourcePath(path=path),)), base)]


def test_a_data_file_brings_its_companions(folder: Path) -> None:
    assert names(f"npidata_pfile_{SPAN}.csv", folder) == [
        f"npidata_pfile_{SPAN}.csv",
        "NPPES Deactivated NPI Report 20250414.xlsx",
        f"endpoint_pfile_{SPAN}.csv",
        f"othername_pfile_{SPAN}.csv",
        f"pl_pfile_{SPAN}.csv",
    ]


def test_a_companion_alone_brings_nothing(folder: Path) -> None:
    assert names(f"pl_pfile_{SPAN}.csv", folder) == [f"pl_pfile_{SPAN}.csv"]


def test_a_folder_and_a_glob_give_each_file_once(folder: Path) -> None:
    assert sorted(names(".", folder)) == sorted(path.name for path in folder.iterdir())
    assert len(names("npidata_*.csv", folder)) == len(set(names("npidata_*.csv", folder))) == 9


def test_what_is_found_may_be_of_another_source_and_what_is_named_is_meant(folder: Path) -> None:
    (found,) = find_inputs(Sources(nppes=(SourcePath(path="readme.txt"),)), folder)
    assert not found.from_folder
    assert all(item.from_folder for item in find_inputs(Sources(nppes=(SourcePath(path="."),)), folder))
    assert not nppes.is_of_registry(folder / "readme.txt")


@pytest.mark.parametrize(
    ("name", "date"),
    [
        (f"npidata_pfile_{SPAN}.csv.gz", "20250413"),
        ("npidata_pfile_20250407-20251332.csv", None),
        ("NPPES_Deactivated_NPI_Report_091426_V2.zip", "20260914"),
        ("npi_small_091426.csv", None),
    ],
)
def test_a_name_dates_the_rows(name: str, date: str | None) -> None:
    assert nppes.date_in_name(Path(name)) == date
