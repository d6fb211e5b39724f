"""Expires snapshots whose commit the lake no longer keeps, before the sweep deletes their files.

In: a lake, its catalogue, and how many commits are kept. Out: what went. The newest snapshot always stays, and so does
the one that shows the table as the oldest kept commit has it.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table
from pyiceberg.table.update.snapshot import ExpireSnapshots, ManageSnapshots

from lakeward.errors import ConcurrentCommit
from lakeward.iceberg.catalogue import HINT_PATH, METADATA_PATH, IcebergCatalogue, refusals_of
from lakeward.iceberg.file_io import path_in_lake
from lakeward.iceberg.snapshots import commit_of
from lakeward.lake.commit import Lake
from lakeward.lake.sweep import DEFAULT_AGE, KEPT_COMMITS

logger = logging.getLogger(__name__)

COMMIT_TRIES = 10


@dataclass(frozen=True)
class Expired:
    """What was expired: the commits whose snapshots went, and the metadata files that were deleted."""

    commits: tuple[int, ...]
    files: int
    bytes: int


def expire(
    lake: Lake, catalogue: IcebergCatalogue, keep_commits: int = KEPT_COMMITS, older_than: timedelta = DEFAULT_AGE
) -> Expired:
    """Expire snapshots and delete metadata that no snapshot needs.

    Args:
        lake: whose commits the table follows.
        catalogue: of the table.
        keep_commits: how many of the newest commits of the lake stay readable as snapshots, at least one.
        older_than: metadata younger than this stays: another run may be about to name it.

    Raises:
        StorageFailed: the lake or the catalogue cannot be read or written.
        ConcurrentCommit: others changed the table again and again.
    """
    for _ in range(COMMIT_TRIES):
        table = catalogue.load()
        if table is None:
            return Expired((), 0, 0)
        try:
            with refusals_of(catalogue):
                gone = _expire(table, lake.commit_numbers()[-max(keep_commits, 1) :])
            break
        except CommitFailedException:
            with refusals_of(catalogue):
                catalogue.drop_unfinished()
    else:
        raise ConcurrentCommit(
            f"The Iceberg table {catalogue.name} was changed by others {COMMIT_TRIES} times in a row.\n"
            "Nothing was expired. Run `lakeward iceberg expire` again."
        )
    catalogue.point_to(table)
    files, size = _clean(lake, table, datetime.now(UTC) - older_than)
    logger.info("Iceberg %s: %s snapshots expired, %s metadata files deleted", catalogue.name, len(gone), files)
    return Expired(tuple(gone), files, size)


def _expire(table: Table, kept: list[int]) -> list[int]:
    snapshots = sorted(table.metadata.snapshots, key=lambda each: each.sequence_number or 0)
    oldest = min(kept, default=0)
    # What the oldest kept commit shows is the newest snapshot of it or of one before.
    first = max((commit_of(each) for each in snapshots if commit_of(each) <= oldest), default=0)
    current = table.metadata.current_snapshot_id
    gone = [each for each in snapshots if commit_of(each) < max(first, 1) and each.snapshot_id != current]
    if not gone:
        return []
    ids = {each.snapshot_id for each in gone}
    with table.transaction() as transaction:
        tags = ManageSnapshots(transaction)
        for name, reference in table.metadata.refs.items():
            if reference.snapshot_ref_type == "tag" and reference.snapshot_id in ids:
                tags.remove_tag(name)
        tags.commit()
        ExpireSnapshots(transaction).by_ids(sorted(ids)).commit()
    return sorted({commit_of(each) for each in gone} - {0})


def _clean(lake: Lake, table: Table, before: datetime) -> tuple[int, int]:
    storage = lake.storage
    needed = {path_in_lake(storage, address) for address in _needed(table)} | {HINT_PATH}
    garbage = [
        file for file in storage.files(f"{METADATA_PATH}/") if file.path not in needed and file.modified_at < before
    ]
    storage.delete(file.path for file in garbage)
    return len(garbage), sum(file.bytes for file in garbage)


def _needed(table: Table) -> Iterator[str]:
    yield table.metadata_location
    yield from (entry.metadata_file for entry in table.metadata.metadata_log)
    for snapshot in table.metadata.snapshots:
        yield snapshot.manifest_list
        yield from (manifest.manifest_path for manifest in snapshot.manifests(table.io))
