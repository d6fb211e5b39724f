"""The small writers below the sample: JSON while it is made, workbooks, and files without a clock in them."""

import io
import json
import time
import zipfile
from pathlib import Path

import fastexcel
import pytest

from lakeward.sample.compressed import output_file
from lakeward.sample.csv_files import write_delimited
from lakeward.sample.json_stream import Members, json_pieces
from lakeward.sample.spreadsheet import write_workbook


def _document() -> Members:
    inner = Members((("empty", iter(())), ("rows", iter([{"a": [1, None]}, Members((("b", iter(["ä"])),))]))))
    return Members((("name", 'quote " and \\'), ("inner", inner), ("number", 1.5)))


@pytest.mark.parametrize("pretty", [True, False], ids=["pretty", "compact"])
def test_streamed_json_is_what_json_writes(pretty: bool) -> None:
    text = "".join(json_pieces(_document(), pretty=pretty))
    expected = {
        "name": 'quote " and \\',
        "inner": {"empty": [], "rows": [{"a": [1, None]}, {"b": ["ä"]}]},
        "number": 1.5,
    }
    assert json.loads(text) == expected
    if pretty:
        assert text == json.dumps(expected, indent=2)
    else:
        assert text == json.dumps(expected, separators=(",", ":"))


def test_elements_are_written_before_the_next_is_made() -> None:
    made: list[int] = []

    def elements() -> object:
        for number in range(3):
            made.append(number)
            yield number

    pieces = json_pieces(iter(elements()), pretty=False)
    while next(pieces) != "0":
        pass
    assert made == [0]


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "a.zip"])
def test_bytes_do_not_depend_on_time_or_folder(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = []
    for folder, clock in (("one", 1_000_000_000.0), ("two", 1_700_000_000.0)):
        monkeypatch.setattr(time, "time", lambda clock=clock: clock)
        with output_file(tmp_path / folder / name) as stream:
            stream.write(b"{}")
        contents.append((tmp_path / folder / name).read_bytes())
    assert contents[0] == contents[1]


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("before")

    def write_half() -> None:
        with output_file(tmp_path / "a.json") as stream:
            stream.write(b"half")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        write_half()
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text() == "before"


def test_a_workbook_is_read_back_as_it_was(tmp_path: Path) -> None:
    rows = [("title",), ("A & B", "<c>", ""), ("00501", "", " x ")]
    assert write_workbook(tmp_path / "book.xlsx", "List 1", rows) == 3
    book = fastexcel.read_excel(tmp_path / "book.xlsx")
    found = book.load_sheet("List 1", header_row=None).to_polars().rows()
    assert found == [("title", None, None), ("A & B", "<c>", None), ("00501", None, " x ")]


def test_a_workbook_has_fixed_dates(tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx", "s", [("x",)])
    with zipfile.ZipFile(io.BytesIO((tmp_path / "book.xlsx").read_bytes())) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_delimited_rows_follow_the_title_as_told(tmp_path: Path) -> None:
    rows = [("a", "b,c"), ("d", "é")]
    count = write_delimited(tmp_path / "x.csv", rows, title=b"Title\n", line_end="\r\n", encoding="cp1252")
    assert count == 2
    assert (tmp_path / "x.csv").read_bytes() == b'Title\na,"b,c"\r\nd,\xe9\r\n'
