"""A small published table, delimited text or an Excel book, becomes rows of text cells.

In: the path of a table of at most some hundred thousand rows (the large files have readers of their own).
Out: its rows from the first line on, titles and notes included; an empty cell is null, numbers are their own text.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from csv import Error as CsvError
from csv import reader as read_csv_lines
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import fastexcel

from lakeward.errors import SourceUnreadable
from lakeward.sources.text_stream import Utf8Stream, open_text

Row = tuple[str | None, ...]
EXCEL_SUFFIXES = frozenset({".xls", ".xlsx"})
_DELIMITERS = ("\t", "|")


def column_name(header: str) -> str:
    """Return the bronze name of a published column.

    Lower case, with each run of anything but letters and digits as one underscore, and none at the ends.

    >>> column_name("County/County Equivalent ")
    'county_county_equivalent'
    """
    return re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_")


@dataclass(frozen=True)
class TableRows:
    """The rows of one table, read once, and how many of its lines were not UTF-8 (known when all are read)."""

    rows: Iterator[Row]
    stream: Utf8Stream | None = None

    @property
    def recoded_lines(self) -> int:
        """Lines read so far that were not UTF-8."""
        return self.stream.recoded_lines if self.stream else 0


@contextmanager
def open_table(path: Path, first_rows: int | None = None) -> Iterator[TableRows]:
    """Open a table: the first sheet of an Excel book, or text delimited by tab, bar or comma, plain or packed.

    Args:
        path: the file; a book is told by its suffix.
        first_rows: how many rows are wanted at most; spares the rest of a book from being parsed.

    Raises:
        SourceUnreadable: the file is no such thing.
    """
    if path.suffix.lower() in EXCEL_SUFFIXES:
        yield TableRows(_book_rows(path, first_rows))
        return
    with open_text(path) as stream:
        yield TableRows(_text_rows(path, stream), stream)


def _text_rows(path: Path, stream: Utf8Stream) -> Iterator[Row]:
    lines = stream.text_lines()
    first = next(lines, "")
    delimiter = next((mark for mark in _DELIMITERS if mark in first), ",")
    try:
        for cells in read_csv_lines(chain([first], lines), delimiter=delimiter, strict=True):
            yield tuple(cell or None for cell in cells)
    except CsvError as error:
        raise SourceUnreadable(
            path, "delimited text", str(error), "Give the file that the publisher offers."
        ) from error


def _book_rows(path: Path, first_rows: int | None) -> Iterator[Row]:
    try:
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, n_rows=first_rows, dtypes="string")
    except (fastexcel.FastExcelError, OSError) as error:
        raise SourceUnreadable(path, "an Excel book", "one that cannot be opened", "Fetch the file again.") from error
    columns = [column.to_pylist() for column in sheet.to_arrow().columns]
    return (tuple(cell or None for cell in cells) for cells in zip(*columns, strict=True))
