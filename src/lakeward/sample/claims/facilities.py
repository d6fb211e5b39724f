"""The made-up hospitals and physicians of the claims.

In: where people live. Out: positions in a pool of hospitals per state; their six-character numbers and the
physicians' ten-digit ones, which start with another digit than the registry's 1 and mostly fail the check, as the
real files' do.
"""

from functools import cache

import numpy as np

from lakeward.sample.draws import Integers, Serials, Weighted, below, happens
from lakeward.sample.facts import table

PER_STATE = 60
PHYSICIANS_PER_FACILITY = 40
_LETTERS = "ABCDEFGHJKMNRSTUVWZ"
_MIDDLES = ("00", "00", "00", "01", "01", "02", "13", "30", "T0", "S0")
_FIRST_DIGITS = "03456789"
_SPREAD, _OFFSET = 48_271_013, 20_080_101
_BY_SIZE = Weighted.of([1 + 240 // (rank + 3) for rank in range(PER_STATE)])


@cache
def states() -> tuple[str, ...]:
    """Return the SSA codes of the states that have hospitals."""
    return tuple(sorted({row["ssa_county_code"][:2] for row in table("ssa_county")}))


@cache
def facility_numbers() -> tuple[str, ...]:
    """Return the number of each hospital: state, two characters and two letters."""
    return tuple(f"{state}{_ending(position * PER_STATE + rank)}" for position, state in enumerate(states())
                 for rank in range(PER_STATE))  # fmt: skip


def _ending(index: int) -> str:
    """Unique within a state: the last two characters count up in base 19, a letter and a letter."""
    rank = index % PER_STATE
    return f"{_MIDDLES[index % len(_MIDDLES)]}{_LETTERS[rank // len(_LETTERS)]}{_LETTERS[rank % len(_LETTERS)]}"


def home_facilities(places: Integers, serials: Serials) -> Integers:
    """Return the hospital people usually go to: one of their state, a big one more often than a small one."""
    codes = [row["ssa_county_code"][:2] for row in table("ssa_county")]
    state_of_place = np.array([states().index(code) for code in codes], dtype=np.int64)
    elsewhere = below(len(states()), "home state", serials)
    home = np.where(places < len(codes), state_of_place[np.minimum(places, len(codes) - 1)], elsewhere)
    return home * PER_STATE + _BY_SIZE.draw("home facility", serials)


def other_facilities(facilities: Integers, serials: Serials) -> Integers:
    """Return another hospital for each: mostly of the same state."""
    state, rank = facilities // PER_STATE, facilities % PER_STATE
    moved = (rank + 1 + below(PER_STATE - 1, "other facility", serials)) % PER_STATE
    away = (state + 1 + below(len(states()) - 1, "away", serials)) % len(states())
    there: Integers = np.where(happens(3000, "goes away", serials), away, state) * PER_STATE + moved
    return there


def physician_numbers(physicians: Integers) -> list[str]:
    """Return ten digits for each physician; different physicians have different numbers."""
    return [f"{_FIRST_DIGITS[index % 8]}{(index * _SPREAD + _OFFSET) % 10**9:09d}" for index in physicians.tolist()]
