"""Provider taxonomy: the code set that names specialties, and Medicare's crosswalk to it, become bronze rows.

Publishers: National Uniform Claim Committee (https://nucc.org), copyright American Medical Association; free to use,
not free to redistribute, so the user brings ``nucc_taxonomy_*.csv`` and no copy of its wording is part of Lakeward.
CMS, Medicare Provider and Supplier Taxonomy Crosswalk, public domain but for NUCC's words in it: brought by the user.
Out: ``taxonomy/nucc``, one row a code, or ``taxonomy/medicare_specialty``, one row a line, text as published.

Hazards: NUCC releases up to 15 are Windows-1252 and have six columns, with 'Type' for 'Grouping'; definitions hold
commas and line breaks; the release is told by the file's name only. The crosswalk has footnotes as rows below the
table, their marks inside its codes ('A0[7]'), and several taxonomy codes in one cell, a line each.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pyarrow as pa

from lakeward.errors import LakewardError, SourceSchemaChanged, SourceUnreadable
from lakeward.sources.landing import PROVENANCE_FIELDS, Extracted, Landing
from lakeward.sources.table_rows import Row, open_table

Record = dict[str, str | int | None]

DATASET = "nucc"
COLUMNS = {
    "Code": "code",
    "Grouping": "grouping",
    "Classification": "classification",
    "Specialization": "specialization",
    "Definition": "definition",
    "Notes": "notes",
    "Display Name": "display_name",
    "Section": "section",
}
"""Published header to bronze name, as of release 16."""

CROSSWALK = "medicare_specialty"
CROSSWALK_COLUMNS = {
    "MEDICARE SPECIALTY CODE": "medicare_specialty_code",
    "MEDICARE PROVIDER/SUPPLIER TYPE DESCRIPTION": "medicare_provider_supplier_type",
    "PROVIDER TAXONOMY CODE": "provider_taxonomy_code",
    "PROVIDER TAXONOMY DESCRIPTION": "provider_taxonomy_description",
}
"""Published header of Medicare's crosswalk to bronze name."""

_OLDER_NAMES = {"Type": "Grouping"}
_MAY_BE_ABSENT = frozenset({"Display Name", "Section"})
BATCH_ROWS = 1_000

DATASETS: dict[str, pa.Schema] = {
    DATASET: pa.schema(
        [
            *PROVENANCE_FIELDS,
            *(pa.field(name, pa.string()) for name in COLUMNS.values()),
            pa.field("release", pa.string()),
        ]
    ),
    CROSSWALK: pa.schema([*PROVENANCE_FIELDS, *(pa.field(name, pa.string()) for name in CROSSWALK_COLUMNS.values())]),
}


def recognise(path: Path) -> str | None:
    """Return the dataset that a file holds by the columns of its header, or None for any other file."""
    try:
        with open_table(path, first_rows=1) as table:
            header = next(table.rows, ())
        return CROSSWALK if _is_crosswalk(header) else _nucc_or_none(path, header)
    except LakewardError:
        return None


def _nucc_or_none(path: Path, header: Row) -> str | None:
    return DATASET if _bronze_names(path, header) else None


def _is_crosswalk(header: Row) -> bool:
    """Whether a header is meant to be the crosswalk's: two of its own words in it, changed or not."""
    return sum((cell or "").strip().upper() in CROSSWALK_COLUMNS for cell in header) > 1


def extract(path: Path, landing: Landing) -> Extracted:
    """Land one NUCC code set or one Medicare crosswalk: every row, text as published, ``''`` as null.

    ``release`` is the number in the file's name (``nucc_taxonomy_240.csv`` is release ``240``), null without one.
    Notes: ``recoded_lines`` that were not UTF-8, ``note_rows`` below the crosswalk, which land too.

    Raises:
        SourceSchemaChanged: the header lacks or adds columns of its layout, or of the six of older NUCC releases.
        SourceUnreadable: a row of the wrong length, or no rows.
    """
    with open_table(path) as table:
        header = next(table.rows, ())
        if _is_crosswalk(header):
            landed = _land_crosswalk(path, header, table.rows, landing)
        else:
            landed = _land_codes(path, header, table.rows, landing)
        landed.notes["recoded_lines"] = table.recoded_lines
    if not landed.rows_in:
        raise SourceUnreadable(path, "codes below the header", "none", "Fetch the file again from nucc.org.")
    return landed


def _land_codes(path: Path, header: Row, rows: Iterator[Row], landing: Landing) -> Extracted:
    names = _bronze_names(path, header)
    number = re.search(r"(\d+)", path.name)
    release = {"release": number.group(1) if number else None}
    records = (_record(path, names, row) | release for row in rows if any(row))
    return _land(landing, DATASET, records)


def _land_crosswalk(path: Path, header: Row, rows: Iterator[Row], landing: Landing) -> Extracted:
    headers = [re.sub(r"\s+", " ", (cell or "").strip()).upper() for cell in header]
    missing = [name for name in CROSSWALK_COLUMNS if name not in headers]
    unexpected = [name for name in headers if name not in CROSSWALK_COLUMNS]
    if missing or unexpected or len(set(headers)) < len(headers):
        raise SourceSchemaChanged("taxonomy", path, missing, unexpected)
    names = [CROSSWALK_COLUMNS[name] for name in headers]
    notes = 0

    def records() -> Iterator[Record]:
        nonlocal notes
        for row in rows:
            if any(row):
                notes += sum(cell is not None for cell in row) == 1
                yield _record(path, names, row)

    return replace(_land(landing, CROSSWALK, records()), notes={"note_rows": notes})


def _land(landing: Landing, dataset: str, records: Iterator[Record]) -> Extracted:
    writer = landing.writer(dataset, DATASETS[dataset])
    rows_in = 0
    while batch := list(islice(records, BATCH_ROWS)):
        for ordinal, record in enumerate(batch, start=rows_in + 1):
            record.update(_file_id=landing.file_id, _source_record=ordinal)
        writer.write(pa.RecordBatch.from_pylist(batch, schema=DATASETS[dataset]))
        rows_in += len(batch)
    return Extracted(rows_in=rows_in, rows_out=writer.rows)


def _bronze_names(path: Path, header: Row) -> list[str]:
    headers = [_OLDER_NAMES.get(cell, cell) for cell in ((cell or "").strip() for cell in header)]
    missing = [name for name in COLUMNS if name not in headers and name not in _MAY_BE_ABSENT]
    unexpected = [name for name in headers if name not in COLUMNS]
    if missing or unexpected or len(set(headers)) < len(headers):
        raise SourceSchemaChanged("taxonomy", path, missing, unexpected)
    return [COLUMNS[name] for name in headers]


def _record(path: Path, names: list[str], row: Row) -> Record:
    if len(row) != len(names):
        raise SourceUnreadable(path, f"rows of {len(names)} cells", f"one of {len(row)}", "Fetch the file again.")
    return dict(zip(names, row, strict=True))
