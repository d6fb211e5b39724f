"""Delimited text files as the publishers write them.

In: rows of text. Out: a file; rows are written as they come, so that a generator of any length needs no memory.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from lakeward.sample.compressed import output_file


class Writer(Protocol):
    """The ``write`` of a binary stream."""

    def __call__(self, data: bytes, /) -> int: ...


def write_delimited(
    path: Path, rows: Iterable[Sequence[str]], *, delimiter: str = ",", quote_all: bool = False, line_end: str = "\n",
    encoding: str = "utf-8", title: bytes = b"",
) -> int:  # fmt: skip
    """Write ``title`` (bytes as they are) and then the rows, and return the number of rows."""
    count = 0
    with output_file(path) as stream:
        stream.write(title)
        encoder = csv.writer(
            _Encoded(stream.write, encoding),
            delimiter=delimiter,
            quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
            lineterminator=line_end,
        )
        for row in rows:
            encoder.writerow(row)
            count += 1
    return count


class _Encoded:
    """What ``csv.writer`` writes to: text in, bytes out, without a text layer that would close the stream."""

    def __init__(self, write: Writer, encoding: str) -> None:
        self._write, self._encoding = write, encoding

    def write(self, text: str) -> int:
        return self._write(text.encode(self._encoding))
