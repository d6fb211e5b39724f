"""The bad rows that the sample plants on purpose, so that a newcomer sees quarantine at work.

In: a rate object and its ordinal within its block. Out: the same rate object, now and then spoiled, and a count of
each defect. The ordinal alone decides which one is spoiled, so that N blocks have N times the defects of one.
"""

from collections import Counter
from typing import Any

from lakeward.sample.identifiers import with_bad_check_digit

PERIOD = 400
"""One rate object in so many has each of the defects of a rate."""

RATE_ABOVE_MAXIMUM = 2_500_000.0
DANGLING_REFERENCE = 9_999_999

RATE_DEFECTS = {
    11: "zero_rate", 57: "negative_rate", 101: "missing_rate", 149: "rate_above_maximum", 203: "bad_expiration_date",
    251: "duplicate_price", 307: "dangling_reference",
}  # fmt: skip
CODE_DEFECTS = {"12001": "1200", "E0143": "E01A3"}
"""Two codes are published in a form that their code systems do not have."""

GROUP_DEFECTS = {5: "npi_bad_check_digit", 6: "npi_zero", 7: "npi_nine_digits"}
"""Which provider group of a block, counted among those under contract, has which defect."""


def spoil_rate(rate: dict[str, Any], ordinal: int, planted: Counter[str]) -> dict[str, Any]:
    """Plant the defect that falls on this rate object, if any; changes and returns ``rate``."""
    defect = RATE_DEFECTS.get(ordinal % PERIOD)
    price = rate["negotiated_prices"][0]
    if defect is None or (defect == "dangling_reference" and "provider_references" not in rate):
        return rate
    if defect == "zero_rate":
        price["negotiated_rate"] = 0
    elif defect == "negative_rate":
        price["negotiated_rate"] = -price["negotiated_rate"]
    elif defect == "missing_rate":
        del price["negotiated_rate"]
    elif defect == "rate_above_maximum":
        price["negotiated_type"], price["negotiated_rate"] = "negotiated", RATE_ABOVE_MAXIMUM
    elif defect == "bad_expiration_date":
        price["expiration_date"] = "2025-13-45"
    elif defect == "duplicate_price":
        rate["negotiated_prices"].append(dict(price))
    elif defect == "dangling_reference":
        rate["provider_references"].append(DANGLING_REFERENCE)
    planted[defect] += 1
    return rate


def spoil_npis(npis: list[str], ordinal: int, planted: Counter[str]) -> list[str]:
    """Return the NPIs of a provider group with the defect that falls on the group, if any."""
    defect = GROUP_DEFECTS.get(ordinal)
    if defect is None:
        return npis
    planted[defect] += 1
    if defect == "npi_zero":
        return ["0"]
    if defect == "npi_nine_digits":
        return [*npis, npis[0][:-1]]
    return [*npis, with_bad_check_digit(npis[0])]
