"""The provider_references array, and the files that its locations point to.

In: a cursor at the array, and what fetches a location. Out: rows of ``provider_reference``, one a reference. A location
that cannot be fetched or read is listed with its reason; the rates that name it are kept.
"""

from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.errors import FetchFailed, LakewardError
from lakeward.sources.mrf.columns import (
    Numbers,
    binary_array,
    number_array,
    repeated_text,
    text_array,
    text_lists,
    whole_numbers_of,
)
from lakeward.sources.mrf.cursor import Cursor
from lakeward.sources.mrf.groups import NO_GROUP, ProviderGroups
from lakeward.sources.mrf.layout import ABSENT, REFERENCE_TEXT_FIELDS, ShapeDecoder, UnknownKeys, reference_list
from lakeward.sources.mrf.opening import open_json
from lakeward.sources.mrf.tables import BronzeTables
from lakeward.sources.mrf.text import scalar_texts, text_of, texts_of

Fetch = Callable[[str], Path]
LONGEST_WHOLE_ID = 19
NOT_FETCHED = "not fetched: this run fetches no locations"


class ReferenceReader:
    """Reads provider_references arrays and counts what is in them."""

    def __init__(self, tables: BronzeTables, groups: ProviderGroups, unknown: UnknownKeys, fetch: Fetch | None) -> None:
        self._tables, self._groups, self._unknown, self._fetch = tables, groups, unknown, fetch
        self._references = ShapeDecoder(reference_list, "provider_references[]", unknown)
        self._ids: list[Numbers] = []
        self.reference_count = self.unresolved = 0
        self.has_network_name = self.has_location = False

    @property
    def repeated_ids(self) -> int:
        """How many references have an id that another one had before."""
        ids = np.sort(np.concatenate([*self._ids, np.empty(0, np.int64)]))
        return int((ids[1:] == ids[:-1]).sum())

    def read(self, cursor: Cursor) -> None:
        """Read the array at the cursor."""
        for references in cursor.batches(self._references.decode):
            if references is None:
                self._read_large_reference(cursor)
            else:
                fields = {name: list(map(attrgetter(name), references)) for name in REFERENCE_TEXT_FIELDS}
                self._write(fields, self._groups.intern_arrays([each.provider_groups for each in references]))

    def _read_large_reference(self, cursor: Cursor) -> None:
        fields: dict[str, list[Any]] = {name: [ABSENT] for name in REFERENCE_TEXT_FIELDS}
        members: list[Numbers] = []
        for key in cursor.object_keys():
            if key == "provider_groups" and cursor.peek() == b"[":
                members += self._groups.read_members(cursor)
            elif key in fields:
                fields[key] = [cursor.value()]
            else:
                self._note_unknown(key)
                cursor.skip()
        group = self._groups.intern_group(np.concatenate(members)) if members else NO_GROUP
        self._write(fields, np.array([group]))

    def _note_unknown(self, key: str) -> None:
        if key != "provider_groups":
            self._unknown.names.add(f"provider_references[].{key}")

    def _write(self, fields: dict[str, list[Any]], groups: Numbers) -> None:
        ids = scalar_texts(fields["provider_group_id"])
        self._ids.append(_id_numbers(ids))
        columns = self._locations(fields, groups) | {
            "provider_reference_id": ids,
            "network_name": self._network_names(fields["network_name"]),
            "group_id": number_array(groups, missing=groups == NO_GROUP),
        }
        records = np.arange(self.reference_count, self.reference_count + len(groups)) + 1
        self._tables.write("provider_reference", columns, records)
        self.reference_count += len(groups)

    def _network_names(self, raws: list[Any]) -> pa.Array:
        encoded = binary_array(raws).dictionary_encode()
        names = [texts_of(text) for text in encoded.dictionary.to_pylist()]
        self.has_network_name = self.has_network_name or any(listed is not None for listed in names)
        return text_lists(names).take(encoded.indices)

    def _locations(self, fields: dict[str, list[Any]], groups: Numbers) -> dict[str, pa.Array]:
        """Return where each reference's groups are, filling in the groups of those that were fetched."""
        count = len(groups)
        if not any(fields["location"]):
            nothing = pa.nulls(count, pa.string())
            return {"location": nothing, "location_status": repeated_text("inline", count), "location_error": nothing}
        locations = [text_of(raw) for raw in fields["location"]]
        statuses, errors = ["inline"] * count, [None] * count
        for position, location in enumerate(locations):
            if location is None:
                continue
            self.has_location = True
            if groups[position] == NO_GROUP:
                groups[position], statuses[position], errors[position] = self._resolved(location)
        return {
            "location": text_array(locations),
            "location_status": text_array(statuses),
            "location_error": text_array(errors),
        }

    def _resolved(self, location: str) -> tuple[int, str, Any]:
        if self._fetch is None:
            self.unresolved += 1
            return NO_GROUP, "unresolved", NOT_FETCHED
        try:
            members = self._remote_members(self._fetch(location))
        except LakewardError as error:
            self.unresolved += 1
            return NO_GROUP, "unresolved", str(error) if isinstance(error, FetchFailed) else f"unreadable: {error}"
        return self._groups.intern_group(members), "resolved", None

    def _remote_members(self, path: Path) -> Numbers:
        """Read a provider-reference file; it is checked as a whole before any of its groups is taken."""
        with open_json(path) as content:
            Cursor(path, content).skip()
        members: list[Numbers] = [np.empty(0, np.int64)]
        with open_json(path) as content:
            cursor = Cursor(path, content)
            for key in cursor.object_keys():
                if key == "provider_groups" and cursor.peek() == b"[":
                    members += self._groups.read_members(cursor)
                else:
                    cursor.skip()
            cursor.finish()
        return np.concatenate(members)


def _id_numbers(ids: pa.Array) -> Numbers:
    """Return a number for each id: itself where it is whole, else a hash of its text."""
    try:
        return whole_numbers_of(pc.cast(ids, pa.int64()))
    except pa.ArrowInvalid:
        return np.fromiter(map(_id_number, ids.to_pylist()), np.int64, len(ids))


def _id_number(text: str | None) -> int:
    is_whole = text is not None and text.isascii() and text.isdigit() and len(text) < LONGEST_WHOLE_ID
    return int(text) if text is not None and is_whole else hash(text)
