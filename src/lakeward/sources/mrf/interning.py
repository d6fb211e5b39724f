"""Content becomes ids: equal bytes get one id, in the order of first occurrence.

Millions of contents are held as 96-bit fingerprints in NumPy tables (16 bytes a slot) and not as Python objects. The
index forgets everything when it is full, so memory is bounded; content that comes again after that gets a second id,
which loses nothing.
"""

from typing import Any
from zlib import crc32

import numpy as np

Numbers = np.ndarray[Any, Any]
FIRST_SLOTS = 1 << 12
LARGEST_COUNT = 2_900_000
LARGE_SLOTS = 1 << 18
GROWTH = 4
FULLEST = 0.7
_HALF, _ID = np.uint64(32), np.uint64((1 << 32) - 1)


class ContentIndex:
    """Maps contents, told apart by a hash and a check, to ids that count from 0.

    Args:
        largest_count: contents that are remembered at most.
    """

    def __init__(self, largest_count: int = LARGEST_COUNT) -> None:
        self.first_id = self.next_id = 0
        self._largest_count = largest_count
        self._clear(FIRST_SLOTS)

    def intern(self, hashes: Numbers, checks: Numbers) -> tuple[Numbers, Numbers]:
        """Return the id of each content, and which are new; the contents of one call are distinct."""
        self._make_room(len(hashes))
        ids = self.find(hashes, checks)
        is_new = ids < 0
        new = np.flatnonzero(is_new)
        if len(new):
            ids[new] = np.arange(self.next_id, self.next_id + len(new))
            self.next_id += len(new)
            self._insert(hashes[new], checks[new], ids[new])
        return ids, is_new

    def remember(self, hashes: Numbers, checks: Numbers, ids: Numbers) -> None:
        """Keep ids that the caller gave, of contents that are distinct and not there yet."""
        self._make_room(len(ids))
        self._insert(hashes, checks, ids)

    def _clear(self, slots: int) -> None:
        self._count, self._mask = 0, slots - 1
        self._slots = np.zeros((slots, 2), np.uint64)

    def find(self, hashes: Numbers, checks: Numbers) -> Numbers:
        """Return the id of each content, -1 where it is not there."""
        ids = np.full(len(hashes), -1, np.int64)
        pending = np.arange(len(hashes))
        slots = (hashes & np.uint64(self._mask)).astype(np.int64)
        wanted = checks.astype(np.uint64) << _HALF
        step = 0
        while len(pending):
            step += 1
            there = self._slots[slots]
            found = (there[:, 0] == hashes[pending]) & ((there[:, 1] ^ wanted[pending]) >> _HALF == 0)
            found &= there[:, 1] != 0
            ids[pending[found]] = (there[found, 1] & _ID).astype(np.int64) - 1
            onward = ~found & (there[:, 1] != 0)
            pending, slots = pending[onward], (slots[onward] + step) & self._mask
        return ids

    def _insert(self, hashes: Numbers, checks: Numbers, ids: Numbers) -> None:
        marks = (checks.astype(np.uint64) << _HALF) | (ids + 1).astype(np.uint64)
        self._place(np.stack([hashes, marks], axis=1))

    def _place(self, rows: Numbers) -> None:
        """Put rows of hash and mark where they belong: from the hash on, in growing steps, at the first free slot."""
        self._count += len(rows)
        slots = (rows[:, 0] & np.uint64(self._mask)).astype(np.int64)
        step = 0
        while len(rows):
            step += 1
            free = self._slots[slots, 1] == 0
            self._slots[slots[free]] = rows[free]
            rest = self._slots[slots, 1] != rows[:, 1]
            rows, slots = rows[rest], (slots[rest] + step) & self._mask

    def _make_room(self, more: int) -> None:
        """Make room for all that may be new, so that ids of one call never straddle a forgetting."""
        slots = len(self._slots)
        if self._count + more > self._largest_count and self._count:
            self._clear(slots)
            self.first_id = self.next_id
        while self._count + more > FULLEST * slots:
            slots *= GROWTH if slots < LARGE_SLOTS else 2
        if slots > len(self._slots):
            rows = self._slots[self._slots[:, 1] != 0]
            self._clear(slots)
            self._place(rows)


class Remembered:
    """Whole numbers kept for each id of an index, and forgotten together with it.

    Args:
        index: gives the ids.
        width: how many numbers an id has.
    """

    def __init__(self, index: ContentIndex, width: int) -> None:
        self._index, self._first_id = index, 0
        self._numbers = np.zeros((0, width), np.int32)

    def put(self, ids: Numbers, *columns: Numbers) -> None:
        """Keep numbers for ids that are new."""
        if self._first_id != self._index.first_id:
            self._first_id = self._index.first_id
            self._numbers = self._numbers[:0]
        needed = self._index.next_id - self._first_id
        if needed > len(self._numbers):
            larger = np.zeros((max(needed, len(self._numbers) * 3 // 2), self._numbers.shape[1]), np.int32)
            larger[: len(self._numbers)] = self._numbers
            self._numbers = larger
        for position, column in enumerate(columns):
            self._numbers[ids - self._first_id, position] = column

    def change(self, ids: Numbers, position: int, numbers: Numbers) -> None:
        """Replace one number of ids that were put before."""
        self._numbers[ids - self._first_id, position] = numbers

    def get(self, ids: Numbers) -> Numbers:
        """Return the numbers of ids, a row an id."""
        rows: Numbers = self._numbers[ids - self._first_id]
        return rows


def hashed_texts(texts: list[bytes]) -> tuple[Numbers, Numbers]:
    """Return a hash and a check of each text; the hash differs from process to process and must not be kept."""
    hashes = np.fromiter(map(hash, texts), np.int64, len(texts)).view(np.uint64)
    return hashes, np.fromiter(map(crc32, texts), np.uint32, len(texts))


def mixed(numbers: Numbers) -> Numbers:
    """Spread whole numbers over 64 bits, one to one, so that they can serve as hashes (the finalizer of splitmix64)."""
    spread: Numbers = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    spread = (spread ^ (spread >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    spread = (spread ^ (spread >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    spread ^= spread >> np.uint64(31)
    return spread


def hashed_sequences(numbers: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Return a hash and a check of each run of ``counts`` numbers, in which their order counts; no run is empty."""
    starts = np.cumsum(counts) - counts
    places = np.arange(len(numbers)) - np.repeat(starts, counts)
    spread = mixed(mixed(numbers) + places.astype(np.uint64))
    if not len(starts):
        return spread, spread.astype(np.uint32)
    hashes = mixed(np.add.reduceat(spread, starts) + counts.astype(np.uint64))
    checks = np.add.reduceat(mixed(spread), starts)
    return hashes, (checks >> np.uint64(32)).astype(np.uint32)
