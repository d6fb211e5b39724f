"""Whole records of a registry file from columns of text, thousands at a time.

In: a layout and the columns that have values. Out: the bytes of the lines, every field quoted as the publisher does.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from lakeward.sample.draws import Integers

Texts: TypeAlias = pa.Array | str
"""A text for each record, or one text that all of them have."""


def header_line(layout: Sequence[str]) -> bytes:
    """Return the first line of a file."""
    return (",".join(f'"{header}"' for header in layout) + "\n").encode()


def record_lines(layout: Sequence[str], columns: Mapping[str, Texts]) -> memoryview:
    """Return the lines of these columns, not copied; a column of the layout without values is empty in every line.

    What all lines have in common between two columns is one text, so that 330 columns cost as much as the filled ones.
    No value may be null, and at least one column is an array.

    >>> bytes(record_lines(("NPI", "Name", "Sex"), {"NPI": pa.array(["1", "2"]), "Sex": "X"}))
    b'"1","","X"\\n"2","","X"\\n'
    """
    pieces: list[pa.Array | pa.Scalar] = []
    common = '"'
    for position, header in enumerate(layout):
        common += '","' if position else ""
        values = columns.get(header, "")
        if isinstance(values, str):
            common += values
        else:
            pieces += [pa.scalar(common), values]
            common = ""
    lines = pc.binary_join_element_wise(*pieces, pa.scalar(common + '"\n'), "")
    size = pc.sum(pc.binary_length(lines)).as_py() or 0
    return memoryview(lines.buffers()[2] or b"")[:size]


def joined(*parts: Texts) -> pa.Array:
    """Return the parts written one after the other."""
    return pc.binary_join_element_wise(*(pa.scalar(part) if isinstance(part, str) else part for part in parts), "")


def chosen(table: Sequence[str], positions: Integers) -> pa.Array:
    """Return one text of the table per position; an empty text for position -1."""
    return pa.array([*table, ""]).take(pa.array(positions % (len(table) + 1)))


def numbers(values: Integers) -> pa.Array:
    """Return whole numbers as text."""
    return pc.cast(pa.array(values), pa.string())
