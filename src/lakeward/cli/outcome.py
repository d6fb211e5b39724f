"""What a run says when it is done, or would do: its tables, the ledger in one line, time, memory, and what to try."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from lakeward.cli.output import print_json, print_table
from lakeward.groups import CLAIMS, GROUPS, PROVIDERS, RATES
from lakeward.lake.commit import Lake, Snapshot
from lakeward.lake.runs import Run
from lakeward.pipeline import Stages
from lakeward.publish.layout import layout_of
from lakeward.settings import Settings
from lakeward.sizes import format_size
from lakeward.sources.inputs import Input

SENTENCES = {
    "published": "Published as commit {commit}: readers see all of it, or nothing.",
    "landed": "Landed in bronze as commit {commit}; `lakeward publish` builds and publishes it.",
    "built": "Built and tested; nothing was published.",
    "unchanged": "Nothing changed: commit {commit} has all of it already. No file was written.",
}
TRY_RATES = (
    'lakeward query "select payer_slug, code, count(*) as prices, median(negotiated_rate) as median_usd,'
    " median(rate_to_medicare_ratio) as times_medicare from fact_rate_enriched"
    " where code = '99213' and rate_unit = 'usd' group by all order by all\"",
    'lakeward query "select not_comparable_reason, count(*) from fact_rate_enriched group by all order by 2 desc"',
    'lakeward query "select reasons, count(*) from quarantine_fact_rate group by all order by 2 desc"',
    "lakeward lineage fact_rate_enriched --where \"code = '99213'\" --limit 3",
)
TRY_PROVIDERS = (
    'lakeward query "select rank_in_nation, county_name, state, providers, population,'
    " round(providers_short, 1) as short from mart_provider_gap where discipline = 'primary_care'"
    " and denominator_basis = 'individuals'"
    ' and is_gap_certain order by rank_in_nation limit 10"',
    'lakeward query "select geography_name, specialty_group, providers_registered, round(providers_per_100000, 1)'
    " as per_100000 from mart_provider_density where geography_level = 'state' and coverage_status = 'covered'"
    ' order by all"',
    'lakeward query "select change_kind, count(*) as spans from dim_npi_history group by all order by all"',
    "lakeward report providers --output gaps.html",
)
TRY_CLAIMS = (
    'lakeward query "select drg_title, sum(claim_count) as claims, sum(paid_amount_usd) as paid_usd'
    ' from mart_claims_drg group by all order by paid_usd desc limit 10"',
    'lakeward query "select cohort_year, outcome, count(*) as beneficiaries from mart_claims_retention'
    ' group by all order by all"',
    "lakeward lineage fact_inpatient_claim --where \"payment_sign = 'negative'\" --limit 3",
    "lakeward report --output claims.html",
    "lakeward powerbi --output claims-powerbi",
)
TRY = ("lakeward ledger --check", "lakeward validate", "lakeward tables")


def print_outcome(run: Run, settings: Settings, *, as_json: bool) -> None:
    """Print how a run ended."""
    if as_json:
        print_json(run.record())
        return
    snapshot = Lake.open(settings.lake, settings.storage).snapshot()
    if run.outcome == "published":
        _print_tables(snapshot)
    if run.stages:
        typer.echo("")
        rows = [(s.name, s.rows or None, round(s.seconds, 1), int(s.rows_per_second) or None) for s in run.stages]
        print_table(("stage", "rows", "seconds", "rows a second"), rows)
    typer.echo("")
    typer.echo(SENTENCES[run.outcome].format(commit=run.commit))
    if run.ledger:
        balanced = sum(row.balanced for row in run.ledger)
        quarantined = sum(row.rows_quarantined for row in run.ledger)
        typer.echo(f"Ledger: {balanced} of {len(run.ledger)} steps balance; {quarantined:,} rows are in quarantine.")
    peak, allowed = format_size(run.peak_rss_bytes), format_size(settings.resources.memory)
    typer.echo(f"Peak memory: {peak} of the {allowed} allowed.")
    if run.outcome == "published":
        typer.echo("\nTry:")
        for command in (*_on_the_path(), *_worth_trying(run)):
            typer.echo(f"  {command}")


def _on_the_path() -> list[str]:
    """What to type first where the shell would not find the command that it was started as."""
    started = Path(sys.argv[0]).absolute()
    if started.name != "lakeward" or shutil.which("lakeward"):
        return []
    folder = started.parent
    shown = f"$PWD/{folder.relative_to(Path.cwd())}" if folder.is_relative_to(Path.cwd()) else str(folder)
    return [f'export PATH="{shown}:$PATH"']


def print_forecast(settings: Settings, inputs: Sequence[Input], stages: Stages, *, as_json: bool) -> None:
    """Print what a run would read and write, having read and written nothing."""
    reads = [{"source": item.source, "file": item.name} for item in inputs]
    writes = ["bronze"] if stages.extract else []
    writes += ["silver", "gold", "quarantine"] if stages.publish else []
    layout = layout_of(settings.layout).name
    if as_json:
        print_json({"lake": settings.lake, "reads": reads, "writes": writes, "layout": layout})
        return
    print_table(("source", "would read"), [(read["source"], read["file"]) for read in reads])
    typer.echo(f"\nWould write {', '.join(writes) or 'nothing'} into {settings.lake}, layout {layout}, ")
    typer.echo(f"within {format_size(settings.resources.memory)} of memory. Nothing was read or written.")


def _worth_trying(run: Run) -> list[str]:
    """Commands that show what this run published."""
    published = {row.table for row in run.ledger if row.step == "publish"}
    shown = {RATES: TRY_RATES, PROVIDERS: TRY_PROVIDERS, CLAIMS: TRY_CLAIMS}
    return [*(command for group in GROUPS if group.fact in published for command in shown.get(group, ())), *TRY]


def _print_tables(snapshot: Snapshot) -> None:
    shown = [name for name in snapshot.tables() if not name.startswith("bronze/")]
    rows = []
    for name in shown:
        slices = snapshot.slices(name).values()
        rows.append((name, sum(s.rows for s in slices), format_size(sum(s.bytes for s in slices)), len(slices)))
    print_table(("table", "rows", "size", "slices"), rows)
