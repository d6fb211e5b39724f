"""When and where the made-up people are in hospital.

In: a batch of people. Out: their claims: admission, discharge and hospital; readmissions within thirty days, transfers
and overlapping claims of one hospital happen about as often as in the real Sample 1. Nobody is in hospital after the
month of their death.
"""

from dataclasses import dataclass

import numpy as np

from lakeward.sample.claims.facilities import other_facilities
from lakeward.sample.claims.people import ALIVE, People
from lakeward.sample.claims.quirks import has
from lakeward.sample.draws import Integers, Mask, Serials, Weighted, below, happens

CLAIMS_PER_PERSON = 64
LONGEST = 35
"""Days of the longest stay in the real files."""

MONTH_STARTS = np.arange("2008-01", "2011-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
"""The first day of each month from January 2008 to January 2011, in days since 1970."""

_ADMISSIONS = Weighted.of((
    1535, 1805, 2301, 2321, 2588, 2457, 2472, 2587, 2455, 2508, 2341, 2331, 2336, 2017, 2220, 2188, 2219, 2118, 2088,
    2144, 2128, 2008, 1901, 1897, 1789, 1537, 1555, 1482, 1445, 1313, 1199, 1068, 912, 628, 397, 257,
))  # fmt: skip
_LENGTHS = Weighted.of((
    14, 115, 148, 168, 122, 92, 68, 54, 40, 29, 23, 19, 15, 14, 13, 10, 8, 7, 6, 5, 4, 4, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1,
    1, 1, 1, 3,
))  # fmt: skip
_READMITTED, _TRANSFERRED, _OVERLAPPING = 1500, 1610, 1790
"""Upper ends, in ten thousandths, of what may follow a claim; above them the next claim has a date of its own."""


@dataclass(frozen=True, slots=True)
class Stays:
    """One value per claim; ``people`` are positions in the batch, dates are days since 1970."""

    people: Integers
    ordinals: Integers
    serials: Serials
    admissions: Integers
    discharges: Integers
    facilities: Integers

    def __len__(self) -> int:
        """Return how many claims there are."""
        return len(self.people)


def stays_of(people: People, first_ordinal: int) -> Stays:
    """Return the claims of a batch; ``first_ordinal`` is the number of claims of the sample before it."""
    owners = np.repeat(np.arange(len(people)), people.claim_counts)
    turns = np.arange(len(owners)) - np.repeat(
        np.cumsum(people.claim_counts) - people.claim_counts, people.claim_counts
    )
    serials = people.serials[owners] * np.uint64(CLAIMS_PER_PERSON) + turns.astype(np.uint64)
    ordinals = first_ordinal + np.arange(len(owners), dtype=np.int64)
    last_days = MONTH_STARTS[np.minimum(people.death_months, ALIVE - 1) + 1][owners] - 1
    early = has("begins_in_2007", ordinals)
    admissions, lengths = _own_dates(people.death_months[owners], serials, early)
    own = people.facilities[owners]
    facilities = np.where(happens(4800, "not the usual", serials), other_facilities(own, serials), own)
    follows = below(10_000, "follows", serials)
    gaps = 1 + below(30, "days to readmission", serials)
    discharges = np.minimum(admissions + lengths, last_days)
    for turn in range(1, int(turns.max(initial=0)) + 1):
        here = np.flatnonzero(turns == turn)
        before, kind = here - 1, follows[here]
        days = np.select([kind < _READMITTED, kind < _TRANSFERRED], [gaps[here], 0], -1)
        moved = np.maximum(discharges[before] + days, admissions[before])
        follow = (kind < _OVERLAPPING) & (moved <= last_days[here]) & (moved >= MONTH_STARTS[0]) & ~early[here]
        admissions[here] = np.where(follow, moved, admissions[here])
        is_transfer = follow & (kind >= _READMITTED) & (kind < _TRANSFERRED)
        is_overlap = follow & (kind >= _TRANSFERRED)
        elsewhere = other_facilities(facilities[before], serials[here])
        facilities[here] = np.select([is_transfer, is_overlap], [elsewhere, facilities[before]], facilities[here])
        discharges[here] = np.minimum(admissions[here] + lengths[here], last_days[here])
    return Stays(owners, ordinals, serials, admissions, discharges, facilities)


def _own_dates(death_months: Integers, serials: Serials, early: Mask) -> tuple[Integers, Integers]:
    """Return admission and length of each claim for itself; one that begins in 2007 ends in 2008."""
    months = _ADMISSIONS.draw("admission month", serials)
    months = np.where(months > death_months, months % (death_months + 1), months)
    month_lengths = MONTH_STARTS[months + 1] - MONTH_STARTS[months]
    days = below(1 << 20, "admission day", serials) % month_lengths
    lengths = _LENGTHS.draw("length of stay", serials)
    ago = 1 + below(9, "days before 2008", serials)
    admissions = np.where(early, MONTH_STARTS[0] - ago, MONTH_STARTS[months] + days)
    return admissions, np.where(early, np.minimum(ago + lengths, LONGEST), lengths)
