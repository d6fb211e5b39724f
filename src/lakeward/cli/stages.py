"""Commands that make the lake: run, extract, build, publish, sample."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lakeward import pipeline
from lakeward.cli.options import Json, StageOptions, with_options
from lakeward.cli.outcome import print_forecast, print_outcome
from lakeward.cli.output import print_json, print_table
from lakeward.cli.proof import check_quality, measure_quality, print_quality
from lakeward.config import CONFIG_FILE, load_settings
from lakeward.monitoring.monitor import monitored
from lakeward.sample import generate
from lakeward.settings import Settings, Sources
from lakeward.sources.inputs import Input, find_inputs

logger = logging.getLogger(__name__)

Domains = Annotated[
    list[str] | None,
    typer.Argument(
        help="Domains to run: rates, providers, claims. Default: all that the configuration has sources for."
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (run, extract, build, publish):
        app.command()(command)
    app.command()(sample)


@with_options(StageOptions)
def run(options: StageOptions, domains: Domains = None) -> None:
    """Extract, build, test and publish; without a configuration, the made-up sample into ./lake.

    Example: lakeward run rates --memory 2GB
    """
    _run_stages(options, domains, "run", pipeline.ALL_STAGES)


@with_options(StageOptions)
def extract(options: StageOptions, domains: Domains = None) -> None:
    """Land the configured files in bronze, as published, and stop there.

    Example: lakeward extract rates
    """
    _run_stages(options, domains, "extract", pipeline.EXTRACT)


@with_options(StageOptions)
def build(options: StageOptions, domains: Domains = None) -> None:
    """Build and test everything that bronze holds, aside, and publish nothing.

    Example: lakeward build rates
    """
    _run_stages(options, domains, "build", pipeline.BUILD)


@with_options(StageOptions)
def publish(options: StageOptions, domains: Domains = None) -> None:
    """Build, test and publish what bronze holds, reading no source file.

    Example: lakeward publish rates --layout deep
    """
    _run_stages(options, domains, "publish", pipeline.PUBLISH)


def sample(
    directory: Annotated[Path, typer.Argument(help="Where the files go; made when it is not there.")],
    scale: Annotated[int, typer.Option("--scale", min=1, help="How many times the usual number of prices.")] = 1,
    json: Json = False,
) -> None:
    """Write the made-up sample in the publishers' own formats, and a lakeward.yaml that runs it.

    Example: lakeward sample ./sample --scale 10
    """
    summary = generate(directory, scale)
    if json:
        counts = {"prices": summary.prices, "claims": summary.claims, "registrations": summary.registrations}
        planted = {"planted": summary.planted, "registry_planted": summary.registry_planted}
        print_json({"directory": str(directory), **counts, **planted})
        return
    defects = [("prices", *row) for row in summary.planted.items()]
    defects += [("providers", *row) for row in summary.registry_planted.items()]
    print_table(("in", "planted defect", "rows"), defects)
    typer.echo(f"\n{summary.prices:,} made-up prices in {len(summary.price_files)} price files, all below {directory},")
    typer.echo(f"{summary.registrations:,} records of a made-up provider registry, in a month and two weeks of it,")
    typer.echo(f"and {summary.claims:,} made-up inpatient claims.")
    typer.echo(f"Run them with: lakeward run --config {directory / 'lakeward.yaml'}")


def _run_stages(options: StageOptions, domains: list[str] | None, command: str, stages: pipeline.Stages) -> None:
    pipeline.choose_groups(domains or ())
    _say_what_has_no_effect(options)
    with _configured(options) as (settings, base):
        if options.validate_only:
            check_quality(settings, publishes=options.monitor, as_json=options.json)
            return
        if options.dry_run:
            print_forecast(settings, _inputs(settings, base, domains, stages), stages, as_json=options.json)
            return
        with monitored(settings, publishes=options.monitor) as monitor:
            inputs = _inputs(settings, base, domains, stages)
            typed = " ".join([command, *(domains or ())])
            finished = pipeline.run_stages(settings, inputs, stages, typed, domains or (), monitor.watch)
            report = measure_quality(settings) if options.quality_check else None
            if report:
                finished.add_quality(report.score.value)
        print_outcome(finished, settings, as_json=options.json)
        if report:
            print_quality(report, as_json=options.json)


def _inputs(settings: Settings, base: Path, domains: list[str] | None, stages: pipeline.Stages) -> list[Input]:
    return pipeline.choose_inputs(find_inputs(settings.sources, base), domains or ()) if stages.extract else []


def _say_what_has_no_effect(options: StageOptions) -> None:
    if options.chunk_size is not None or os.environ.get("CHUNK_SIZE"):
        logger.warning("a chunk size has no effect: rows stream in groups of a fixed size, and --memory bounds the run")


@contextmanager
def _configured(options: StageOptions) -> Iterator[tuple[Settings, Path]]:
    """The settings and where their paths stand; with no file and no sources, those of a sample made for this run."""
    settings, base = options.resolve()
    if options.config is not None or Path(CONFIG_FILE).exists() or settings.sources != Sources():
        yield settings, base
        return
    with pipeline.scratch_directory() as directory:
        summary = generate(directory, 1)
        counts = (f"{summary.prices:,}", f"{summary.registrations:,}", f"{summary.claims:,}")
        made_up = "no %s here: running the made-up sample of %s prices, %s registrations of providers and %s claims"
        logger.info(made_up, CONFIG_FILE, *counts)
        made, _ = load_settings(directory / CONFIG_FILE)
        yield settings.model_copy(update={"sources": made.sources, "monitoring": made.monitoring}), directory
