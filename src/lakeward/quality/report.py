"""The quality report of one lake snapshot: rules, score and figures, as one value that text, JSON and page are made of.

In: a DuckDB connection with the snapshot's tables, the limits, and the ledger of the run that published it.
Out: :class:`QualityReport`. Everything is aggregated by the database; no table is held in Python, nothing is written.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from lakeward.lake.ledger import LedgerRow
from lakeward.quality.claims import claims_figures, claims_rules
from lakeward.quality.coverage import coverage_figures
from lakeward.quality.figures import Figure
from lakeward.quality.lake_rules import evaluate_lake_rules
from lakeward.quality.ledger_figures import ledger_figures
from lakeward.quality.medicare_coverage import medicare_figures
from lakeward.quality.providers import providers_figures, providers_rules
from lakeward.quality.quarantine import quarantine_figures
from lakeward.quality.rates import completeness_figure, release_figure, statistics_figure
from lakeward.quality.relations import Relations
from lakeward.quality.row_checks import evaluate_row_rules
from lakeward.quality.rule import RuleResult, Score, score
from lakeward.settings import QualitySettings

FORMAT_VERSION = 1
NO_RATES = "There are no rates in this lake. `lakeward run rates` brings some in."


@dataclass(frozen=True)
class QualityReport:
    """Everything the report says.

    Args:
        snapshot: number of the lake's commit, ``None`` when not told.
        score: the data quality score.
        rules: every rule with what came of it.
        figures: the tables of the report, in order.
        notes: sentences on what could not be reported.
    """

    snapshot: int | None
    score: Score
    rules: tuple[RuleResult, ...]
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """Rules that rows break, errors before warnings."""
        failed = [rule for rule in self.rules if rule.status == "fail"]
        return tuple(sorted(failed, key=lambda rule: -rule.cost))

    def figure(self, key: str) -> Figure | None:
        """Return a figure by its key, ``None`` when the lake has no tables for it."""
        return next((figure for figure in self.figures if figure.key == key), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the report with stable keys: ``score``, ``rules`` and one key per figure."""
        return {
            "format_version": FORMAT_VERSION,
            "snapshot": self.snapshot,
            "score": self.score.as_dict(),
            "rules": [rule.as_dict() for rule in self.rules],
            "figures": {figure.key: figure.as_dict() for figure in self.figures},
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """Return the report as JSON text, the same bytes for the same lake."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def quality_report(
    catalog: duckdb.DuckDBPyConnection,
    *,
    limits: QualitySettings | None = None,
    ledger: Sequence[LedgerRow] = (),
    snapshot: int | None = None,
) -> QualityReport:
    """Measure the quality of a lake snapshot.

    Args:
        catalog: DuckDB with every table of the snapshot by its bare name.
        limits: bounds of the rules, the defaults when not given.
        ledger: rows of the run that published the snapshot.
        snapshot: its number, for the heading.

    Returns:
        The report. Reads each fact table a few times, once per group of questions; memory is the database's.

    Example:
        >>> quality_report(duckdb.connect("lake.duckdb")).score.value
        100
    """
    limits = limits or QualitySettings()
    relations = Relations(catalog)
    results = (
        *evaluate_row_rules(relations, limits),
        *evaluate_lake_rules(relations, limits, ledger),
        *providers_rules(relations, limits),
        *claims_rules(relations, limits),
    )
    figures = _rate_figures(relations) if relations.has(relations.fact, "release_id") else []
    rated = any(figure.key == "releases" and figure.rows for figure in figures)
    figures = figures if rated else []
    figures += [*providers_figures(relations), *claims_figures(relations)]
    figures += [*quarantine_figures(relations), *ledger_figures(relations, ledger)]
    return QualityReport(snapshot, score(results), results, tuple(figures), () if rated else (NO_RATES,))


def _rate_figures(relations: Relations) -> list[Figure]:
    figures = [
        release_figure(relations),
        completeness_figure(relations),
        statistics_figure(relations),
        *coverage_figures(relations),
        *medicare_figures(relations),
    ]
    sections = list(dict.fromkeys(figure.section for figure in figures))
    return sorted(figures, key=lambda figure: sections.index(figure.section))
