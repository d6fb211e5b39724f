"""The deactivation report lands from a book, a CSV or an archive: the same rows, dated by its title or its name."""

import zipfile
from pathlib import Path

import pytest
from tests.unit.sources.nppes.registry_files import archive, land

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sample.spreadsheet import write_workbook
from lakeward.sources import nppes

TITLE = "NPPES Deactivated Records as of Sep 14 2026"
HEADER = ("NPI", "NPPES Deactivation Date")
ROWS = [("1234567893", "09/14/2026"), ("1003000126", "10/09/2015")]
NAME = "NPPES Deactivated NPI Report 20260914.xlsx"


def book(path: Path, *rows: tuple[str, ...]) -> Path:
    write_workbook(path, "DeactivatedNPIs", rows)
    return path


def test_a_book_lands_below_its_title(tmp_path: Path) -> None:
    extracted, landed = land(book(tmp_path / "report.xlsx", (TITLE,), HEADER, *ROWS), tmp_path / "staging")
    rows = landed["deactivation"].drop_columns(["_file_id"]).to_pylist()
    assert rows == [
        {"_source_record": 1, "npi": "1234567893", "deactivation_date": "09/14/2026",
         "report_date": "20260914", "file_as_of_date": "20260914"},
        {"_source_record": 2, "npi": "1003000126", "deactivation_date": "10/09/2015",
         "report_date": "20260914", "file_as_of_date": "20260914"},
    ]  # fmt: skip
    assert (extracted.rows_in, extracted.rows_out) == (2, 2)


@pytest.mark.parametrize("title", [(TITLE,), ()], ids=["title", "no title"])
def test_every_form_gives_the_same_rows(tmp_path: Path, title: tuple[str, ...]) -> None:
    alone = book(tmp_path / NAME, *([title] if title else []), HEADER, *ROWS)
    packed = archive(tmp_path / "NPPES_Deactivated_NPI_Report_091426_V2.zip", [alone])
    text = tmp_path / "NPPES_Deactivated_NPI_Report_091426.csv"
    text.write_text("".join(f"{','.join(row)}\n" for row in ([title] if title else []) + [HEADER, *ROWS]))
    landed = [
        land(path, tmp_path / str(number))[1]["deactivation"].drop_columns(["_file_id"])
        for number, path in enumerate((alone, packed, text))
    ]
    assert landed[0] == landed[1] == landed[2]
    assert set(landed[0]["report_date"].to_pylist()) == {"20260914"}


def test_excel_numbers_and_dates_are_written_as_the_registry_writes_them(tmp_path: Path) -> None:
    path = book(tmp_path / "whole.xlsx", HEADER, ("NUMBER", "DATE"))
    typed = tmp_path / "report.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(typed, "w") as target:
        for name in source.namelist():
            xml = source.read(name).decode()
            if name.endswith("sheet1.xml"):
                text = '<c r="{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>'
                xml = xml.replace(text.format("A2", "NUMBER"), '<c r="A2"><v>1234567893</v></c>')
                xml = xml.replace(text.format("B2", "DATE"), '<c r="B2" t="d"><v>2015-10-09T00:00:00</v></c>')
            target.writestr(name, xml)
    (row,) = land(typed, tmp_path / "staging")[1]["deactivation"].to_pylist()
    assert (row["npi"], row["deactivation_date"], row["report_date"]) == ("1234567893", "10/09/2015", None)


def test_another_book_is_refused_and_not_recognised(tmp_path: Path) -> None:
    path = book(tmp_path / "list1.xlsx", ("CBSA Code", "CBSA Title"), ("12060", "Atlanta"))
    assert nppes.recognise(path) is None
    with pytest.raises(SourceSchemaChanged, match=r"missing: \['NPI', 'NPPES Deactivation Date'\]"):
        land(path, tmp_path / "staging")


def test_what_is_no_book_is_refused(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(SourceUnreadable, match="one that cannot be opened"):
        land(path, tmp_path / "staging")
