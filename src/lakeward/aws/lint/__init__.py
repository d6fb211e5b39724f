"""The linter: rules over definitions of tables, templates, policies, metrics, paths, and what documents say of them.

In: texts by the name of their file. Out: findings, each with its rule, its place and what was found. Nothing is run
and nobody is asked: what passes can still be refused by AWS, what fails here is wrong there.
"""

from collections.abc import Mapping

import lakeward.aws.lint.rules  # noqa: F401 - makes the rules known
from lakeward.aws.lint.material import Together, things_in
from lakeward.aws.lint.rule import Finding, Rule, all_rules, findings_of

__all__ = ["Finding", "Rule", "all_rules", "lint"]


def lint(
    texts: Mapping[str, str], values: Mapping[str, Mapping[str, frozenset[str | None]]] | None = None
) -> list[Finding]:
    """Check texts by every rule, together: the paths of one file are compared with the table of another.

    Args:
        texts: what to check, by the name of its file.
        values: the partition values that the lake has, by table and key, where they are known.

    Returns:
        What is wrong, in the order of files and lines.

    Raises:
        SourceUnreadable: a text is not what its name says it is.
    """
    things = [thing for file, text in texts.items() for thing in things_in(file, text)]
    return findings_of([*things, Together(tuple(things), values or {})])
