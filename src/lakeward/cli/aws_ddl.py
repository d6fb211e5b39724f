"""The command that prints the tables and views of a lake for Athena, or registers them in the Glue catalogue."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakeward.aws.ddl import database_ddl, lake_ddl, table_ddl
from lakeward.aws.hive_tables import EXAMPLE_LOCATION, HiveTable, hive_tables
from lakeward.aws.manifests import write_manifests
from lakeward.aws.saved_queries import QUERIES, VIEWS, View, queries_script, view_ddl, views_script
from lakeward.aws.views import glue_views, views_of
from lakeward.cli.options import EnvironmentOptions, with_options
from lakeward.cli.output import print_json, print_table
from lakeward.errors import UsageError
from lakeward.lake.commit import Lake

if TYPE_CHECKING:
    from lakeward.aws.register import Registration

BUCKET = "s3://"


@with_options(EnvironmentOptions)
def ddl(
    options: EnvironmentOptions,
    tables: Annotated[list[str] | None, typer.Argument(help="The tables; all that are published if none.")] = None,
    location: Annotated[
        str | None, typer.Option("--location", help="The lake's place in S3; default the lake, where it is one.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="The Glue database; default lakeward_<environment>.")
    ] = None,
    projection: Annotated[
        bool, typer.Option("--projection", help="Let Athena compute partitions, where the values of the keys allow it.")
    ] = False,
    queries: Annotated[
        bool, typer.Option("--queries", help="Print the views and saved queries, and no table.")
    ] = False,
    manifests: Annotated[
        bool, typer.Option("--manifests", help="Also write into the lake the lists of files that the tables read.")
    ] = False,
    register: Annotated[
        bool,
        typer.Option("--register", help="Write the lists, register tables, views and queries; the lake is in S3."),
    ] = False,
    workgroup: Annotated[
        str | None, typer.Option("--workgroup", help="Where queries are saved; default lakeward-<environment>.")
    ] = None,
) -> None:
    """Print the definitions of tables, and of views over them, for Athena, or register them in Glue with --register.

    Example: lakeward aws ddl fact_rate_enriched --location s3://my-lake
    """
    settings = options.settings()
    chosen_database = database or f"lakeward_{settings.environment}"
    if queries:
        _print_queries(chosen_database, options.json)
        return
    is_bucket = settings.lake.startswith(BUCKET)
    if register and not is_bucket:
        raise UsageError(
            f"--register takes a lake in S3, and {settings.lake} is a folder. Nothing was registered.\n"
            "Say --lake s3://bucket/prefix; without --register the definitions are printed."
        )
    if register and location:
        raise UsageError("--register takes the lake's own place; --location is for definitions that are printed.")
    snapshot = Lake.open(settings.lake, settings.storage).snapshot()
    place = location or (settings.lake if is_bucket else EXAMPLE_LOCATION)
    found = hive_tables(snapshot, place, tables or (), projection=projection)
    if not found:
        raise UsageError(f"{settings.lake} has no published table yet. `lakeward run` makes them.")
    if register:
        # boto3 takes a third of a second to import, which printing need not pay.
        from lakeward.aws.calls import aws_client
        from lakeward.aws.register import register_lake

        region, kept_in = settings.storage.region, workgroup or f"lakeward-{settings.environment}"
        clients = aws_client("glue", region), aws_client("athena", region)
        _print_registration(
            register_lake(
                snapshot, found, glue_views(snapshot, place), chosen_database, kept_in, *clients, whole=not tables
            ),
            options.json,
        )
        return
    if manifests:
        typer.echo(f"{write_manifests(snapshot.lake, found):,} lists of files written in {snapshot.lake.url}", err=True)
    if not is_bucket and not location:
        typer.echo(f"{place} stands for the place in S3 of this lake; --location says it.", err=True)
    views = [] if tables else views_of(snapshot)
    if options.json:
        print_json(_document(found, chosen_database) | {"views": _views(views, chosen_database)})
    else:
        typer.echo(
            lake_ddl(found, chosen_database) + ("\n" if views else "") + views_script(views, chosen_database), nl=False
        )


def _document(tables: list[HiveTable], database: str) -> dict[str, Any]:
    return {
        "database": {"name": database, "statements": [database_ddl(database)]},
        "tables": [
            {
                "name": table.name,
                "location": table.location,
                "partitions": len(table.partitions),
                "projected": bool(table.projection),
                "obstacle": table.obstacle or None,
                "statements": table_ddl(table, database),
            }
            for table in tables
        ],
    }


def _print_queries(database: str, as_json: bool) -> None:
    if not as_json:
        typer.echo(queries_script(database), nl=False)
        return
    queries = [asdict(query) for query in QUERIES]
    print_json({"database": database, "views": _views(VIEWS, database), "queries": queries})


def _views(views: Iterable[View], database: str) -> list[dict[str, str]]:
    return [{"name": view.name, "description": view.description, "sql": view_ddl(view, database)} for view in views]


def _print_registration(done: "Registration", as_json: bool) -> None:
    if as_json:
        tables = [{name: v for name, v in asdict(table).items() if name != "replaced"} for table in done.tables]
        views = [{"view": view.table, "change": view.change} for view in done.views]
        print_json(asdict(done) | {"tables": tables, "views": views})
        return
    named = (*done.tables, *done.views)
    rows = [(table.table, table.change, table.added, table.moved, table.removed) for table in named]
    print_table(("table", "outcome", "partitions added", "moved", "removed"), rows)
    changed = sum(query.change != "unchanged" for query in done.queries)
    typer.echo(f"\n{done.manifests_written:,} lists of files written, {done.manifests_deleted:,} old ones deleted; ")
    typer.echo(f"{changed} of {len(done.queries)} saved queries changed.")
