"""Commands that look into the lake: query, tables, partitions, lineage."""

import sys
from dataclasses import asdict, replace
from typing import Annotated

import typer

from lakeward.cli.options import LakeOptions, with_options
from lakeward.cli.output import print_json, print_records, print_table
from lakeward.errors import UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.catalog import find_table, list_tables, table_columns
from lakeward.publish.layout import LAID_OUT_TABLE
from lakeward.publish.lineage import lineage as follow
from lakeward.publish.partitions import list_partitions
from lakeward.publish.query import Answer, Cost, Format, formatted
from lakeward.publish.query import query as answer
from lakeward.sizes import format_size

Where = Annotated[str | None, typer.Option("--where", help="An SQL condition on the columns shown.")]
SHOWN_ROWS = 100


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (query, tables, partitions, lineage):
        app.command()(command)


@with_options(LakeOptions)
def query(
    options: LakeOptions,
    sql: Annotated[str, typer.Argument(help="One SELECT; every table by its name.")],
    form: Annotated[str, typer.Option("--format", help="table, csv, json or parquet.")] = "table",
    explain: Annotated[
        bool, typer.Option("--explain", help="Add time, rows, files, row groups, bytes and requests.")
    ] = False,
) -> None:
    """Answer SQL over the lake with DuckDB; it only reads.

    Example: lakeward query "select payer_slug, count(*) as rates from fact_rate group by payer_slug"
    """
    settings = options.settings()
    resources = settings.resources
    found = answer(
        _snapshot(options), sql, settings.storage, explain=explain,
        memory_bytes=resources.memory // 2, workers=resources.workers,
    )  # fmt: skip
    _print_answer(found, "json" if options.json else form)
    if found.cost:
        typer.echo(_cost_text(found.cost), err=True)


@with_options(LakeOptions)
def tables(
    options: LakeOptions,
    table: Annotated[str | None, typer.Argument(help="Show one table's columns and what they mean.")] = None,
) -> None:
    """List the tables with grain, rows, bytes and slices; with a name, its columns and descriptions.

    Example: lakeward tables fact_rate_enriched
    """
    snapshot = _snapshot(options)
    if table is None:
        records = [asdict(summary) for summary in list_tables(snapshot)]
        print_records(records, as_json=options.json, columns=("name", "grain", "rows", "bytes", "files", "slices"))
        return
    path = find_table(snapshot, table)
    columns = tuple(table_columns(snapshot, table, options.settings().storage))
    described = replace(snapshot.description(path), columns=columns)
    if options.json:
        print_json({"table": path} | described.as_values())
        return
    typer.echo(f"{path}: {described.description}\nGrain: {described.grain or 'as published'}. Key: ", nl=False)
    typer.echo(f"{', '.join(described.key) or 'none'}.\n")
    print_table(("column", "type", "meaning"), [(c.name, c.type, c.description) for c in columns])


@with_options(LakeOptions)
def partitions(
    options: LakeOptions,
    table: Annotated[str, typer.Argument(help="The table.")] = LAID_OUT_TABLE,
    where: Where = None,
) -> None:
    """List the published partitions: files, rows, bytes, rows per MB, row groups and health.

    Example: lakeward partitions --where "health <> 'ok'"
    """
    records = [partition.as_record() for partition in list_partitions(_snapshot(options), table, where)]
    columns = tuple(dict.fromkeys(name for record in records for name in record)) or ("partition", "files", "rows")
    print_records(records, as_json=options.json, columns=columns)


@with_options(LakeOptions)
def lineage(
    options: LakeOptions,
    table: Annotated[str, typer.Argument(help="The table the rows are in.")],
    where: Annotated[str, typer.Option("--where", help="Which rows: an SQL condition on the table's columns.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many records.")] = SHOWN_ROWS,
) -> None:
    """Follow rows back to the source file, its sha256, and the record in it.

    Example: lakeward lineage fact_rate_enriched --where "code = '99213'" --limit 5
    """
    settings = options.settings()
    origins = follow(_snapshot(options), table, where, settings.storage, limit)
    keys = tuple(dict.fromkeys(name for origin in origins for name in origin.key))
    records = [
        {**origin.key, "source": origin.source, "file": origin.name, "record": origin.record, "sha256": origin.sha256}
        for origin in origins
    ]
    print_records(records, as_json=options.json, columns=(*keys, "source", "file", "record", "sha256"))


def _snapshot(options: LakeOptions) -> Snapshot:
    settings = options.settings()
    return Lake.open(settings.lake, settings.storage).snapshot()


def _print_answer(found: Answer, form: str) -> None:
    if form == "table":
        shown = found.rows.slice(0, SHOWN_ROWS)
        print_table(shown.column_names, [tuple(row.values()) for row in shown.to_pylist()])
        if shown.num_rows < found.rows.num_rows:
            rest = f"… {found.rows.num_rows:,} rows in all; {SHOWN_ROWS} shown. --format csv gives every one."
            typer.echo(rest, err=True)
    elif form in ("csv", "json", "parquet"):
        chosen: Format = form  # type: ignore[assignment]
        sys.stdout.buffer.write(formatted(found.rows, chosen))
    else:
        raise UsageError(f"--format takes table, csv, json or parquet, not '{form}'.")


def _cost_text(cost: Cost) -> str:
    return (
        f"{cost.seconds:.3f} s, {cost.rows:,} rows; read {cost.files:,} of {cost.files_of_tables:,} files, "
        f"{cost.row_groups:,} of their {cost.row_groups_of_files:,} row groups, {format_size(cost.bytes)} "
        f"in {cost.requests:,} requests"
    )
