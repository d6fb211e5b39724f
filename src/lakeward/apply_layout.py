"""Rewrites ``fact_rate_enriched`` in another layout: new files beside the old, then one commit that names them.

In: settings and a layout. Out: a :class:`Run` record in the lake, and a new commit if the table stood otherwise. Until
the commit every reader sees the old files; a rewrite that fails or is killed leaves the lake as it was.
"""

import logging
from collections.abc import Callable

from lakeward.errors import UsageError
from lakeward.iceberg.door import show_iceberg
from lakeward.interrupts import kept_interrupt
from lakeward.lake.commit import Lake, Snapshot
from lakeward.lake.extent import Extent
from lakeward.lake.ledger import require_balance
from lakeward.lake.runs import Run, unwatched
from lakeward.lake.sweep import sweep
from lakeward.pipeline import scratch_directory
from lakeward.publish.bucket import Bucket
from lakeward.publish.engine import Resources
from lakeward.publish.layout import Layout, layout_of
from lakeward.publish.writer import ENRICHED, relayout
from lakeward.settings import Settings

logger = logging.getLogger(__name__)


def apply_layout(settings: Settings, layout: Layout, watch: Callable[[Run], None] = unwatched) -> Run:
    """Rewrite the table, slice by slice, and show all of it at once.

    Args:
        settings: the lake and what may be used.
        layout: to rewrite it in; slices that have it already stay.
        watch: gets the record when the run begins.

    Returns:
        The record of the run; its outcome is ``published``, or ``unchanged`` when every slice had the layout.

    Raises:
        UsageError: the lake has no such table, or it lacks a column of the layout, or the layout makes tiny files.
        DataCheckFailed: what was read back from the new files is not what the old ones hold; nothing was changed.
    """
    lake = Lake.open(settings.lake, settings.storage)
    require_table(lake.snapshot())
    command = f"layout apply {layout.identity}"
    with (
        Run(lake, command, settings.resources.memory, environment=settings.environment) as run,
        scratch_directory() as scratch,
    ):
        watch(run)
        transaction = lake.begin(run.run_id)
        bucket = Bucket.of(lake.url, settings.storage)
        resources = Resources(settings.resources.memory, settings.resources.workers, scratch, bucket)
        with run.stage("publish") as stage, kept_interrupt():
            run.ledger += relayout(transaction, layout, resources)
            stage.count(run.ledger)
        require_balance(run.ledger)
        snapshot = transaction.commit()
        run.written = Extent.of(transaction.new_files())
        run.outcome = "published" if run.ledger else "unchanged"
        run.end_at(snapshot)
        behind = show_iceberg(lake, run, settings)
        if run.ledger and behind is None:
            sweep(lake)
    if behind is not None:
        raise behind
    return run


def require_table(snapshot: Snapshot) -> None:
    """Stop when there is nothing to lay out.

    Raises:
        UsageError: the lake has no ``fact_rate_enriched``.
    """
    if not snapshot.slices(ENRICHED):
        raise UsageError(
            f"{snapshot.lake.url} has no table {ENRICHED.rpartition('/')[2]}.\n"
            "Nothing was written. `lakeward run rates` makes it; `lakeward tables` lists what there is."
        )


def next_run_differs(settings: Settings, layout: Layout) -> bool:
    """Whether the configuration asks for another layout, in which the next run that publishes would write it again."""
    return layout_of(settings.layout).identity != layout.identity
