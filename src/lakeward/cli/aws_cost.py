"""``lakeward aws cost``: the bill of what stands."""

from dataclasses import asdict
from typing import Annotated

import typer

from lakeward.aws.bill import Usage
from lakeward.aws.cost import StandingCost, standing_cost, usage_of
from lakeward.aws.prices import STANDARD, load_prices, own_table
from lakeward.cli.bill_options import Memory, PriceFile, Queries, Rewrites, StorageClass, Workers
from lakeward.cli.options import LakeOptions, with_options
from lakeward.cli.output import print_json, print_table
from lakeward.config import load_settings
from lakeward.pipeline import scratch_directory
from lakeward.publish.engine import Resources


@with_options(LakeOptions)
def cost(
    options: LakeOptions,
    queries: Queries = Usage.queries,
    rewrites: Rewrites = Usage.rewrites,
    storage_class: StorageClass = STANDARD,
    prices: PriceFile = None,
    print_prices: Annotated[
        bool, typer.Option("--print-prices", help="Print the price table that comes along, to edit, and stop.")
    ] = False,
    memory: Memory = None,
    workers: Workers = None,
) -> None:
    """Print the monthly bill of the lake as it stands, line by line, with what it takes for granted; asks AWS nothing.

    Example: lakeward aws cost --queries 5000 --storage-class INTELLIGENT_TIERING
    """
    if print_prices:
        if options.json:
            print_json(load_prices().model_dump(mode="json"))
        else:
            typer.echo(own_table(), nl=False)
        return
    flags = {"lake": options.lake, "resources": {"memory": memory, "workers": workers}}
    settings = load_settings(options.config, flags)[0]
    table, usage = load_prices(prices), usage_of(settings, queries, rewrites, storage_class)
    table.storage_class(storage_class)
    with scratch_directory() as scratch:
        resources = Resources(settings.resources.memory, settings.resources.workers, scratch)
        found = standing_cost(settings, resources, table, usage)
    if options.json:
        print_json(asdict(found) | {"usd_a_month": round(found.bill.usd, 6)})
    else:
        _print_cost(found)


def _print_cost(found: StandingCost) -> None:
    lines = [(line.item, line.quantity, f"{line.usd:,.4f}") for line in found.bill.lines]
    print_table(("line", "how much", "usd a month"), [*lines, ("total", "", f"{found.bill.usd:,.4f}")])
    typer.echo("\nThe published objects by storage class, reading them not counted:\n")
    print_table(
        ("storage class", "how much", "usd a month"), [(c.item, c.quantity, f"{c.usd:,.4f}") for c in found.classes]
    )
    typer.echo("\nTaken for granted:")
    for text in found.assumptions:
        typer.echo(f"  {text}")
