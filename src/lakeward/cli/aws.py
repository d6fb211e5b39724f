"""The commands of the AWS door: what a lake needs there, printed or deployed. Only ``deploy`` calls AWS."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from lakeward.aws.plan import Change, plan_deployment
from lakeward.aws.template import template_document, template_text
from lakeward.cli.aws_cost import cost
from lakeward.cli.aws_ddl import ddl
from lakeward.cli.aws_lint import lint_command
from lakeward.cli.options import EnvironmentOptions, with_options
from lakeward.cli.output import print_json, print_table
from lakeward.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add these commands to the application, as ``lakeward aws …``."""
    aws = typer.Typer(
        name="aws",
        help="What the lake needs in AWS: template, table definitions, checks, cost.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    aws.command()(template)
    aws.command()(deploy)
    aws.command()(ddl)
    aws.command("lint")(lint_command)
    aws.command()(cost)
    app.add_typer(aws)


@with_options(EnvironmentOptions)
def template(
    options: EnvironmentOptions,
    output: Annotated[Path | None, typer.Option("--output", help="File to write; default stdout.")] = None,
) -> None:
    """Print the CloudFormation template of what the lake needs in AWS; calls nothing, needs no credentials.

    Example: lakeward aws template --environment production --output lakeward.yaml
    """
    settings = options.settings()
    if output is not None:
        output.write_text(template_text(settings), encoding="utf-8")
        typer.echo(f"{output} written. Next: lakeward aws deploy --dry-run", err=True)
    elif options.json:
        print_json(template_document(settings))
    else:
        typer.echo(template_text(settings), nl=False)


@with_options(EnvironmentOptions)
def deploy(
    options: EnvironmentOptions,
    stack: Annotated[
        str | None, typer.Option("--stack", help="Name of the stack; default lakeward-<environment>.")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", help="Value of a parameter, as NAME=VALUE; can be repeated.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what a new stack would hold; calls nothing, needs no credentials.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Carry the change set out after it was printed.")] = False,
) -> None:
    """Deploy the template as a stack: print the change set, and carry it out where --yes says so.

    Example: lakeward aws deploy --lake s3://my-lake --environment production --dry-run
    """
    settings = options.settings()
    plan = plan_deployment(settings, stack or f"lakeward-{settings.environment}", _assignments(parameter or []))
    if dry_run:
        _print_changes(plan.stack, "dry run", plan.changes, options.json, plan.values)
        return
    # boto3 takes a third of a second to import, which a dry run need not pay.
    from lakeward.aws.deploy import make_change_set

    change_set = make_change_set(plan)
    if change_set is None:
        _print_changes(plan.stack, "unchanged", (), options.json, plan.values)
    elif not yes:
        change_set.drop()
        _print_changes(plan.stack, "nothing deployed; --yes does it", change_set.changes, options.json, plan.values)
    elif options.json:
        _print_changes(plan.stack, change_set.execute(), change_set.changes, True, plan.values)
    else:
        _print_changes(plan.stack, "being carried out", change_set.changes, False, plan.values)
        typer.echo(f"stack {plan.stack}: {change_set.execute()}")


def _assignments(given: list[str]) -> dict[str, str]:
    values = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator:
            raise UsageError(f"--parameter {text} is not NAME=VALUE. Nothing was deployed.")
        values[name] = value
    return values


def _print_changes(
    stack: str, outcome: str, changes: Sequence[Change], as_json: bool, values: Mapping[str, str | None]
) -> None:
    if as_json:
        listed = [{"action": c.action, "resource": c.resource, "type": c.type, "replaces": c.replaces} for c in changes]
        print_json({"stack": stack, "outcome": outcome, "parameters": dict(values), "changes": listed})
        return
    print_table(("parameter", "value"), [(name, "(no value yet)" if v is None else v) for name, v in values.items()])
    typer.echo("")
    shown = [(f"{c.action}, replaces" if c.replaces else c.action, c.resource, c.type, c.why) for c in changes]
    print_table(("change", "resource", "type", "why"), shown)
    typer.echo(f"\nstack {stack}, {len(changes)} changes: {outcome}")
