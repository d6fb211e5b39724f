"""The command that writes a report: of claims, or of where providers are missing."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lakeward.cli.options import LakeOptions, with_options
from lakeward.cli.output import print_json
from lakeward.errors import StorageFailed
from lakeward.lake.commit import Lake
from lakeward.publish.engine import SMALLEST_ENGINE_BYTES
from lakeward.report.data import read_report_data
from lakeward.report.provider_data import read_provider_data
from lakeward.sizes import format_size


class ReportDomain(StrEnum):
    """What there is a report of."""

    CLAIMS = "claims"
    PROVIDERS = "providers"


READERS = {ReportDomain.CLAIMS: read_report_data, ReportDomain.PROVIDERS: read_provider_data}
CONTENTS = {ReportDomain.CLAIMS: "ABC, retention and revenue", ReportDomain.PROVIDERS: "gaps, densities and coverage"}


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(report)


@with_options(LakeOptions)
def report(
    options: LakeOptions,
    domain: Annotated[ReportDomain, typer.Argument(help="What to report on.")] = ReportDomain.CLAIMS,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where the HTML report goes; default DOMAIN.html here.")
    ] = None,
) -> None:
    """Write a report, of claims or of where providers are missing, as one HTML file that opens without a network.

    Example: lakeward report --output claims.html
    """
    # The chart library takes a moment that other commands need not pay.
    from lakeward.report.claims_report import CLAIMS
    from lakeward.report.page import render_report
    from lakeward.report.provider_report import PROVIDERS

    made_of = {ReportDomain.CLAIMS: CLAIMS, ReportDomain.PROVIDERS: PROVIDERS}[domain]
    output = output or Path(f"{domain}.html")
    settings = options.settings()
    snapshot = Lake.open(settings.lake, settings.storage).snapshot()
    memory = max(settings.resources.memory // 2, SMALLEST_ENGINE_BYTES)
    data = READERS[domain](snapshot, settings.storage, memory, settings.resources.workers)
    text = render_report(made_of, data)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(
            f"The report cannot be written.\n  where: {output}\n  found: {error.strerror}\n"
            "The lake is unchanged. Give `--output` a file in a folder that exists."
        ) from error
    size = len(text.encode())
    differing = sorted({total.table for total in data.totals if total.difference_usd})
    if options.json:
        print_json({"output": str(output), "bytes": size, "snapshot": data.snapshot, "differing_tables": differing})
        return
    typer.echo(f"{output}: {CONTENTS[domain]} of snapshot {data.snapshot}, {format_size(size)}")
    if differing:
        typer.echo(f"Totals differ from {'fact_inpatient_claim'} in: {', '.join(differing)}.", err=True)
