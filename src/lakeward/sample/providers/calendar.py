"""Days as the registry writes them.

In: day numbers, counted from the first day of the registry. Out: texts of the form MM/DD/YYYY.
"""

from datetime import date, timedelta
from functools import cache

import pyarrow as pa

from lakeward.sample.draws import Integers
from lakeward.sample.providers.lines import chosen

FIRST_DAY = date(2005, 5, 23)
"""The registry began to give out numbers on this day; it is in the name of every monthly file."""

LAST_DAY = date(2026, 12, 31)


def day_number(day: date) -> int:
    """Return the number of a day."""
    return (day - FIRST_DAY).days


def day_texts(days: Integers) -> pa.Array:
    """Return the days as text; an empty text for -1."""
    return chosen(_texts(), days)


@cache
def _texts() -> tuple[str, ...]:
    return tuple(f"{FIRST_DAY + timedelta(days):%m/%d/%Y}" for days in range(day_number(LAST_DAY) + 1))
