"""The command that asks the Census Geocoder."""

from typing import Annotated

import typer

from lakeward.cli.options import LakeOptions, with_options
from lakeward.cli.output import print_json, print_table
from lakeward.geocode import Questions, count_statuses, read_questions
from lakeward.geocode import geocode as ask_geocoder
from lakeward.lake.commit import Lake
from lakeward.monitoring.monitor import monitored
from lakeward.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(geocode)


@with_options(LakeOptions)
def geocode(
    options: LakeOptions,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Ask at most so many addresses.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked; send and write nothing.")] = (
        False
    ),
) -> None:
    """Ask the Census Geocoder for the county of practice addresses that their ZIP code leaves open.

    Only addresses are sent. What was answered is kept, and is not asked again.

    Example: lakeward geocode --limit 10000
    """
    settings = options.settings()
    lake = Lake.open(settings.lake, settings.storage)
    if dry_run:
        _print_forecast(read_questions(lake, settings, limit), settings, as_json=options.json)
        return
    with monitored(settings) as monitor:
        run, questions = ask_geocoder(settings, limit, monitor.watch)
    statuses = count_statuses(lake, settings, run)
    if options.json:
        print_json(run.record() | {"questions": _counts(questions), "answers": statuses})
        return
    print_table(("addresses", "different"), list(_counts(questions).items()))
    typer.echo("")
    if not statuses:
        typer.echo("Nothing to ask: no file was written.")
        return
    print_table(("answer", "addresses"), list(statuses.items()))
    typer.echo(f"\nLanded in bronze as commit {run.commit}. `lakeward run providers` places what matched.")


def _print_forecast(questions: Questions, settings: Settings, *, as_json: bool) -> None:
    size, count = settings.sources.geocoder.batch_rows, questions.rows.num_rows
    batches = -(-count // size)
    if as_json:
        print_json({"questions": _counts(questions), "batches": batches, "service": settings.sources.geocoder.url})
        return
    print_table(("addresses", "different"), list(_counts(questions).items()))
    typer.echo(f"\nBatches of at most {size:,}, to {settings.sources.geocoder.url}: {batches:,}.")
    typer.echo("Nothing was sent or written.")


def _counts(questions: Questions) -> dict[str, int]:
    return {
        "open": questions.open_addresses,
        "without house number or place": questions.without_street,
        "answered before": questions.answered,
        "to ask now": questions.rows.num_rows,
    }
