"""The tables of a lake as Hive and Athena see them: columns, partitions, and where the files of each are listed.

In: a snapshot, and where the lake is in S3. Out: a :class:`HiveTable` for each published table.

A Hive table reads whatever lies in a folder, and a folder of the lake may hold files that no commit names any more. So
a location here is never a folder of data: it is one of a manifest, a text that lists the files of the commit, as S3
Inventory and Delta Lake do for the same readers. A manifest's folder is named by its content and never changes.

Source: docs/adr/0012-hive-tables-read-manifests.md
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lakeward.aws.hive_types import hive_type
from lakeward.aws.projection import projection_obstacle, projection_properties
from lakeward.errors import UsageError
from lakeward.lake.commit import Snapshot
from lakeward.lake.entries import ColumnDescription, FileEntry, TableDescription, content_name
from lakeward.publish.catalog import BRONZE, find_table, shown_name

HIVE_PREFIX = "hive"
"""Where manifests are in a lake. Without an underscore in front: Athena takes such a folder for a hidden one."""
MANIFEST = "manifest"
EXAMPLE_LOCATION = "s3://example-bucket/lake"
"""What stands for the place in S3 of a lake that is a folder, until somebody says it."""

_LOCATION = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/\s]+)*")


@dataclass(frozen=True)
class HiveColumn:
    """One column: its name, its Hive type, and what it means."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class HivePartition:
    """One partition: the value of each key in their order, null included, and the folder of its manifest."""

    values: tuple[str | None, ...]
    location: str


@dataclass(frozen=True)
class HiveTable:
    """A published table.

    Args:
        table: its path in the lake.
        name: of the table in the catalogue.
        description: what one row is.
        columns: those in the files; partition columns are not among them.
        partition_columns: text, outermost first.
        location: a folder that ends with ``/``.
        lake: the lake's place in S3.
        partitions: to be registered; none when they are projected.
        projection: table properties of the projection; none when partitions are registered.
        obstacle: why partitions are registered although a projection was asked for.
        manifests: texts to be written, by their paths in the lake.
    """

    table: str
    name: str
    description: str
    columns: tuple[HiveColumn, ...]
    partition_columns: tuple[HiveColumn, ...]
    location: str
    lake: str
    partitions: tuple[HivePartition, ...] = ()
    projection: Mapping[str, str] = field(default_factory=dict)
    obstacle: str = ""
    manifests: Mapping[str, str] = field(default_factory=dict, repr=False)


def hive_tables(
    snapshot: Snapshot, location: str, names: Sequence[str] = (), *, projection: bool = False
) -> list[HiveTable]:
    """Return the published tables of a snapshot; reads no data file.

    Args:
        snapshot: of the lake.
        location: ``s3://bucket/prefix`` of the lake, as readers reach it.
        names: the tables; all published ones when not given.
        projection: let the partitions be computed from table properties where the values of the keys allow it.

    Raises:
        UsageError: there is no such table, it is bronze, or the location is not one in S3.
    """
    root = lake_location(location)
    chosen = [find_table(snapshot, name) for name in names] or [
        table for table in snapshot.tables() if not table.startswith(f"{BRONZE}/")
    ]
    return [_hive_table(snapshot, table, root, projection=projection) for table in chosen]


def lake_location(location: str) -> str:
    """Return a lake's place in S3 without a slash at its end.

    Raises:
        UsageError: it is not ``s3://bucket/prefix``.
    """
    trimmed = location.rstrip("/")
    if not _LOCATION.fullmatch(trimmed):
        raise UsageError(f"'{location}' is not a place in S3; give --location s3://bucket/prefix.")
    return trimmed


def _hive_table(snapshot: Snapshot, table: str, root: str, *, projection: bool) -> HiveTable:
    described = _described(snapshot, table)
    keys, name = described.partition_keys, shown_name(table)
    folder = f"{HIVE_PREFIX}/{name}"
    columns = tuple(_column(table, column) for column in described.columns)
    by_name = {column.name: column for column in columns}
    common = HiveTable(
        table=table,
        name=name,
        description=described.description or described.grain,
        columns=tuple(column for column in columns if column.name not in keys),
        partition_columns=tuple(by_name[key] for key in keys),
        location=f"{root}/{folder}/",
        lake=root,
    )
    files = snapshot.files(table)
    if not keys:
        return _unpartitioned(common, files, root, folder)
    groups = _by_partition(table, files, keys)
    obstacle = projection_obstacle(keys, list(groups)) if projection else ""
    if projection and not obstacle:
        return _projected(common, groups, root, folder)
    return _registered(common, groups, root, folder, obstacle)


def _described(snapshot: Snapshot, table: str) -> TableDescription:
    described = snapshot.description(table)
    if not described.columns:
        raise UsageError(
            f"{table} is as its publisher sent it, and no table of Athena's. Name one of silver, gold or quarantine."
        )
    return described


def _column(table: str, column: ColumnDescription) -> HiveColumn:
    try:
        return HiveColumn(column.name, hive_type(column.type), column.description)
    except UsageError as error:
        raise UsageError(f"{table}, column '{column.name}': {error}") from error


def _by_partition(
    table: str, files: Iterable[FileEntry], keys: tuple[str, ...]
) -> dict[tuple[str | None, ...], list[FileEntry]]:
    groups: dict[tuple[str | None, ...], list[FileEntry]] = {}
    for file in files:
        if tuple(file.partition) != keys:
            raise UsageError(
                f"{table} has files in another layout than its own.\n"
                f"  expected: {', '.join(keys)}   found: {', '.join(file.partition) or 'no keys'}, '{file.path}'\n"
                "Nothing was written. Run `lakeward publish` to bring them into one layout, then this command again."
            )
        # A slice without rows keeps one empty file under null keys, which is no partition of anything.
        if file.rows:
            groups.setdefault(tuple(file.partition.values()), []).append(file)
    return dict(sorted(groups.items(), key=lambda item: [(value is not None, value or "") for value in item[0]]))


def _unpartitioned(table: HiveTable, files: Sequence[FileEntry], root: str, folder: str) -> HiveTable:
    text = _manifest(files, root)
    place = f"{folder}/{content_name(text.encode())}"
    return replace(table, location=f"{root}/{place}/", manifests={f"{place}/{MANIFEST}": text})


def _registered(
    table: HiveTable, groups: Mapping[tuple[str | None, ...], list[FileEntry]], root: str, folder: str, obstacle: str
) -> HiveTable:
    partitions, manifests = [], {}
    for values, files in groups.items():
        text = _manifest(files, root)
        place = f"{folder}/{content_name(text.encode())}"
        manifests[f"{place}/{MANIFEST}"] = text
        partitions.append(HivePartition(values, f"{root}/{place}/"))
    return replace(table, partitions=tuple(partitions), manifests=manifests, obstacle=obstacle)


def _projected(
    table: HiveTable, groups: Mapping[tuple[str | None, ...], list[FileEntry]], root: str, folder: str
) -> HiveTable:
    """Lay the manifests out as a tree of the keys under a root named by all of them: a table moves on in one step."""
    keys = [column.name for column in table.partition_columns]
    texts = {values: _manifest(files, root) for values, files in groups.items()}
    place = f"{folder}/{content_name(repr(sorted(texts.items())).encode())}"
    branches = {values: "/".join(f"{k}={v}" for k, v in zip(keys, values, strict=True)) for values in texts}
    return replace(
        table,
        location=f"{root}/{place}/",
        projection=projection_properties(keys, list(texts), f"{root}/{place}/"),
        manifests={f"{place}/{branches[values]}/{MANIFEST}": text for values, text in texts.items()},
    )


def _manifest(files: Iterable[FileEntry], root: str) -> str:
    return "".join(f"{root}/{path}\n" for path in sorted(file.path for file in files))
