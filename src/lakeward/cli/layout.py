"""Commands on the layout of fact_rate_enriched: what each would mean for this lake, and the rewrite to one."""

from typing import Annotated

import typer
from pydantic import ValidationError

from lakeward.apply_layout import apply_layout, next_run_differs, require_table
from lakeward.aws.bill import Usage
from lakeward.aws.cost import usage_of
from lakeward.aws.layout_choice import choose_layout
from lakeward.aws.prices import STANDARD, load_prices
from lakeward.cli.bill_options import Memory, PriceFile, Queries, Rewrites, StorageClass, Workers
from lakeward.cli.layout_output import advice_values, print_advice
from lakeward.cli.options import LakeOptions, with_options
from lakeward.cli.outcome import print_outcome
from lakeward.cli.output import print_json
from lakeward.config import load_settings
from lakeward.errors import UsageError
from lakeward.lake.commit import Lake
from lakeward.monitoring.monitor import monitored
from lakeward.pipeline import scratch_directory
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT, DEEP, LAYOUTS, Layout, layout_of
from lakeward.publish.layout_advice import advise
from lakeward.publish.layout_sample import SAMPLE_ROWS, Bounds
from lakeward.publish.writer import ENRICHED
from lakeward.settings import LayoutSettings, Settings

Keys = Annotated[str | None, typer.Option("--keys", help="Partition keys of a layout of your own, with commas.")]
Sort = Annotated[str | None, typer.Option("--sort", help="Sort order inside its files, with commas.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application, as ``lakeward layout …``."""
    layout = typer.Typer(
        name="layout",
        help="The layout of fact_rate_enriched: what each would mean for this lake, and the rewrite to one.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    layout.command("advise")(advise_layouts)
    layout.command("apply")(apply)
    app.add_typer(layout)


@with_options(LakeOptions)
def advise_layouts(
    options: LakeOptions,
    keys: Keys = None,
    sort: Sort = None,
    sample_rows: Annotated[
        int,
        typer.Option("--sample-rows", min=1, help="Rows to write aside for each layout; of more, a sample."),
    ] = SAMPLE_ROWS,
    queries: Queries = Usage.queries,
    rewrites: Rewrites = Usage.rewrites,
    storage_class: StorageClass = STANDARD,
    prices: PriceFile = None,
    memory: Memory = None,
    workers: Workers = None,
) -> None:
    """Compare layouts on this lake's own rows: files, what queries read, and the monthly bill; changes nothing.

    Compact, deep, the configured one and one of your own are each written aside, looked at, and thrown away.

    Example: lakeward layout advise --keys payer_slug,state --sort code,stat_area_name
    """
    settings = _settings(options, memory, workers)
    table, usage = load_prices(prices), usage_of(settings, queries, rewrites, storage_class)
    table.storage_class(storage_class)
    layouts = _candidates(settings, _own_layout(None, keys, sort, allow_tiny_files=True) if keys or sort else None)
    snapshot = Lake.open(settings.lake, settings.storage).snapshot()
    with scratch_directory() as scratch:
        resources = Resources(settings.resources.memory, settings.resources.workers, scratch)
        advices = advise(snapshot, layouts, resources, settings.storage, Bounds(sample_rows))
    choice = choose_layout(advices, table, usage)
    if options.json:
        print_json(advice_values(advices, choice, usage, table))
    else:
        print_advice(advices, choice, usage, table)


@with_options(LakeOptions)
def apply(
    options: LakeOptions,
    name: Annotated[str | None, typer.Argument(help="compact or deep; or give --keys.")] = None,
    keys: Keys = None,
    sort: Sort = None,
    allow_tiny_files: Annotated[
        bool, typer.Option("--allow-tiny-files", help="Go on when a layout of your own would make tiny files.")
    ] = False,
    memory: Memory = None,
    workers: Workers = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be rewritten; write nothing.")] = False,
) -> None:
    """Rewrite fact_rate_enriched in a layout: the same rows in new files, shown by one commit.

    Example: lakeward layout apply compact
    """
    settings = _settings(options, memory, workers)
    layout = _own_layout(name, keys, sort, allow_tiny_files=allow_tiny_files)
    if dry_run:
        _print_plan(settings, layout, as_json=options.json)
        return
    with monitored(settings) as monitor:
        run = apply_layout(settings, layout, monitor.watch)
    print_outcome(run, settings, as_json=options.json)
    if next_run_differs(settings, layout):
        configured = layout_of(settings.layout).name
        written = f"{{name: {layout.name}}}" if layout.name in LAYOUTS else _as_setting(layout)
        typer.echo(
            f"The configuration says layout '{configured}', and the next run that publishes will write that. "
            f"To keep this one, write `layout: {written}` there.",
            err=True,
        )


def _settings(options: LakeOptions, memory: str | None, workers: int | None) -> Settings:
    flags = {"lake": options.lake, "resources": {"memory": memory, "workers": workers}}
    return load_settings(options.config, flags)[0]


def _own_layout(name: str | None, keys: str | None, sort: str | None, *, allow_tiny_files: bool) -> Layout:
    """Return the layout that a command names.

    Raises:
        UsageError: it names none, or two, or one that is not known.
    """
    if name is None and keys is None and sort is None:
        raise UsageError("Which layout? Give compact, deep, or --keys with columns of fact_rate_enriched.")
    if name is not None and name not in LAYOUTS:
        raise UsageError(f"There is no layout '{name}'. Give {', '.join(LAYOUTS)}, or --keys. Nothing was written.")
    values = {"name": name, "keys": _listed(keys), "sort": _listed(sort), "allow_tiny_files": allow_tiny_files}
    try:
        return layout_of(LayoutSettings.model_validate(values))
    except ValidationError as error:
        found = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UsageError(f"The layout is not possible: {found}. Nothing was written.") from None


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _candidates(settings: Settings, own: Layout | None) -> list[Layout]:
    """The named layouts, that of the configuration, and the one that was asked about, each once."""
    found = [COMPACT, DEEP, layout_of(settings.layout), *([own] if own else [])]
    return list({layout.identity: layout for layout in found}.values())


def _as_setting(layout: Layout) -> str:
    return f"{{keys: [{', '.join(layout.spec.keys)}], sort: [{', '.join(layout.sort)}]}}"


def _print_plan(settings: Settings, layout: Layout, *, as_json: bool) -> None:
    snapshot = Lake.open(settings.lake, settings.storage).snapshot()
    require_table(snapshot)
    waiting = {
        name: entry
        for name, entry in snapshot.slices(ENRICHED).items()
        if entry.attributes.get("layout") != layout.identity
    }
    rows = sum(entry.rows for entry in waiting.values())
    if as_json:
        print_json({"lake": settings.lake, "layout": layout.identity, "slices": sorted(waiting), "rows": rows})
        return
    typer.echo(
        f"Would rewrite {len(waiting)} of {len(snapshot.slices(ENRICHED))} slices, {rows:,} rows, "
        f"in layout {layout.identity}, and show them by one commit in {settings.lake}. Nothing was written."
    )
