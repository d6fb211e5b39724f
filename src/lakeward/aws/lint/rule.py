"""What a rule of the linter is, where it looks, and what it finds.

A rule is a function over one thing (a table, a statement of a policy, a tree of paths) that yields what is wrong with
it; :func:`rule` gives it an id, a title, the reason and the source. Ids ``LW-A…`` are the numbered mistakes of the
original documents; the other letters are our own: D definitions, P projection, L lifecycle, B buckets, I access,
M metrics, G catalogue.
"""

from collections.abc import Callable, Iterator
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


Check = Callable[[Any], Iterator[Problem]]


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
        looks_at: the type of thing that the check takes.
        check: yields the problems of one thing.
    """

    rule_id: str
    title: str
    severity: Severity
    why: str
    fix: str
    source: str
    looks_at: type
    check: Check


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


RULES: dict[str, list[Rule]] = {}
"""Rules by their id; a mistake that can be seen in several kinds of things has one check for each."""


def rule(
    rule_id: str,
    looks_at: type,
    title: str = "",
    *,
    severity: Severity = "error",
    why: str = "",
    fix: str = "",
    source: str = "",
) -> Callable[[Check], Check]:
    """Make a check a rule; a second check of the same id leaves out the texts, which are those of the first."""

    def decorate(check: Check) -> Check:
        known = RULES.setdefault(rule_id, [])
        if known:
            first = known[0]
            made = Rule(rule_id, first.title, first.severity, first.why, first.fix, first.source, looks_at, check)
        else:
            made = Rule(rule_id, title, severity, why, fix, source, looks_at, check)
        known.append(made)
        return check

    return decorate


def all_rules() -> list[Rule]:
    """Return one rule for each id, in the order of their ids."""
    return [RULES[rule_id][0] for rule_id in sorted(RULES)]


def findings_of(things: list[Any]) -> list[Finding]:
    """Run every check over every thing that it looks at; findings come in the order of files, lines and ids."""
    found = {
        Finding(made, problem): None
        for checks in RULES.values()
        for made in checks
        for thing in things
        if isinstance(thing, made.looks_at)
        for problem in made.check(thing)
    }
    return sorted(found, key=lambda f: (f.problem.place.file, f.problem.place.line, f.rule.rule_id, f.problem.found))
