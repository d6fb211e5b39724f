"""Commands that prove what the lake holds: ledger, runs, validate, inspect."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from lakeward.cli.options import Json, LakeOptions, StageOptions, with_options
from lakeward.cli.output import print_records
from lakeward.errors import DataCheckFailed
from lakeward.lake.commit import Lake
from lakeward.lake.ledger import require_balance
from lakeward.lake.runs import read_ledger, read_runs
from lakeward.monitoring.alarms import with_alarms
from lakeward.monitoring.monitor import Monitor
from lakeward.publish.catalog import open_catalog
from lakeward.publish.engine import SMALLEST_ENGINE_BYTES
from lakeward.quality.inspect import inspect_file
from lakeward.quality.inspection import render_inspection
from lakeward.quality.page import render_page
from lakeward.quality.report import QualityReport, quality_report
from lakeward.quality.text import render_text
from lakeward.settings import Settings

LEDGER_SHOWN = (
    "step", "slice", "table", "rows_in", "rows_exploded", "rows_out", "rows_quarantined", "rows_merged",
    "money_in", "money_out", "money_quarantined", "balanced",
)  # fmt: skip
RUNS_SHOWN = ("run_id", "command", "outcome", "seconds", "peak_rss_bytes", "commit", "alarms", "error")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(ledger)
    app.command()(runs)
    app.command()(validate)
    app.command()(inspect)


@with_options(LakeOptions)
def ledger(
    options: LakeOptions,
    run: Annotated[str | None, typer.Option("--run", help="Show one run instead of the lake as it stands.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if any step does not balance.")] = False,
) -> None:
    """Show what went into each step and what came out: rows, keys and money.

    Example: lakeward ledger --check
    """
    settings = options.settings()
    rows = read_ledger(Lake.open(settings.lake, settings.storage), run)
    records = [row.as_record() for row in rows]
    print_records(records if options.json else map(_in_cents, records), as_json=options.json, columns=LEDGER_SHOWN)
    if check:
        require_balance(rows)
        typer.echo(f"{len(rows)} steps, all balanced.", err=True)


def _in_cents(record: Mapping[str, Any]) -> dict[str, Any]:
    """Round the control totals of a ledger row for reading; ``--json`` has every digit."""
    money = {name: record[name] for name in record if name.startswith("money_") and record[name] is not None}
    return {**record, **{name: round(Decimal(total), 2) for name, total in money.items()}}


@with_options(LakeOptions)
def runs(options: LakeOptions) -> None:
    """List the runs of this lake, how each ended, and which alarms rang then.

    Example: lakeward runs
    """
    settings = options.settings()
    records = with_alarms(read_runs(Lake.open(settings.lake, settings.storage)), settings.monitoring)
    shown = records if options.json else [record | {"alarms": _names(record["alarms"])} for record in records]
    print_records(shown, as_json=options.json, columns=RUNS_SHOWN)


def _names(alarms: list[dict[str, Any]] | None) -> str:
    return ", ".join(alarm["alarm"] for alarm in alarms or ())


@with_options(StageOptions)
def validate(
    options: StageOptions,
    output: Annotated[Path, typer.Option("--output", help="Where the HTML report goes.")] = Path("report.html"),
) -> None:
    """Check what is in the lake against the quality rules: to stdout and report.html; exits 1 when an error rule fails.

    Example: lakeward validate --output report.html
    """
    report = check_quality(options.settings(), publishes=options.monitor, as_json=options.json)
    output.write_text(render_page(report), encoding="utf-8")
    typer.echo(f"The report as a page: {output}", err=True)
    failed = [rule.rule_id for rule in report.failed if rule.severity == "error"]
    if failed:
        raise DataCheckFailed(f"{len(failed)} rule(s) of severity error failed: {', '.join(failed)}.")


def check_quality(settings: Settings, *, publishes: bool, as_json: bool) -> QualityReport:
    """Measure the lake as it stands, report its score where metrics are wanted, and print the report."""
    report = measure_quality(settings)
    Monitor(settings, publishes).send({"DataQualityScore": report.score.value}, datetime.now(UTC), {})
    print_quality(report, as_json=as_json)
    return report


def measure_quality(settings: Settings) -> QualityReport:
    """Measure the lake as it stands, within the memory that the settings allow."""
    lake = Lake.open(settings.lake, settings.storage)
    snapshot = lake.snapshot()
    memory = max(settings.resources.memory // 2, SMALLEST_ENGINE_BYTES)
    with open_catalog(snapshot, settings.storage, None, memory, settings.resources.workers) as catalog:
        return quality_report(catalog, limits=settings.quality, ledger=read_ledger(lake), snapshot=snapshot.number)


def print_quality(report: QualityReport, *, as_json: bool) -> None:
    """Print a quality report to stdout."""
    typer.echo(report.to_json() if as_json else render_text(report, colour=sys.stdout.isatty()), nl=False)


def inspect(
    file: Annotated[
        Path, typer.Argument(help="A price file, table of contents, NPPES, Medicare or other source file.")
    ],
    json: Json = False,
) -> None:
    """Say what a source file is and what is wrong with it; writes nothing.

    Example: lakeward inspect 2025-08_in-network-rates.json.gz
    """
    inspection = inspect_file(file)
    typer.echo(inspection.to_json() if json else render_inspection(inspection))
