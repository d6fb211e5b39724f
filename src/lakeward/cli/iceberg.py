"""Commands on the Iceberg table of fact_rate_enriched: bring it to the lake, list its snapshots, expire old ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakeward.cli.options import EnvironmentOptions, with_options
from lakeward.cli.output import print_json, print_table
from lakeward.errors import UsageError
from lakeward.lake.commit import Lake
from lakeward.lake.sweep import KEPT_COMMITS

if TYPE_CHECKING:
    from lakeward.iceberg.catalogue import IcebergCatalogue
    from lakeward.iceberg.snapshots import TableSnapshot


def register(app: typer.Typer) -> None:
    """Add these commands to the application, as ``lakeward iceberg …``."""
    iceberg = typer.Typer(
        name="iceberg",
        help="The Iceberg table of fact_rate_enriched, over the same files: follow the lake, list, expire.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    iceberg.command("publish")(publish)
    iceberg.command("snapshots")(snapshots)
    iceberg.command("expire")(expire)
    app.add_typer(iceberg)


@with_options(EnvironmentOptions)
def publish(options: EnvironmentOptions) -> None:
    """Bring the Iceberg table to the newest commit: a snapshot for each commit that changed it; rewrites no data.

    Example: lakeward iceberg publish
    """
    from lakeward.iceberg.publish import follow

    with _opened(options) as catalogue:
        done = follow(catalogue.lake, catalogue)
    if options.json:
        print_json({"table": catalogue.name, **asdict(done)})
        return
    added = "1 snapshot" if len(done.commits) == 1 else f"{len(done.commits)} snapshots"
    made = f"{added} added" if done.commits else "nothing to add"
    typer.echo(f"Iceberg table {catalogue.name} stands at commit {done.commit}: {made}. No data file was written.")
    typer.echo(f"Its metadata: {done.metadata_location}")


@with_options(EnvironmentOptions)
def snapshots(
    options: EnvironmentOptions,
    commit: Annotated[
        int | None, typer.Option("--commit", min=1, help="Only the snapshot that shows the table as of this commit.")
    ] = None,
) -> None:
    """List the snapshots of the Iceberg table, each with the commit it is of.

    Example: lakeward iceberg snapshots --commit 3
    """
    from lakeward.iceberg.snapshots import list_snapshots, snapshot_at

    with _opened(options, is_there=True) as catalogue:
        table = catalogue.load()
    if table is None:
        raise _no_table(catalogue.lake)
    found = list_snapshots(table) if commit is None else [snapshot_at(table, commit)]
    if options.json:
        print_json(
            {
                "table": catalogue.name,
                "metadata_location": table.metadata_location,
                "snapshots": [_values(each) for each in found],
            }
        )
        return
    columns = ("commit", "snapshot_id", "tag", "made_at", "rows", "files", "files_added", "files_removed", "is_current")
    print_table(columns, [[_shown(_values(each)[name], name) for name in columns] for each in found])
    typer.echo(f"\n{catalogue.name}: {table.metadata_location}")


@with_options(EnvironmentOptions)
def expire(
    options: EnvironmentOptions,
    keep: Annotated[
        int, typer.Option("--keep", min=1, help="How many of the lake's newest commits stay readable.")
    ] = KEPT_COMMITS,
) -> None:
    """Expire snapshots of commits that the lake does not keep, and delete metadata that no snapshot needs.

    Example: lakeward iceberg expire --keep 5
    """
    from lakeward.iceberg.expire import expire as expire_snapshots

    with _opened(options, is_there=True) as catalogue:
        gone = expire_snapshots(catalogue.lake, catalogue, keep)
    if options.json:
        print_json({"table": catalogue.name, **asdict(gone)})
        return
    typer.echo(
        f"{len(gone.commits)} snapshots expired, {gone.files:,} metadata files deleted ({gone.bytes:,} bytes). "
        "Data files are left to the sweep of the next run that publishes."
    )


@contextmanager
def _opened(options: EnvironmentOptions, *, is_there: bool = False) -> "Iterator[IcebergCatalogue]":
    from lakeward.iceberg.opening import has_table, open_catalogue

    settings = options.settings()
    lake = Lake.open(settings.lake, settings.storage)
    if is_there and not has_table(lake, settings.iceberg):  # looking makes no catalogue
        raise _no_table(lake)
    with open_catalogue(lake, settings.iceberg, settings.environment, settings.storage.region) as catalogue:
        yield catalogue


def _no_table(lake: Lake) -> UsageError:
    return UsageError(f"{lake.url} has no Iceberg table yet. `lakeward iceberg publish` makes it.")


def _values(snapshot: "TableSnapshot") -> dict[str, Any]:
    return asdict(snapshot) | {"made_at": snapshot.made_at.isoformat(timespec="seconds")}


def _shown(value: Any, column: str) -> Any:
    return str(value) if column == "snapshot_id" else value
