"""How much something of the lake is: the bytes of its files, and the partitions that they make up.

In: files of a commit or of a transaction. Out: :class:`Extent`. A partition is what ``lakeward partitions`` shows: one
slice of a table with one value of each key; a table without keys has none.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Self

from lakeward.lake.commit import Snapshot
from lakeward.lake.entries import FileEntry


@dataclass(frozen=True)
class Extent:
    """Bytes and partitions."""

    bytes: int = 0
    partitions: int = 0

    @classmethod
    def of(cls, files: Iterable[tuple[str, str, FileEntry]]) -> Self:
        """Return the extent of files, each with its table and slice."""
        size, partitions = 0, set()
        for table, slice_id, file in files:
            size += file.bytes
            if file.partition:
                partitions.add((table, slice_id, tuple(sorted(file.partition.items()))))
        return cls(size, len(partitions))

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot) -> Self:
        """Return the extent of all that a commit names."""
        slices = ((table, entry) for table in snapshot.tables() for entry in snapshot.slices(table).values())
        return cls.of((table, entry.slice_id, file) for table, entry in slices for file in entry.files)

    def as_record(self) -> dict[str, int]:
        """Return it as plain values."""
        return asdict(self)
