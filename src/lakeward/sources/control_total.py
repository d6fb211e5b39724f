"""The control total of landed rates, counted anew from the Parquet file that was written.

In: a bronze file with a column ``negotiated_rate``. Out: the exact sum of its decimals. A source module sums what it
reads; this sums what landed; the ledger compares the two.
"""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

RATE = "negotiated_rate"
PLACES = 4
BATCH_ROWS = 65_536
LARGEST_SCALED = 2.0**46
"""So that the sum of a batch of 65,536 such numbers still fits into 64 bits."""


def control_total(parquet: Path) -> Decimal:
    """Return the exact sum of the rates in a Parquet file, nulls left out; reads one column, a batch at a time.

    A rate is a double that stands for the decimal it was published as: one with up to four decimals is summed as a
    whole number of ten-thousandths, any other as the shortest decimal that reads back as the same double.
    """
    ten_thousandths, rest = 0, Decimal(0)
    with pq.ParquetFile(parquet) as file:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=[RATE]):
            rates = batch.column(0).drop_null().to_numpy(zero_copy_only=False)
            scaled = np.rint(rates * 10**PLACES)
            exact = (scaled / 10**PLACES == rates) & (np.abs(scaled) < LARGEST_SCALED)
            ten_thousandths += int(scaled[exact].astype(np.int64).sum())
            rest += sum((Decimal(repr(float(rate))) for rate in rates[~exact]), Decimal(0))
    return Decimal(ten_thousandths).scaleb(-PLACES) + rest


def holds_rates(parquet: Path) -> bool:
    """Whether a Parquet file has rates to total."""
    return RATE in pq.read_schema(parquet).names
