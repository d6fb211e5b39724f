"""A table of contents: which in-network files belong to which plans.

In: a publisher's index file (``<date>_<payer>_index.json``), plain or packed, of any size, and the plans that are
wanted. Out: the addresses of their in-network files, each once. Signed addresses of one file differ in their query
from one listing to the next, so a file is known by its address without the query.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from lakeward.errors import SourceUnreadable, UsageError
from lakeward.sources.mrf.cursor import Cursor
from lakeward.sources.mrf.opening import FETCH_AGAIN, open_json
from lakeward.sources.mrf.window import WINDOW_BYTES

CONTENTS = "a CMS table of contents: an object with 'reporting_structure' at its root"
NAMED_AT_MOST = 10


class _Plan(msgspec.Struct, gc=False):
    plan_name: str | None = None
    plan_id: str | int | None = None

    def names(self) -> set[str]:
        return {str(name).strip().casefold() for name in (self.plan_name, self.plan_id) if name is not None}


class _File(msgspec.Struct, gc=False):
    location: str | None = None


class _Structure(msgspec.Struct, gc=False):
    reporting_plans: list[_Plan] | None = None
    in_network_files: list[_File] | None = None


_decode_structures = msgspec.json.Decoder(list[_Structure]).decode
_decode_plans = msgspec.json.Decoder(list[_Plan]).decode
_decode_files = msgspec.json.Decoder(list[_File]).decode


def in_network_locations(path: Path, plans: Collection[str] = ()) -> list[str]:
    """Return the addresses of the in-network files of some plans. Reads the file once, in bounded memory.

    Args:
        path: the table of contents.
        plans: names or ids of plans, in any case; none for every plan.

    Returns:
        Addresses in the order of first mention, with the query of that mention.

    Raises:
        SourceUnreadable: the file is broken or no table of contents, or lists no in-network file for these plans.
        UsageError: a plan is not in the table.
    """
    wanted = {plan.strip().casefold() for plan in plans}
    found: dict[str, str] = {}
    met: set[str] = set()
    examples: dict[str, None] = {}
    for structure in _structures(path):
        names = set().union(*(plan.names() for plan in structure.reporting_plans or ()))
        if len(examples) < NAMED_AT_MOST:
            examples.update(dict.fromkeys(plan.plan_name for plan in structure.reporting_plans or () if plan.plan_name))
        met |= names & wanted
        if not wanted or names & wanted:
            for file in structure.in_network_files or ():
                if file.location:
                    found.setdefault(_identity(file.location), file.location)
    if wanted - met:
        raise UsageError(
            f"{path.name} has no plan named or numbered {', '.join(sorted(wanted - met))}.\n"
            f"It has, among others: {', '.join(list(examples)[:NAMED_AT_MOST]) or 'none with a name'}. "
            "Correct `plans:` in lakeward.yaml."
        )
    if not found:
        raise SourceUnreadable(path, "in-network files for these plans", "none listed", "Choose other plans.")
    return list(found.values())


def _identity(location: str) -> str:
    try:
        return urlsplit(location)._replace(query="", fragment="").geturl()
    except ValueError:
        return location


def _structures(path: Path) -> Iterator[_Structure]:
    with open_json(path) as content:
        cursor = Cursor(path, content, WINDOW_BYTES)
        if cursor.peek() != b"{":
            cursor.refuse_shape(CONTENTS, "a list at the root")
        keys: list[str] = []
        for key in cursor.object_keys():
            keys.append(key)
            if key == "reporting_structure" and cursor.peek() == b"[":
                yield from _structures_of(cursor)
            else:
                cursor.skip()
        cursor.finish()
    if "reporting_structure" not in keys:
        raise SourceUnreadable(path, CONTENTS, f"the keys {', '.join(keys[:8]) or 'none'}", FETCH_AGAIN)


def _structures_of(cursor: Cursor) -> Iterator[_Structure]:
    for structures in cursor.batches(_decode_structures):
        if structures is None:
            yield _large_structure(cursor)
        else:
            yield from structures


def _large_structure(cursor: Cursor) -> _Structure:
    structure = _Structure([], [])
    for key in cursor.object_keys():
        if key == "reporting_plans" and cursor.peek() == b"[":
            structure.reporting_plans = _all(cursor, _decode_plans)
        elif key == "in_network_files" and cursor.peek() == b"[":
            structure.in_network_files = _all(cursor, _decode_files)
        else:
            cursor.skip()
    return structure


def _all(cursor: Cursor, decode: Any) -> list[Any]:
    found: list[Any] = []
    for elements in cursor.batches(decode):
        found += decode(b"[" + bytes(cursor.value()) + b"]") if elements is None else elements
    return found
