"""What the made-up claims cost, in whole dollars.

In: claims with their dates. Out: DRG and amounts. Medicare's payment follows the weight of the DRG, give or take two
fifths, in round thousands as the publisher coarsens it; deductibles are those of the law.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np

from lakeward.sample.claims.quirks import NEGATIVE_DOLLARS, has
from lakeward.sample.claims.stays import MONTH_STARTS, Stays
from lakeward.sample.draws import Integers, Mask, Serials, Weighted, below, happens
from lakeward.sample.facts import table

DEDUCTIBLES = (1024, 1068, 1100)
"""Part A deductible of 2008, 2009 and 2010 (CMS); claims of late 2007 carry that of 2008, as in the real file."""

MOST_PAID = 57_000
_DOLLARS_PER_WEIGHT = 6800
_PRIMARY_DOLLARS = (2000, 3000, 4000, 5000, 6000, 7000, 8000, 10_000, 11_000, 25_000, 68_000)
_PER_DIEM_DOLLARS = (10, 10, 10, 20, 20, 30, 40, 50, 60, 70, 80, 100, 100, 200, 200, 300, 500)
_COINSURANCE_DOLLARS = (300, 500, 800, 1000, 1000, 2000, 2000, 3000, 4000, 5000, 8000, 34_000)
_BLOOD_DOLLARS = (30, 90, 300, 300, 400, 500, 700, 800, 1000, 2000)


@dataclass(frozen=True, slots=True)
class Payments:
    """One value per claim; ``drgs`` are positions in ``drg_codes()``."""

    drgs: Integers
    paid: Integers
    primary_payer: Integers
    per_diem: Integers
    deductible: Integers
    is_deductible_blank: Mask
    coinsurance: Integers
    blood: Integers


@cache
def drg_codes() -> tuple[str, ...]:
    """Return the DRGs of the sample, then the two codes that are none."""
    return (*(row["drg"] for row in table("drg")), "OTH", "000")


@cache
def _drg_chances() -> Weighted:
    return Weighted.of([int(row["made_up_frequency"]) for row in table("drg")])


@cache
def _drg_weights() -> Integers:
    """Relative weights in ten thousandths; a claim without a true DRG is paid as one of weight 1.5."""
    weights = [*(row["weight"] for row in table("drg")), "1.5", "1.5"]
    return np.array([int(Decimal(weight) * 10_000) for weight in weights], dtype=np.int64)


def payments_of(stays: Stays) -> Payments:
    """Return the DRG and the amounts of claims."""
    serials, ordinals = stays.serials, stays.ordinals
    other, ungroupable = has("other_drg", ordinals), has("ungroupable_drg", ordinals)
    true_drgs = len(table("drg"))
    drgs = np.select([other, ungroupable], [true_drgs, true_drgs + 1], _drg_chances().draw("drg", serials))
    return Payments(
        drgs=drgs,
        paid=_paid(_drg_weights()[drgs], serials, ordinals),
        primary_payer=now_and_then(229, _PRIMARY_DOLLARS, "primary payer", serials),
        per_diem=now_and_then(2842, _PER_DIEM_DOLLARS, "per diem", serials),
        deductible=np.array(DEDUCTIBLES)[year_position(stays.admissions)],
        is_deductible_blank=happens(326, "no deductible", serials),
        coinsurance=now_and_then(213, _COINSURANCE_DOLLARS, "coinsurance", serials),
        blood=now_and_then(26, _BLOOD_DOLLARS, "blood", serials),
    )


def year_position(days: Integers) -> Integers:
    """Return 0, 1 or 2 for a day of 2008 (or before), 2009 or 2010."""
    return np.searchsorted(MONTH_STARTS[[12, 24]], days, side="right").astype(np.int64)


def _paid(weights: Integers, serials: Serials, ordinals: Integers) -> Integers:
    percent = 60 + below(81, "paid", serials)
    exact = weights * percent * _DOLLARS_PER_WEIGHT // 1_000_000
    rounded = np.where(exact < 1000, np.maximum(exact // 100 * 100, 100), (exact + 500) // 1000 * 1000)
    negative = np.array(NEGATIVE_DOLLARS)[below(len(NEGATIVE_DOLLARS), "negative", serials)]
    return np.select(
        [has("negative_payment", ordinals), has("zero_payment", ordinals)],
        [negative, 0], np.minimum(rounded, MOST_PAID),
    )  # fmt: skip


def now_and_then(permyriad: int, amounts: tuple[int, ...], purpose: str, serials: Serials) -> Integers:
    """Return one of the amounts in so many of ten thousand cases, else 0."""
    chosen = np.array(amounts)[below(len(amounts), f"{purpose} amount", serials)]
    return np.where(happens(permyriad, purpose, serials), chosen, 0)
