"""What a rule of the linter is, where it looks, and what it finds.

A rule has functions over things (a table, a statement of a policy, a tree of paths) that yield what is wrong with one:
:func:`rule` gives it an id, a title, the reason, the source and its first function, :func:`check` adds one for another
kind of thing. Ids ``LW-A…`` are the numbered mistakes of the original documents; the other letters are our own:
D definitions, P projection, L lifecycle, B buckets, I access, M metrics, G catalogue.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Place:
    """Where something stands: a file, or the name of what was generated, and a 1-based line."""

    file: str
    line: int = 1

    def at(self, line: int) -> "Place":
        """Return another line of the same file."""
        return Place(self.file, line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, and what was found there."""

    place: Place
    found: str


Run = Callable[[Any], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        rule_id: stable name, such as ``LW-A08``.
        title: the mistake in a few words.
        severity: an ``error`` gives wrong answers, fails or opens data; a ``warning`` costs money or time, or may err.
        why: what happens to who makes the mistake.
        fix: what to do instead.
        source: where that is written.
    """

    rule_id: str
    title: str
    severity: Severity
    why: str
    fix: str
    source: str


@dataclass(frozen=True)
class Check:
    """How a rule looks at one kind of thing: the function yields the problems of one of them."""

    rule_id: str
    looks_at: type
    run: Run


@dataclass(frozen=True)
class Finding:
    """A rule that something breaks, and where."""

    rule: Rule
    problem: Problem

    def as_dict(self) -> dict[str, Any]:
        """Return the finding with stable keys for machines."""
        return {
            "rule": self.rule.rule_id,
            "severity": self.rule.severity,
            "file": self.problem.place.file,
            "line": self.problem.place.line,
            "title": self.rule.title,
            "found": self.problem.found,
            "why": self.rule.why,
            "fix": self.rule.fix,
            "source": self.rule.source,
        }


RULES: dict[str, Rule] = {}
"""Rules by their id."""
CHECKS: list[Check] = []
"""A mistake that can be seen in several kinds of things has a check for each."""


def rule(
    rule_id: str, looks_at: type, title: str, *, severity: Severity = "error", why: str, fix: str, source: str
) -> Callable[[Run], Run]:
    """Declare a rule, with its first check."""
    if rule_id in RULES:
        raise ValueError(f"{rule_id} is declared twice")
    RULES[rule_id] = Rule(rule_id, title, severity, why, fix, source)
    return check(rule_id, looks_at)


def check(rule_id: str, looks_at: type) -> Callable[[Run], Run]:
    """Declare one more check of a rule, for things of another kind."""

    def decorate(run: Run) -> Run:
        CHECKS.append(Check(rule_id, looks_at, run))
        return run

    return decorate


def all_rules() -> list[Rule]:
    """Return the rules in the order of their ids."""
    return [RULES[rule_id] for rule_id in sorted(RULES)]


def findings_of(things: Sequence[Any]) -> list[Finding]:
    """Run every check over every thing that it looks at; findings come in the order of files, lines and ids."""
    found = {
        Finding(RULES[each.rule_id], problem): None
        for each in CHECKS
        for thing in things
        if isinstance(thing, each.looks_at)
        for problem in each.run(thing)
    }
    return sorted(found, key=lambda f: (f.problem.place.file, f.problem.place.line, f.rule.rule_id, f.problem.found))
