"""The control total of landed money, counted anew from the Parquet file that was written.

In: a bronze file with a column ``negotiated_rate`` (numbers) or ``CLM_PMT_AMT`` (text). Out: the exact sum of its
decimals. A source module sums what it reads; this sums what landed; the ledger compares the two.
"""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

RATE, PAID = "negotiated_rate", "CLM_PMT_AMT"
PLACES = 4
AMOUNT = "^-?[0-9]{1,12}([.][0-9]{1,2})?$"
"""Dollars and cents, as the claims models read them."""
BATCH_ROWS = 65_536
LARGEST_SCALED = 2.0**46
"""So that the sum of a batch of 65,536 such numbers still fits into 64 bits."""


def control_total(parquet: Path) -> Decimal:
    """Return the exact sum of the money in a Parquet file; reads one column, a batch at a time.

    Nulls are left out, and so is text that is no amount: its row goes to quarantine.
    """
    with pq.ParquetFile(parquet) as file:
        return _rates(file) if RATE in file.schema_arrow.names else _amounts(file)


def holds_money(parquet: Path) -> bool:
    """Whether a Parquet file has money to total."""
    return not {RATE, PAID}.isdisjoint(pq.read_schema(parquet).names)


def _rates(file: pq.ParquetFile) -> Decimal:
    """Sum doubles.

    A rate is a double that stands for the decimal it was published as: one with up to four decimals is summed as a
    whole number of ten-thousandths, any other as the shortest decimal that reads back as the same double.
    """
    ten_thousandths, rest = 0, Decimal(0)
    for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=[RATE]):
        rates = batch.column(0).drop_null().to_numpy(zero_copy_only=False)
        scaled = np.rint(rates * 10**PLACES)
        exact = (scaled / 10**PLACES == rates) & (np.abs(scaled) < LARGEST_SCALED)
        ten_thousandths += int(scaled[exact].astype(np.int64).sum())
        rest += sum((Decimal(repr(float(rate))) for rate in rates[~exact]), Decimal(0))
    return Decimal(ten_thousandths).scaleb(-PLACES) + rest


def _amounts(file: pq.ParquetFile) -> Decimal:
    """Sum decimals that are still the published text."""
    total = Decimal(0)
    for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=[PAID]):
        texts = batch.column(0)
        amounts = texts.filter(pc.match_substring_regex(texts, AMOUNT)).cast(pa.decimal128(38, PLACES))
        total += pc.sum(amounts).as_py() or Decimal(0)
    return total
