"""The command line: a command parses, calls one function, prints. Results go to stdout, everything else to stderr."""

import logging
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lakeward import __version__
from lakeward.cli import aws, configuration, doors, geocode, iceberg, layout, proof, report, stages, views
from lakeward.errors import Interrupted, LakewardError


class Commands(TyperGroup):
    """The commands; an interrupt becomes an error of our own before typer ends the process with a code of its own."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None


app = typer.Typer(
    name="lakeward",
    cls=Commands,
    help="An open lakehouse for the public data of US healthcare, with proof that nothing was lost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (stages, geocode, views, proof, layout, doors, iceberg, aws, report, configuration):
    group.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lakeward {__version__}")
        raise typer.Exit


@app.callback()
def _shared(
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what each step does.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Log warnings and errors only.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr, force=True)
    logging.getLogger("lakeward").setLevel(level)


def main() -> None:
    """Run the command line; an error of our own becomes one message and its exit code, a bug keeps its traceback."""
    try:
        app(standalone_mode=True)
    except LakewardError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
