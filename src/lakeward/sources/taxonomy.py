"""NUCC provider taxonomy: the code set that names specialties becomes bronze rows.

Publisher: National Uniform Claim Committee (https://nucc.org), copyright American Medical Association; free to use,
not free to redistribute, so the user brings ``nucc_taxonomy_*.csv`` and no copy of its wording is part of Lakeward.
Out: ``taxonomy/nucc``, one row a code, text as published.

Hazards: releases up to 15 are Windows-1252 and have six columns, with 'Type' for 'Grouping'; definitions hold commas
and line breaks; the release is told by the file's name only.
"""

import re
from itertools import islice
from pathlib import Path

import pyarrow as pa

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources.landing import PROVENANCE_FIELDS, Extracted, Landing
from lakeward.sources.table_rows import Row, open_table

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
    )
}


def extract(path: Path, landing: Landing) -> Extracted:
    """Land one NUCC code set as ``taxonomy/nucc``: every code, text as published, ``''`` as null.

    ``release`` is the number in the file's name (``nucc_taxonomy_240.csv`` is release ``240``), null without one.

    Raises:
        SourceSchemaChanged: the header lacks or adds columns of the eight, or of the six of older releases.
        SourceUnreadable: a row of the wrong length, or no rows.
    """
    writer = landing.writer(DATASET, DATASETS[DATASET])
    number = re.search(r"(\d+)", path.name)
    rows_in = 0
    with open_table(path) as table:
        names = _bronze_names(path, next(table.rows, ()))
        filled = (row for row in table.rows if any(row))
        while rows := list(islice(filled, BATCH_ROWS)):
            records = [_record(path, names, row) for row in rows]
            for ordinal, record in enumerate(records, start=rows_in + 1):
                record.update(
                    _file_id=landing.file_id, _source_record=ordinal, release=number.group(1) if number else None
                )
            writer.write(pa.RecordBatch.from_pylist(records, schema=DATASETS[DATASET]))
            rows_in += len(rows)
        notes = {"recoded_lines": table.recoded_lines}
    if not rows_in:
        raise SourceUnreadable(path, "codes below the header", "none", "Fetch the file again from nucc.org.")
    return Extracted(rows_in=rows_in, rows_out=writer.rows, notes=notes)


def _bronze_names(path: Path, header: Row) -> list[str]:
    headers = [_OLDER_NAMES.get(cell, cell) for cell in ((cell or "").strip() for cell in header)]
    missing = [name for name in COLUMNS if name not in headers and name not in _MAY_BE_ABSENT]
    unexpected = [name for name in headers if name not in COLUMNS]
    if missing or unexpected or len(set(headers)) < len(headers):
        raise SourceSchemaChanged("taxonomy", path, missing, unexpected)
    return [COLUMNS[name] for name in headers]


def _record(path: Path, names: list[str], row: Row) -> dict[str, str | int | None]:
    if len(row) != len(names):
        raise SourceUnreadable(path, f"rows of {len(names)} cells", f"one of {len(row)}", "Fetch the file again.")
    return dict(zip(names, row, strict=True))
