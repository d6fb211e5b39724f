"""The files that hold Census figures: recordings, single answers of the API, and exports of data.census.gov.

In: a path, plain, gzip or zip. Out: what the file is, the year it is of, and its tables. An export is a CSV with a byte
order mark, a second line of labels, a last column without name, and marks such as ``(X)`` or ``N`` where a figure is
missing; the release year stands in its name only (``ACSST5Y2023.S1901-Data.csv``).
"""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lakeward.errors import LakewardError, SourceUnreadable, UsageError
from lakeward.sources.census.answers import Cell, NoAnswer, parse_answer
from lakeward.sources.census.recording import FORMAT_KEY, parse_recording
from lakeward.sources.census.values import GEO_ID, is_variable
from lakeward.sources.census.variables import asked_id
from lakeward.sources.text_stream import BLOCK_BYTES, open_text

Shape = Literal["recording", "answer", "export"]
MEMBER = re.compile(r"^(?!\.).*-Data\.csv$|\.json$", re.IGNORECASE)
"""The table in an archive of data.census.gov, which holds notes and labels beside it."""
MOST_JSON_BYTES = 1 << 28
_PRODUCT = re.compile(r"ACS[A-Z]{2}(?P<span>\d)Y(?P<year>20\d{2})", re.IGNORECASE)
_ANSWER_YEAR = re.compile(r"acs5[_-](?P<year>20\d{2})", re.IGNORECASE)
_HINT = "Fetch the answer or the table again."


@dataclass(frozen=True)
class Table:
    """One table of figures: the names of its columns and its rows, which are read once."""

    header: Sequence[str]
    rows: Iterator[Sequence[Cell]]


def shape_of(path: Path) -> Shape | None:
    """Tell what a file is by its first line, or None for any other file. A broken archive is none of these."""
    try:
        with open_text(path, MEMBER) as stream:
            line = stream.readline().decode("utf-8").lstrip("\ufeff \t")
    except LakewardError:
        return None
    if line.startswith("{") and f'"{FORMAT_KEY}"' in line[:200]:
        return "recording"
    if line.startswith("["):
        return "answer" if line[1:].lstrip().startswith("[") or not line[1:].strip() else None
    names = [name.strip('"\r\n') for name in line.split(",")]
    return "export" if names[0] == GEO_ID and any(is_variable(name) for name in names) else None


def describe(
    path: Path, configured_year: int | None = None, pinned_year: int | None = None
) -> dict[str, str | int | None]:
    """Return what the register keeps of a file: its year, and of a recording what was asked.

    Args:
        path: the file.
        configured_year: for files that do not say their year.
        pinned_year: the only year that the file may be of.

    Raises:
        UsageError: nothing says the year, it is not the pinned one, or the file is of another survey than the 5-year
            one.
        SourceUnreadable: a broken recording.
    """
    if shape_of(path) == "recording":
        year, answers = parse_recording(path, _text(path))
        if pinned_year not in (None, year):
            raise UsageError(
                f"census: the recording '{path}' is of {year}; sources.census.year is {pinned_year}.\n"
                "Nothing was written. Name another file as sources.census.recording, or set the year."
            )
        return {"acs_year": year, "asked": asked_id(year, [call for call, _ in answers])}
    return {"acs_year": _year(path, configured_year)}


@contextmanager
def open_tables(path: Path) -> Iterator[Iterator[Table]]:
    """Open the tables of a file, each to be read before the next.

    Raises:
        SourceUnreadable: the file is none of these, cut off, or has rows of unequal length.
    """
    match shape_of(path):
        case "recording":
            _, answers = parse_recording(path, _text(path))
            yield (Table(answer.header, iter(answer.rows)) for _, answer in answers)
        case "answer":
            try:
                answer = parse_answer(_text(path))
            except NoAnswer as error:
                raise SourceUnreadable(path, "a whole answer of the Census API", error.found, _HINT) from None
            yield iter([Table(answer.header, iter(answer.rows))])
        case "export":
            with _export(path) as table:
                yield iter([table])
        case _:
            raise SourceUnreadable(
                path, "a recording, an answer of the Census API or an export of data.census.gov", "none of them", _HINT
            )


@contextmanager
def _export(path: Path) -> Iterator[Table]:
    with open_text(path, MEMBER) as stream:
        lines = csv.reader(stream.text_lines(), strict=True)
        try:
            header = next(lines)
            yield Table(header, _records(path, header, lines))
        except csv.Error as error:
            raise SourceUnreadable(path, "a table of comma-separated text", str(error), _HINT) from None


def _records(path: Path, header: Sequence[str], lines: Iterator[list[str]]) -> Iterator[Sequence[Cell]]:
    """Give the rows below the header; the line of labels, which has no code of a geography, is left out."""
    for number, cells in enumerate(lines, start=1):
        if not any(cells) or (number == 1 and cells[0] == "Geography"):
            continue
        if len(cells) != len(header):
            raise SourceUnreadable(path, f"rows of {len(header)} cells", f"{len(cells)} in row {number}", _HINT)
        yield cells


def _text(path: Path) -> str:
    read = bytearray()
    with open_text(path, MEMBER) as stream:
        while block := stream.read(BLOCK_BYTES):
            read += block
            if len(read) > MOST_JSON_BYTES:
                raise SourceUnreadable(path, f"at most {MOST_JSON_BYTES >> 20} MiB of JSON", "more", _HINT)
    return read.decode("utf-8")


def _year(path: Path, configured_year: int | None) -> int:
    if product := _PRODUCT.search(path.name):
        if product["span"] != "5":
            raise UsageError(
                f"census: '{path}' is of the {product['span']}-year survey; the figures here are of the 5-year one.\n"
                "Nothing was written. Export the table of the ACS 5-year estimates."
            )
        return int(product["year"])
    if answer := _ANSWER_YEAR.search(path.name):
        return int(answer["year"])
    if configured_year is None:
        raise UsageError(
            f"census: neither the name of '{path}' nor the configuration says its year.\n"
            "Nothing was written. Set sources.census.year, or name the file as acs5_2023_….json."
        )
    return configured_year
