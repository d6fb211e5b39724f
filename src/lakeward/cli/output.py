"""How commands print: aligned text for people, one JSON document for machines."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

YEAR = re.compile(r"(^|_)year$")


def print_json(value: object) -> None:
    """Print one JSON document to stdout."""
    typer.echo(json.dumps(value, indent=1, default=str, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows as aligned text to stdout; numbers are set right, with thousands separated but in years."""
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, column in enumerate(table.columns):
        numbers = all(isinstance(row[index], int | float | Decimal | None) for row in rows)
        column.justify = "right" if rows and numbers else "left"
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(as_text(value, column) for value, column in zip(row, columns, strict=True)))
    Console(highlight=False, markup=False, width=None if Console().is_terminal else 240).print(table)


def print_records(records: Iterable[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str]) -> None:
    """Print records as JSON, or the chosen columns of them as aligned text."""
    if as_json:
        print_json([dict(record) for record in records])
    else:
        print_table(columns, [[record.get(column) for column in columns] for record in records])


def as_text(value: object, column: str = "") -> str:
    """Return a cell's text: nothing for null, thousands separated in numbers and money, yes and no for booleans.

    A whole number in a column called so is a year and stands as it is written.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and YEAR.search(column):
        return str(value)
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}"
    return str(value)
