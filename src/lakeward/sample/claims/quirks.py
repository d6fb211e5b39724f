"""The oddities of the real claims, planted one in so many so that every sample has each of them.

In: the ordinal numbers of claims within their sample. Out: which of them have an oddity. Periods are those of the real
Sample 1 (66,705 claims); residues are below 500, so that the claims of a thousand people are enough.
"""

from lakeward.sample.draws import Integers, Mask

PLANTED = {
    "second_segment": (981, 137), "negative_payment": (1213, 229), "zero_payment": (31, 3), "other_drg": (297, 11),
    "ungroupable_drg": (284, 23), "begins_in_2007": (298, 41), "begins_apart": (1259, 353),
}  # fmt: skip
"""Each oddity with its period and residue."""

SECOND_SEGMENT_DAYS = 35
"""A second segment of the real file is admitted this long before its discharge."""
SECOND_SEGMENT_DOLLARS = (8000, 11_000, 14_000, 22_000, 42_000)
NEGATIVE_DOLLARS = (-200, -300, -100, -200, -2000, -50, -1000, -800, -400, -300, -3000, -70, -8000)


def has(quirk: str, ordinals: Integers) -> Mask:
    """Return True for the claims that have the oddity."""
    period, residue = PLANTED[quirk]
    found: Mask = ordinals % period == residue
    return found
