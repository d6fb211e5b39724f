"""One price file from its first key to its last: header, references and items in whatever order they stand.

In: a path, and where to land. Out: the bronze rows of the file and what :class:`~lakeward.sources.landing.Extracted`
says.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.compute as pc

from lakeward.errors import SourceUnreadable
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.mrf.columns import text_array, text_lists
from lakeward.sources.mrf.cursor import Cursor
from lakeward.sources.mrf.groups import ProviderGroups
from lakeward.sources.mrf.items import ItemReader
from lakeward.sources.mrf.layout import UnknownKeys
from lakeward.sources.mrf.opening import FETCH_AGAIN, open_json
from lakeward.sources.mrf.references import Fetch, ReferenceReader
from lakeward.sources.mrf.schemas import HEADER_FIELDS, RATE_TOTAL
from lakeward.sources.mrf.tables import BronzeTables
from lakeward.sources.mrf.text import text_of
from lakeward.sources.mrf.window import WINDOW_BYTES

IN_NETWORK = "a CMS in-network price file: an object with 'in_network' at its root"
_OTHER_KINDS = {
    "out_of_network": ("an allowed-amounts file", "It holds no negotiated rates; give the in-network file."),
    "reporting_structure": (
        "a table of contents",
        "Name it as `toc:` with `plans:` in lakeward.yaml; its files are fetched then.",
    ),
    "TOC_Files": (
        "a table of contents",
        "Name it as `toc:` with `plans:` in lakeward.yaml; its files are fetched then.",
    ),
}
_LARGEST_TOTAL = Decimal(10) ** 31


def extract(path: Path, landing: Landing, *, fetch: Fetch | None = None, window_bytes: int = WINDOW_BYTES) -> Extracted:
    """Land one in-network price file, version 1 or 2 by shape, as the datasets of ``mrf``. Reads the file once.

    Args:
        path: ``.json``, ``.json.gz`` or ``.zip``, told apart by content; pretty-printed or not, keys in any order.
        landing: takes the rows.
        fetch: returns the local path of a provider-reference file's address, or raises ``FetchFailed``; without it
            every location is listed as unresolved. The rates of unresolved references are kept.
        window_bytes: how much text is looked at together. Memory is bounded by it and by the number of distinct groups
            (about 50 bytes each, 3 million at most), not by the size of the file or of one item.

    Returns:
        Prices in and out, the exact sum of the rates in and out, and counts of what was odd.

    Raises:
        SourceUnreadable: the file is broken, truncated, empty or of another kind; says where and what to do.

    Source: CMS price-transparency-guide, in-network-rates schema, versions 1.x and 2.x.
    """
    with open_json(path) as content, _without_garbage_collection():
        reading = _PriceFile(Cursor(path, content, window_bytes), landing, fetch)
        try:
            reading.read()
        except (msgspec.DecodeError, UnicodeError) as error:
            found = f"{error}, near byte {reading.cursor.offset:,}"
            raise SourceUnreadable(path, "values of the CMS schema", found, FETCH_AGAIN) from error
    return reading.extracted()


class _PriceFile:
    def __init__(self, cursor: Cursor, landing: Landing, fetch: Fetch | None) -> None:
        self.cursor = cursor
        self._unknown = UnknownKeys()
        self._tables = BronzeTables(landing)
        groups = ProviderGroups(self._tables, self._unknown)
        self._items = ItemReader(self._tables, groups, self._unknown)
        self._references = ReferenceReader(self._tables, groups, self._unknown, fetch)
        self._groups = groups
        self._header: dict[str, str | None] = dict.fromkeys(HEADER_FIELDS)
        self._seen: list[str] = []

    def read(self) -> None:
        """Read the whole document."""
        if self.cursor.peek() != b"{":
            self.cursor.refuse_shape(IN_NETWORK, "a list at the root")
        for key in self.cursor.object_keys():
            self._seen.append(key)
            self._read_key(key)
            self.cursor.place = "the root"
        self.cursor.finish()
        self._check_is_price_file()
        self._write_header()

    def extracted(self) -> Extracted:
        """Return the counts and totals of the file."""
        rates = self._items.rates
        notes = {
            "items": self._items.item_count,
            "negotiated_rates": rates.rate_count,
            "provider_references": self._references.reference_count,
            "provider_groups": self._tables.rows("provider_group"),
            "unresolved_locations": self._references.unresolved,
            "repeated_provider_group_ids": self._references.repeated_ids,
            "repeated_root_keys": len(self._seen) - len(set(self._seen)),
            "unknown_keys": len(self._unknown.names),
            "rates_as_text": rates.price_reader.rates_as_text,
            "rates_missing": rates.price_reader.rates_missing,
            "not_a_number": self.cursor.not_numbers,
        }
        return Extracted(
            rows_in=rates.price_count,
            rows_out=self._tables.rows("price"),
            money_in=rates.total,
            money_out=rates.total,
            notes=notes,
        )

    def _read_key(self, key: str) -> None:
        self.cursor.place = key if key.isidentifier() else "a key of the root"
        if key == "in_network":
            self._read_list(key, self._items.read)
        elif key == "provider_references":
            self._read_list(key, self._references.read)
        elif key in self._header:
            self._header[key] = text_of(self.cursor.value())
        elif key in _OTHER_KINDS:
            kind, hint = _OTHER_KINDS[key]
            raise SourceUnreadable(self.cursor.path, IN_NETWORK, kind, hint)
        else:
            self._unknown.names.add(key)
            self.cursor.skip()

    def _read_list(self, key: str, read: Callable[[Cursor], None]) -> None:
        if self.cursor.peek() == b"[":
            read(self.cursor)
        else:
            self.cursor.expect_null(key)

    def _check_is_price_file(self) -> None:
        if "in_network" not in self._seen:
            found = "a provider-reference file" if "provider_groups" in self._seen else f"the keys {self._seen[:8]}"
            raise SourceUnreadable(self.cursor.path, IN_NETWORK, found, "Give the in-network file of this publisher.")
        if not self._items.item_count:
            raise SourceUnreadable(
                self.cursor.path,
                "at least one item in 'in_network'",
                "an empty list",
                "The file holds no prices: ask the publisher, or take it out of the configuration.",
            )

    def _write_header(self) -> None:
        rates = self._items.rates
        counts = {
            "item_count": self._items.item_count,
            "negotiated_rate_count": rates.rate_count,
            "price_count": rates.price_count,
            "inline_group_count": rates.inline_group_count,
            "provider_reference_count": self._references.reference_count,
            "npi_published_count": self._groups.npi_published_count,
        }
        columns: dict[str, Any] = {name: text_array([value]) for name, value in self._header.items()}
        columns |= {name: np.array([count]) for name, count in counts.items()}
        columns["schema_shape"] = text_array([self._shape()])
        columns["unknown_keys"] = text_lists([self._unknown.sorted_names()])
        columns["negotiated_rate_total"] = pc.cast(text_array([_total_text(rates.total)]), RATE_TOTAL)
        self._tables.write("header", columns, np.array([1]))

    def _shape(self) -> str:
        if self._references.has_network_name or self._items.rates.price_reader.terms.has_setting:
            return "v2"
        if self._items.rates.inline_group_count or self._references.has_location:
            return "v1"
        return "unknown"


def _total_text(total: Decimal) -> str | None:
    """Return a total with six decimals; ``None`` where it has more digits than the column."""
    return f"{total:.6f}" if abs(total) < _LARGEST_TOTAL else None


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Keep Python from looking for cycles among the many short-lived objects of the parser, which make none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
