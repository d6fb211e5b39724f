"""Whether a file is of the registry, and which of its datasets it holds, told by its first bytes and its name.

In: a path. Out: the dataset, or None; and the companions that the publisher puts beside a data file. Reads the first
rows at most.
"""

import re
import zipfile
from csv import Error as CsvError
from csv import reader as read_csv_lines
from pathlib import Path

from lakeward.errors import LakewardError
from lakeward.sources.nppes.answers import REGISTRY_ANSWER
from lakeward.sources.nppes.archive import is_archive, is_book, registry_members
from lakeward.sources.nppes.deactivation import book_headers
from lakeward.sources.nppes.file_dates import as_of_date, report_date
from lakeward.sources.nppes.layouts import (
    DEACTIVATION,
    FILE_HEADER,
    NAMES,
    dataset_of_name,
    find_layout,
    share_of_registry,
)
from lakeward.sources.text_stream import open_text

LIKELY_SHARE = 0.5
"""Of a header that fits no layout: known names from this share on are the registry's, fewer are of another source."""

_PUBLISHED_ARCHIVE = re.compile(r"^NPPES_.*\.zip$", re.IGNORECASE)
"""An archive of this name is the registry's even when it cannot be opened: its week is not left out in silence."""
_SPAN = re.compile(r"\d{8}-\d{8}")
_ANSWER = re.compile(rb'^\s*\{[^{]{0,200}"(result_count|results|Errors)"')


def recognise(path: Path) -> str | None:
    """Return the dataset that a file holds, ``npidata`` for an archive with it, or None for any other file."""
    try:
        if is_archive(path):
            return registry_members(path)[0].dataset
        if is_book(path.name):
            return DEACTIVATION if book_headers(path) else None
        if is_answer(path):
            return REGISTRY_ANSWER
        headers = first_headers(path)
    except (LakewardError, CsvError, zipfile.BadZipFile):
        return None
    layout = find_layout(headers)
    return layout.dataset if layout else None


def is_of_registry(path: Path) -> bool:
    """Whether a file found in a folder is to be read as the registry's, known or changed.

    The publisher's header files are not: they hold no records.
    """
    if FILE_HEADER.search(path.name):
        return False
    if recognise(path) or dataset_of_name(path.name) or _PUBLISHED_ARCHIVE.match(path.name):
        return True
    if is_book(path.name):
        return False
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return any(dataset_of_name(Path(name).name) for name in archive.namelist())
        return share_of_registry(first_headers(path)) >= LIKELY_SHARE
    except (LakewardError, CsvError, zipfile.BadZipFile):
        return False


def is_answer(path: Path) -> bool:
    """Whether a file starts like an answer of the NPI Registry API, plain or gzip."""
    with open_text(path) as stream:
        return bool(_ANSWER.match(stream.read(4096)))


def first_headers(path: Path) -> list[str]:
    """Return the cells of the header, below the title where a deactivation report has one."""
    with open_text(path) as stream:
        for _ in range(2):
            cells = next(read_csv_lines([stream.readline().decode("utf-8").rstrip("\r\n")]), [])
            if len([cell for cell in cells if cell]) != 1:
                return cells
    return cells


def date_in_name(path: Path) -> str | None:
    """Return the date that a file's rows carry because its name says so; a member's name is the archive's content."""
    is_report = NAMES[DEACTIVATION].search(path.name) is not None
    return as_of_date(path.name) or (report_date("", path.name) if is_report else None)


def companions(path: Path) -> list[Path]:
    """Return the files beside a data file that belong to it, sorted: its secondary locations, names and endpoints.

    They have the data file's span of dates in their names. Deactivation reports beside it are taken up whatever their
    date. A file with another name than the publisher's has no companions.
    """
    if not NAMES["npidata"].search(path.name):
        return []
    span = _SPAN.search(path.name)
    return sorted(
        other
        for other in path.parent.iterdir()
        if other != path and other.is_file() and _belongs(other.name, span.group(0) if span else None)
    )


def _belongs(name: str, span: str | None) -> bool:
    if FILE_HEADER.search(name) or NAMES["npidata"].search(name):
        return False
    if NAMES[DEACTIVATION].search(name):
        return True
    return span is not None and span in name and any(pattern.search(name) for pattern in NAMES.values())
