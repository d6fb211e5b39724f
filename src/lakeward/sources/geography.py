"""Geography: the files that place a ZIP code in a county and a county in a statistical area become bronze rows.

Publishers: US Census Bureau (gazetteers, delineation lists, population estimates), HUD (ZIP crosswalks), UDS Mapper
(ZIP to ZCTA); public domain. In: one file, recognised by the columns of its header: delimited text, plain, gzip or
zip, or an Excel book. Out: one bronze dataset a kind, text as published, with the vintage of the file beside it.

Hazards: copies lose leading zeros (counted here, mended in staging); the gazetteer pads its last column with blanks;
the delineation list has titles above its header and notes below its rows; older ZIP-county files have no ratios;
Connecticut has counties in older files and planning regions in newer ones.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from lakeward.errors import LakewardError, SourceSchemaChanged, SourceUnreadable
from lakeward.sources.geography_layouts import LAYOUTS, Layout
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.table_rows import Row, column_name, open_table

HEADER_WITHIN_ROWS = 10
BATCH_ROWS = 10_000
DATASETS: dict[str, pa.Schema] = {layout.dataset: layout.schema() for layout in LAYOUTS}

_MONTHS = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
]
_MONTH_AND_YEAR = re.compile(rf"\b({'|'.join(_MONTHS)})\s+(\d{{4}})\b", re.IGNORECASE)
_VINTAGES_IN_NAMES: tuple[re.Pattern[str], ...] = (
    re.compile(r"(?<!\d)(?P<year>20\d{2})[-_]?(?P<month>0[1-9]|1[0-2])(?!\d)"),
    re.compile(r"(?<!\d)(?P<month>0[1-9]|1[0-2])[-_]?(?P<year>20\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>20\d{2})(?!\d)"),
)


def recognise(path: Path) -> str | None:
    """Return the dataset that a file holds by the columns of its header, or None for any other file.

    Reads the first rows only. A file that cannot be read is no file of this source: None.
    """
    try:
        found = _find_header(path)
    except LakewardError:
        return None
    return found[0].dataset if found else None


def extract(path: Path, landing: Landing) -> Extracted:
    """Land one geography file as ``geography/<dataset>``, every column as text, with its vintage.

    The vintage is ``YYYY-MM`` or ``YYYY``: the month in the title of a delineation list, else the last year of
    population estimates, else what the file's name says, else null.

    Returns:
        Rows read and written. Notes: ``note_rows`` below the table, ``codes_without_leading_zeros`` rows with a code
        shorter than its digits, ``recoded_lines`` that were not UTF-8.

    Raises:
        SourceUnreadable: no header of a known layout near the top, a row of the wrong length, or no rows.
        SourceSchemaChanged: the header adds columns that the layout does not name.
    """
    found = _find_header(path)
    if not found:
        kinds = ", ".join(sorted(DATASETS))
        raise SourceUnreadable(
            path, f"the header of one of {kinds}", "none of them", "Name the file in its own source."
        )
    layout, header, titles = found
    names = _bronze_names(path, layout, header)
    vintage = _vintage(path, titles, header)
    schema = DATASETS[layout.dataset]
    writer = landing.writer(layout.dataset, schema)
    notes = {"note_rows": 0, "codes_without_leading_zeros": 0}
    rows_in = 0
    with open_table(path) as table:
        records = _records(path, islice(table.rows, len(titles) + 1, None), names, notes)
        while batch := list(islice(records, BATCH_ROWS)):
            notes["codes_without_leading_zeros"] += sum(_lacks_zeros(layout, record) for record in batch)
            rows = [_bronze_row(layout, record, vintage) for record in batch]
            for ordinal, row in enumerate(rows, start=rows_in + 1):
                row.update(_file_id=landing.file_id, _source_record=ordinal)
            writer.write(pa.RecordBatch.from_pylist(rows, schema=schema))
            rows_in += len(batch)
        notes["recoded_lines"] = table.recoded_lines
    if not rows_in:
        raise SourceUnreadable(path, "rows below the header", "none", "Fetch the file again.")
    return Extracted(rows_in=rows_in, rows_out=writer.rows, notes=notes)


def _find_header(path: Path) -> tuple[Layout, Row, list[Row]] | None:
    """Return the layout, its header row and the title rows above it."""
    titles: list[Row] = []
    with open_table(path, first_rows=HEADER_WITHIN_ROWS) as table:
        for row in islice(table.rows, HEADER_WITHIN_ROWS):
            for layout in LAYOUTS:
                if layout.fits(row):
                    return layout, row, titles
            titles.append(row)
    return None


def _bronze_names(path: Path, layout: Layout, header: Row) -> list[str]:
    """Return the bronze name of each column of the file; a column of an open-ended rest keeps its own header."""
    known = {spelling: column.name for column in layout.columns for spelling in column.spellings}
    names = [known.get(column_name(cell or ""), (cell or "").strip()) for cell in header]
    unexpected = [name for name in names if name not in known.values()]
    if len(set(names)) < len(names) or (unexpected and not layout.open_ended):
        repeated = sorted({name for name in names if names.count(name) > 1})
        raise SourceSchemaChanged("geography", path, [], unexpected or repeated)
    return names


def _records(
    path: Path, rows: Iterator[Row], names: list[str], notes: dict[str, int]
) -> Iterator[dict[str, str | None]]:
    """Name the cells of each row; blank lines fall away, and notes, which fill the first cell only, are counted."""
    for number, row in enumerate(rows, start=1):
        filled = [cell for cell in row if cell]
        if not filled:
            continue
        if len(filled) == 1 and row[0] and len(names) > 1:
            notes["note_rows"] += 1
            continue
        if len(row) != len(names):
            raise SourceUnreadable(
                path, f"rows of {len(names)} cells", f"{len(row)} in row {number}", "Fetch the file again."
            )
        yield dict(zip(names, row, strict=True))


def _bronze_row(layout: Layout, record: dict[str, str | None], vintage: str | None) -> dict[str, object]:
    row: dict[str, object] = {column.name: record.get(column.name) for column in layout.columns}
    if layout.open_ended:
        row["other_columns"] = [{"name": name, "value": value} for name, value in record.items() if name not in row]
    return {**row, "vintage": vintage}


def _lacks_zeros(layout: Layout, record: dict[str, str | None]) -> bool:
    """Tell whether a code of the row is shorter than its digits, as spreadsheets leave it."""
    codes = ((record.get(column.name), column.digits) for column in layout.columns if column.digits)
    return any(code is not None and len(code.strip()) < digits for code, digits in codes)


def _vintage(path: Path, titles: list[Row], header: Row) -> str | None:
    title = " ".join(cell for row in titles for cell in row if cell)
    if month_and_year := _MONTH_AND_YEAR.search(title):
        month, year = month_and_year.groups()
        return f"{year}-{_MONTHS.index(month.upper()) + 1:02d}"
    if years := re.findall(r"\bPOPESTIMATE(\d{4})\b", " ".join(cell for cell in header if cell)):
        return max(str(year) for year in years)
    for pattern in _VINTAGES_IN_NAMES:
        if found := pattern.search(path.name):
            parts: dict[str, str] = found.groupdict()
            return "-".join(parts[part] for part in ("year", "month") if part in parts)
    return None
