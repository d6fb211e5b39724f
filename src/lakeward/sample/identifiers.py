"""Made-up identifiers that pass every format check and yet cannot be anyone's.

In: a serial number of the sample. Out: an NPI that starts with 2 (the registry gives out numbers that start with 1),
an employer number that starts with 00 (the tax office gives out none). Different serials give different identifiers.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.sample.draws import Serials

SERIALS = 100_000_000
_SPREAD = 48_271_013
_OFFSET = 20_250_701
_NPI_PREFIX_SUM = 24


def npi_check_digit(first_nine: str) -> str:
    """Return the tenth digit of an NPI: Luhn over ``80840`` and the nine digits (45 CFR 162.406)."""
    total = _NPI_PREFIX_SUM
    for position, digit in enumerate(map(int, first_nine)):
        doubled = digit * 2 if position % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def made_up_npi(serial: int) -> str:
    """Return the NPI of a serial number in [0, ``SERIALS``)."""
    first_nine = f"2{(serial * _SPREAD + _OFFSET) % SERIALS:08d}"
    return first_nine + npi_check_digit(first_nine)


def npi_texts(serials: Serials) -> pa.Array:
    """Return the NPIs of many serial numbers, as :func:`made_up_npi` does."""
    first_nine = 2 * SERIALS + (serials.astype(np.int64) * _SPREAD + _OFFSET) % SERIALS
    total = np.full(len(serials), _NPI_PREFIX_SUM, dtype=np.int64)
    for position in range(9):
        digit = first_nine // 10 ** (8 - position) % 10
        doubled = digit * 2 if position % 2 == 0 else digit
        total += np.where(doubled > 9, doubled - 9, doubled)
    return pc.cast(pa.array(first_nine * 10 + -total % 10), pa.string())


def with_bad_check_digit(npi: str) -> str:
    """Return the NPI with its last digit one too high."""
    return npi[:-1] + str((int(npi[-1]) + 1) % 10)


def made_up_ein(serial: int) -> str:
    """Return an employer identification number, ``00-`` and seven digits."""
    return f"00-{serial % 10_000_000:07d}"
