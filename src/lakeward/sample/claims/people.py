"""The made-up beneficiaries of one batch: who they are, where they live, when they die, how often they are ill.

In: a sample number and a range of people. Out: columns, one value per person. Shares are those of the real Sample 1;
places are the counties of the sample's six states, and state 54 ("other") with county codes that are no county's.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lakeward.sample.claims.facilities import home_facilities
from lakeward.sample.draws import Integers, Serials, Weighted, below, draws, happens
from lakeward.sample.facts import keyed, table

MONTHS = 36
ALIVE = MONTHS
"""The month of death, counted from January 2008, of who lives on."""

PEOPLE_PER_SAMPLE = 1 << 32
_SAMPLE_BITS = 5
_DEATHS_PERMYRIAD = (156, 156, 165)
_BIRTH_YEARS = Weighted.of((56, 281, 409, 1025, 1536, 1897, 2317, 2290, 430, 404, 297, 274, 147, 127, 80, 43))
_FIRST_BIRTH_YEAR, _BIRTH_SPAN = 1905, 5
_LAST_BIRTH_YEAR = 1983
_RACES = Weighted.of((8281, 1061, 424, 0, 235))
_CLAIMS = Weighted.of((78572, 22640, 8216, 3430, 1721, 886, 475, 237, 102, 45, 17, 6, 5))
_OTHER_STATE = ("54999", "54000", "54640", "54010", "01999")
_OTHER_STATE_PERMYRIAD = 158


@dataclass(frozen=True, slots=True)
class People:
    """One batch; ``places`` are positions in ``place_codes()``, months of death count from January 2008."""

    sample: int
    serials: Serials
    identifiers: list[str]
    births: Integers
    death_months: Integers
    sexes: Integers
    races: Integers
    places: Integers
    facilities: Integers
    claim_counts: Integers

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self.serials)


@cache
def place_codes() -> tuple[str, ...]:
    """Return the SSA state and county codes of all places: counties first, then those that are no county."""
    return (*(row["ssa_county_code"] for row in table("ssa_county")), *_OTHER_STATE)


@cache
def _counties() -> Weighted:
    """Counties by their population: many people live in few of them."""
    counties = keyed("county", "fips")
    return Weighted.of([int(counties[row["county_fips"]]["population_2020"]) for row in table("ssa_county")])


def people_of(sample: int, first: int, end: int, beneficiaries: int) -> People:
    """Return people number ``first`` to ``end`` (excluded) of a sample of ``beneficiaries`` people."""
    numbers = np.arange(first, end, dtype=np.uint64)
    serials = numbers + np.uint64(sample * PEOPLE_PER_SAMPLE)
    places = _counties().draw("county", serials)
    elsewhere = happens(_OTHER_STATE_PERMYRIAD, "elsewhere", serials)
    places = np.where(elsewhere, len(table("ssa_county")) + below(len(_OTHER_STATE), "other state", serials), places)
    return People(
        sample=sample,
        serials=serials,
        identifiers=_identifiers(sample, numbers, serials, beneficiaries),
        births=_births(serials),
        death_months=_death_months(serials),
        sexes=np.where(happens(5530, "sex", serials), 2, 1),
        races=_RACES.draw("race", serials) + 1,
        places=places,
        facilities=home_facilities(places, serials),
        claim_counts=_CLAIMS.draw("claims", serials),
    )


def _identifiers(sample: int, numbers: Serials, serials: Serials, beneficiaries: int) -> list[str]:
    """Sixteen hexadecimal digits in rising order, spread over all values; the last bits keep samples apart."""
    width = np.uint64(((1 << 64) - 1) // beneficiaries)
    spread = numbers * width + draws("identifier", serials) % width
    low = np.uint64((1 << _SAMPLE_BITS) - 1)
    return [f"{value:016X}" for value in ((spread & ~low) | np.uint64(sample)).tolist()]


def _births(serials: Serials) -> Integers:
    """Months since January of the year 0; the publisher sets the day to the first."""
    years = _FIRST_BIRTH_YEAR + _BIRTH_SPAN * _BIRTH_YEARS.draw("birth", serials)
    years = np.minimum(years + below(_BIRTH_SPAN, "birth year", serials), _LAST_BIRTH_YEAR)
    months: Integers = years * 12 + below(12, "birth month", serials)
    return months


def _death_months(serials: Serials) -> Integers:
    months = np.full(len(serials), ALIVE, dtype=np.int64)
    for year, permyriad in reversed(list(enumerate(_DEATHS_PERMYRIAD))):
        dies = happens(permyriad, f"death {year}", serials)
        months = np.where(dies, year * 12 + below(12, "death month", serials), months)
    return months
