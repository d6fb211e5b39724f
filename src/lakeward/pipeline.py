"""The flow as code: extract, plan, build, publish, and the record of how it went. Reads top to bottom like that list.

In: settings and the inputs they name. Out: a :class:`Run` record in the lake, and a new commit if anything changed.
A run builds aside, tests, then commits; whatever fails before the commit leaves the last good lake as it was.
"""

import logging
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lakeward.build import BuildResult, EngineLimits, build
from lakeward.errors import UsageError
from lakeward.extract import extract
from lakeward.lake.commit import Lake
from lakeward.lake.ledger import require_balance
from lakeward.lake.runs import Run
from lakeward.lake.sweep import sweep
from lakeward.plan import Plan, plan_build, remove_gone_releases, set_release_files
from lakeward.publish.engine import Resources
from lakeward.publish.layout import layout_of
from lakeward.publish.writer import publish_build
from lakeward.relations import bronze_relations, published_relation
from lakeward.settings import Settings
from lakeward.sources.inputs import Input

logger = logging.getLogger(__name__)

DOMAIN_SOURCES = {
    "rates": ("mrf", "flat_rates", "nppes", "geography", "medicare", "taxonomy"),
}
"""The sources that each domain reads."""


@dataclass(frozen=True)
class Stages:
    """Which stages a command runs."""

    extract: bool
    build: bool
    publish: bool


ALL_STAGES = Stages(extract=True, build=True, publish=True)
EXTRACT = Stages(extract=True, build=False, publish=False)
BUILD = Stages(extract=False, build=True, publish=False)
PUBLISH = Stages(extract=False, build=True, publish=True)


def choose_inputs(inputs: Sequence[Input], domains: Collection[str]) -> list[Input]:
    """Return the inputs of some domains; of all when none is named.

    Raises:
        UsageError: a domain is not known.
    """
    unknown = sorted(set(domains) - set(DOMAIN_SOURCES))
    if unknown:
        known = ", ".join(DOMAIN_SOURCES)
        raise UsageError(f"There is no domain '{unknown[0]}' to run. Nothing was read or written. Domains: {known}.")
    wanted = {source for domain in domains or DOMAIN_SOURCES for source in DOMAIN_SOURCES[domain]}
    return [item for item in inputs if item.source in wanted]


def run_stages(settings: Settings, inputs: Sequence[Input], stages: Stages, command: str) -> Run:
    """Run the stages and record the outcome.

    Args:
        settings: of the run.
        inputs: files to read; not used unless ``stages`` extracts.
        stages: which to run.
        command: what the user typed, for the record.

    Returns:
        The record of the run, as written into the lake.

    Raises:
        LakewardError: a stage failed; the lake is as it was before that stage.
    """
    lake = Lake.open(settings.lake, settings.storage)
    with Run(lake, command, settings.resources.memory) as run, scratch_directory() as scratch:
        configured: list[str] = []
        if stages.extract:
            with run.stage("extract") as stage:
                rows, configured = extract(lake, run.run_id, inputs, scratch)
                run.ledger += rows
                stage.rows = sum(row.rows_out for row in rows)
            require_balance(run.ledger)
            run.outcome = "landed"
        if stages.build:
            _build_and_publish(lake, run, settings, configured, stages, scratch)
        run.commit = lake.snapshot().number
    return run


def _build_and_publish(
    lake: Lake, run: Run, settings: Settings, configured: Collection[str], stages: Stages, scratch: Path
) -> None:
    limits = EngineLimits.within(settings.resources.memory, settings.resources.workers, scratch)
    with run.stage("plan"):
        plan = plan_build(lake, run.run_id, settings, configured, limits, scratch / "build")
    if plan.is_current:
        logger.info("nothing changed: commit %s has all of it", lake.snapshot().number)
        run.outcome = "unchanged"
        return
    with run.stage("build") as stage:
        result = _build(lake, settings, plan, limits, scratch)
        run.ledger += result.ledger
        stage.rows = sum(row.rows_out for row in result.ledger if row.step == "enrich")
    require_balance(run.ledger)
    run.outcome = "built"
    if stages.publish:
        with run.stage("publish") as stage:
            stage.rows = _publish(lake, run, settings, plan, result, scratch)
        run.outcome = "published"
        sweep(lake)


def _build(lake: Lake, settings: Settings, plan: Plan, limits: EngineLimits, scratch: Path) -> BuildResult:
    snapshot = lake.snapshot()
    relations = [*bronze_relations(snapshot, plan.building), published_relation(snapshot, {*plan.changed, *plan.gone})]
    logger.info("building %s", ", ".join(plan.changed) or "the reference tables")
    return build(relations, settings.quality, limits, scratch / "build")


def _publish(lake: Lake, run: Run, settings: Settings, plan: Plan, result: BuildResult, scratch: Path) -> int:
    transaction = lake.begin(run.run_id)
    resources = Resources(settings.resources.memory, settings.resources.workers, scratch)
    fingerprints = {**plan.releases, "whole": plan.fingerprint}
    rows = publish_build(result, transaction, layout_of(settings.layout), resources, fingerprints)
    set_release_files(transaction, plan)
    remove_gone_releases(transaction, plan)
    run.ledger += rows
    transaction.commit()
    return sum(row.rows_out for row in rows)


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """A private directory that is gone afterwards; on the disk that ``LAKEWARD_SCRATCH`` or ``TMPDIR`` names."""
    with tempfile.TemporaryDirectory(prefix="lakeward-", dir=_scratch_root(), ignore_cleanup_errors=True) as directory:
        yield Path(directory)


def _scratch_root() -> str | None:
    root = os.environ.get("LAKEWARD_SCRATCH")
    if root and not Path(root).is_dir():
        raise UsageError(f"LAKEWARD_SCRATCH names '{root}', which is no folder. Nothing was read or written.")
    return root
