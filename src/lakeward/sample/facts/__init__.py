"""The reviewed tables of real facts that the made-up sample stands on; ``README.md`` beside them names each source.

In: nothing. Out: the rows of a table as dictionaries of text, read once per process.
"""

import csv
import io
from functools import cache
from importlib.resources import files

Row = dict[str, str]


@cache
def table(name: str) -> tuple[Row, ...]:
    """Return the rows of ``<name>.csv``, all values as text, empty where the publisher has nothing."""
    text = files(__name__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(io.StringIO(text)))


@cache
def keyed(name: str, column: str) -> dict[str, Row]:
    """Return the rows of a table by the value of a column that identifies them."""
    return {row[column]: row for row in table(name)}
