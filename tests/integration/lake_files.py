"""What a lake holds, for comparing two lakes or one lake before and after."""

import hashlib
from pathlib import Path

from lakeward.lake.commit import Lake, Snapshot
from lakeward.settings import StorageSettings


def snapshot_of(lake: Path) -> Snapshot:
    """Return the newest snapshot of a lake in a folder."""
    return Lake.open(str(lake), StorageSettings()).snapshot()


def data_files(snapshot: Snapshot, *, published: bool = False) -> dict[str, str]:
    """Return every data file that a snapshot names, with the hash of its bytes; of published tables only if asked."""
    tables = [name for name in snapshot.tables() if not (published and name.startswith("bronze/"))]
    storage = snapshot.lake.storage
    return {
        file.path: hashlib.sha256(storage.read(file.path)).hexdigest()
        for table in tables
        for file in snapshot.files(table)
    }


def fingerprints(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Return the fingerprint of each slice of each published table."""
    published = [name for name in snapshot.tables() if not name.startswith("bronze/")]
    return {name: {s: entry.fingerprint for s, entry in snapshot.slices(name).items()} for name in published}


def all_files(folder: Path) -> set[str]:
    """Return every file below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def release_of(path: str, snapshot: Snapshot) -> str | None:
    """Return the slice that a data file belongs to."""
    for table in snapshot.tables():
        for slice_id, entry in snapshot.slices(table).items():
            if any(file.path == path for file in entry.files):
                return slice_id
    return None
