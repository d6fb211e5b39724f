"""What is asked of the American Community Survey: variables, levels of geography, and the calls that ask for them.

In: nothing but this list. Out: one :class:`Call` for each request to the API, none of which asks for more variables
than the API answers. Every estimate is asked for with its margin of error.

Source: Census Bureau, ACS 5-year detailed tables B01001, B01003, B11001, B17001, B19013, B27010.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

DATASET = "acs/acs5"
MOST_VARIABLES = 50
"""The API's limit of variables a call, the geography's name among them."""
NAME = "NAME"
LEVELS = ("state", "county")


def _lines(table: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{table}_{number:03d}E" for number in numbers)


ESTIMATES: tuple[str, ...] = (
    *_lines("B01001", 1),
    *_lines("B01001", 3, 4, 5, 6),
    *_lines("B01001", 20, 21, 22, 23, 24, 25),
    *_lines("B01001", 27, 28, 29, 30),
    *_lines("B01001", 44, 45, 46, 47, 48, 49),
    *_lines("B01003", 1),
    *_lines("B11001", 1),
    *_lines("B17001", 1, 2),
    *_lines("B19013", 1),
    *_lines("B27010", 1, 17, 33, 50, 66),
)
"""People by sex and age (under 18: lines 3-6 and 27-30; 65 and over: 20-25 and 44-49), all people, households,
people below the poverty level of those for whom it is known, median household income, people without health insurance
(under 19, 19-34, 35-64, 65 and over) of those in households and quarters that were asked."""
VARIABLES: tuple[str, ...] = tuple(
    name for estimate in ESTIMATES for name in (estimate, estimate.removesuffix("E") + "M")
)


@dataclass(frozen=True)
class Call:
    """One request: some variables of every geography of one level.

    Args:
        level: ``state`` or ``county``.
        variables: asked for, at most one less than the API's limit.
    """

    level: str
    variables: tuple[str, ...]

    @property
    def parameters(self) -> dict[str, str]:
        """The query of the request, without the key."""
        inside = {"in": "state:*"} if self.level == "county" else {}
        return {"get": ",".join((NAME, *self.variables)), "for": f"{self.level}:*", **inside}

    @property
    def geography_columns(self) -> tuple[str, ...]:
        """The columns that the API adds behind the variables."""
        return ("state", "county") if self.level == "county" else ("state",)


def calls(variables: Sequence[str] = VARIABLES) -> list[Call]:
    """Return the requests that bring every variable at every level.

    >>> [len(call.variables) for call in calls()]
    [49, 13, 49, 13]
    """
    room = MOST_VARIABLES - 1
    return [
        Call(level, tuple(variables[first : first + room]))
        for level in LEVELS
        for first in range(0, len(variables), room)
    ]


def asked_id(year: int, asked: Sequence[Call]) -> str:
    """Return a short text that differs when a year or a set of requests differs."""
    parts = [year, DATASET, [[call.level, *call.variables] for call in asked]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
