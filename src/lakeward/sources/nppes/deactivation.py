"""The deactivation report: every NPI that was ever deactivated, as an Excel book with a title above its header.

In: a book, alone or as the bytes of an archive's member. Out: ``nppes/deactivation``, one row an NPI. The report is a
full list: an NPI that left it was taken back. Its CSV form goes through :mod:`.delimited` like every other table.

Hazards: NPIs are numbers in some books and text in others; dates are text, or Excel's own dates, which are written here
as the registry writes dates, MM/DD/YYYY.
"""

import io
import re
import zipfile
from pathlib import Path

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.errors import SourceUnreadable
from lakeward.sources.landing import Landing
from lakeward.sources.nppes.archive import LARGEST_BOOK_BYTES
from lakeward.sources.nppes.file_dates import as_of_date, report_date
from lakeward.sources.nppes.layouts import DEACTIVATION, DELIMITED_DATASETS, find_layout, match_header

HEADER_WITHIN_ROWS = 5
_EXCEL_DATE = r"^(\d{4})-(\d{2})-(\d{2})([ T]00:00:00)?$"


def book_headers(book: Path | bytes) -> list[str] | None:
    """Return the header of a deactivation report, or None when a book is another one or none at all."""
    try:
        first_rows = _columns(book, HEADER_WITHIN_ROWS)
    except (fastexcel.FastExcelError, OSError):
        return None
    found = _find_header(first_rows)
    return found[1] if found else None


def land_report(path: Path, name: str, book: Path | bytes, landing: Landing) -> int:
    """Land a deactivation report and return its rows.

    Args:
        path: for messages.
        name: of the file or of the archive's member.
        book: the file, or its content.
        landing: where the rows go.

    Raises:
        SourceUnreadable: no Excel book.
        SourceSchemaChanged: no header of such a report in its first rows.
    """
    try:
        columns = _columns(book)
    except (fastexcel.FastExcelError, OSError):
        raise SourceUnreadable(path, "an Excel book", "one that cannot be opened", "Fetch the file again.") from None
    found = _find_header(columns)
    headers = found[1] if found else [cell for cell in _row(columns, 0) if cell]
    match = match_header(headers, path, name if found else "deactivated npi report.xlsx")
    at = found[0] if found else 0
    title = " ".join(cell for row in range(at) for cell in _row(columns, row) if cell)
    body = {name: column.slice(at + 1) for name, column in zip(match.names, columns, strict=False)}
    kept = pc.or_(pc.is_valid(body["npi"]), pc.is_valid(body["deactivation_date"]))
    rows = pc.sum(kept).as_py() or 0
    reported = report_date(title, name, path.name)
    values = {
        "_file_id": pa.repeat(pa.scalar(landing.file_id), rows),
        "_source_record": pa.array(range(1, rows + 1), pa.int64()),
        "npi": body["npi"].filter(kept),
        "deactivation_date": _as_registry_dates(body["deactivation_date"].filter(kept)),
        "report_date": pa.repeat(pa.scalar(reported, pa.string()), rows),
        "file_as_of_date": pa.repeat(pa.scalar(as_of_date(name) or reported, pa.string()), rows),
    }
    schema = DELIMITED_DATASETS[DEACTIVATION]
    landing.writer(DEACTIVATION, schema).write(pa.table([values[name] for name in schema.names], schema=schema))
    return rows


def _columns(book: Path | bytes, first_rows: int | None = None) -> list[pa.Array]:
    """Return the columns of the first sheet as text, ``''`` as null."""
    _refuse_bomb(book)
    sheet = fastexcel.read_excel(book).load_sheet(0, header_row=None, n_rows=first_rows, dtypes="string")
    columns = [pc.utf8_trim_whitespace(column.cast(pa.string())) for column in sheet.to_arrow().columns]
    return [pc.if_else(pc.equal(column, ""), None, column) for column in columns]


def _refuse_bomb(book: Path | bytes) -> None:
    """Refuse a book whose sheets unpack to more than any report does, before they are unpacked."""
    packed = io.BytesIO(book) if isinstance(book, bytes) else book
    if not zipfile.is_zipfile(packed):
        return
    with zipfile.ZipFile(packed) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_BOOK_BYTES:
            raise OSError("a book that unpacks to more than any report")


def _find_header(columns: list[pa.Array]) -> tuple[int, list[str]] | None:
    rows = min(HEADER_WITHIN_ROWS, len(columns[0])) if columns else 0
    for at in range(rows):
        headers = [re.sub(r"\s+", " ", cell) for cell in _row(columns, at) if cell]
        layout = find_layout(headers)
        if layout and layout.dataset == DEACTIVATION:
            return at, headers
    return None


def _row(columns: list[pa.Array], at: int) -> list[str]:
    return [column[at].as_py() or "" for column in columns] if columns and len(columns[0]) > at else []


def _as_registry_dates(dates: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(dates, pattern=_EXCEL_DATE, replacement=r"\2/\3/\1")
