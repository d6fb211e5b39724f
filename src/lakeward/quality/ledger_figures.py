"""The ledger as the report shows it: what every step took in and gave out, and rows that were merged into others.

In: ledger rows of a run. Out: a figure, none without a ledger.
"""

from collections.abc import Sequence

from lakeward.lake.ledger import LedgerRow
from lakeward.quality.figures import Column, Figure
from lakeward.quality.relations import Relations


def ledger_figures(relations: Relations, ledger: Sequence[LedgerRow]) -> list[Figure]:
    """Return one row per step, slice and table, in the order of the run."""
    if not ledger:
        return []
    unbalanced, merged = sum(not row.balanced for row in ledger), sum(row.rows_merged for row in ledger)
    return [
        Figure(
            key="ledger",
            section="Ledger",
            title="Rows through the steps of the run",
            explanation=f"Rows in + exploded = rows out + quarantined + merged. {len(ledger):,} steps, "
            f"{unbalanced:,} of them out of balance; {merged:,} rows were merged into others.",
            sources=(relations.source("ledger"),),
            columns=(
                Column("step", "Step"),
                Column("slice", "Slice"),
                Column("table", "Table"),
                Column("rows_in", "Rows in", "count"),
                Column("rows_exploded", "Exploded", "count"),
                Column("rows_out", "Rows out", "count"),
                Column("rows_quarantined", "Quarantined", "count"),
                Column("rows_merged", "Merged", "count"),
                Column("balance", "Balance", "status"),
            ),
            # Seconds and peak memory differ from run to run; the report of one lake must not.
            rows=tuple(_row(row) for row in ledger),
        )
    ]


def _row(row: LedgerRow) -> dict[str, object]:
    record = row.as_record()
    for measured in ("run_id", "seconds", "peak_rss_bytes"):
        record.pop(measured)
    return record | {"balance": "pass" if row.balanced else "fail"}
