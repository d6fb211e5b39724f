"""Rules that hold of any table: a key stands once, and what it refers to is there.

In: the tables of a snapshot. Out: one result a rule; ``not checked`` where a table or column is not in the lake.
"""

from lakeward.quality.relations import Relations
from lakeward.quality.rule import RuleResult


def key_is_unique(relations: Relations, rule_id: str, table: str, key: tuple[str, ...]) -> RuleResult:
    """Check that a key stands once in a table; every further row of it fails."""
    columns = ", ".join(key)
    what = f"{columns} stands once in {table}"
    if not relations.has(table, *key):
        return RuleResult(rule_id, what, "error", table)
    counts = relations.row(
        "select cast(coalesce(sum(times), 0) as bigint) as checked, "  # noqa: S608
        "cast(coalesce(sum(times - 1), 0) as bigint) as failing "
        f"from (select count(*) as times from {table} group by {columns})"
    )
    return RuleResult(rule_id, what, "error", table, checked=counts["checked"], failing=counts["failing"])


def reference_holds(relations: Relations, table: str, target: str, key: tuple[str, ...]) -> RuleResult:
    """Check that what a table refers to is in another; a row that names nothing refers to nothing."""
    columns, scope = ", ".join(key), f"{table}, {target}"
    rule_id, what = f"{table}_refers_to_{target}", f"{columns} of {table} is in {target}"
    if not (relations.has(table, *key) and relations.has(target, *key)):
        return RuleResult(rule_id, what, "error", scope)
    named = " and ".join(f"{name} is not null" for name in key)
    counts = relations.row(
        "select count(*) as checked, count(*) filter (where not found) as failing from ("  # noqa: S608
        f"select ({columns}) in (select ({columns}) from {target}) as found from {table} where {named})"
    )
    return RuleResult(rule_id, what, "error", scope, "row", counts["checked"], counts["failing"])
