"""Delimited text of the registry becomes bronze: parsed in one thread while another one writes Parquet.

In: an open stream of UTF-8 lines, from the header on. Out: the rows of one dataset in the landing. No Python runs for a
row or a value: pyarrow parses blocks of some megabytes and drops the interpreter's lock meanwhile (ADR 0009).
"""

from collections.abc import Iterator
from csv import reader as read_csv_lines
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from lakeward.errors import SourceUnreadable
from lakeward.sources.landing import Landing
from lakeward.sources.nppes.background import writing_behind
from lakeward.sources.nppes.file_dates import as_of_date, report_date
from lakeward.sources.nppes.layouts import DEACTIVATION, DELIMITED_DATASETS, Match, match_header
from lakeward.sources.text_stream import Utf8Stream

BLOCK_BYTES = 4 << 20
_TITLE = "deactivated"


@dataclass(frozen=True)
class LandedText:
    """What landed of one delimited file: its dataset, records read, and lines that were not UTF-8."""

    dataset: str
    rows: int
    recoded_lines: int


def land_delimited(path: Path, name: str, stream: Utf8Stream, landing: Landing) -> LandedText:
    """Land one table of the registry, every record, every column, text as published, ``''`` as null.

    Args:
        path: for messages.
        name: of the file or of the archive's member; its end date is the ``file_as_of_date``.
        stream: at the first line. Read once, in blocks of some megabytes.
        landing: where the rows go.

    Raises:
        SourceSchemaChanged: the header is of no layout.
        SourceUnreadable: a record of the wrong length, or one that does not end.
    """
    header, title = _header(stream)
    match = match_header(_cells(header), path, name)
    schema = DELIMITED_DATASETS[match.dataset]
    reported = report_date(title, name, path.name) if match.dataset == DEACTIVATION else None
    facts = {
        "_file_id": landing.file_id,
        "layout": match.layout,
        "report_date": reported,
        "file_as_of_date": as_of_date(name) or reported,
    }
    rows = 0
    with writing_behind(landing.writer(match.dataset, schema)) as write:
        for batch in _record_batches(path, stream, match):
            write(_bronze_batch(batch, schema, facts, rows))
            rows += batch.num_rows
    if is_cut_off(header, stream.unended_line):
        raise cut_off(path, "a record that does not end", len(match.names))
    return LandedText(match.dataset, rows, stream.recoded_lines)


def _header(stream: Utf8Stream) -> tuple[bytes, str]:
    """Return the header's line, and the title above it where a deactivation report has one."""
    first = stream.readline()
    cells = [cell for cell in _cells(first) if cell]
    if len(cells) == 1 and _TITLE in cells[0].lower():
        return stream.readline(), cells[0]
    return first, ""


def _cells(line: bytes) -> list[str]:
    return next(read_csv_lines([line.decode("utf-8").rstrip("\r\n")]), [])


def _record_batches(path: Path, stream: Utf8Stream, match: Match) -> Iterator[pa.RecordBatch]:
    """Parse the records below the header; every value is text, and an empty one is null whether quoted or not."""
    wrong_lengths: list[tuple[int | None, int]] = []

    def refuse(row: csv.InvalidRow) -> str:
        wrong_lengths.append((row.number, row.actual_columns))
        return "error"

    names = list(match.names)
    try:
        reader = csv.open_csv(
            stream,
            read_options=csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=refuse),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
        yield from reader
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return
        # The parser's own message quotes the record; ours gives its length only.
        found = f"one of {wrong_lengths[0][1]}" if wrong_lengths else "a record that does not end"
        raise cut_off(path, found, len(names)) from None


def is_cut_off(header: bytes, last_line: bytes) -> bool:
    """Tell whether a last line without end was cut inside its last field, which the parser takes for a whole record.

    The publisher quotes every field, so a whole line ends with a quote; in any file, quotes come in pairs.
    """
    is_all_quoted = header.startswith(b'"')
    return bool(last_line) and (last_line.count(b'"') % 2 == 1 or (is_all_quoted and not last_line.endswith(b'"')))


def cut_off(path: Path, found: str, columns: int) -> SourceUnreadable:
    """Return the error of a record that is not of the header's length."""
    return SourceUnreadable(path, f"records of {columns} columns", found, "The file may be cut off: fetch it again.")


def _bronze_batch(
    batch: pa.RecordBatch, schema: pa.Schema, facts: dict[str, str | None], rows_before: int
) -> pa.RecordBatch:
    """Put a batch into the order of the bronze schema with its provenance; an absent column is null.

    Two thirds of the registry's columns hold nothing in most batches: they share one array of nulls, so that what waits
    to be written takes memory for values only.
    """
    rows = batch.num_rows
    nulls = pa.nulls(rows, pa.string())
    present = {
        name: column if column.null_count < rows else nulls
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    constants = {name: pa.repeat(pa.scalar(value, pa.string()), rows) for name, value in facts.items()}
    present |= {name: column for name, column in constants.items() if name not in present}
    present["_source_record"] = pa.array(np.arange(rows_before + 1, rows_before + rows + 1))
    return pa.RecordBatch.from_arrays([present.get(name, nulls) for name in schema.names], schema=schema)
