"""Checks the row rules on a snapshot: one scan a table, whatever the number of rules.

In: the tables of a snapshot and the configured limits. Out: one result per rule, with failing rows per release.
"""

from collections import Counter

from lakeward.quality.relations import Relations
from lakeward.quality.row_rules import FACT, RowRule, row_rules
from lakeward.quality.rule import RuleResult
from lakeward.settings import QualitySettings


def evaluate_row_rules(relations: Relations, limits: QualitySettings) -> list[RuleResult]:
    """Check every row rule on the tables that the snapshot has; reads each table once."""
    rules = row_rules(limits)
    checked: Counter[str] = Counter()
    failing: dict[str, Counter[str]] = {rule.rule_id: Counter() for rule in rules}
    scopes: dict[str, list[str]] = {rule.rule_id: [] for rule in rules}
    for table in sorted({table for rule in rules for table in rule.tables}):
        actual = relations.fact if table == FACT else table
        here = [rule for rule in rules if table in rule.tables and relations.has(actual, *rule.columns)]
        for release, rule_id, looked_at, failed in _scan(relations, actual, here):
            checked[rule_id] += looked_at
            failing[rule_id][release] += failed
        for rule in here:
            scopes[rule.rule_id].append(actual)
    return [_result(rule, scopes[rule.rule_id], checked[rule.rule_id], failing[rule.rule_id]) for rule in rules]


def _scan(relations: Relations, table: str, rules: list[RowRule]) -> list[tuple[str, str, int, int]]:
    """Return (release, rule, rows checked, rows failing) of one table; the release is '' where it has none."""
    if not rules:
        return []
    release = "release_id" if relations.has(table, "release_id") else "cast(null as varchar)"
    counts = ", ".join(
        f"count(*) filter (where {rule.applies}) as checked_{index}, "
        f"count(*) filter (where ({rule.applies}) and ({rule.failing})) as failing_{index}"
        for index, rule in enumerate(rules)
    )
    rows = relations.rows(f"select {release} as release, {counts} from {table} group by 1 order by 1")  # noqa: S608
    return [
        (row["release"] or "", rule.rule_id, row[f"checked_{index}"], row[f"failing_{index}"])
        for row in rows
        for index, rule in enumerate(rules)
    ]


def _result(rule: RowRule, scope: list[str], checked: int, failing: Counter[str]) -> RuleResult:
    return RuleResult(
        rule_id=rule.rule_id,
        what=rule.what,
        severity=rule.severity,
        scope=", ".join(scope or rule.tables),
        checked=checked if scope else None,
        failing=failing.total(),
        by_release={release: count for release, count in failing.items() if release and count},
    )
