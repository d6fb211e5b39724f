"""Commands that open the lake to other tools: powerbi."""

from pathlib import Path
from typing import Annotated

import typer

from lakeward.cli.options import LakeOptions, with_options
from lakeward.cli.output import print_json, print_table
from lakeward.lake.commit import Lake
from lakeward.publish.powerbi import write_project


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(powerbi)


@with_options(LakeOptions)
def powerbi(
    options: LakeOptions,
    output: Annotated[Path, typer.Option("--output", help="Folder of the project; one written before is replaced.")],
    data_folder: Annotated[
        str | None,
        typer.Option("--data-folder", help="Folder or http address that Power BI reads; default the project's data."),
    ] = None,
    athena: Annotated[
        str | None, typer.Option("--athena", help="ODBC data source name of Athena, to read there instead of files.")
    ] = None,
) -> None:
    """Write the claims domain as a Power BI project: semantic model, report and their Parquet.

    Example: lakeward powerbi --output claims-powerbi
    """
    settings = options.settings()
    snapshot = Lake.open(settings.lake, settings.storage).snapshot()
    written = write_project(
        snapshot, output, settings.storage, data_folder=data_folder, athena_dsn=athena,
        memory_bytes=settings.resources.memory // 2, workers=settings.resources.workers,
    )  # fmt: skip
    if options.json:
        print_json({"project": str(written.project), "rows": written.rows, "measures": written.measures,
                    "relationships": written.relationships})  # fmt: skip
        return
    print_table(("table", "rows"), list(written.rows.items()))
    typer.echo(f"\n{written.measures} measures, {written.relationships} relationships. Open {written.project}")
