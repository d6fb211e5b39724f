"""The rules on whole tables: keys are unique, tables agree with each other, quarantine and ledger stay in bounds.

In: the tables of a snapshot, the limits and the ledger of the run. Out: one result per rule.
"""

from collections.abc import Sequence

from lakeward.lake.ledger import LedgerRow
from lakeward.quality.quarantine import releases_with_quarantine
from lakeward.quality.relations import Relations
from lakeward.quality.rule import RuleResult
from lakeward.quality.table_rules import key_is_unique
from lakeward.settings import QualitySettings

REFERENCES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("payer_is_in_dimension", "fact_rate", "dim_payer", ("payer_slug",)),
    ("code_is_in_dimension", "fact_rate", "dim_code", ("code_type", "code")),
    ("group_is_in_dimension", "fact_rate", "dim_provider_group", ("pg_uid",)),
    ("pos_set_is_in_dimension", "fact_rate", "dim_pos_set", ("pos_set_id",)),
    ("npi_member_has_group", "xref_pg_member_npi", "dim_provider_group", ("pg_uid",)),
    ("tin_member_has_group", "xref_pg_member_tin", "dim_provider_group", ("pg_uid",)),
    ("address_has_provider", "dim_npi_address", "dim_npi", ("npi",)),
)
"""Rule, table that refers, table referred to, and the key: a key that is not there is a dangling reference."""

KEYS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("fact_uid_is_unique", "fact_rate", ("fact_uid",)),
    ("enriched_fact_uid_is_unique", "fact_rate_enriched", ("fact_uid",)),
    ("npi_is_unique", "dim_npi", ("npi",)),
    ("group_is_unique", "dim_provider_group", ("pg_uid",)),
)


def evaluate_lake_rules(relations: Relations, limits: QualitySettings, ledger: Sequence[LedgerRow]) -> list[RuleResult]:
    """Check every rule on whole tables; aggregates only, no table is held in Python."""
    return [
        *(key_is_unique(relations, rule_id, table, key) for rule_id, table, key in KEYS),
        _same_rows(relations),
        _same_amounts(relations),
        *(_reference_holds(relations, *reference) for reference in REFERENCES),
        _quarantine_in_bounds(relations, limits),
        _ledger_balances(ledger),
    ]


def _same_rows(relations: Relations) -> RuleResult:
    what = "every published price has one enriched row, release by release"
    return _agreement(relations, "enriched_rows_equal_fact_rows", what, "count(*)", ("release_id",))


def _same_amounts(relations: Relations) -> RuleResult:
    what = "published and enriched prices add up to the same amount in each release and unit"
    # Rounded before the cast, or a double a hair off would differ in the last place; what is no number is left to the
    # rules on the range of rates.
    amount = "sum(try_cast(round(negotiated_rate, 4) as decimal(28, 4)))"
    return _agreement(
        relations, "enriched_amounts_equal_fact_amounts", what, amount, ("release_id", "rate_unit"), "negotiated_rate"
    )


def _agreement(
    relations: Relations, rule_id: str, what: str, measure: str, keys: tuple[str, ...], *needed: str
) -> RuleResult:
    """Compare an aggregate of the fact and the enriched table per release (and unit)."""
    scope = "fact_rate, fact_rate_enriched"
    columns = (*keys, *needed)
    if not (relations.has("fact_rate", *columns) and relations.has("fact_rate_enriched", *columns)):
        return RuleResult(rule_id, what, "error", scope, unit="slice")
    key_list = ", ".join(keys)
    joined = " and ".join(f"fact.{key} is not distinct from enriched.{key}" for key in keys)
    grouped = f"(select {key_list}, {measure} as measure from {{}} group by {key_list})"  # noqa: S608
    rows = relations.rows(
        "select coalesce(fact.release_id, enriched.release_id, '') as release, "  # noqa: S608
        "fact.measure is distinct from enriched.measure as differs "
        f"from {grouped.format('fact_rate')} as fact "
        f"full join {grouped.format('fact_rate_enriched')} as enriched on {joined} order by 1"
    )
    wrong = [row["release"] for row in rows if row["differs"]]
    by_release = {release: wrong.count(release) for release in wrong if release}
    return RuleResult(rule_id, what, "error", scope, "slice", len(rows), len(wrong), by_release)


def _reference_holds(relations: Relations, rule_id: str, table: str, target: str, key: tuple[str, ...]) -> RuleResult:
    what = f"{', '.join(key)} of {table} is in {target}"
    if not (relations.has(table, *key) and relations.has(target, *key)):
        return RuleResult(rule_id, what, "error", f"{table}, {target}")
    columns = ", ".join(key)
    joined = " and ".join(f"referring.{name} = target.{name}" for name in key)
    counts = relations.row(
        "select cast(coalesce(sum(times), 0) as bigint) as checked, "  # noqa: S608
        "cast(coalesce(sum(times) filter (where not found), 0) as bigint) as failing from ("
        f"select times, exists(select 1 from {target} as target where {joined}) as found "
        f"from (select {columns}, count(*) as times from {table} group by {columns}) as referring)"
    )
    return RuleResult(rule_id, what, "error", f"{table}, {target}", "row", counts["checked"], counts["failing"])


def _quarantine_in_bounds(relations: Relations, limits: QualitySettings) -> RuleResult:
    what = f"at most {limits.quarantine_max_share:.0%} of a release's prices are rejected"
    scope = f"quarantine_fact_rate, {relations.fact}"
    if not (relations.has("quarantine_fact_rate", "release_id") and relations.has(relations.fact, "release_id")):
        return RuleResult("quarantine_in_bounds", what, "error", scope, unit="release")
    releases = releases_with_quarantine(relations)
    over = {
        row["release_id"]: row["quarantined"]
        for row in releases
        if row["quarantined"] > limits.quarantine_max_share * (row["quarantined"] + row["facts"])
    }
    return RuleResult("quarantine_in_bounds", what, "error", scope, "release", len(releases), len(over), over)


def _ledger_balances(ledger: Sequence[LedgerRow]) -> RuleResult:
    what = "every step accounts for all its rows, keys and money"
    unbalanced = sum(not row.balanced for row in ledger)
    return RuleResult("ledger_balances", what, "error", "ledger", "step", len(ledger) or None, unbalanced)
