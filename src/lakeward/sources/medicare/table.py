"""A CMS file as cells: opened, decoded, its header found, titles and footnotes set apart from records.

In: a path (text, plain or gzip; or a zip with ``.csv`` and ``.txt``). Out: a `Table` (layout, header, title, records).
CMS puts title lines above the header, spreads a header over several lines, ends with footnotes, and writes
UTF-8 (with or without mark), Windows-1252 or DOS text. A title or a footnote fills one cell, a record at least two.
"""

import codecs
import csv
import gzip
import io
import itertools
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, cast

from lakeward.errors import SourceUnreadable
from lakeward.sources.medicare.layouts import LAYOUTS, Layout

HEAD_LINES = 40
LONGEST_LINE = 65_536
LEAST_LIKENESS = 0.6
ENCODINGS = ("utf-8-sig", "cp1252", "cp437")
"""Tried in this order; the last reads any byte and is what DOS-born files are in."""
GZIP_START = b"\x1f\x8b"
ZIP_TEXT_ENDINGS = (".csv", ".txt")
_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, csv.Error)


@dataclass(frozen=True)
class Member:
    """One text file: its name, the path that holds it, and how to open its bytes."""

    name: str
    path: Path
    open: Callable[[], IO[bytes]]


def members(path: Path) -> list[Member]:
    """Return the text files that a path holds: itself, what its gzip holds, or the ``.csv`` and ``.txt`` of its zip.

    The kind is told by the first bytes, so that a download without a name ending is read as well.
    """
    with path.open("rb") as stream:
        start = stream.read(len(GZIP_START))
    if start == GZIP_START:
        name = path.stem if path.suffix.lower() == ".gz" else path.name
        return [Member(name, path, lambda: cast(IO[bytes], gzip.open(path, "rb")))]
    if zipfile.is_zipfile(path):
        with _told_when_broken(path), zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.lower().endswith(ZIP_TEXT_ENDINGS))
        return [Member(Path(name).name, path, _zip_opener(path, name)) for name in names]
    return [Member(path.name, path, lambda: path.open("rb"))]


def _zip_opener(path: Path, name: str) -> Callable[[], IO[bytes]]:
    return lambda: zipfile.ZipFile(path).open(name)


class _told_when_broken:  # noqa: N801 - reads as a phrase after `with`
    """Turn what the decompressors raise into our own error."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _BROKEN):
            raise SourceUnreadable(self.path, "a whole file", f"{error}", "Download the file again.") from error


def encoding_of(member: Member) -> str:
    """Return the first encoding of `ENCODINGS` that reads the whole file; reads it once."""
    for encoding in ENCODINGS[:-1]:
        try:
            with _told_when_broken(member.path), member.open() as raw, io.TextIOWrapper(raw, encoding) as text:
                while text.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    return ENCODINGS[-1]


@dataclass
class Table:
    """One recognised file: its layout, header and title, and an iterator over its records.

    ``title_lines`` and ``note_lines`` count what was set apart; ``note_lines`` is complete after the last record.
    """

    member: Member
    layout: Layout
    encoding: str
    delimiter: str
    header: list[str]
    title: list[str]
    first_record_line: int
    note_lines: int = field(default=0, init=False)

    def records(self) -> Iterator[list[str]]:
        """Yield the records' cells in published order, as many as the header has."""
        with _told_when_broken(self.member.path), self.member.open() as raw:
            text = io.TextIOWrapper(raw, self.encoding, newline="")
            rows = (
                _fixed_width_rows(text, self.layout)
                if self.layout.fixed_width
                else csv.reader(text, delimiter=self.delimiter)
            )
            for row in itertools.islice(rows, self.first_record_line, None):
                filled = sum(1 for cell in row if cell.strip())
                if filled >= 2:
                    yield self._whole(row)
                elif filled:
                    self.note_lines += 1

    def _whole(self, row: list[str]) -> list[str]:
        if len(row) == len(self.header):
            return row
        raise SourceUnreadable(
            self.member.path,
            f"{len(self.header)} cells in each record of {self.layout.title}",
            f"a record of {len(row)} cells",
            "Download the file again.",
        )


def _fixed_width_rows(text: io.TextIOWrapper, layout: Layout) -> Iterator[list[str]]:
    last = layout.fixed_width[-1][1]
    for line in text:
        stripped = line.rstrip("\r\n\x1a")
        if stripped and len(stripped) != last:
            yield [stripped, "is no record of the layout"]
        elif stripped:
            yield [stripped[first - 1 : end] for first, end in layout.fixed_width]


def read_table(member: Member) -> Table | None:
    """Recognise a file by its first lines; ``None`` when it is no CMS file that we know."""
    head = _head(member)
    table = _fixed_width_table(member, head) or _delimited_table(member, head)
    return replace(table, encoding=encoding_of(member)) if table else None


def _head(member: Member) -> list[str]:
    """The first lines, decoded without fail: what a header is known by is ASCII. Other files have none."""
    with _told_when_broken(member.path), member.open() as raw:
        lines = [raw.readline(LONGEST_LINE) for _ in range(HEAD_LINES)]
    if any(b"\0" in line or len(line) == LONGEST_LINE for line in lines):
        return []
    text = b"".join(lines).removeprefix(codecs.BOM_UTF8).decode("cp437")
    return io.StringIO(text, newline="").readlines()


def _fixed_width_table(member: Member, head: list[str]) -> Table | None:
    layout = LAYOUTS["zip_locality"]
    width = layout.fixed_width[-1][1]
    first = head[0].rstrip("\r\n") if head else ""
    is_record = len(first) == width and first[:2].isalpha() and first[2:12].isdigit() and first[-5:].isdigit()
    names = [column.name for column in layout.columns]
    return Table(member, layout, ENCODINGS[-1], "", names, [], 0) if is_record else None


def _delimited_table(member: Member, head: list[str]) -> Table | None:
    best: tuple[float, Table] | None = None
    for delimiter in (",", "\t"):
        rows = list(csv.reader(head, delimiter=delimiter))
        for end, header in _possible_headers(rows):
            for layout in LAYOUTS.values():
                likeness = 0.0 if layout.fixed_width else layout.likeness(header)
                if likeness >= LEAST_LIKENESS and (best is None or likeness > best[0]):
                    title = [" ".join(cell for cell in row if cell.strip()) for row in rows[:end]]
                    best = (likeness, Table(member, layout, ENCODINGS[-1], delimiter, header, title, end + 1))
    return best[1] if best else None


def _possible_headers(rows: list[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that may end a header, with the cells of its lines joined from top to bottom."""
    start = 0
    for end, row in enumerate(rows):
        if sum(1 for cell in row if cell.strip()) < 2:
            start = end + 1
            continue
        block = rows[start : end + 1]
        yield end, [" ".join(line[i].strip() for line in block if i < len(line)).strip() for i in range(len(row))]
