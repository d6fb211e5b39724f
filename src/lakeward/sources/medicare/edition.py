"""Which edition a CMS file is: its calendar year, the month or quarter of its release, and the day it came out.

In: the title and header of a file, its name, and the configured year. Out: an `Edition` of texts. The file's own words
come first, then its name, then the configuration; the year of a copyright notice is not the year of a fee schedule.
"""

import calendar
import re
from dataclasses import dataclass
from pathlib import Path

from lakeward.errors import UsageError
from lakeward.sources.medicare.table import Table

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_WAGE_INDEX_YEAR = re.compile(r"\bwi(\d\d)\b", re.IGNORECASE)
_RELEASED = re.compile(r"\breleased\s+(\d{1,2}/\d{1,2}/\d{4})", re.IGNORECASE)
_MONTH_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in calendar.month_name[1:])
_MONTH = re.compile(rf"(?<![a-z])(?:{_MONTH_NAMES})(?![a-z])", re.IGNORECASE)
_MONTH_OF_RELEASE = re.compile(rf"(?<![a-z])(?:{_MONTH_NAMES})\s+(?:20\d\d|release)", re.IGNORECASE)
"""In a sentence a month counts only beside a year or the word release: "may be paid" names no month."""


@dataclass(frozen=True)
class Edition:
    """Year (``2025``), release (``October``, ``Q4``) and day of release as published (``09/11/2025``), where known."""

    year: str | None
    release: str | None
    released_on: str | None


def edition_of(table: Table, configured_year: int | None) -> Edition:
    """Return the edition of a file.

    Raises:
        UsageError: the amounts belong to a year, and neither the file nor the configuration says which.
    """
    if table.layout.fixed_width:
        return _edition_of_quarter(table)
    title = [line for line in table.title if "copyright" not in line.lower()]
    own_words = [*title, *table.header]
    name = re.sub(r"[_\W]+", " ", Path(table.member.name).stem)
    year = _first_year(own_words) or _first_year([name])
    if year is None and table.layout.dated:
        year = str(configured_year) if configured_year else None
    if year is None and table.layout.dated:
        raise UsageError(
            f"medicare: '{table.member.name}' ({table.layout.title}) does not say its year.\n"
            "  expected: a year in the title, in the header or in the file's name\n"
            "Nothing was written. Say it in the configuration: `medicare: [{path: ..., year: 2025}]`."
        )
    released = _RELEASED.search(" ".join(title))
    return Edition(
        year,
        _first_month(own_words, _MONTH_OF_RELEASE) or _first_month([name], _MONTH),
        released.group(1) if released else None,
    )


def _edition_of_quarter(table: Table) -> Edition:
    """A ZIP file says year and quarter in each record, as ``20254``."""
    year_quarter = next(table.records())[-1]
    return Edition(year_quarter[:4], f"Q{year_quarter[4:]}", None)


def _first_year(texts: list[str]) -> str | None:
    for text in texts:
        if found := _YEAR.search(text):
            return found.group(1)
        if found := _WAGE_INDEX_YEAR.search(text):
            return f"20{found.group(1)}"
    return None


def _first_month(texts: list[str], pattern: re.Pattern[str]) -> str | None:
    for text in texts:
        if found := pattern.search(text):
            short = found.group(0)[:3].title()
            return calendar.month_name[list(calendar.month_abbr).index(short)]
    return None
