"""Commits: how a run's work becomes visible, all of it at once, or not at all.

In: finished local files and the slices they make up. Out: numbered commits ``_lakeward/commits/00000012.json``, each of
which names every file of every table. A commit is created, never overwritten; the newest one is the lake.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from lakeward.errors import ConcurrentCommit, StorageFailed
from lakeward.lake.entries import (
    NAME_CHARACTERS,
    FileEntry,
    SliceEntry,
    TableDescription,
    content_name,
    files_as_values,
    files_from_values,
    to_json,
)
from lakeward.lake.storage import S3Options, Storage, open_storage
from lakeward.sources.landing import file_sha256

logger = logging.getLogger(__name__)

__all__ = ["FileEntry", "Lake", "SliceEntry", "Snapshot", "TableDescription", "Transaction"]

COMMITS = "_lakeward/commits"
MANIFESTS = "_lakeward/manifests"
FORMAT = 1
FILES_NAMED_IN_COMMIT = 8
COMMIT_TRIES = 20

Tables = dict[str, dict[str, Any]]
"""A commit's tables in their JSON form: table -> ``{"description": manifest, "slices": {slice: values}}``."""


@dataclass(frozen=True)
class Lake:
    """A lake: its storage, and the commits in it."""

    storage: Storage

    @classmethod
    def open(cls, url: str, options: S3Options) -> "Lake":
        """Open a lake, which need not exist yet; reads nothing.

        Args:
            url: a folder or ``s3://bucket/prefix``.
            options: how a bucket is reached.
        """
        return cls(open_storage(url, options))

    @property
    def url(self) -> str:
        """Where the lake is."""
        return self.storage.url

    def url_for(self, path: str) -> str:
        """Return the address that DuckDB and Polars take for a file of the lake."""
        return self.storage.url_for(path)

    def commit_numbers(self) -> list[int]:
        """Return the numbers of the commits that are kept, oldest first."""
        names = (Path(path) for path in self.storage.list(f"{COMMITS}/"))
        return [int(name.stem) for name in names if name.suffix == ".json" and name.stem.isdigit()]

    def snapshot(self, number: int | None = None) -> "Snapshot":
        """Read one commit; the newest when no number is given, and an empty lake as number 0.

        Raises:
            StorageFailed: there is no such commit, or it was written by a newer Lakeward.
        """
        if number is None:
            number = max(self.commit_numbers(), default=0)
        if number == 0:
            return Snapshot(self, 0, "", {})
        document = json.loads(self.storage.read(commit_path(number)))
        if document["format"] != FORMAT:
            raise StorageFailed(
                f"{self.url}: commit {number} has format {document['format']}; this Lakeward reads {FORMAT}. "
                "Nothing was changed. Install the newer Lakeward that wrote it."
            )
        return Snapshot(self, number, document["run_id"], document["tables"])

    def begin(self, run_id: str) -> "Transaction":
        """Start a transaction on the lake as it stands now."""
        return Transaction(self, run_id, self.snapshot())


@dataclass(frozen=True)
class Snapshot:
    """The lake as of one commit; never changes, whatever is committed later."""

    lake: Lake
    number: int
    run_id: str
    document: Tables = field(repr=False)

    def tables(self) -> list[str]:
        """Return the tables, such as ``bronze/mrf/price`` and ``silver/rates/fact_rate``."""
        return sorted(self.document)

    def slices(self, table: str) -> dict[str, SliceEntry]:
        """Return the slices of a table by their ids; none when there is no such table."""
        if table not in self._slices:
            found = self.document.get(table, {}).get("slices", {})
            self._slices[table] = {slice_id: self._slice(slice_id, found[slice_id]) for slice_id in sorted(found)}
        return dict(self._slices[table])

    def files(self, table: str, slices: list[str] | None = None) -> list[FileEntry]:
        """Return the files of a table, or of some of its slices, in order of slices and paths."""
        return [f for name, s in self.slices(table).items() if slices is None or name in slices for f in s.files]

    def description(self, table: str) -> TableDescription:
        """Return what a table is; empty where nobody said."""
        manifest = self.document.get(table, {}).get("description")
        return TableDescription.from_values(self._manifest(manifest)) if manifest else TableDescription()

    def paths(self) -> set[str]:
        """Return every path that this commit needs: data files and manifests."""
        needed = {file.path for table in self.tables() for file in self.files(table)}
        return needed | {f"{MANIFESTS}/{name}.json" for name in manifests_of(self.document)}

    @cached_property
    def _slices(self) -> dict[str, dict[str, SliceEntry]]:
        return {}

    def _slice(self, slice_id: str, values: dict[str, Any]) -> SliceEntry:
        files = values["files"] if "files" in values else self._manifest(values["manifest"])
        return SliceEntry(slice_id, values["fingerprint"], values["attributes"], files_from_values(files))

    def _manifest(self, name: str) -> Any:
        return json.loads(self.lake.storage.read(f"{MANIFESTS}/{name}.json"))


class Transaction:
    """Work that becomes visible by :meth:`commit`; dropping the transaction leaves the lake as it was."""

    def __init__(self, lake: Lake, run_id: str, base: Snapshot) -> None:
        self.lake, self.run_id, self.base = lake, run_id, base
        self._slices: dict[tuple[str, str], SliceEntry | None] = {}
        self._descriptions: dict[str, TableDescription] = {}

    def add_file(self, local: Path, path: str) -> None:
        """Bring a finished file into the lake, unseen until the commit.

        Args:
            local: the file; may be linked, so it must not be written to afterwards.
            path: where it goes; a name that says its content, so that no file is ever changed in place.
        """
        self.add_files([(local, path)])

    def add_files(self, files: Iterable[tuple[Path, str]]) -> None:
        """Bring in finished files, each as :meth:`add_file` does; a bucket takes several at once."""
        self.lake.storage.add_files((local, path) for local, path in files if path not in self._base_paths)

    def add_tree(self, local: Path, path: str) -> None:
        """Bring a finished folder into the lake; its name says its content, as in :meth:`add_file`."""
        if not any(known.startswith(f"{path}/") for known in self._base_paths):
            self.lake.storage.add_tree(local, path)

    def add_parquet(
        self, local: Path, folder: str, stem: str = "part", partition: dict[str, str | None] | None = None
    ) -> FileEntry:
        """Bring in a Parquet file as ``<folder>/<stem>-<16 hex of its sha256>.parquet`` and return its entry."""
        path = f"{folder}/{stem}-{file_sha256(local)[:NAME_CHARACTERS]}.parquet"
        self.add_file(local, path)
        return FileEntry(path, pq.read_metadata(local).num_rows, local.stat().st_size, partition or {})

    def replace_slice(self, table: str, entry: SliceEntry) -> None:
        """Set one slice of a table; its other slices stay."""
        self._slices[table, entry.slice_id] = entry

    def slice(self, table: str, slice_id: str) -> SliceEntry:
        """Return a slice as this transaction sets it, or as the lake has it.

        Raises:
            KeyError: there is no such slice.
        """
        return self._slices.get((table, slice_id)) or self.base.slices(table)[slice_id]

    def remove_slice(self, table: str, slice_id: str) -> None:
        """Take one slice out of a table."""
        self._slices[table, slice_id] = None

    def new_files(self) -> Iterator[tuple[str, str, FileEntry]]:
        """Yield the files that this transaction shows and the lake had not, each with its table and slice."""
        for (table, slice_id), entry in self._slices.items():
            for file in entry.files if entry else ():
                if file.path not in self._base_paths:
                    yield table, slice_id, file

    def describe(self, table: str, description: TableDescription) -> None:
        """Say what a table is."""
        self._descriptions[table] = description

    def commit(self) -> Snapshot:
        """Make everything visible at once; where nothing differs from the lake, make no commit.

        Returns:
            The lake with this work in it.

        Raises:
            ConcurrentCommit: another run changed a slice that this one changes.
        """
        for _ in range(COMMIT_TRIES):
            newest = self.lake.snapshot()
            self._require_no_overlap(newest)
            tables = self._applied(newest.document)
            if tables == newest.document:
                return newest
            number = newest.number + 1
            document = {"format": FORMAT, "number": number, "run_id": self.run_id, "tables": tables}
            if self.lake.storage.create(commit_path(number), to_json(document)):
                logger.info("commit %s of %s: %s slices set", number, self.lake.url, len(self._slices))
                return Snapshot(self.lake, number, self.run_id, tables)
        raise ConcurrentCommit(
            f"{self.lake.url}: other runs committed first {COMMIT_TRIES} times in a row. "
            "Nothing of this run is visible. Run the same command again."
        )

    @cached_property
    def _base_paths(self) -> set[str]:
        return self.base.paths()

    def _require_no_overlap(self, newest: Snapshot) -> None:
        if newest.number == self.base.number:
            return
        wanted = {key: self._stored(entry) for key, entry in self._slices.items()}
        for (table, slice_id), values in wanted.items():
            now = _slice_values(newest.document, table, slice_id)
            if now not in (_slice_values(self.base.document, table, slice_id), values):
                raise ConcurrentCommit(
                    f"{self.lake.url}: run {newest.run_id} changed '{slice_id}' of {table} while this run went on.\n"
                    f"  expected: commit {self.base.number}   found: commit {newest.number}\n"
                    "Nothing of this run is visible. Run the same command again; it starts from the newer lake."
                )

    def _applied(self, document: Tables) -> Tables:
        tables: Tables = {name: table | {"slices": dict(table["slices"])} for name, table in document.items()}
        for (name, slice_id), entry in self._slices.items():
            slices = tables.setdefault(name, {"slices": {}})["slices"]
            if entry is None:
                slices.pop(slice_id, None)
            else:
                slices[slice_id] = self._stored(entry)
        for name, description in self._descriptions.items():
            if name in tables:
                tables[name]["description"] = self._store_manifest(description.as_values())
        return {name: table for name, table in tables.items() if table["slices"]}

    def _stored(self, entry: SliceEntry | None) -> dict[str, Any] | None:
        if entry is None:
            return None
        files = files_as_values(entry.files)
        values = {"fingerprint": entry.fingerprint, "attributes": dict(entry.attributes)}
        if len(files) <= FILES_NAMED_IN_COMMIT:
            return values | {"files": files}
        return values | {"manifest": self._store_manifest(files)}

    def _store_manifest(self, values: object) -> str:
        data = to_json(values)
        name = content_name(data)
        path = f"{MANIFESTS}/{name}.json"
        if path not in self._stored_manifests:
            self.lake.storage.write(path, data)
            self._stored_manifests.add(path)
        return name

    @cached_property
    def _stored_manifests(self) -> set[str]:
        return {f"{MANIFESTS}/{name}.json" for name in manifests_of(self.base.document)}


def commit_path(number: int) -> str:
    """Return the path of a commit in its lake."""
    return f"{COMMITS}/{number:08d}.json"


def manifests_of(document: Tables) -> set[str]:
    """Return the names of the manifests that a commit's tables need."""
    named = {table.get("description") for table in document.values()}
    named |= {values.get("manifest") for table in document.values() for values in table["slices"].values()}
    return {name for name in named if name}


def _slice_values(document: Tables, table: str, slice_id: str) -> Any:
    return document.get(table, {}).get("slices", {}).get(slice_id)
