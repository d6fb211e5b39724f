"""The in_network array: items, and inside them rate objects, of any size.

In: a cursor at the array. Out: rows of ``item``, and through the rate reader of all that hangs on them. An item that is
larger than the cursor's window is read in pieces, down to single groups and prices.
"""

from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from lakeward.sources.mrf.columns import Numbers, list_array
from lakeward.sources.mrf.cursor import Cursor
from lakeward.sources.mrf.groups import ProviderGroups
from lakeward.sources.mrf.layout import (
    ABSENT,
    RATE_FIELDS,
    ShapeDecoder,
    UnknownKeys,
    contained_code_lists,
    item_list,
    rate_list,
)
from lakeward.sources.mrf.prices import Prices
from lakeward.sources.mrf.rates import RateReader
from lakeward.sources.mrf.schemas import (
    CONTAINED_CODE_FIELDS,
    CONTAINED_CODES,
    ITEM_LIST_FIELDS,
    ITEM_TEXT_FIELDS,
)
from lakeward.sources.mrf.tables import BronzeTables
from lakeward.sources.mrf.text import or_null, scalar_texts

_decode_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode


class ItemReader:
    """Reads in_network arrays and counts what is in them."""

    def __init__(self, tables: BronzeTables, groups: ProviderGroups, unknown: UnknownKeys) -> None:
        self._tables, self._groups, self._unknown = tables, groups, unknown
        self._items = ShapeDecoder(item_list, "in_network[]", unknown)
        self._rates = ShapeDecoder(rate_list, "in_network[].negotiated_rates[]", unknown)
        self._codes = {
            name: ShapeDecoder(contained_code_lists, f"in_network[].{name}[]", unknown) for name in ITEM_LIST_FIELDS
        }
        self.rates = RateReader(tables, groups, unknown)
        self.item_count = 0

    def read(self, cursor: Cursor) -> None:
        """Read the array at the cursor."""
        for items in cursor.batches(self._items.decode):
            if items is None:
                self._read_large_item(cursor)
            else:
                self._read_items(items)

    def _read_items(self, items: list[Any]) -> None:
        lists = [item.negotiated_rates or () for item in items]
        counts = np.fromiter(map(len, lists), np.int64, len(lists))
        self.rates.read(list(chain.from_iterable(lists)), np.repeat(self._next_ids(len(items)), counts))
        values = [list(map(attrgetter(name), items)) for name in ITEM_TEXT_FIELDS + ITEM_LIST_FIELDS]
        self._write_items(dict(zip(ITEM_TEXT_FIELDS + ITEM_LIST_FIELDS, values, strict=True)), len(items))

    def _next_ids(self, count: int) -> Numbers:
        return np.arange(self.item_count, self.item_count + count)

    def _write_items(self, raws: dict[str, list[Any]], count: int) -> None:
        ids = self._next_ids(count)
        columns: dict[str, Any] = {"item_id": ids}
        columns |= {name: scalar_texts(raws[name]) for name in ITEM_TEXT_FIELDS}
        columns |= {name: self._contained_codes(name, raws[name]) for name in ITEM_LIST_FIELDS}
        self._tables.write("item", columns, ids + 1)
        self.item_count += count

    def _contained_codes(self, name: str, raws: list[Any]) -> pa.Array:
        lists = self._codes[name].decode(b"[" + b",".join(or_null(raws)) + b"]")
        codes = [code for codes in lists for code in codes or ()]
        fields = [scalar_texts([getattr(code, field) for code in codes]) for field in CONTAINED_CODE_FIELDS]
        counts = np.fromiter((len(codes or ()) for codes in lists), np.int64, len(lists))
        missing = np.fromiter((codes is None for codes in lists), bool, len(lists))
        return list_array(pa.StructArray.from_arrays(fields, fields=list(CONTAINED_CODES.value_type)), counts, missing)

    def _read_large_item(self, cursor: Cursor) -> None:
        raws: dict[str, list[Any]] = {name: [ABSENT] for name in ITEM_TEXT_FIELDS + ITEM_LIST_FIELDS}
        for key in cursor.object_keys():
            if key in raws:
                raws[key] = [cursor.value()]
            elif key == "negotiated_rates":
                self._read_rates(cursor)
            else:
                self._unknown.names.add(f"in_network[].{key}")
                cursor.skip()
        self._write_items(raws, 1)

    def _read_rates(self, cursor: Cursor) -> None:
        if cursor.peek() != b"[":
            cursor.expect_null("negotiated_rates")
            return
        for rates in cursor.batches(self._rates.decode):
            if rates is None:
                self._read_large_rate(cursor)
            else:
                self.rates.read(rates, np.full(len(rates), self.item_count))

    def _read_large_rate(self, cursor: Cursor) -> None:
        """Read one rate object in pieces; its prices wait as columns until its groups are known."""
        members: list[Numbers] = []
        references: Any = ABSENT
        waiting: list[Prices] = []
        for key in cursor.object_keys():
            if key not in RATE_FIELDS:
                self._unknown.names.add(f"in_network[].negotiated_rates[].{key}")
                cursor.skip()
            elif key == "provider_references" or cursor.peek() != b"[":
                raw = cursor.value()
                references = raw if key == "provider_references" else references
            elif key == "provider_groups":
                members += self._groups.read_members(cursor)
            else:
                waiting += self._large_prices(cursor)
        self._write_large_rate(references, members, waiting)

    def _large_prices(self, cursor: Cursor) -> list[Prices]:
        waiting = []
        for prices in cursor.batches(_decode_raws):
            raws = [cursor.value()] if prices is None else prices
            waiting.append(self.rates.price_reader.read([b"[" + b",".join(raws) + b"]"]))
        return waiting

    def _write_large_rate(self, references: Any, members: list[Numbers], waiting: list[Prices]) -> None:
        member_ids = np.concatenate(members) if members else np.empty(0, np.int64)
        group = self._groups.intern_group(member_ids)
        sets = self.rates.group_sets.intern([references], np.array([group]))
        for prices in waiting:
            self.rates.write_prices(prices, np.array([self.item_count]), sets)
        self.rates.inline_group_count += len(member_ids)
        self.rates.rate_count += 1
