"""How far the prices are compared with Medicare, and how they compare.

In: the enriched fact of a snapshot. Out: figures; a price that has no like to be compared with is counted by reason.
"""

from lakeward.quality.coverage import ENRICHED, counted_values
from lakeward.quality.figures import Column, Figure, share
from lakeward.quality.relations import Relations
from lakeward.quality.statistics import distribution_columns, distribution_sql

SECTION = "Medicare"


def medicare_figures(relations: Relations) -> list[Figure]:
    """Return the comparison's figures whose columns the snapshot has."""
    figures = [
        _comparable_prices(relations),
        counted_values(relations, SECTION, "not_comparable_reason", "Why a price is not compared with Medicare"),
        counted_values(relations, SECTION, "benchmark_type", "Medicare fee schedule that a price is compared with"),
        _ratio_distribution(relations),
    ]
    return [figure for figure in figures if figure is not None]


def _comparable_prices(relations: Relations) -> Figure | None:
    if not relations.has(ENRICHED, "rate_to_medicare_ratio", "release_id"):
        return None
    rows = relations.rows(
        "select release_id, count(*) as prices, count(rate_to_medicare_ratio) as comparable "
        "from fact_rate_enriched group by release_id order by release_id"
    )
    sources = [relations.source(ENRICHED)]
    if relations.has("bench_medicare_comprehensive"):
        sources.append(relations.source("bench_medicare_comprehensive"))
    return Figure(
        key="medicare_coverage",
        section=SECTION,
        title="Prices compared with Medicare",
        explanation="A price is compared like for like (unit, setting, modifier, code system) or not at all.",
        sources=tuple(sources),
        columns=(
            Column("release_id", "Release"),
            Column("prices", "Prices", "count"),
            Column("comparable", "Comparable", "count"),
            Column("share", "Share", "share"),
        ),
        rows=tuple(row | {"share": share(row["comparable"], row["prices"])} for row in rows),
    )


def _ratio_distribution(relations: Relations) -> Figure | None:
    if not relations.has(ENRICHED, "rate_to_medicare_ratio", "benchmark_type"):
        return None
    return Figure(
        key="ratio_distribution",
        section=SECTION,
        title="Price as a multiple of the Medicare amount",
        explanation="1.00 is what Medicare pays; each fee schedule has its own row.",
        sources=(relations.source(ENRICHED),),
        columns=(Column("benchmark_type", "Fee schedule"), *distribution_columns("Prices")),
        rows=tuple(relations.rows(distribution_sql(ENRICHED, ("benchmark_type",), "rate_to_medicare_ratio"))),
    )
