"""The files of the DE-SynPUF as the publisher names and writes them.

In: columns of text. Out: bytes: a quoted header, values without quotes, lines that end in CRLF.
"""

from collections.abc import Sequence
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from lakeward.sample.draws import Integers, Mask
from lakeward.sources.synpuf.layout import SUMMARY_COLUMNS

CONDITIONS = tuple(name for name in SUMMARY_COLUMNS if name.startswith("SP_") and name != "SP_STATE_CODE")
NO_SERVICES = "," * 44
"""The cells of HCPCS_CD_1 to 45, which the publisher leaves empty in every row."""

Texts: TypeAlias = pa.Array | pa.Scalar


def summary_name(year: int, sample: int) -> str:
    """Return the publisher's name of the beneficiary summary of a year."""
    return f"DE1_0_{year}_Beneficiary_Summary_File_Sample_{sample}.csv"


def claims_name(sample: int) -> str:
    """Return the publisher's name of the inpatient claims."""
    return f"DE1_0_2008_to_2010_Inpatient_Claims_Sample_{sample}.csv"


def header(columns: Sequence[str]) -> bytes:
    """Return the first line of a file."""
    return (",".join(f'"{column}"' for column in columns) + "\r\n").encode()


def rows(columns: Sequence[Texts]) -> memoryview:
    """Return the lines of these columns, not copied; a scalar stands in every line."""
    cells = pc.binary_join_element_wise(*columns, ",")
    lines = pc.binary_join_element_wise(cells, "\r\n", "")
    size = pc.sum(pc.binary_length(lines)).as_py() or 0
    return memoryview(lines.buffers()[2] or b"")[:size]


def texts(table: Sequence[str], positions: Integers) -> pa.Array:
    """Return one text of the table per position; an empty cell for position -1."""
    return pa.array([*table, ""]).take(pa.array(positions % (len(table) + 1)))


def whole(numbers: Integers) -> pa.Array:
    """Return whole numbers as text."""
    return pc.cast(pa.array(numbers), pa.string())


def dollars(amounts: Integers) -> pa.Array:
    """Return whole dollars as the publisher writes them, with two zeros for the cents."""
    return pc.binary_join_element_wise(whole(amounts), ".00", "")


def blank_where(mask: Mask, values: pa.Array) -> pa.Array:
    """Return the values, with empty cells where the mask is true."""
    return pc.if_else(pa.array(mask), "", values)
