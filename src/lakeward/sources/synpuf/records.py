"""The records of one DE-SynPUF file, a batch at a time, as text under the names that CMS gives the columns.

In: a CSV, plain, gzip or one of CMS's zips; with or without a byte order mark; lines ended by LF or CR LF.
Out: record batches in the bronze schema, and counts that hold once the last batch was taken. A file is read once, in
batches of a few megabytes.
"""

import re
from collections.abc import Iterator, Mapping
from csv import reader as read_csv_lines
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources.synpuf.layout import PAID, Layout
from lakeward.sources.synpuf.names import MEMBER
from lakeward.sources.text_stream import Utf8Stream, open_text

BATCH_BYTES = 4 << 20
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")


def read_header(stream: Utf8Stream) -> list[str]:
    """Return the names in the first line of a stream, without quotes and blanks around them."""
    line = stream.readline().decode("utf-8").rstrip("\r\n")
    return [name.strip() for name in next(read_csv_lines([line]), [])]


@dataclass
class Counts:
    """What was read so far; ``money`` is the sum of the paid amounts that are numbers."""

    rows: int = 0
    money: Decimal = Decimal(0)
    recoded_lines: int = 0
    unended_lines: int = 0


@dataclass(frozen=True)
class Records:
    """The records of one file.

    Args:
        path: the file.
        layout: what its columns should be.
        file_id: for the provenance of each row.
        known: the value of each extra column of the layout, the same for the whole file.
        counts: filled while the batches are taken.
    """

    path: Path
    layout: Layout
    file_id: str
    known: Mapping[str, int | None]
    counts: Counts = field(default_factory=Counts)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the records in the layout's bronze schema; ``''`` is null.

        Raises:
            SourceSchemaChanged: the header lacks, adds or repeats a column.
            SourceUnreadable: a broken archive, a record of the wrong length, or a header without records.
        """
        with open_text(self.path, MEMBER) as stream:
            header = read_header(stream)
            missing, unexpected = self.layout.differences(header)
            if missing or unexpected:
                raise SourceSchemaChanged("synpuf", self.path, missing, unexpected)
            for batch in _parsed(self.path, stream, header):
                yield self._bronze(batch)
            self.counts.recoded_lines = stream.recoded_lines
            self.counts.unended_lines = int(bool(stream.unended_line.strip()))
        if not self.counts.rows:
            raise SourceUnreadable(
                self.path, "records below the header", "a header alone", "Give the data file of the release."
            )

    def _bronze(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows, before = batch.num_rows, self.counts.rows
        self.counts.rows += rows
        if PAID in self.layout.columns:
            self.counts.money += _sum_of_amounts(batch.column(PAID))
        columns = [
            pa.repeat(pa.scalar(self.file_id), rows),
            pa.array(range(before + 1, before + rows + 1), pa.int64()),
            *(pa.repeat(pa.scalar(self.known[extra.name], extra.type), rows) for extra in self.layout.extras),
            *(batch.column(name) for name in self.layout.columns),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.layout.schema)


def _parsed(path: Path, stream: Utf8Stream, header: list[str]) -> Iterator[pa.RecordBatch]:
    wrong_lengths: list[int] = []

    def refuse(row: csv.InvalidRow) -> str:
        wrong_lengths.append(row.actual_columns)
        return "error"

    try:
        yield from csv.open_csv(
            stream,
            read_options=csv.ReadOptions(column_names=header, block_size=BATCH_BYTES, use_threads=False),
            parse_options=csv.ParseOptions(invalid_row_handler=refuse),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return
        # The parser's own message quotes the record; ours gives its length only.
        found = f"one of {wrong_lengths[0]}" if wrong_lengths else "a record that cannot be parsed"
        raise SourceUnreadable(
            path, f"records of {len(header)} columns", found, "The file may be cut off: fetch it again."
        ) from None


def _sum_of_amounts(texts: pa.Array) -> Decimal:
    """Return the exact sum of the amounts of a column of text; what is not dollars and cents goes to quarantine."""
    total = Decimal(0)
    for counted in pc.value_counts(texts).to_pylist():
        text = counted["values"]
        if text is not None and _AMOUNT.fullmatch(text):
            total += Decimal(text) * counted["counts"]
    return total
