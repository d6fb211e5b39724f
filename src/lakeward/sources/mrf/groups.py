"""Provider groups: arrays of members, each stored once however often the file repeats it.

In: raw ``provider_groups`` arrays, from references and from rates. Out: a group id for each, and rows of
``provider_group`` and ``provider_member`` for what was new. A member is one ``{npi, tin}`` object, known by its text; a
group is known by its members in their order. NPIs never become Python objects while they are plain.
"""

from collections.abc import Sequence
from itertools import chain
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from lakeward.sources.mrf.columns import Numbers, binary_array, indices_of, list_array, missing_of, number_array
from lakeward.sources.mrf.cursor import Cursor
from lakeward.sources.mrf.interning import ContentIndex, Remembered, hashed_sequences, hashed_texts
from lakeward.sources.mrf.layout import ABSENT, ShapeDecoder, UnknownKeys, member_list
from lakeward.sources.mrf.tables import BronzeTables
from lakeward.sources.mrf.text import list_texts, or_null, scalar_texts

NO_GROUP = -1
MEMBERS_AT_A_TIME = 50_000
_decode_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_arrays = msgspec.json.Decoder(list[list[msgspec.Raw] | None]).decode
_NO_MEMBER_ID = np.uint64(1 << 63)
_NO_TIN = SimpleNamespace(type=ABSENT, value=ABSENT, business_name=ABSENT)


class ProviderGroups:
    """Gives ids to provider groups and members and writes their rows."""

    def __init__(self, tables: BronzeTables, unknown: UnknownKeys) -> None:
        self._tables = tables
        self._texts, self._groups, self._members = ContentIndex(), ContentIndex(), ContentIndex()
        self._of_text = Remembered(self._texts, 3)
        self._of_member = Remembered(self._members, 2)
        self._next_group = 0
        self._member_decoder = ShapeDecoder(member_list, "provider_groups[]", unknown)
        self.npi_published_count = 0

    def intern_arrays(self, arrays: Sequence[list[Any] | None]) -> Numbers:
        """Return the group id of each array of raw members of a reference; none for a null or empty one."""
        groups, _, npis = self._read_arrays(arrays)
        self.npi_published_count += int(npis.sum())
        return groups

    def intern_repeated_arrays(self, raws: Sequence[Any]) -> tuple[Numbers, int]:
        """Return the group id of each raw array of a rate, and the members in all; arrays seen before are not read."""
        encoded = binary_array(raws).dictionary_encode()
        texts = encoded.dictionary.to_pylist()
        text_ids, is_new = self._texts.intern(*hashed_texts(texts))
        new = np.flatnonzero(is_new)
        self._of_text.put(text_ids[new], *self._read_arrays(_decoded([texts[position] for position in new])))
        groups, members, npis = self._of_text.get(text_ids[indices_of(encoded)]).T.astype(np.int64)
        self.npi_published_count += int(npis.sum())
        return groups, int(members.sum())

    def read_members(self, cursor: Cursor) -> list[Numbers]:
        """Return the member ids of the array at the cursor, of any size."""
        found = []
        for members in cursor.batches(_decode_raws):
            ids = self._intern_members([cursor.value()] if members is None else members)
            self.npi_published_count += int(self._of_member.get(ids)[:, 0].sum())
            found.append(ids)
        return found

    def intern_group(self, member_ids: Numbers) -> int:
        """Return the id of the group of these members; for an array that is too large to be looked at together."""
        if not len(member_ids):
            return NO_GROUP
        return int(self._intern_groups(member_ids, np.array([len(member_ids)]))[0])

    def _read_arrays(self, arrays: Sequence[list[Any] | None]) -> tuple[Numbers, Numbers, Numbers]:
        """Return group id, number of members and number of published NPIs of each array of raw members."""
        filled = [array or () for array in arrays]
        counts = np.fromiter(map(len, filled), np.int64, len(filled))
        members = self._intern_members(list(chain.from_iterable(filled)))
        groups = np.full(len(filled), NO_GROUP, np.int64)
        groups[counts > 0] = self._intern_groups(members, counts[counts > 0])
        npis = np.append(0, np.cumsum(self._of_member.get(members)[:, 0]))
        ends = np.cumsum(counts)
        return groups, counts, npis[ends] - npis[ends - counts]

    def _intern_members(self, raws: Sequence[Any]) -> Numbers:
        """Return the member id of each raw object, writing the rows of new ones."""
        encoded = binary_array(raws).dictionary_encode()
        texts = encoded.dictionary.to_pylist()
        ids, is_new = self._members.intern(*hashed_texts(texts))
        new = np.flatnonzero(is_new)
        for start in range(0, len(new), MEMBERS_AT_A_TIME):
            positions = new[start : start + MEMBERS_AT_A_TIME]
            self._write_members([texts[position] for position in positions], ids[positions])
        member_ids: Numbers = ids[indices_of(encoded)]
        return member_ids

    def _intern_groups(self, members: Numbers, counts: Numbers) -> Numbers:
        """Return the group id of each run of members, writing the rows of new ones; no run is empty.

        A group of one member, the usual kind in references, is known by that member.
        """
        first_members = members[np.cumsum(counts) - counts]
        is_lone = counts == 1
        hashes, checks = _hashed_runs(members, counts, ~is_lone)
        ids = self._groups.find(hashes, checks)
        ids[is_lone] = self._of_member.get(first_members[is_lone])[:, 1] - 1
        new = np.flatnonzero(ids < 0)
        keys = np.where(is_lone, first_members.astype(np.uint64), hashes | _NO_MEMBER_ID)[new]
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        ids[new] = self._next_group + rank[inverse]
        self._next_group += len(order)
        chosen = new[first[order]]
        lone, others = chosen[is_lone[chosen]], chosen[~is_lone[chosen]]
        self._of_member.change(first_members[lone], 1, ids[lone] + 1)
        self._groups.remember(hashes[others], checks[others], ids[others])
        self._write_groups(members, counts, chosen, ids[chosen])
        return ids

    def _write_groups(self, members: Numbers, counts: Numbers, chosen: Numbers, ids: Numbers) -> None:
        is_chosen = np.zeros(len(counts), bool)
        is_chosen[chosen] = True
        listed = list_array(number_array(members[np.repeat(is_chosen, counts)]), counts[chosen])
        self._tables.write("provider_group", {"group_id": ids, "member_ids": listed}, ids + 1)

    def _write_members(self, texts: list[bytes], ids: Numbers) -> None:
        members = self._member_decoder.decode(b"[" + b",".join(texts) + b"]")
        npis, published_counts = distinct_texts(list_texts([member.npi for member in members]))
        self._of_member.put(ids, published_counts, np.zeros(len(ids), np.int64))
        tins = [member.tin or _NO_TIN for member in members]
        columns = {
            "member_id": ids,
            "tin_type": scalar_texts([tin.type for tin in tins]),
            "tin_value": scalar_texts([tin.value for tin in tins]),
            "business_name": scalar_texts([tin.business_name for tin in tins]),
            "npi": npis,
            "npi_published_count": published_counts,
        }
        self._tables.write("provider_member", columns, ids + 1)


def _hashed_runs(members: Numbers, counts: Numbers, is_chosen: Numbers) -> tuple[Numbers, Numbers]:
    """Return a hash and a check of each chosen run of members, and 0 for the others."""
    hashes, checks = np.zeros(len(counts), np.uint64), np.zeros(len(counts), np.uint32)
    if is_chosen.any():
        chosen = members[np.repeat(is_chosen, counts)]
        hashes[is_chosen], checks[is_chosen] = hashed_sequences(chosen, counts[is_chosen])
    return hashes, checks


def _decoded(texts: list[bytes]) -> list[list[Any] | None]:
    return _decode_arrays(b"[" + b",".join(or_null(texts)) + b"]")


def distinct_texts(lists: pa.ListArray) -> tuple[pa.ListArray, Numbers]:
    """Drop repeats inside each list, keeping the first of each; return the lists and how long they were."""
    offsets = np.frombuffer(lists.buffers()[1], np.int32, len(lists) + 1).astype(np.int64)
    counts = np.diff(offsets)
    values = lists.values
    list_of = np.repeat(np.arange(len(lists)), counts)
    encoded = values.dictionary_encode(null_encoding="encode")
    keys = list_of * (len(encoded.dictionary) + 1) + indices_of(encoded)
    in_order = np.sort(keys)
    if not (in_order[1:] == in_order[:-1]).any():
        return lists, counts
    kept = np.sort(np.unique(keys, return_index=True)[1])
    distinct = np.bincount(list_of[kept], minlength=len(lists))
    return list_array(values.take(number_array(kept)), distinct, missing_of(lists)), counts
