"""The Iceberg door as a run uses it: after its commit the table follows, and old snapshots go before old files do.

In: a lake, the run and the settings. Out: the table at the newest commit. pyiceberg takes half a second to import,
which a run without this door need not pay; so nothing else of this package is imported before it is asked for.
"""

import logging

from lakeward.errors import LakewardError
from lakeward.interrupts import kept_interrupt
from lakeward.lake.commit import Lake
from lakeward.lake.runs import Run
from lakeward.publish.writer import ENRICHED
from lakeward.settings import Settings

logger = logging.getLogger(__name__)


def show_iceberg(lake: Lake, run: Run, settings: Settings) -> LakewardError | None:
    """Bring the Iceberg table to the lake, where the settings ask for it; comes before the sweep.

    A run that changed nothing does it too: one before it may have been killed between its commit and this step.

    Returns:
        Why it could not be done: to be raised when the run is recorded, because its commit stands and its ledger holds.
        Then nothing may be swept; the next publishing run makes up for it.
    """
    if not settings.iceberg.publish:
        return None
    newest = lake.snapshot()
    if not newest.slices(ENRICHED):
        return None
    from lakeward.iceberg.expire import expire
    from lakeward.iceberg.opening import open_catalogue
    from lakeward.iceberg.publish import follow

    where = settings.iceberg, settings.environment, settings.storage.region
    try:
        with run.stage("iceberg"), kept_interrupt(), open_catalogue(lake, *where) as catalogue:
            follow(lake, catalogue)
            expire(lake, catalogue)
    except LakewardError as error:
        run.error = f"{type(error).__name__}: {error}"
        logger.warning(
            "commit %s is published, and the Iceberg table is behind it; `lakeward iceberg publish` brings it there",
            newest.number,
        )
        return error
    return None
