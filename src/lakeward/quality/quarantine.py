"""What was rejected: by reason and by release, prices and members of provider groups.

In: the quarantine tables of a snapshot, whose ``reasons`` are a list, or text joined by commas.
Out: figures. A row with two reasons is counted under both, so that reasons may add up to more than the rows.
"""

from typing import Any

from lakeward.quality.figures import Column, Figure, share
from lakeward.quality.relations import Relations

SECTION = "Quarantine"
TABLES = {
    "quarantine_fact_rate": "prices",
    "quarantine_provider_member": "group members",
    "quarantine_npi": "registry records",
    "quarantine_npi_detail": "rows of files beside the registry",
    "quarantine_medicare_record": "Medicare records",
    "quarantine_inpatient_claim": "claims",
    "quarantine_beneficiary_summary": "beneficiary summaries",
}
"""Quarantine tables and what their rows are called."""


def quarantine_figures(relations: Relations) -> list[Figure]:
    """Return rejected rows by reason, for each quarantine table that the snapshot has."""
    return [_by_reason(relations, table, things) for table, things in TABLES.items() if relations.has(table, "reasons")]


def _by_reason(relations: Relations, table: str, things: str) -> Figure:
    reasons = "reasons" if relations.is_list(table, "reasons") else "string_split_regex(reasons, ', *')"
    rejected = relations.row(f"select count(*) as rows from {table}")["rows"]  # noqa: S608
    rows = relations.rows(
        "select reason, count(*) as rows from "  # noqa: S608
        f"(select unnest(list_distinct({reasons})) as reason from {table}) group by reason order by rows desc, reason"
    )
    return Figure(
        key=f"{table}_by_reason",
        section=SECTION,
        title=f"Rejected {things} by reason",
        explanation=f"{rejected:,} rejected {things}; one with two reasons is counted under both.",
        sources=(relations.source(table),),
        columns=(
            Column("reason", "Reason"),
            Column("rows", "Rows", "count"),
            Column("share", "Share of rejected", "share"),
        ),
        rows=tuple(row | {"share": share(row["rows"], rejected)} for row in rows),
    )


def releases_with_quarantine(relations: Relations) -> list[dict[str, Any]]:
    """Return published and rejected prices of every release that has either; needs both tables' ``release_id``."""
    return relations.rows(
        "select release_id, cast(sum(facts) as bigint) as facts, cast(sum(quarantined) as bigint) as quarantined "  # noqa: S608
        f"from (select release_id, count(*) as facts, 0 as quarantined from {relations.fact} group by release_id "
        "union all select release_id, 0, count(*) from quarantine_fact_rate group by release_id) "
        "where release_id is not null group by release_id order by release_id"
    )
