"""Negotiated prices: many arrays of prices become columns, without a Python object a price.

In: raw ``negotiated_prices`` arrays. Out: for each price the array it stands in, its term id and its rate.

Prices of a file differ in their amounts and hardly in anything else. So the joined arrays are cut at every
``"negotiated_rate":``; the numbers are read together, and each distinct text between two numbers (a template) is parsed
once. A template is the end of one price and the beginning of the next: that is proven by parsing it between two numbers
and finding two prices. Where that fails, the batch is decoded price by price.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from lakeward.sources.mrf.columns import Numbers, number_array
from lakeward.sources.mrf.layout import ShapeDecoder, UnknownKeys, price_lists
from lakeward.sources.mrf.price_cut import NUMBER_WIDTHS, PriceCut
from lakeward.sources.mrf.tables import BronzeTables
from lakeward.sources.mrf.terms import Fields, PriceTerms, fields_of
from lakeward.sources.mrf.text import text_of

EDGE_RATE = b"-0.0e-7"
LARGEST_PAIR_TABLE = 1 << 20
LARGEST_TEMPLATE_COUNT = 20_000
FEW_TEMPLATES = 1_000
_KEY = re.compile(rb'"negotiated_rate"[ \t\r\n]*:[ \t\r\n]*')


@dataclass(frozen=True)
class Prices:
    """Prices in file order: ``array`` is the ordinal of the raw array that each stands in."""

    array: Numbers
    term_id: Numbers
    rate: pa.Array
    total: Decimal

    def __len__(self) -> int:
        return len(self.array)


@dataclass(frozen=True)
class Template:
    """The text between two rates: the end of a price, how many arrays end in it, the beginning of the next price."""

    tail: int
    head: int
    arrays_ended: int


class PriceReader:
    """Reads price arrays, gives ids to their terms and writes the rows of new ones."""

    def __init__(self, tables: BronzeTables, unknown: UnknownKeys) -> None:
        self._decoder = ShapeDecoder(price_lists, "in_network[].negotiated_rates[].negotiated_prices[]", unknown)
        self.terms = PriceTerms(tables)
        self._templates: dict[bytes, Template | None] = {}
        self._parts: dict[Fields, int] = {}
        self._part_fields: list[Fields] = []
        self.rates_as_text = self.rates_missing = 0

    def read(self, raws: list[Any]) -> Prices:
        """Return the prices of raw arrays, in order."""
        prices = self._read_by_template(raws)
        prices = prices if prices is not None else self._read_one_by_one(raws)
        self.terms.write_new()
        return prices

    def _read_by_template(self, raws: list[Any]) -> Prices | None:
        key = _first_key(raws)
        if not key:
            return None
        edge = b"[{" + key + EDGE_RATE + b"}]"
        text = b",".join([edge, *raws, edge + b" " * NUMBER_WIDTHS[1]])
        cut = PriceCut(text, key)
        texts, codes = cut.templates()
        if not cut.lengths.all() or len(texts) > max(FEW_TEMPLATES, len(codes) // 4):
            return None
        self._forget_templates()
        templates = [self._template(text) for text in texts]
        rates, total = cut.rates()
        if not all(templates) or not np.isfinite(rates).all():
            return None
        return self._assembled(templates, codes, rates, total)

    def _assembled(self, templates: list[Any], codes: Numbers, rates: Numbers, total: Decimal) -> Prices:
        heads = np.array([template.head for template in templates])[codes[:-1]]
        tails = np.array([template.tail for template in templates])[codes[1:]]
        arrays = np.cumsum(np.array([template.arrays_ended for template in templates])[codes[:-1]]) - 1
        return Prices(arrays, self._terms_of_parts(heads, tails), number_array(rates), total)

    def _forget_templates(self) -> None:
        if len(self._templates) > LARGEST_TEMPLATE_COUNT:
            self._templates.clear()
            self._parts.clear()
            self._part_fields.clear()

    def _template(self, text: bytes) -> Template | None:
        if text not in self._templates:
            self._templates[text] = self._parsed_template(text)
        return self._templates[text]

    def _parsed_template(self, text: bytes) -> Template | None:
        try:
            arrays = self._decoder.decode(b'[[{"negotiated_rate":' + EDGE_RATE + text + EDGE_RATE + b"}]]")
        except msgspec.DecodeError:
            return None
        counts = [len(prices or ()) for prices in arrays]
        if counts != [2] and (len(counts) < 2 or counts != [1, *[0] * (len(counts) - 2), 1]):
            return None
        ending, beginning = arrays[0][0], arrays[-1][-1]
        if bytes(ending.negotiated_rate) != EDGE_RATE or bytes(beginning.negotiated_rate) != EDGE_RATE:
            return None  # a price that states its rate twice
        return Template(self._part(ending), self._part(beginning), len(arrays) - 1)

    def _part(self, price: Any) -> int:
        fields = fields_of(price)
        if fields not in self._parts:
            self._parts[fields] = len(self._part_fields)
            self._part_fields.append(fields)
        return self._parts[fields]

    def _terms_of_parts(self, heads: Numbers, tails: Numbers) -> Numbers:
        pairs = heads * len(self._part_fields) + tails
        distinct, first, inverse = _distinct(pairs, len(self._part_fields) ** 2)
        ids = np.empty(len(distinct), np.int64)
        for position in np.argsort(first, kind="stable"):
            head, tail = divmod(int(distinct[position]), len(self._part_fields))
            fields = dict(self._part_fields[head]) | dict(self._part_fields[tail])
            ids[position] = self.terms.intern(fields)
        return ids[inverse]

    def _read_one_by_one(self, raws: list[Any]) -> Prices:
        arrays = self._decoder.decode(b"[" + b",".join(raws) + b"]")
        prices = [price for listed in arrays for price in listed or ()]
        counts = np.fromiter((len(listed or ()) for listed in arrays), np.int64, len(arrays))
        amounts = [self._amount(price.negotiated_rate) for price in prices]
        terms = np.fromiter((self.terms.intern(dict(fields_of(price))) for price in prices), np.int64, len(prices))
        rates = np.array([0.0 if amount is None else float(amount) for amount in amounts], np.float64)
        missing = np.array([amount is None for amount in amounts], bool)
        total = sum((amount for amount in amounts if amount is not None), Decimal(0))
        return Prices(np.repeat(np.arange(len(arrays)), counts), terms, number_array(rates, missing), total)

    def _amount(self, raw: Any) -> Decimal | None:
        text = text_of(raw)
        self.rates_as_text += text is not None and bytes(raw).startswith(b'"')
        try:
            amount = Decimal(text.strip()) if text is not None else None
        except InvalidOperation:
            amount = None
        if amount is None or not np.isfinite(float(amount)):
            self.rates_missing += 1
            return None
        return amount


def _first_key(raws: list[Any]) -> bytes | None:
    """Return the key of the rate as the first prices have it, with the white space around its colon."""
    for raw in raws:
        found = _KEY.search(raw)
        if found:
            return found.group()
    return None


def _distinct(codes: Numbers, count: int) -> tuple[Numbers, Numbers, Numbers]:
    """Return the distinct codes in ascending order, where each is first, and which of them each code is."""
    if count > LARGEST_PAIR_TABLE:
        distinct, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        return distinct, first, inverse
    first_of = np.full(count, -1, np.int64)
    first_of[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    distinct = np.flatnonzero(first_of >= 0)
    place = np.empty(count, np.int64)
    place[distinct] = np.arange(len(distinct))
    return distinct, first_of[distinct], place[codes]
