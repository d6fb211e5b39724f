"""The commands of the AWS door: what a lake needs there, printed or deployed. Only ``deploy`` calls AWS."""

import typer


def register(app: typer.Typer) -> None:
    """Add these commands to the application, as ``lakeward aws …``."""
    aws = typer.Typer(
        name="aws",
        help="What the lake needs in AWS: template, table definitions, checks, cost.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.add_typer(aws)
