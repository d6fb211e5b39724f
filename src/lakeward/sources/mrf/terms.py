"""Price terms: all that a negotiated price says but its amount, numbered and stored once.

In: the fields of prices. Out: term ids, and rows of ``price_term`` for new ones.
"""

from typing import Any

import numpy as np

from lakeward.sources.mrf.columns import text_array, text_lists
from lakeward.sources.mrf.schemas import TERM_LIST_FIELDS, TERM_TEXT_FIELDS
from lakeward.sources.mrf.tables import BronzeTables
from lakeward.sources.mrf.text import text_of, texts_of

LARGEST_TERM_COUNT = 200_000

Fields = tuple[tuple[str, Any], ...]
"""What is known of a price, as name and text (or texts) of the fields that are there."""


class PriceTerms:
    """Gives ids to terms in the order of first occurrence; forgets all when it holds too many, as an index does."""

    def __init__(self, tables: BronzeTables) -> None:
        self._tables = tables
        self._ids: dict[Fields, int] = {}
        self._new: list[dict[str, Any]] = []
        self._next_id = 0
        self.has_setting = False

    def intern(self, present: dict[str, Any]) -> int:
        """Return the id of the term with these fields; null and absent are the same."""
        fields = tuple(sorted((name, value) for name, value in present.items() if value is not None))
        found = self._ids.get(fields)
        if found is None:
            if len(self._ids) >= LARGEST_TERM_COUNT:
                self._ids.clear()
            found = self._ids[fields] = self._next_id
            self._next_id += 1
            self._new.append(dict(fields))
            self.has_setting = self.has_setting or present.get("setting") is not None
        return found

    def write_new(self) -> None:
        """Write the rows of the terms that came up since the last call."""
        ids = np.arange(self._next_id - len(self._new), self._next_id)
        columns: dict[str, Any] = {"term_id": ids}
        columns |= {name: text_array([fields.get(name) for fields in self._new]) for name in TERM_TEXT_FIELDS}
        columns |= {name: text_lists([fields.get(name) for fields in self._new]) for name in TERM_LIST_FIELDS}
        self._tables.write("price_term", columns, ids + 1)
        self._new.clear()


def fields_of(price: Any) -> Fields:
    """Return the fields of a price that are there, null ones too, but for its rate."""
    texts = [(name, text_of(getattr(price, name))) for name in TERM_TEXT_FIELDS if _is_set(price, name)]
    lists = [(name, texts_of(getattr(price, name))) for name in TERM_LIST_FIELDS if _is_set(price, name)]
    return (*texts, *((name, None if values is None else tuple(values)) for name, values in lists))


def _is_set(price: Any, name: str) -> bool:
    return bool(getattr(price, name))
