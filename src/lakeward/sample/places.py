"""The real ZIPs of the sample.

In: the fact tables. Out: their rows. ``zip`` holds those that the made-up market has always been spread over;
``zip_more`` those that were added since, so that adding a place moves nobody who was there before.
"""

from functools import cache

from lakeward.sample.facts import Row, table


@cache
def places() -> tuple[Row, ...]:
    """Return all ZIPs, the market's first."""
    return (*table("zip"), *table("zip_more"))
