"""The flow as code: extract, plan, build, publish, and the record of how it went. Reads top to bottom like that list.

In: settings and the inputs they name. Out: a :class:`Run` record in the lake, and a new commit if anything changed.
A run builds aside, tests, then commits; whatever fails before the commit leaves the last good lake as it was.
"""

import logging
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lakeward.build import BuildResult, EngineLimits, build
from lakeward.errors import UsageError
from lakeward.extract import extract
from lakeward.groups import CLAIMS, GROUPS, PROVIDERS, RATES, REFERENCE, Group
from lakeward.iceberg.door import show_iceberg
from lakeward.interrupts import kept_interrupt
from lakeward.lake.commit import Lake
from lakeward.lake.extent import Extent
from lakeward.lake.ledger import LedgerRow, require_balance
from lakeward.lake.runs import Run, unwatched
from lakeward.lake.sweep import sweep
from lakeward.memory import release_memory
from lakeward.plan import Plan, plan_build
from lakeward.publish.bucket import Bucket
from lakeward.publish.engine import Resources
from lakeward.publish.layout import layout_of
from lakeward.publish.writer import publish_build
from lakeward.relations import bronze_relations, published_relation
from lakeward.settings import Settings
from lakeward.sources.inputs import Input

logger = logging.getLogger(__name__)

DOMAIN_GROUPS = {
    "rates": (REFERENCE, PROVIDERS, RATES),
    "providers": (REFERENCE, PROVIDERS),
    "claims": (CLAIMS,),
}
"""The groups that a run of each domain builds: prices are of providers, and providers are in counties."""
DOMAIN_SOURCES = {
    "rates": ("mrf", "flat_rates", "nppes", "geography", "medicare", "taxonomy"),
    "providers": ("nppes", "geography", "census", "taxonomy"),
    "claims": ("synpuf", "geography"),
}
"""The sources that each domain reads."""
FACT_STEPS = ("current_provider", "enrich", "screen")
"""The steps of the ledger that make a group's largest table."""


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
    choose_groups(domains)
    wanted = {source for domain in domains or DOMAIN_SOURCES for source in DOMAIN_SOURCES[domain]}
    return [item for item in inputs if item.source in wanted]


def choose_groups(domains: Collection[str]) -> list[Group]:
    """Return the build groups of some domains; all when none is named.

    Raises:
        UsageError: a domain is not known.
    """
    unknown = sorted(set(domains) - set(DOMAIN_SOURCES))
    if unknown:
        known = ", ".join(DOMAIN_SOURCES)
        raise UsageError(f"There is no domain '{unknown[0]}' to run. Nothing was read or written. Domains: {known}.")
    chosen = {group for domain in domains or DOMAIN_GROUPS for group in DOMAIN_GROUPS[domain]}
    return [group for group in GROUPS if group in chosen]


def run_stages(
    settings: Settings,
    inputs: Sequence[Input],
    stages: Stages,
    command: str,
    domains: Collection[str] = (),
    watch: Callable[[Run], None] = unwatched,
) -> Run:
    """Run the stages and record the outcome.

    Args:
        settings: of the run.
        inputs: files to read; not used unless ``stages`` extracts.
        stages: which to run.
        command: what the user typed, for the record.
        domains: to build; all of which the lake has files when none is named.
        watch: gets the record when the run begins, so that one which fails can be reported too.

    Returns:
        The record of the run, as written into the lake.

    Raises:
        LakewardError: a stage failed; the lake is as it was before that stage.
    """
    lake = Lake.open(settings.lake, settings.storage)
    with (
        Run(lake, command, settings.resources.memory, environment=settings.environment) as run,
        scratch_directory() as scratch,
    ):
        watch(run)
        configured: list[str] = []
        if stages.extract:
            with run.stage("extract") as stage:
                rows, configured = extract(lake, run.run_id, inputs, scratch)
                run.ledger += rows
                stage.count(rows)
            require_balance(run.ledger)
            run.outcome = "landed"
            release_memory()
        if stages.build:
            _build_and_publish(lake, run, settings, configured, choose_groups(domains), stages, scratch)
        behind = show_iceberg(lake, run, settings) if stages.publish else None
        if run.outcome == "published" and behind is None:
            sweep(lake)
        run.end_at(lake.snapshot())
    if behind is not None:
        raise behind
    return run


def _build_and_publish(
    lake: Lake,
    run: Run,
    settings: Settings,
    configured: Collection[str],
    groups: Sequence[Group],
    stages: Stages,
    scratch: Path,
) -> None:
    limits = EngineLimits.within(settings.resources.memory, settings.resources.workers, scratch)
    with run.stage("plan"), kept_interrupt():
        plan = plan_build(lake, run.run_id, settings, configured, groups, limits, scratch / "build")
    if plan.is_current:
        logger.info("nothing changed: commit %s has all of it", lake.snapshot().number)
        run.outcome = "unchanged"
        return
    with run.stage("build") as stage, kept_interrupt():
        result = _build(lake, settings, plan, limits, scratch)
        run.ledger += result.ledger
        facts = {group.fact for group in plan.groups}
        stage.count(row for row in result.ledger if row.table in facts and row.step in FACT_STEPS)
    require_balance(run.ledger)
    run.outcome = "built"
    if stages.publish:
        with run.stage("publish") as stage:
            stage.count(_publish(lake, run, settings, plan, result, scratch))
        run.outcome = "published"


def _build(lake: Lake, settings: Settings, plan: Plan, limits: EngineLimits, scratch: Path) -> BuildResult:
    snapshot, releases = lake.snapshot(), plan.releases
    relations = [
        *bronze_relations(snapshot, releases.building),
        published_relation(snapshot, {*releases.changed, *releases.gone}),
    ]
    logger.info("building %s", ", ".join([*(group.name for group in plan.groups), *releases.changed]))
    selection = " ".join(group.selection for group in plan.groups)
    bucket = Bucket.of(lake.url, settings.storage)
    return build(relations, settings.quality, limits, scratch / "build", selection, bucket)


def _publish(
    lake: Lake, run: Run, settings: Settings, plan: Plan, result: BuildResult, scratch: Path
) -> list[LedgerRow]:
    transaction = lake.begin(run.run_id)
    bucket = Bucket.of(lake.url, settings.storage)
    resources = Resources(settings.resources.memory, settings.resources.workers, scratch, bucket)
    published: list[LedgerRow] = []
    for group in plan.groups:
        part, fingerprints = result.of(group.domains), plan.slice_fingerprints(group)
        rows = publish_build(part, transaction, layout_of(settings.layout), resources, fingerprints)
        plan.settle(transaction, group, rows)
        run.ledger += rows
        published += rows
    transaction.commit()
    run.written = Extent.of(transaction.new_files())
    return published


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
