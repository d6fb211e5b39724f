"""How the advice on layouts is printed: two tables, the reasons, and how the figures were found.

In: advice, choice, usage and prices. Out: text, or plain values for ``--json``.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typer

from lakeward.aws.bill import Bill, Usage
from lakeward.aws.layout_choice import SMALL_OBJECT_BYTES, Choice
from lakeward.aws.prices import Prices
from lakeward.cli.output import print_table
from lakeward.publish.layout import LAYOUTS
from lakeward.publish.layout_advice import LayoutAdvice
from lakeward.sizes import format_size


def advice_values(advices: Sequence[LayoutAdvice], choice: Choice, usage: Usage, prices: Prices) -> dict[str, Any]:
    """Return everything that is printed, and each line of the bills, as plain values."""
    return {
        "recommended": choice.recommended.name,
        "reasons": choice.reasons,
        "layouts": [_layout_values(a, bill) for a, bill in zip(advices, choice.bills, strict=True)],
        "assumptions": usage.assumptions(prices),
    }


def _layout_values(advice: LayoutAdvice, bill: Bill) -> dict[str, Any]:
    tenth, half, nine_tenths = advice.deciles
    return {
        "layout": advice.name,
        "keys": advice.keys,
        "sort": advice.sort,
        "stands": advice.stands,
        "partitions": advice.partitions,
        "files": advice.files,
        "rows": advice.rows,
        "bytes": advice.bytes,
        "file_bytes_p10": round(tenth),
        "file_bytes_p50": round(half),
        "file_bytes_p90": round(nine_tenths),
        "files_below_128_kb": advice.smaller_than(SMALL_OBJECT_BYTES),
        "written_share": advice.written_share,
        "queries": [asdict(query) for query in advice.queries],
        "usd_a_month": round(bill.usd, 6),
        "bill": [asdict(line) for line in bill.lines],
    }


def print_advice(advices: Sequence[LayoutAdvice], choice: Choice, usage: Usage, prices: Prices) -> None:
    """Print the layouts side by side, then query by query, then what to take and why."""
    print_table(
        ("layout", "partitions", "files", "bytes", "10 %", "median", "90 %", "below 128 KB", "usd a month", "written"),
        [
            (
                f"{a.name} (stands)" if a.stands else a.name, a.partitions, a.files, format_size(a.bytes),
                *(format_size(size) for size in a.deciles), a.smaller_than(SMALL_OBJECT_BYTES),
                round(bill.usd, 3), f"{a.written_share:.0%}",
            )
            for a, bill in zip(advices, choice.bills, strict=True)
        ],
    )  # fmt: skip
    typer.echo("")
    print_table(
        ("query", "layout", "folders", "files", "row groups", "bytes read", "requests", "listings", "usd each"),
        [
            (
                query.query, a.name, query.partitions, query.files, query.row_groups, format_size(query.bytes),
                query.requests, query.listings, f"{prices.athena.usd(query.bytes):.6f}",
            )
            for number in range(len(advices[0].queries))
            for a in advices
            for query in [a.queries[number]]
        ],
    )  # fmt: skip
    typer.echo(f"\nRecommended: {choice.recommended.name}.")
    for reason in choice.reasons:
        typer.echo(f"  {reason}")
    typer.echo("\nHow it was found:")
    for text in (*_how_found(advices), *usage.assumptions(prices)):
        typer.echo(f"  {text}")
    if not choice.recommended.stands:
        recommended = choice.recommended
        keys = f"--keys {','.join(recommended.keys)} --sort {','.join(recommended.sort)}"
        named = recommended.name if recommended.name in LAYOUTS else keys
        typer.echo(f"\nTo have it: lakeward layout apply {named}")


def _how_found(advices: Sequence[LayoutAdvice]) -> list[str]:
    whole = [a.name for a in advices if a.written_share == 1]
    sampled = [f"{a.name} ({a.written_share:.0%} of the rows)" for a in advices if a.written_share < 1]
    texts = []
    if whole:
        texts.append(f"every row was written aside in {', '.join(whole)}: files, sizes and row groups are exact")
    if sampled:
        texts.append(
            f"a sample of folders was written in {', '.join(sampled)}: the number of folders is exact, sizes and what "
            "is read follow from the sample"
        )
    texts.append("what queries read is reckoned from folders, row-group statistics and Bloom filters; none was run")
    return texts
