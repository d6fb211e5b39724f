"""The script that one writes with ijson to get the same normalised facts as Lakeward's reader; a peer of the benchmark.

Usage: python -m benchmarks.reader_ijson FILE DIRECTORY
"""

import gzip
import sys
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import ijson
import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.sources.landing import ROW_GROUP_ROWS
from lakeward.sources.mrf.schemas import DATASETS, ITEM_TEXT_FIELDS, TERM_LIST_FIELDS, TERM_TEXT_FIELDS

WRITTEN = ("item", "price_term", "price", "group_set", "provider_reference", "provider_group", "provider_member")


class Tables:
    """Gathers rows and writes them to one Parquet file a dataset."""

    def __init__(self, folder: Path) -> None:
        self._schemas = {name: pa.schema(list(DATASETS[name])[2:]) for name in WRITTEN}
        self._writers = {
            name: pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
            for name, schema in self._schemas.items()
        }
        self._rows: dict[str, list[dict[str, Any]]] = {name: [] for name in WRITTEN}

    def add(self, name: str, row: dict[str, Any]) -> None:
        """Append one row."""
        self._rows[name].append(row)
        if len(self._rows[name]) >= ROW_GROUP_ROWS:
            self._write(name)

    def close(self) -> None:
        """Write what is left."""
        for name, writer in self._writers.items():
            self._write(name)
            writer.close()

    def _write(self, name: str) -> None:
        self._writers[name].write_table(pa.Table.from_pylist(self._rows[name], schema=self._schemas[name]))
        self._rows[name] = []


class Facts:
    """Numbers distinct contents and writes a row for each."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._ids: dict[str, dict[Hashable, int]] = {}
        self._rate_id = 0

    def numbered(self, dataset: str, content: Hashable, row: dict[str, Any]) -> int:
        """Return the id of a content, writing its row when it is new."""
        known = self._ids.setdefault(dataset, {})
        if content not in known:
            known[content] = len(known)
            self._tables.add(dataset, {f"{dataset.removeprefix('price_')}_id": known[content]} | row)
        return known[content]

    def group(self, groups: list[dict[str, Any]] | None) -> int | None:
        """Return the id of an array of members."""
        if not groups:
            return None
        members = tuple(self._member(group) for group in groups)
        known = self._ids.setdefault("provider_group", {})
        if members not in known:
            known[members] = len(known)
            self._tables.add("provider_group", {"group_id": known[members], "member_ids": list(members)})
        return known[members]

    def _member(self, group: dict[str, Any]) -> int:
        npis, tin = [str(npi) for npi in group.get("npi") or ()], group.get("tin") or {}
        content = (*npis, tin.get("type"), tin.get("value"), tin.get("business_name"))
        known = self._ids.setdefault("provider_member", {})
        if content not in known:
            known[content] = len(known)
            row = {"member_id": known[content], "npi": list(dict.fromkeys(npis)), "npi_published_count": len(npis)}
            row |= {"tin_type": tin.get("type"), "tin_value": tin.get("value")}
            self._tables.add("provider_member", row | {"business_name": tin.get("business_name")})
        return known[content]

    def reference(self, reference: dict[str, Any]) -> None:
        """Write one provider reference."""
        row = {"provider_reference_id": str(reference["provider_group_id"]), "location": reference.get("location")}
        row |= {"network_name": reference.get("network_name"), "group_id": self.group(reference.get("provider_groups"))}
        self._tables.add("provider_reference", row)

    def item(self, item_id: int, item: dict[str, Any]) -> None:
        """Write one item with its prices."""
        row = {name: _text(item.get(name)) for name in ITEM_TEXT_FIELDS}
        lists = {name: item.get(name) for name in ("bundled_codes", "covered_services")}
        self._tables.add("item", {"item_id": item_id} | row | lists)
        for rate in item.get("negotiated_rates") or ():
            references = [str(reference) for reference in rate.get("provider_references") or ()]
            inline = self.group(rate.get("provider_groups"))
            row = {"provider_reference_ids": references, "inline_group_id": inline}
            group_set = self.numbered("group_set", (tuple(references), inline), row)
            for price in rate.get("negotiated_prices") or ():
                self._tables.add("price", self._price(price) | {"item_id": item_id, "group_set_id": group_set})
            self._rate_id += 1

    def _price(self, price: dict[str, Any]) -> dict[str, Any]:
        term = {name: _text(price.get(name)) for name in TERM_TEXT_FIELDS}
        term |= {name: price.get(name) for name in TERM_LIST_FIELDS}
        content = tuple(tuple(value) if isinstance(value, list) else value for value in term.values())
        rate = float(price["negotiated_rate"])
        return {
            "rate_id": self._rate_id,
            "term_id": self.numbered("price_term", content, term),
            "negotiated_rate": rate,
        }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _elements(path: Path, prefix: str) -> Iterator[Any]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as stream:
        yield from ijson.items(stream, prefix, buf_size=1 << 20)


def main() -> None:
    """Read a file twice, once for each of its arrays."""
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    tables = Tables(folder)
    facts = Facts(tables)
    for reference in _elements(path, "provider_references.item"):
        facts.reference(reference)
    for item_id, item in enumerate(_elements(path, "in_network.item")):
        facts.item(item_id, item)
    tables.close()


if __name__ == "__main__":
    main()
