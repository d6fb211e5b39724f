"""Providers of the registry as columns of numbers: who, where, what, and what happened to the registration when.

In: serial numbers with a place and a specialty. Out: one row a provider; every other property is a function of the
serial number. A place is a position in :func:`places`, a specialty one in the table of specialties.
"""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from lakeward.sample.draws import Integers, Mask, Serials, below, happens
from lakeward.sample.facts import table
from lakeward.sample.providers.calendar import day_number

NEVER = -1
"""The day of what has not happened, and the successor of a number that has none."""

FIRST_SERIAL = 50_000_000
"""Serials below it are those of the market's organisations and people."""

MONTH_END = date(2025, 8, 10)
_BLANK_PERMYRIAD, _REACTIVATED_PERMYRIAD = 350, 100


@dataclass(frozen=True, slots=True)
class Providers:
    """Registrations, one a position; ``moves`` and ``renames`` count what changed the address and the last name."""

    serials: Serials
    places: Integers
    specialties: Integers
    moves: Integers
    renames: Integers
    enumerated: Integers
    updated: Integers
    deactivated: Integers
    reactivated: Integers
    successors: Integers

    def __len__(self) -> int:
        return len(self.serials)

    @property
    def is_blank(self) -> Mask:
        """Deactivated and not reactivated since: the registry then shows the number and the day alone."""
        found: Mask = (self.deactivated != NEVER) & (self.reactivated == NEVER)
        return found

    @property
    def is_organisation(self) -> Mask:
        """Registered as an organisation, as its specialty says."""
        of_organisations = [number for number, row in enumerate(table("taxonomy")) if row["kind"] == "organisation"]
        found: Mask = np.isin(self.specialties, of_organisations)
        return found

    def take(self, positions: Integers | Mask) -> "Providers":
        """Return the providers at these positions, or where a mask is true."""
        return Providers(*(getattr(self, field.name)[positions] for field in fields(self)))

    def followed_by(self, others: "Providers") -> "Providers":
        """Return these providers and then the others."""
        pairs = ((getattr(self, field.name), getattr(others, field.name)) for field in fields(self))
        return Providers(*(np.concatenate(pair) for pair in pairs))


def registered(serials: Serials, place_positions: Integers, specialties: Integers) -> Providers:
    """Return these providers as of the monthly file: a few deactivated, one in a hundred came back."""
    nothing = np.full(len(serials), NEVER, dtype=np.int64)
    is_blank = happens(_BLANK_PERMYRIAD, "blank", serials)
    is_back = ~is_blank & happens(_REACTIVATED_PERMYRIAD, "back", serials)
    off = _days("off", serials, date(2012, 1, 1), date(2018, 12, 31))
    return Providers(
        serials=serials,
        places=place_positions,
        specialties=specialties,
        moves=np.zeros(len(serials), dtype=np.int64),
        renames=np.zeros(len(serials), dtype=np.int64),
        enumerated=_days("enumerated", serials, date(2006, 1, 1), date(2011, 12, 31)),
        updated=_days("updated", serials, date(2019, 1, 1), date(2025, 7, 31)),
        deactivated=np.where(is_blank | is_back, off, nothing),
        reactivated=np.where(is_back, off + 90 + below(700, "on", serials), nothing),
        successors=nothing,
    )


def _days(purpose: str, serials: Serials, first: date, last: date) -> Integers:
    return day_number(first) + below((last - first).days + 1, purpose, serials)
