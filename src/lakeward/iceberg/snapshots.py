"""The snapshots of the Iceberg table, and the commits of the lake that they are of.

In: the table. Out: one :class:`TableSnapshot` each. A snapshot says in its summary which commit and run it is of, and
has a tag ``commit-12``, so that any reader travels to a commit by its number.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot as IcebergSnapshot

from lakeward.errors import UsageError

COMMIT_PROPERTY = "lakeward.commit"
RUN_PROPERTY = "lakeward.run-id"


@dataclass(frozen=True)
class TableSnapshot:
    """One snapshot: the commit and run it is of, when it was made (UTC), and what the table holds in it."""

    commit: int
    snapshot_id: int
    tag: str | None
    made_at: datetime
    run_id: str
    rows: int
    files: int
    files_added: int
    files_removed: int
    is_current: bool


def tag_name(commit: int) -> str:
    """Return the tag of a commit's snapshot."""
    return f"commit-{commit}"


def commit_of(snapshot: IcebergSnapshot | None) -> int:
    """Return the commit that a snapshot is of; 0 when there is none, or it was not made by Lakeward."""
    return int(_summary(snapshot).get(COMMIT_PROPERTY, 0)) if snapshot is not None else 0


def list_snapshots(table: Table) -> list[TableSnapshot]:
    """Return the snapshots that can still be read, oldest first; one for each commit."""
    tags: dict[int, str] = {}
    for name, reference in table.metadata.refs.items():
        if reference.snapshot_ref_type == "tag":
            tags[reference.snapshot_id] = name
    newest: dict[int, IcebergSnapshot] = {}
    for snapshot in sorted(table.metadata.snapshots, key=lambda each: each.sequence_number or 0):
        newest[commit_of(snapshot)] = snapshot
    current = table.metadata.current_snapshot_id
    return [_described(snapshot, tags, current) for _, snapshot in sorted(newest.items())]


def snapshot_at(table: Table, commit: int) -> TableSnapshot:
    """Return the snapshot that shows the table as it was at a commit, which need not have changed it.

    Raises:
        UsageError: the table has no snapshot so old.
    """
    found = [snapshot for snapshot in list_snapshots(table) if 0 < snapshot.commit <= commit]
    if not found:
        kept = ", ".join(str(snapshot.commit) for snapshot in list_snapshots(table)) or "none"
        raise UsageError(f"The Iceberg table has no snapshot of commit {commit} or before. It has: {kept}.")
    return found[-1]


def _described(snapshot: IcebergSnapshot, tags: dict[int, str], current: int | None) -> TableSnapshot:
    summary = _summary(snapshot)
    return TableSnapshot(
        commit=commit_of(snapshot),
        snapshot_id=snapshot.snapshot_id,
        tag=tags.get(snapshot.snapshot_id),
        made_at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC),
        run_id=summary.get(RUN_PROPERTY, ""),
        rows=int(summary.get("total-records", 0)),
        files=int(summary.get("total-data-files", 0)),
        files_added=int(summary.get("added-data-files", 0)),
        files_removed=int(summary.get("deleted-data-files", 0)),
        is_current=snapshot.snapshot_id == current,
    )


def _summary(snapshot: IcebergSnapshot) -> dict[str, str]:
    return dict(snapshot.summary.additional_properties) if snapshot.summary else {}
