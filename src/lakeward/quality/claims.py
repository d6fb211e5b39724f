"""The claims in the quality report: what must hold of star and marts, and what the published files are like.

In: the tables of a snapshot. Out: results of the rules and figures; none where the lake holds no claims. The rules
recount what the models and the ledger counted, by other queries, on what is in the lake.
"""

from lakeward.quality.figures import Column, Figure, share
from lakeward.quality.relations import Relations
from lakeward.quality.rule import RuleResult
from lakeward.quality.table_rules import key_is_unique, reference_holds
from lakeward.settings import QualitySettings

SECTION = "Claims"
FACT = "fact_inpatient_claim"
REJECTED = "quarantine_inpatient_claim"
KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (FACT, ("claim_id", "segment")),
    ("dim_beneficiary", ("release_id", "beneficiary_id")),
    ("dim_beneficiary_year", ("beneficiary_id", "summary_year")),
    ("mart_claims_readmission", ("stay_id",)),
)
REFERENCES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (FACT, "dim_beneficiary", ("beneficiary_id",)),
    (FACT, "dim_facility", ("facility_id",)),
    (FACT, "dim_drg", ("drg_code",)),
    ("bridge_claim_diagnosis", FACT, ("claim_id", "segment")),
    ("bridge_claim_diagnosis", "dim_diagnosis", ("diagnosis_code",)),
    ("bridge_claim_procedure", FACT, ("claim_id", "segment")),
    ("bridge_claim_procedure", "dim_procedure", ("procedure_code",)),
)
"""Table that refers, table referred to, and the columns; a row that has none of them refers to nothing."""
PAID_ONCE: dict[str, tuple[str, str]] = {
    "abc_by_drg": ("mart_claims_abc", "entity_type = 'drg' and period = 'all'"),
    "abc_by_facility": ("mart_claims_abc", "entity_type = 'facility' and period = 'all'"),
    "abc_by_beneficiary": ("mart_claims_abc", "entity_type = 'beneficiary' and period = 'all'"),
    "revenue": ("mart_claims_revenue", "true"),
    "drg": ("mart_claims_drg", "true"),
    "readmission": ("mart_claims_readmission", "true"),
}
"""Rules, the marts that they look at, and the rows of them that hold every claim's payment once."""


def claims_rules(relations: Relations, limits: QualitySettings) -> list[RuleResult]:
    """Check the rules on the claims; none where the lake has no claims."""
    if not relations.has(FACT):
        return []
    return [
        *(key_is_unique(relations, f"claims_key_of_{table}", table, key) for table, key in KEYS),
        *(reference_holds(relations, *reference) for reference in REFERENCES),
        *(_paid_is_the_same(relations, name, *rows) for name, rows in PAID_ONCE.items()),
        _dates_in_order(relations),
        _quarantine_in_bounds(relations, limits),
    ]


def claims_figures(relations: Relations) -> list[Figure]:
    """Return what the claims are like, sample by sample; none where the lake has no claims."""
    if not relations.has(FACT):
        return []
    rows = relations.rows(
        f"""
        select
            release_id, count(*) as rows, count(distinct claim_id) as claims,
            count(*) filter (where segment > 1) as later_segments,
            count(*) filter (where payment_sign = 'negative') as negative_payments,
            count(*) filter (where payment_sign = 'zero') as zero_payments,
            cast(sum(paid_amount_usd) as varchar) as paid_usd,
            count(*) filter (where claim_from_date is null) as blank_from_dates,
            count(*) filter (where not has_beneficiary_year) as without_summary,
            count(*) filter (where is_length_of_stay_mismatch) as mismatches, count(is_length_of_stay_mismatch) as stays
        from {FACT} group by release_id order by release_id
        """  # noqa: S608
    )
    return [
        Figure(
            key="claims_by_sample",
            section=SECTION,
            title="Claims by sample",
            explanation=(
                "Every published row, reversals and zero payments included; the length of stay is compared with the"
                " utilisation days where both are known."
            ),
            sources=(relations.source(FACT),),
            columns=(
                Column("release_id", "Sample"),
                Column("rows", "Rows", "count"),
                Column("claims", "Claims", "count"),
                Column("later_segments", "Later segments", "count"),
                Column("negative_payments", "Negative", "count"),
                Column("zero_payments", "Zero", "count"),
                Column("paid_usd", "Paid, $"),
                Column("blank_from_dates", "No from date", "count"),
                Column("without_summary", "No summary of the year", "count"),
                Column("mismatch_share", "Length of stay is not utilisation days", "share"),
            ),
            rows=tuple(row | {"mismatch_share": share(row["mismatches"], row["stays"])} for row in rows),
        )
    ]


def _paid_is_the_same(relations: Relations, name: str, mart: str, where: str) -> RuleResult:
    rule_id, what = f"claims_paid_in_{name}", f"{mart} adds up to the paid amounts of the claims, to the cent"
    scope = f"{FACT}, {mart}"
    if not (relations.has(FACT, "paid_amount_usd") and relations.has(mart, "paid_amount_usd")):
        return RuleResult(rule_id, what, "error", scope, unit="total")
    difference = relations.row(
        f"select (select sum(paid_amount_usd) from {FACT}) "  # noqa: S608
        f"is distinct from (select sum(paid_amount_usd) from {mart} where {where}) as differs"
    )
    return RuleResult(rule_id, what, "error", scope, "total", 1, int(difference["differs"]))


def _dates_in_order(relations: Relations) -> RuleResult:
    rule_id, what = "discharge_after_admission", "nobody is discharged before the admission"
    columns = ("admission_date", "discharge_date", "release_id")
    if not relations.has(FACT, *columns):
        return RuleResult(rule_id, what, "warning", FACT)
    rows = relations.rows(
        "select release_id, count(*) as checked, "  # noqa: S608
        f"count(*) filter (where discharge_date < admission_date) as failing from {FACT} "
        "where discharge_date is not null and admission_date is not null group by release_id"
    )
    failing = {row["release_id"]: row["failing"] for row in rows if row["failing"]}
    checked = sum(row["checked"] for row in rows)
    return RuleResult(rule_id, what, "warning", FACT, "row", checked, sum(failing.values()), failing)


def _quarantine_in_bounds(relations: Relations, limits: QualitySettings) -> RuleResult:
    rule_id, what = (
        "claims_quarantine_in_bounds",
        f"at most {limits.quarantine_max_share:.0%} of a sample's claims are rejected",
    )
    if not relations.has(REJECTED, "release_id"):
        return RuleResult(rule_id, what, "error", f"{REJECTED}, {FACT}", unit="release")
    rows = relations.rows(
        "select release_id, count(*) as all_rows, count(*) filter (where is_rejected) as rejected from ("  # noqa: S608
        f"select release_id, false as is_rejected from {FACT} "
        f"union all select release_id, true from {REJECTED}) group by release_id order by release_id"
    )
    over = {r["release_id"]: r["rejected"] for r in rows if r["rejected"] > limits.quarantine_max_share * r["all_rows"]}
    return RuleResult(rule_id, what, "error", f"{REJECTED}, {FACT}", "release", len(rows), len(over), over)
