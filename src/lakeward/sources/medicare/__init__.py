"""Medicare's published amounts: the CMS files that fee schedules are made of, landed as published.

In: one file (plain, gzip, or zip of several), known by its content.
Out: one bronze dataset a file kind (`DATASETS`), all text, with the edition (year, release) as columns.

Publisher: Centers for Medicare & Medicaid Services. Licence: US Government work; the descriptors of CPT (AMA) and CDT
(ADA) codes in the same files are not. Cadence: yearly, most with quarterly releases.
Hazards: a locality number repeats between contractors, so the key is contractor and locality; the wage index lists
rural areas by a two-digit state code that repeats; "NA" in one column means "not paid in this setting".
"""

import logging
from itertools import islice
from pathlib import Path

import pyarrow as pa

from lakeward.errors import SourceSchemaChanged, SourceUnreadable, UsageError
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.medicare.edition import Edition, edition_of
from lakeward.sources.medicare.layouts import LAYOUTS
from lakeward.sources.medicare.table import Table, members, read_table

logger = logging.getLogger(__name__)

DATASETS: dict[str, pa.Schema] = {name: layout.schema for name, layout in LAYOUTS.items()}
BATCH_ROWS = 10_000


def recognise(path: Path) -> str | None:
    """Return the dataset of a file by its content, or ``None``; of a zip, its datasets joined by ``+``."""
    datasets = [table.layout.dataset for table in _tables(path)]
    return "+".join(sorted(datasets)) or None


def extract(path: Path, landing: Landing, *, year: int | None = None) -> Extracted:
    """Land one CMS file as published: one bronze row a record, cells without their padding, blank cells null.

    Args:
        path: a file that `recognise` knows.
        landing: where the rows go.
        year: the calendar year, for files that do not say it.

    Returns:
        Records read and written, with counts of title and note lines.

    Raises:
        SourceUnreadable: the file is broken, empty or none that we know.
        SourceSchemaChanged: its header lacks or adds a column.
        UsageError: the file does not say its year, or a zip holds one dataset twice.
    """
    tables = _tables(path)
    if not tables:
        raise SourceUnreadable(
            path, "a CMS file of Medicare's fee schedules", "no header that we know", "Leave it out."
        )
    _refuse_repeated(path, tables)
    notes = {"title_lines": 0, "note_lines": 0}
    rows = 0
    for table in tables:
        rows += _land_table(table, edition_of(table, year), landing)
        notes["title_lines"] += len(table.title)
        notes["note_lines"] += table.note_lines
    return Extracted(rows_in=rows, rows_out=sum(landing.counts.values()), notes=notes)


def _tables(path: Path) -> list[Table]:
    return [table for member in members(path) if (table := read_table(member))]


def _refuse_repeated(path: Path, tables: list[Table]) -> None:
    datasets = [table.layout.dataset for table in tables]
    repeated = sorted({dataset for dataset in datasets if datasets.count(dataset) > 1})
    if repeated:
        raise UsageError(
            f"medicare: '{path}' holds more than one file of {repeated}.\n"
            "Nothing was written. Unpack it and name the one to use (for 2026: the fee schedule of non-participants)."
        )


def _land_table(table: Table, edition: Edition, landing: Landing) -> int:
    missing, unexpected = table.layout.differences(table.header)
    if missing or unexpected:
        raise SourceSchemaChanged("medicare", table.member.path, missing, unexpected)
    writer = landing.writer(table.layout.dataset, table.layout.schema)
    records = table.records()
    rows = 0
    while batch := list(islice(records, BATCH_ROWS)):
        writer.write(_batch(table, edition, batch, landing.file_id, rows + 1))
        rows += len(batch)
    if rows == 0:
        raise SourceUnreadable(
            table.member.path, f"records of {table.layout.title}", "none", "Download the file again."
        )
    logger.info(
        "medicare: '%s' is %s %s %s, %d rows",
        table.member.name,
        table.layout.dataset,
        edition.year,
        edition.release,
        rows,
    )
    return rows


def _batch(table: Table, edition: Edition, records: list[list[str]], file_id: str, first_record: int) -> pa.RecordBatch:
    count = len(records)
    positions = table.layout.positions(table.header)
    columns: list[list[object]] = [
        [file_id] * count,
        list(range(first_record, first_record + count)),
        [edition.year] * count,
        [edition.release] * count,
        [edition.released_on] * count,
    ]
    for column in table.layout.columns:
        position = positions.get(column.name)
        columns.append([None] * count if position is None else [row[position].strip() or None for row in records])
    schema = table.layout.schema
    return pa.record_batch([pa.array(v, type=f.type) for v, f in zip(columns, schema, strict=True)], schema=schema)
