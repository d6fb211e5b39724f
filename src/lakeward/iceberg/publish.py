"""Brings the Iceberg table to the commits of the lake: one snapshot for each that changed the table.

In: a lake and a catalogue. Out: the table, and what was done. No data file is written or read but for its footer: a
snapshot takes in the files that a commit has and the table has not, and leaves out those that the commit has no more.
What a killed or skipped step left undone is done by the next, because the commits tell what is missing.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.snapshots import Snapshot as IcebergSnapshot
from pyiceberg.table.update.snapshot import ManageSnapshots

from lakeward.errors import ConcurrentCommit, StorageFailed, UsageError
from lakeward.iceberg.catalogue import IcebergCatalogue, refusals_of
from lakeward.iceberg.data_files import LakeData, data_files, lake_data
from lakeward.iceberg.schema import can_become, iceberg_schema
from lakeward.iceberg.snapshots import COMMIT_PROPERTY, RUN_PROPERTY, commit_of, tag_name
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.writer import ENRICHED

logger = logging.getLogger(__name__)

COMMIT_TRIES = 10


@dataclass(frozen=True)
class Followed:
    """What bringing the table to the lake did.

    Args:
        commits: of the lake that became snapshots, oldest first.
        commit: of the lake that the table stands at; that of its newest snapshot.
        metadata_location: of the table.
        was_made: whether the table is a new one.
    """

    commits: tuple[int, ...]
    commit: int
    metadata_location: str
    was_made: bool


def follow(lake: Lake, catalogue: IcebergCatalogue) -> Followed:
    """Bring the table to the newest commit of the lake.

    Args:
        lake: whose commits to follow.
        catalogue: of the table, which is made if there is none.

    Returns:
        What was done; nothing, where the table stood at the newest commit.

    Raises:
        UsageError: no commit of the lake has the table, or a column has a type that Iceberg has not.
        StorageFailed: the lake or the catalogue cannot be read or written.
        ConcurrentCommit: others changed the table again and again.
    """
    table = catalogue.load()
    if table is not None and not _is_of_lake(table, lake):
        logger.warning("the Iceberg table %s is of another history than %s: made anew", catalogue.name, lake.url)
        catalogue.drop(table)
        table = None
    done, was_made = [], table is None
    for commit in _commits_to_follow(lake, table):
        table, is_new, is_anew = _followed(catalogue, table, commit)
        done += [commit.number] if is_new else []
        was_made |= is_anew
    if table is None:
        raise UsageError(
            f"{lake.url} has no table {ENRICHED.rpartition('/')[2]} to show as Iceberg.\n"
            "Nothing was written. `lakeward run rates` makes it; `lakeward tables` lists what there is."
        )
    catalogue.point_to(table)
    commit_number = commit_of(table.current_snapshot())
    logger.info("Iceberg %s: %s commits -> %s", catalogue.name, len(done), table.metadata_location)
    return Followed(tuple(done), commit_number, table.metadata_location, was_made)


def _followed(catalogue: IcebergCatalogue, table: Table | None, commit: Snapshot) -> tuple[Table, bool, bool]:
    """Bring the table to one commit; tell whether this made a snapshot, and whether it made the table anew."""
    is_anew = False
    for _ in range(COMMIT_TRIES):
        try:
            with refusals_of(catalogue):
                table = table or catalogue.create(commit.description(ENRICHED))
                if commit_of(table.current_snapshot()) >= commit.number:
                    return table, False, is_anew
                if _can_take(table, commit):
                    return table, _take(table, commit), is_anew
                logger.warning(
                    "columns of commit %s do not fit the Iceberg table %s: made anew", commit.number, catalogue.name
                )
                catalogue.drop(table)
                table, is_anew = None, True
        except (CommitFailedException, NoSuchTableError):
            catalogue.drop_unfinished()
            table = catalogue.load()
    raise ConcurrentCommit(
        f"The Iceberg table {catalogue.name} was changed by others {COMMIT_TRIES} times in a row.\n"
        f"The lake has commit {commit.number}. Run `lakeward iceberg publish` again."
    )


def _commits_to_follow(lake: Lake, table: Table | None) -> Iterator[Snapshot]:
    """Yield the commits that may have changed the table since its newest snapshot, oldest first."""
    followed = commit_of(table.current_snapshot()) if table is not None else 0
    numbers = lake.commit_numbers()
    seen = lake.snapshot(followed).document.get(ENRICHED) if followed in numbers else None
    for number in numbers:
        if number <= followed:
            continue
        try:
            commit = lake.snapshot(number)
        except StorageFailed:
            if number in lake.commit_numbers():
                raise
            continue  # swept by another run just now
        if commit.document.get(ENRICHED) != seen:
            seen = commit.document.get(ENRICHED)
            yield commit


def _is_of_lake(table: Table, lake: Lake) -> bool:
    """Tell whether the lake has the commit that the table stands at, or may have had it."""
    snapshot = table.current_snapshot()
    if snapshot is None:
        return True
    number, numbers = commit_of(snapshot), lake.commit_numbers()
    if number not in numbers:
        return number < max(numbers, default=0)
    return _properties(snapshot).get(RUN_PROPERTY) == lake.snapshot(number).run_id


def _take(table: Table, commit: Snapshot) -> bool:
    """Give the table the files and columns of a commit, in one change of its metadata; tell if there is a snapshot."""
    wanted, present = lake_data(commit, ENRICHED), _present_files(table)
    gone = [file for address, file in present.items() if address not in wanted]
    new = [file for address, file in wanted.items() if address not in present]
    transaction = table.transaction()
    if commit.description(ENRICHED).columns:
        _change_columns(transaction, iceberg_schema(commit.description(ENRICHED)))
    if gone or new:
        _snapshot(transaction, commit, new, gone)
    transaction.commit_transaction()
    return bool(gone or new)


def _present_files(table: Table) -> dict[str, DataFile]:
    snapshot = table.current_snapshot()
    if snapshot is None:
        return {}
    return {
        entry.data_file.file_path: entry.data_file
        for manifest in snapshot.manifests(table.io)
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
    }


def _can_take(table: Table, commit: Snapshot) -> bool:
    """Tell whether the table's columns can become those of a commit; one that has the table no more, has none."""
    description, metadata = commit.description(ENRICHED), table.metadata
    if not description.columns:
        return True
    schema = table.schema()
    sources = {field.source_id for spec in metadata.specs().values() for field in spec.fields}
    keys = {schema.find_column_name(source) or "" for source in sources}
    earlier = {field.name for one in metadata.schemas for field in one.fields}
    return can_become(schema, iceberg_schema(description), keys, earlier)


def _change_columns(transaction: Transaction, wanted: Schema) -> None:
    before = {field.name: field for field in transaction.table_metadata.schema().fields}
    after = {field.name: field for field in wanted.fields}
    with transaction.update_schema(allow_incompatible_changes=True) as update:
        for name in before.keys() - after.keys():
            update.delete_column(name)
        for name, field in after.items():
            if name not in before:
                update.add_column(name, field.field_type, doc=field.doc)
            elif before[name].doc != field.doc:
                update.update_column(name, doc=field.doc)


def _snapshot(transaction: Transaction, commit: Snapshot, new: list[LakeData], gone: list[DataFile]) -> None:
    properties = {COMMIT_PROPERTY: str(commit.number), RUN_PROPERTY: commit.run_id}
    by_keys: dict[tuple[str, ...], list[LakeData]] = {}
    for file in new:
        by_keys.setdefault(file.keys, []).append(file)
    own = commit.description(ENRICHED).partition_keys
    # One group, but for a lake with slices in two layouts: each manifest is of one specification.
    for keys, files in sorted(by_keys.items(), key=lambda item: item[0] == own) or [(own, [])]:
        _partition_by(transaction, keys)
        with transaction.update_snapshot(snapshot_properties=properties).overwrite() as update:
            for data_file in data_files(commit.lake.storage, files, transaction.table_metadata):
                update.append_data_file(data_file)
            for data_file in gone:
                update.delete_data_file(data_file)
        gone = []
    current = transaction.table_metadata.current_snapshot()
    assert current is not None
    tags = ManageSnapshots(transaction)
    tags.create_tag(current.snapshot_id, tag_name(commit.number))
    tags.commit()


def _partition_by(transaction: Transaction, keys: tuple[str, ...]) -> None:
    """Let new files be partitioned by other keys; files that stay keep their own specification."""
    now = {field.name for field in transaction.table_metadata.spec().fields}
    if now == set(keys):
        return
    with transaction.update_spec() as update:
        for name in sorted(now - set(keys)):
            update.remove_field(name)
        for name in keys:
            if name not in now:
                update.add_identity(name)


def _properties(snapshot: IcebergSnapshot) -> dict[str, Any]:
    return dict(snapshot.summary.additional_properties) if snapshot.summary else {}
