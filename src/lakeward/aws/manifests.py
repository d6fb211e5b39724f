"""Manifests in a lake: the lists of files that the tables of Hive point to.

In: tables as :mod:`lakeward.aws.hive_tables` describes them. Out: texts under ``hive/`` in the lake, and those that are
no longer needed deleted. A manifest is named by what it lists, so one that is there is never written again.
"""

import logging
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from lakeward.aws.hive_tables import HIVE_PREFIX, HiveTable
from lakeward.lake.commit import Lake
from lakeward.lake.sweep import DEFAULT_AGE

logger = logging.getLogger(__name__)

PARALLEL_WRITES = 16
"""A manifest is a few lines, so that writing one is waiting for an answer."""


def write_manifests(lake: Lake, tables: Iterable[HiveTable]) -> int:
    """Write the manifests of tables that are not there yet; return how many were written.

    Raises:
        StorageFailed: the lake's storage refused.
    """
    wanted = {path: text for table in tables for path, text in table.manifests.items()}
    missing = sorted(set(wanted) - set(lake.storage.list(f"{HIVE_PREFIX}/")))
    with ThreadPoolExecutor(PARALLEL_WRITES) as pool:
        list(pool.map(lambda path: lake.storage.write(path, wanted[path].encode()), missing))
    logger.info("%s: %s of %s manifests written", lake.url, len(missing), len(wanted))
    return len(missing)


def sweep_manifests(
    lake: Lake, tables: Iterable[HiveTable], replaced: Collection[str], now: datetime | None = None
) -> int:
    """Delete manifests that no table needs and that are a day old; return how many were deleted.

    Args:
        lake: the lake.
        tables: every table that is registered.
        replaced: locations that were just given up: queries that run may still read them, so they stay this time.
        now: the present (UTC), where it is to be another.

    Raises:
        StorageFailed: the lake's storage refused.
    """
    chosen = list(tables)
    needed = {path for table in chosen for path in table.manifests}
    kept = tuple(place.removeprefix(f"{table.lake}/") for table in chosen[:1] for place in replaced)
    before = (now or datetime.now(UTC)) - DEFAULT_AGE
    gone = [
        file.path
        for file in lake.storage.files(f"{HIVE_PREFIX}/")
        if file.path not in needed and not file.path.startswith(kept) and file.modified_at < before
    ]
    lake.storage.delete(gone)
    return len(gone)
