"""What happens to the registrations after the monthly file, week by week.

In: the providers of the monthly file. Out: for each week those that changed, as they are at its end: people who moved,
changed their name or their specialty, numbers given out, taken away, given back, and replaced by another number. A
registration that changed in both weeks is in both files.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from lakeward.sample.draws import Integers, Mask, Serials, below, happens
from lakeward.sample.facts import table
from lakeward.sample.places import places
from lakeward.sample.providers.calendar import day_number
from lakeward.sample.providers.people import FIRST_SERIAL, NEVER, Providers, registered

MONDAYS = (date(2025, 8, 11), date(2025, 8, 18))
REPORT_DAY = date(2025, 8, 25)

NEW_SERIAL = FIRST_SERIAL + 20_000_000
"""Numbers given out in the weeks start here, a million for each week."""

NEW_A_WEEK, REPLACED_A_WEEK, REPORTED_ONLY = 60, 3, 8
_PERMYRIAD = {"moved": 60, "renamed": 20, "respecialised": 15, "off": 10}
_BACK_PERMYRIAD = 80


@dataclass(frozen=True, slots=True)
class Week:
    """One weekly file: its first day, the registrations that changed in it, and the whole registry at its end."""

    monday: date
    changed: Providers
    registry: Providers

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.monday + timedelta(days=6)


def weeks_after(month: Providers) -> Iterator[Week]:
    """Yield each week."""
    registry = month
    for number, monday in enumerate(MONDAYS):
        registry, is_changed = _after_week(registry, number, monday)
        yield Week(monday, registry.take(is_changed), registry)


def _after_week(registry: Providers, number: int, monday: date) -> tuple[Providers, Mask]:
    serials, is_blank = registry.serials, registry.is_blank
    is_moved, is_renamed, is_respecialised, is_off = (
        ~is_blank & happens(permyriad, f"{what} {number}", serials) for what, permyriad in _PERMYRIAD.items()
    )
    is_back = is_blank & happens(_BACK_PERMYRIAD, f"back {number}", serials)
    is_replaced = _first_people(registry, number, ~is_blank & ~is_off)
    is_changed = is_moved | is_renamed | is_respecialised | is_off | is_back | is_replaced
    days = day_number(monday) + below(6, f"day {number}", serials)
    new = _new_numbers(registry, number, monday)
    successors = registry.successors.copy()
    successors[is_replaced] = new.serials[:REPLACED_A_WEEK].astype(np.int64)
    changed = replace(
        registry,
        places=np.where(is_moved, below(len(places()), f"to {number}", serials), registry.places),
        specialties=np.where(is_respecialised, _as_family_doctor(), registry.specialties),
        moves=registry.moves + is_moved,
        renames=registry.renames + is_renamed,
        updated=np.where(is_changed, days, registry.updated),
        deactivated=np.where(is_off, days, registry.deactivated),
        reactivated=np.where(is_back, days, np.where(is_off, NEVER, registry.reactivated)),
        successors=successors,
    )
    is_new = np.ones(len(new), dtype=np.bool_)
    return changed.followed_by(new), np.concatenate([is_changed, is_new])


def _first_people(registry: Providers, number: int, mask: Mask) -> Mask:
    """Whose number is replaced: the first week some people, in the second the numbers that replaced theirs."""
    from_serial = FIRST_SERIAL if number == 0 else NEW_SERIAL + 1_000_000 * (number - 1)
    is_candidate = mask & (registry.serials >= np.uint64(from_serial)) & ~registry.is_organisation
    found = np.zeros(len(registry), dtype=np.bool_)
    found[np.flatnonzero(is_candidate)[:REPLACED_A_WEEK]] = True
    return found


def _as_family_doctor() -> int:
    return next(number for number, row in enumerate(table("taxonomy")) if row["specialty"] == "family")


def _new_numbers(registry: Providers, number: int, monday: date) -> Providers:
    """Numbers given out in the week to people like those registered already."""
    serials: Serials = NEW_SERIAL + 1_000_000 * number + np.arange(NEW_A_WEEK, dtype=np.uint64)
    people = np.flatnonzero(~registry.is_organisation)
    like = registry.take(people[below(len(people), "like", serials)])
    days = day_number(monday) + below(6, "given out", serials)
    nothing = np.full(NEW_A_WEEK, NEVER, dtype=np.int64)
    return replace(
        registered(serials, like.places, like.specialties),
        enumerated=days,
        updated=days,
        deactivated=nothing,
        reactivated=nothing,
    )


def deactivated_days(registry: Providers) -> tuple[Serials, Integers]:
    """Return the numbers and days of a deactivation report: all that are off, and some that no file has yet."""
    is_off = registry.is_blank
    latest = np.flatnonzero(~is_off & ~registry.is_organisation)[-REPORTED_ONLY:]
    serials = np.concatenate([registry.serials[is_off], registry.serials[latest]])
    day = np.full(len(latest), day_number(REPORT_DAY) - 2, dtype=np.int64)
    return serials, np.concatenate([registry.deactivated[is_off], day])
