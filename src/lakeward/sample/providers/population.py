"""The made-up providers of Georgia: in every county about as many as such a county has.

In: the real counties, their population and ZIPs. Out: registrations. The best-served counties have a primary-care
doctor per 1,500 residents and others in like proportion; the smaller a county, the fewer it tends to have, down to none
at all, so that real counties show gaps. Which ones is made up.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np

from lakeward.sample.chance import between, draw
from lakeward.sample.draws import Integers, below, happens
from lakeward.sample.facts import Row, keyed, table
from lakeward.sample.market import HOME_STATE
from lakeward.sample.places import places
from lakeward.sample.providers.people import FIRST_SERIAL, Providers, registered

PER_MILLION = {
    "family": 267, "internal": 187, "pediatrics": 93, "obgyn": 80, "general": 40, "dentist_general": 380,
    "dentist": 120, "psychiatry": 80, "child_psychiatry": 20, "psychology": 130, "clinical_psychology": 100,
    "social_work": 380, "family_therapy": 100, "counselor": 400, "nurse_practitioner_family": 420,
    "nurse_practitioner": 130, "physician_assistant": 283, "cardio": 25, "surgery": 25, "emergency": 30, "ortho": 20,
    "eye": 15, "hospitalist": 25, "clinic": 25, "mental_clinic": 10, "pharmacy": 40,
}  # fmt: skip
"""Registrations per million residents of a county as well served as the best: one primary-care doctor per 1,500, one
dentist per 2,000, one psychiatrist per 10,000, one other therapist per 900, one advanced practitioner per 1,200."""

HUBS = frozenset({"13021", "13051", "13059", "13089", "13095", "13115", "13121", "13139", "13185", "13215", "13245",
                  "13275"})  # fmt: skip
"""Counties whose hospitals serve the counties around them."""

_HUB_PERMILLE = 1_100
_PERMILLE = ((250_000, 700, 900), (80_000, 520, 800), (25_000, 330, 700), (10_000, 130, 560), (0, 0, 430))
"""Least population, and the range of supply in thousandths of the best."""

_SHARED_ZIP_PERMYRIAD = 400
"""How many have a ZIP that lies in several counties, of those whose county also has ZIPs of its own."""


def providers_of_georgia() -> Providers:
    """Return all of them, county after county; the numbers follow each other."""
    positions, specialties = zip(*_county_blocks(), strict=True)
    all_specialties = np.concatenate(specialties)
    serials = FIRST_SERIAL + np.arange(len(all_specialties), dtype=np.uint64)
    own, shared = (np.concatenate(columns) for columns in zip(*positions, strict=True))
    has_shared = happens(_SHARED_ZIP_PERMYRIAD, "shared zip", serials)
    return registered(serials, np.where(has_shared, shared, own), all_specialties)


def _county_blocks() -> Iterator[tuple[tuple[Integers, Integers], Integers]]:
    """For each county: two places to choose from for each provider, and the specialties."""
    numbers = {row["specialty"]: number for number, row in enumerate(table("taxonomy"))}
    for county in home_counties():
        counts = specialty_counts(county)
        specialties = np.repeat([numbers[name] for name in counts], list(counts.values())).astype(np.int64)
        serials = np.arange(len(specialties), dtype=np.uint64)
        zips = county_places(county["fips"])
        own, shared = (_spread(county["fips"], positions, serials) for positions in zips)
        yield (own, shared), specialties


def _spread(purpose: str, positions: tuple[int, ...], serials: np.ndarray) -> Integers:
    return np.array(positions, dtype=np.int64)[below(len(positions), purpose, serials)]


def home_counties() -> tuple[Row, ...]:
    """Return the counties of Georgia."""
    return tuple(row for row in table("county") if row["state"] == HOME_STATE)


def specialty_counts(county: Row) -> dict[str, int]:
    """Return how many of each specialty a county has; a fraction is one more in as many of the cases."""
    population, permille = int(county["population_2023"]), supply_permille(county)
    found = {}
    for specialty, per_million in PER_MILLION.items():
        billionths = population * permille * per_million
        chance = draw("count", county["fips"], specialty) % 1_000_000_000
        found[specialty] = (billionths + chance) // 1_000_000_000
    return found


def supply_permille(county: Row) -> int:
    """Return how well a county is served, in thousandths of the best."""
    if county["fips"] in HUBS:
        return _HUB_PERMILLE
    population = int(county["population_2023"])
    low, high = next((low, high) for least, low, high in _PERMILLE if population >= least)
    return between(low, high, "supply", county["fips"])


@cache
def _zip_counties() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in table("zip_county"):
        found.setdefault(row["zip"], []).append(row["county_fips"])
    return found


def county_places(fips: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the places of a county: in ZIPs of its own, and in ZIPs that it shares; if it lacks one, the other twice.

    33 counties of Georgia have no ZIP of their own: who works there cannot be placed by ZIP alone.
    """
    here = [(number, place) for number, place in enumerate(places()) if fips in _zip_counties()[place["zip"]]]
    own = tuple(number for number, place in here if len(_zip_counties()[place["zip"]]) == 1)
    shared = tuple(number for number, place in here if len(_zip_counties()[place["zip"]]) > 1)
    return own or shared, shared or own


def county_name(fips: str) -> str:
    """Return a county's name."""
    return keyed("county", "fips")[fips]["name"]
