"""Rate objects: which groups they name, and the prices they hold.

In: decoded ``negotiated_rates`` elements with their lists still raw, and the item of each. Out: rows of ``price`` and
``group_set``.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from lakeward.sources.mrf.columns import Numbers, binary_array, indices_of, number_array
from lakeward.sources.mrf.groups import NO_GROUP, ProviderGroups
from lakeward.sources.mrf.interning import ContentIndex, hashed_texts, mixed
from lakeward.sources.mrf.layout import UnknownKeys
from lakeward.sources.mrf.prices import PriceReader, Prices
from lakeward.sources.mrf.tables import BronzeTables
from lakeward.sources.mrf.text import NULL, has_space, list_texts, or_null

_SPACE = re.compile(rb"[ \t\r\n]+")


class GroupSets:
    """Gives ids to the distinct pairs of reference ids and inline group, and writes their rows."""

    def __init__(self, tables: BronzeTables) -> None:
        self._tables = tables
        self._sets = ContentIndex()

    def intern(self, references: Sequence[Any], inline_groups: Numbers) -> Numbers:
        """Return the group set id of each pair of a raw ``provider_references`` array and an inline group's id."""
        encoded = binary_array(references).dictionary_encode()
        lists = _canonical(encoded.dictionary.to_pylist())
        codes = indices_of(encoded)
        if (inline_groups == NO_GROUP).all() and len(set(lists)) == len(lists):
            by_list = self._intern_pairs(lists, np.arange(len(lists)), np.full(len(lists), NO_GROUP))
            set_ids: Numbers = by_list[codes]
            return set_ids
        return self._intern_pairs(lists, codes, inline_groups)

    def _intern_pairs(self, lists: list[bytes], codes: Numbers, groups: Numbers) -> Numbers:
        hashes, checks = hashed_texts(lists)
        pairs = mixed(hashes[codes] + mixed(groups + 1))
        distinct, first, inverse = np.unique(pairs, return_index=True, return_inverse=True)
        order = np.argsort(first)
        chosen = first[order]
        ids, is_new = self._sets.intern(distinct[order], checks[codes[chosen]] ^ groups[chosen].astype(np.uint32))
        new = chosen[is_new]
        self._write(ids[is_new], [lists[code] for code in codes[new]], groups[new])
        place = np.empty(len(order), np.int64)
        place[order] = ids
        set_ids: Numbers = place[inverse]
        return set_ids

    def _write(self, ids: Numbers, references: list[bytes], groups: Numbers) -> None:
        columns = {
            "group_set_id": ids,
            "provider_reference_ids": list_texts(references),
            "inline_group_id": number_array(groups, missing=groups == NO_GROUP),
        }
        self._tables.write("group_set", columns, ids + 1)


def _canonical(lists: list[bytes]) -> list[bytes]:
    """Return lists of references the same however they are spaced, absent or null."""
    if not has_space(b"".join(lists)):
        return [text or NULL for text in lists]
    return [text if b'"' in text else _SPACE.sub(b"", text) or NULL for text in lists]


class RateReader:
    """Reads rate objects and writes their prices, in file order."""

    def __init__(self, tables: BronzeTables, groups: ProviderGroups, unknown: UnknownKeys) -> None:
        self._tables, self._groups = tables, groups
        self.group_sets = GroupSets(tables)
        self.price_reader = PriceReader(tables, unknown)
        self.rate_count = self.inline_group_count = self.price_count = 0
        self.total = Decimal(0)

    def read(self, rates: list[Any], items: Numbers) -> None:
        """Read whole rate objects; ``items`` is the item id of each."""
        if not rates:
            return
        inline = [rate.provider_groups for rate in rates]
        if any(inline):
            groups, members = self._groups.intern_repeated_arrays(inline)
        else:
            groups, members = np.full(len(rates), NO_GROUP), 0
        sets = self.group_sets.intern([rate.provider_references for rate in rates], groups)
        prices = self.price_reader.read(or_null([rate.negotiated_prices for rate in rates]))
        self.write_prices(prices, items, sets)
        self.inline_group_count += members
        self.rate_count += len(rates)

    def write_prices(self, prices: Prices, items: Numbers, sets: Numbers) -> None:
        """Write the prices of rate objects whose items and group sets are known; they follow those counted so far."""
        item_of = items[prices.array]
        columns = {
            "item_id": item_of,
            "rate_id": prices.array + self.rate_count,
            "term_id": prices.term_id,
            "group_set_id": sets[prices.array],
            "negotiated_rate": prices.rate,
        }
        self._tables.write("price", columns, item_of + 1)
        self.price_count += len(prices)
        self.total += prices.total
