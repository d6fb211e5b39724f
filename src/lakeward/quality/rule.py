"""What a quality rule is, what came of it, and the score over all of them.

In: counts of rows checked and failing per rule. Out: results and the data quality score.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lakeward.quality.figures import share

Severity = Literal["error", "warning"]
Status = Literal["pass", "fail", "not checked"]
POINTS: dict[Severity, int] = {"error": 10, "warning": 2}
FORMULA = "max(0, 100 - 10 x failed error rules - 2 x failed warning rules)"
"""The original system's score: a failed rule costs its points once, however many rows fail it."""


@dataclass(frozen=True)
class RuleResult:
    """What came of one rule.

    Args:
        rule_id: stable name.
        what: the rule as a sentence that is true of a good row.
        severity: ``error`` costs 10 points, ``warning`` 2.
        scope: the tables it was checked on.
        unit: what is counted: rows, releases, steps.
        checked: how many were looked at, maybe none; ``None`` when the tables or columns are not in the lake.
        failing: how many break the rule.
        by_release: failing rows of each release that has any, where the table has releases.
    """

    rule_id: str
    what: str
    severity: Severity
    scope: str
    unit: str = "row"
    checked: int | None = None
    failing: int = 0
    by_release: Mapping[str, int] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """``pass``, ``fail``, or ``not checked`` where there was nothing to look at."""
        if not self.checked:
            return "not checked"
        return "fail" if self.failing else "pass"

    @property
    def cost(self) -> int:
        """Points that the rule takes from the score."""
        return POINTS[self.severity] if self.status == "fail" else 0

    def as_dict(self) -> dict[str, Any]:
        """Return the result with stable keys for the JSON report."""
        return {
            "id": self.rule_id,
            "what": self.what,
            "severity": self.severity,
            "scope": self.scope,
            "unit": self.unit,
            "checked": self.checked,
            "failing": self.failing,
            "failing_share": share(self.failing, self.checked or 0),
            "status": self.status,
            "cost": self.cost,
            "by_release": dict(sorted(self.by_release.items())),
        }


@dataclass(frozen=True)
class Score:
    """The data quality score and the rules that took points from it."""

    value: int | None
    errors: int
    warnings: int
    costs: tuple[tuple[str, int], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the score with stable keys for the JSON report."""
        return {
            "value": self.value,
            "formula": FORMULA,
            "errors": self.errors,
            "warnings": self.warnings,
            "costs": dict(self.costs),
        }


def score(results: Iterable[RuleResult]) -> Score:
    """Score rule results by the original formula; ``None`` when no rule could be checked."""
    results = list(results)
    failed = [result for result in results if result.status == "fail"]
    errors = sum(result.severity == "error" for result in failed)
    warnings = len(failed) - errors
    checked = any(result.status != "not checked" for result in results)
    value = max(0, 100 - POINTS["error"] * errors - POINTS["warning"] * warnings) if checked else None
    return Score(value, errors, warnings, tuple((result.rule_id, result.cost) for result in failed))
