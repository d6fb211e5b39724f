"""The options of commands that reckon a bill, declared once."""

from pathlib import Path
from typing import Annotated

import typer

Memory = Annotated[str | None, typer.Option("--memory", help="Peak memory of the whole command, such as 1GB.")]
Workers = Annotated[int | None, typer.Option("--workers", help="Threads of the engine.")]
PriceFile = Annotated[Path | None, typer.Option("--prices", help="A price table instead of the one that comes along.")]
Queries = Annotated[int, typer.Option("--queries", min=0, help="Queries a month that the bill is reckoned for.")]
Rewrites = Annotated[
    float, typer.Option("--rewrites", min=0, help="How often a month every published file is written anew.")
]
StorageClass = Annotated[str, typer.Option("--storage-class", help="Storage class that the bill is reckoned for.")]
