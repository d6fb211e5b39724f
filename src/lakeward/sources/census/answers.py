"""An answer of the Census API, told good from bad: a JSON array of arrays whose first row is the header.

In: the text of an answer. Out: an :class:`Answer`, or :class:`NoAnswer` with what it is instead. The API says most of
its errors with status 200 or in HTML, so that the text decides and never the status alone.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | None
_TITLE = re.compile(r"<title>\s*([^<]*?)\s*(?:</title>|<|$)", re.IGNORECASE)
_MOST_SHOWN = 160


@dataclass(frozen=True)
class Answer:
    """One answer: its header and its rows, each as long as the header; every cell is text or null."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class NoAnswer(Exception):
    """A text is no answer of the API.

    Args:
        reason: ``key_invalid``, ``key_missing``, ``html``, ``request_refused``, ``no_data``, ``cut_off``,
            ``not_rectangular`` or ``not_json``.
        found: what the text is instead, in words.
    """

    def __init__(self, reason: str, found: str) -> None:
        self.reason, self.found = reason, found
        super().__init__(found)


def parse_answer(text: str) -> Answer:
    """Read an answer.

    Raises:
        NoAnswer: the text is an HTML page, an error in words, cut off, empty, or rows of unequal length.

    Example:
        >>> parse_answer('[["NAME","state"],["Guam","66"]]').rows
        (('Guam', '66'),)
    """
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        raise NoAnswer("cut_off", "an empty answer")
    if start.startswith("<"):
        raise _page(start)
    if start.lower().startswith("error"):
        raise NoAnswer("request_refused", f"the words '{shown(start)}'")
    if not start.startswith("["):
        raise NoAnswer("not_json", f"text that is no list: '{shown(start)}'")
    try:
        # A number stands as it was written: 1e3 or 0.10 are the publisher's own text.
        table = json.loads(start, parse_int=str, parse_float=str)
    except json.JSONDecodeError:
        whole = start.rstrip().endswith("]]")
        raise NoAnswer(
            "not_json" if whole else "cut_off",
            "broken JSON" if whole else f"a list cut off after {len(text):,} characters",
        ) from None
    return answer_of(table)


def answer_of(table: Any) -> Answer:
    """Return rows of cells as an answer.

    Raises:
        NoAnswer: not a list of equally long lists of text and null, below a header of distinct names.
    """
    if not isinstance(table, list) or not all(isinstance(row, list) for row in table):
        raise NoAnswer("not_rectangular", "something else than a list of rows")
    if len(table) < 2:
        raise NoAnswer("no_data", "no row below the header")
    header, *rows = table
    if not all(isinstance(name, str) and name for name in header) or len(set(header)) < len(header):
        raise NoAnswer("not_rectangular", "a header with a name that is missing or repeated")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise NoAnswer("not_rectangular", f"{len(row)} cells in row {number} below a header of {len(header)}")
        if not all(cell is None or isinstance(cell, str) for cell in row):
            raise NoAnswer("not_rectangular", f"a cell of row {number} that is neither text nor null")
    return Answer(tuple(header), tuple(tuple(row) for row in rows))


def shown(text: str, most: int = _MOST_SHOWN) -> str:
    """Return the start of a text on one line, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + " …"


def sorted_answer(answer: Answer, key_columns: Sequence[str]) -> Answer:
    """Return an answer with its rows in order of some columns: the API sends them in no order."""
    places = [answer.header.index(name) for name in key_columns]
    rows = sorted(answer.rows, key=lambda row: [row[place] or "" for place in places])
    return Answer(answer.header, tuple(rows))


def _page(text: str) -> NoAnswer:
    found = _TITLE.search(text)
    title = shown(found.group(1)) if found else ""
    reason = {"invalid key": "key_invalid", "missing key": "key_missing"}.get(title.lower(), "html")
    return NoAnswer(reason, f"an HTML page titled '{title}'" if title else "an HTML page without a title")
