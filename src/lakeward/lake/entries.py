"""What a commit names: files, slices of a table, and what a table is; and their form as JSON.

In and out: plain values. A slice with many files keeps its list in a manifest, which is named by its content and so
shared by every commit that holds the same slice.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Attributes = Mapping[str, str | int | None]

NAME_CHARACTERS = 16


@dataclass(frozen=True)
class FileEntry:
    """One data file: its path in the lake, its rows and bytes, and the partition it is in (values as text or null)."""

    path: str
    rows: int
    bytes: int
    partition: Mapping[str, str | None] = field(default_factory=dict)

    def as_values(self) -> dict[str, Any]:
        """Return the entry as plain values."""
        values: dict[str, Any] = {"path": self.path, "rows": self.rows, "bytes": self.bytes}
        # As pairs: their order is that of the folders, which an object with sorted keys would lose.
        return values | ({"partition": [list(pair) for pair in self.partition.items()]} if self.partition else {})


@dataclass(frozen=True)
class SliceEntry:
    """One slice of a table: what it is identified by, what its owner keeps with it, and its files."""

    slice_id: str
    fingerprint: str
    attributes: Attributes = field(default_factory=dict)
    files: tuple[FileEntry, ...] = ()

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class ColumnDescription:
    """One column of a table: its name, its type in words of DuckDB, and what it means."""

    name: str
    type: str
    description: str = ""


@dataclass(frozen=True)
class TableDescription:
    """What a table is: one row of it, its key, its columns in order, and how its files are partitioned and sorted."""

    description: str = ""
    grain: str = ""
    key: tuple[str, ...] = ()
    columns: tuple[ColumnDescription, ...] = ()
    partition_keys: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    layout: str = ""

    def as_values(self) -> dict[str, Any]:
        """Return the description as plain values."""
        return {
            "description": self.description,
            "grain": self.grain,
            "key": list(self.key),
            "columns": [{"name": c.name, "type": c.type, "description": c.description} for c in self.columns],
            "partition_keys": list(self.partition_keys),
            "sort": list(self.sort),
            "layout": self.layout,
        }

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> "TableDescription":
        """Read a description that :meth:`as_values` wrote."""
        lists = {name: tuple(values[name]) for name in ("key", "partition_keys", "sort")}
        columns = tuple(ColumnDescription(**column) for column in values["columns"])
        return cls(**(values | lists | {"columns": columns}))


def to_json(values: object) -> bytes:
    """Return values as JSON with sorted keys, so that the same values are the same bytes."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def content_name(data: bytes) -> str:
    """Return the name that bytes get from their content: the first 16 hex characters of their sha256."""
    return hashlib.sha256(data).hexdigest()[:NAME_CHARACTERS]


def files_as_values(files: tuple[FileEntry, ...]) -> list[dict[str, Any]]:
    """Return a file list as plain values, in order of paths."""
    return [file.as_values() for file in sorted(files, key=lambda file: file.path)]


def files_from_values(values: list[dict[str, Any]]) -> tuple[FileEntry, ...]:
    """Read a file list that :func:`files_as_values` wrote."""
    return tuple(FileEntry(**(value | {"partition": dict(value.get("partition", ()))})) for value in values)
