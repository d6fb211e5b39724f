"""The bad records that the registry of the sample has on purpose.

In: the providers of the monthly file. Out: lines that are bad, counted by defect: a number whose check digit is wrong,
a day that no calendar has, a number that stands twice in one file.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from lakeward.sample.identifiers import npi_texts, with_bad_check_digit
from lakeward.sample.providers.columns import Columns, person_columns
from lakeward.sample.providers.lines import record_lines
from lakeward.sample.providers.people import FIRST_SERIAL, Providers
from lakeward.sources.nppes import LAYOUT

_SERIALS = FIRST_SERIAL + 30_000_000
"""Numbers that no good record has."""

_OF_EACH = 3
IMPOSSIBLE_DAY = "02/30/2010"


def planted_lines(month: Providers, planted: Counter[str]) -> Iterator[memoryview]:
    """Yield the bad lines and count them; the repeated records are whole and equal, and stand for one provider."""
    people = month.take(np.flatnonzero(~month.is_blank & ~month.is_organisation)[: 3 * _OF_EACH])
    strangers = _renumbered(people)
    wrong_number, wrong_day = person_columns(strangers), person_columns(strangers)
    npis = npi_texts(strangers.serials)
    wrong_number["NPI"] = pa.array([with_bad_check_digit(npi) for npi in npis.to_pylist()])
    wrong_day["Provider Enumeration Date"] = IMPOSSIBLE_DAY
    yield _some(wrong_number, 0, "npi_bad_check_digit", planted)
    yield _some(wrong_day, 1, "unreadable_date", planted)
    yield _some(person_columns(people), 2, "duplicate_npi", planted)


def _renumbered(people: Providers) -> Providers:
    serials = _SERIALS + np.arange(len(people), dtype=np.uint64)
    return Providers(serials, *(getattr(people, name) for name in Providers.__slots__ if name != "serials"))


def _some(columns: Columns, part: int, defect: str, planted: Counter[str]) -> memoryview:
    planted[defect] += _OF_EACH
    rows = slice(part * _OF_EACH, (part + 1) * _OF_EACH)
    return record_lines(LAYOUT, {name: _cut(values, rows) for name, values in columns.items()})


def _cut(values: pa.Array | str, rows: slice) -> pa.Array | str:
    return values if isinstance(values, str) else values[rows]
