"""The sweep: deletes what no kept commit needs.

In: a lake. Out: the paths that were deleted. Old commits go first, then data files and manifests that only they named,
then what killed runs left behind. Whatever was written lately is left alone, because a run that still goes on has
files in the lake that no commit names yet.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lakeward.lake.commit import MANIFESTS, Lake, commit_path
from lakeward.lake.local_storage import TEMPORARY
from lakeward.lake.storage import StoredFile

logger = logging.getLogger(__name__)

SWEPT_PREFIXES = ("bronze/", "silver/", "gold/", "quarantine/", f"{MANIFESTS}/", f"{TEMPORARY}/")
KEPT_COMMITS = 10
DEFAULT_AGE = timedelta(hours=24)


@dataclass(frozen=True)
class Swept:
    """What a sweep deleted."""

    paths: tuple[str, ...]
    bytes: int


def sweep(
    lake: Lake,
    older_than: timedelta = DEFAULT_AGE,
    keep_commits: int = KEPT_COMMITS,
    running_since: datetime | None = None,
) -> Swept:
    """Delete what no kept commit needs.

    Args:
        lake: the lake.
        older_than: files younger than this stay, whoever wrote them; longer than any run takes.
        keep_commits: how many of the newest commits stay readable, at least one.
        running_since: when the oldest run that still goes on started (UTC); younger files stay.

    Returns:
        The deleted paths and their bytes.
    """
    oldest_kept = datetime.now(UTC) - older_than
    if running_since is not None:
        oldest_kept = min(oldest_kept, running_since)
    numbers = lake.commit_numbers()
    kept, dropped = numbers[-max(keep_commits, 1) :], numbers[: -max(keep_commits, 1)]
    needed = {path for number in kept for path in lake.snapshot(number).paths()}
    # Commits go first: a sweep that is killed in the middle leaves garbage, never a commit without its files.
    lake.storage.delete(commit_path(number) for number in dropped)
    garbage = [file for file in _data_files(lake) if file.path not in needed and file.modified_at < oldest_kept]
    lake.storage.delete(file.path for file in garbage)
    unfinished = lake.storage.discard_unfinished(oldest_kept)
    swept = Swept((*(commit_path(n) for n in dropped), *(f.path for f in garbage)), sum(f.bytes for f in garbage))
    logger.info(
        "sweep of %s: %s files, %s bytes, %s commits, %s unfinished uploads",
        lake.url,
        len(garbage),
        swept.bytes,
        len(dropped),
        unfinished,
    )
    return swept


def _data_files(lake: Lake) -> Iterator[StoredFile]:
    for prefix in SWEPT_PREFIXES:
        yield from lake.storage.files(prefix)
