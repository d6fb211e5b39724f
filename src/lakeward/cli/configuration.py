"""The command that shows the configuration."""

import typer

from lakeward.cli.options import StageOptions, with_options
from lakeward.cli.output import print_json, print_table
from lakeward.sizes import format_size


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="config")(config)


@with_options(StageOptions)
def config(options: StageOptions) -> None:
    """Print the resolved settings, secrets masked.

    Example: lakeward config --environment production
    """
    document = options.settings().model_dump(mode="json")
    if options.json:
        print_json(document)
    else:
        document["resources"]["memory"] = format_size(document["resources"]["memory"])
        print_table(("setting", "value"), [(name, value) for name, value in _flat(document)])


def _flat(document: dict[str, object], above: str = "") -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in document.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{above}{name}.")
        elif value not in (None, [], ()):
            rows.append((f"{above}{name}", str(value)))
    return rows
