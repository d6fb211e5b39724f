"""The command that checks definitions, templates, policies and paths by the rules of the linter."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lakeward.aws.lint import Finding, all_rules, lint
from lakeward.aws.lint.material import read_files
from lakeward.aws.lint.own import own_texts, own_values
from lakeward.cli.options import EnvironmentOptions, with_options
from lakeward.cli.output import print_json
from lakeward.errors import DataCheckFailed
from lakeward.lake.commit import Lake


@with_options(EnvironmentOptions)
def lint_command(
    options: EnvironmentOptions,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="DDL, templates, policies, lists of paths, Markdown; what this lake deploys if none."),
    ] = None,
) -> None:
    """Check DDL, templates, policies, metrics and paths for known mistakes; exits 1 when one is an error.

    Example: lakeward aws lint tables.sql lifecycle.json
    """
    if files:
        texts = read_files(files)
        found = lint(texts)
    else:
        settings = options.settings()
        snapshot = Lake.open(settings.lake, settings.storage).snapshot()
        texts = own_texts(settings, snapshot)
        found = lint(texts, own_values(snapshot))
    _print(found, sorted(texts), as_json=options.json)
    broken = Counter(finding.rule.rule_id for finding in found if finding.rule.severity == "error")
    if broken:
        raise DataCheckFailed(
            f"{sum(broken.values())} error(s) of {len(broken)} rule(s): {', '.join(sorted(broken))}. "
            "Nothing was deployed. docs/reference/lint-rules.md says why and what to do instead."
        )


def _print(found: Sequence[Finding], checked: Sequence[str], *, as_json: bool) -> None:
    counts = Counter(finding.rule.severity for finding in found)
    if as_json:
        print_json({
            "checked": list(checked), "rules": len(all_rules()), "errors": counts["error"],
            "warnings": counts["warning"], "findings": [finding.as_dict() for finding in found],
        })  # fmt: skip
        return
    for finding in found:
        rule, problem = finding.rule, finding.problem
        typer.echo(f"{problem.place}: {rule.severity} {rule.rule_id} {rule.title}: {problem.found}")
    for rule in {finding.rule.rule_id: finding.rule for finding in found}.values():
        typer.echo(f"\n{rule.rule_id} {rule.title}\n  why: {rule.why}\n  instead: {rule.fix}\n  source: {rule.source}")
    typer.echo(f"{chr(10) if found else ''}{len(checked)} checked by {len(all_rules())} rules: "
               f"{counts['error']} errors, {counts['warning']} warnings.")  # fmt: skip
