"""The code sets beside the claims: Medicare's DRG weights and the names of ICD-9-CM codes.

Publisher: CMS. In: Table 5 of the FY 2010 inpatient rule (Excel book or delimited text), and the master descriptions
of ICD-9-CM version 32 (``CMS32_DESC_LONG_DX.txt`` and its three siblings, alone or in their zip).
Out: bronze rows, text as published.

Hazards: a header cell of Table 5 ends with a blank and notes stand below its rows; the descriptions have no header,
so their names alone tell them apart, and one of the four is not UTF-8.
"""

import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from lakeward.errors import LakewardError, SourceSchemaChanged, SourceUnreadable
from lakeward.sources.landing import PROVENANCE_FIELDS, Extracted, Landing
from lakeward.sources.table_rows import Row, column_name, open_table
from lakeward.sources.text_stream import open_text

DRG, ICD9 = "drg", "icd9_description"
DRG_COLUMNS: dict[str, str] = {
    "ms_drg": "drg",
    "fy_2010_final_rule_post_acute_drg": "post_acute_drg",
    "fy_2010_final_rule_special_pay_drg": "special_pay_drg",
    "mdc": "mdc",
    "type": "type",
    "ms_drg_title": "title",
    "weights": "weight",
    "geometric_mean_los": "geometric_mean_los",
    "arithmetic_mean_los": "arithmetic_mean_los",
}
"""Published header, as ``column_name`` gives it, to bronze name."""

DATASETS: dict[str, pa.Schema] = {
    DRG: pa.schema([*PROVENANCE_FIELDS, *(pa.field(name, pa.string()) for name in DRG_COLUMNS.values())]),
    ICD9: pa.schema(
        [
            *PROVENANCE_FIELDS,
            *(pa.field(name, pa.string()) for name in ("code_type", "description_length", "code", "description")),
        ]
    ),
}
ICD9_FILE = re.compile(r"^CMS\d+_DESC_(?P<length>LONG|SHORT)_(?P<type>DX|SG)(\.Copy)?\.txt$", re.IGNORECASE)
BATCH_ROWS = 10_000
_CODE_TYPES = {"DX": "diagnosis", "SG": "procedure"}
_MARKS = frozenset({"ms_drg", "weights"})


def recognise_table(path: Path) -> str | None:
    """Return ``drg`` or ``icd9_description``, or None for any other file; reads the first row only."""
    if _icd9_members(path):
        return ICD9
    try:
        with open_table(path, first_rows=1) as table:
            header = next(table.rows, ())
    except LakewardError:
        return None
    return DRG if {column_name(cell or "") for cell in header} >= _MARKS else None


def extract_drg(path: Path, landing: Landing) -> Extracted:
    """Land Table 5 as ``synpuf/drg``: one row a DRG, every cell as text, ``''`` as null.

    Returns:
        Rows read and written; ``note_rows`` are the notes below the table, which fill the first cell only.

    Raises:
        SourceSchemaChanged: the header lacks or adds a column.
        SourceUnreadable: a row of the wrong length, or no rows.
    """
    writer = landing.writer(DRG, DATASETS[DRG])
    notes = {"note_rows": 0}
    with open_table(path) as table:
        names = _drg_names(path, next(table.rows, ()))
        records = _drg_records(path, table.rows, names, notes)
        rows = [
            {"_file_id": landing.file_id, "_source_record": ordinal, **record}
            for ordinal, record in enumerate(records, start=1)
        ]
    if not rows:
        raise SourceUnreadable(path, "DRGs below the header", "none", "Fetch Table 5 again from cms.gov.")
    writer.write(pa.RecordBatch.from_pylist(rows, schema=DATASETS[DRG]))
    return Extracted(rows_in=len(rows), rows_out=writer.rows, notes=notes)


def extract_icd9(path: Path, landing: Landing) -> Extracted:
    """Land the descriptions of ICD-9-CM codes as ``synpuf/icd9_description``: one row a line.

    A line is a code, blanks, and its description. Of a zip, every file of descriptions in it lands.

    Raises:
        SourceUnreadable: a line that is not of this form, or no lines.
    """
    writer = landing.writer(ICD9, DATASETS[ICD9])
    notes = {"recoded_lines": 0}
    lines = _icd9_lines(path, notes)
    rows_in = 0
    while batch := list(islice(lines, BATCH_ROWS)):
        rows = [
            {"_file_id": landing.file_id, "_source_record": ordinal, **record}
            for ordinal, record in enumerate(batch, start=rows_in + 1)
        ]
        writer.write(pa.RecordBatch.from_pylist(rows, schema=DATASETS[ICD9]))
        rows_in += len(rows)
    if not rows_in:
        raise SourceUnreadable(path, "a code and its description a line", "no lines", "Fetch the file again.")
    return Extracted(rows_in=rows_in, rows_out=writer.rows, notes=notes)


def _drg_names(path: Path, header: Row) -> list[str]:
    published = [(cell or "").strip() for cell in header]
    found = [column_name(cell) for cell in published]
    missing = [bronze for name, bronze in DRG_COLUMNS.items() if name not in found]
    unexpected = [
        cell for place, cell in enumerate(published) if found[place] not in DRG_COLUMNS or found[place] in found[:place]
    ]
    if missing or unexpected:
        raise SourceSchemaChanged("synpuf", path, missing, unexpected)
    return [DRG_COLUMNS[name] for name in found]


def _drg_records(
    path: Path, rows: Iterator[Row], names: list[str], notes: dict[str, int]
) -> Iterator[dict[str, str | None]]:
    for number, row in enumerate(rows, start=1):
        filled = [cell for cell in row if cell and cell.strip()]
        if len(filled) <= 1:
            notes["note_rows"] += len(filled)
            continue
        if len(row) != len(names):
            raise SourceUnreadable(
                path, f"rows of {len(names)} cells", f"{len(row)} in row {number}", "Fetch the file again."
            )
        yield {name: (cell or "").strip() or None for name, cell in zip(names, row, strict=True)}


def _icd9_members(path: Path) -> list[str]:
    """Return the names of the files of descriptions that a path is or, as a zip, holds."""
    if ICD9_FILE.match(path.name.removesuffix(".gz")):
        return [path.name.removesuffix(".gz")]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [re.split(r"[/\\]", name)[-1] for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError):
        return []
    return sorted(name for name in names if ICD9_FILE.match(name))


def _icd9_lines(path: Path, notes: dict[str, int]) -> Iterator[dict[str, str]]:
    for name in _icd9_members(path):
        parts = ICD9_FILE.match(name)
        if parts is None:
            continue
        kind = {
            "code_type": _CODE_TYPES[parts["type"].upper()],
            "description_length": parts["length"].lower(),
        }
        with open_text(path, re.compile(re.escape(name))) as stream:
            for number, line in enumerate(stream.text_lines(), start=1):
                if not line.strip():
                    continue
                code, _, description = line.strip().partition(" ")
                if not description.strip():
                    raise SourceUnreadable(
                        path, "a code, blanks and its description", f"another line {number}", "Fetch the file again."
                    )
                yield {**kind, "code": code, "description": description.strip()}
            notes["recoded_lines"] += stream.recoded_lines
