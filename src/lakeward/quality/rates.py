"""What the prices look like: releases, how complete their columns are, and their distribution.

In: the fact tables of a snapshot. Out: figures. Amounts are never put together across units: dollars, dollars a day
and percent each have their own rows.
"""

from typing import Any

from lakeward.quality.figures import Column, Figure, share
from lakeward.quality.quarantine import releases_with_quarantine
from lakeward.quality.relations import Relations
from lakeward.quality.statistics import distribution_columns, distribution_sql

COMPLETENESS_COLUMNS = (
    *("state", "year_month", "payer_slug", "billing_class", "code_type", "code", "code_description", "code_name"),
    *("negotiated_type", "negotiation_arrangement", "negotiated_rate", "rate_unit", "expiration_date"),
    *("billing_code_modifier", "setting", "severity_of_illness", "code_type_version", "network_name"),
    *("additional_information", "pos_members", "procedure_set", "procedure_class", "procedure_group"),
    *("npi", "tin_value", "primary_taxonomy_code", "provider_type", "provider_state", "postal_code"),
    *("latitude", "county_fips", "stat_area_code", "benchmark_type", "medicare_national_rate"),
    *("medicare_state_rate", "rate_to_medicare_ratio"),
)
"""Columns of the enriched fact that an analyst filters or measures by, in its order."""

STATISTICS_KEYS = (
    Column("payer_slug", "Payer"),
    Column("year_month", "Month"),
    Column("rate_unit", "Unit"),
    Column("billing_class", "Billing class"),
)


def release_figure(relations: Relations) -> Figure:
    """Return one row per release: published and rejected prices."""
    fact = relations.fact
    merged = "cast(sum(published_count - 1) as bigint)" if relations.has(fact, "published_count") else "null"
    described = {row["release_id"]: row for row in relations.rows(_RELEASES_SQL.format(fact=fact, merged=merged))}
    quarantine = relations.has("quarantine_fact_rate", "release_id")
    counted = releases_with_quarantine(relations) if quarantine else list(described.values())
    unknown = {"payer_slug": None, "state": None, "year_month": None, "merged": None}
    rows = [{**unknown, **described.get(row["release_id"], {}), **row} for row in counted]
    for row in rows:
        row["quarantined"] = row.get("quarantined")
        if row["quarantined"] is not None:
            row["quarantined_share"] = share(row["quarantined"], row["quarantined"] + row["facts"])
    return Figure(
        key="releases",
        section="Releases",
        title="What is in this lake",
        explanation="A release is everything one payer published for one state and month; rejected prices stand in "
        "quarantine with their reasons. A price that a file states more than once is kept once.",
        sources=(relations.source(fact), *([relations.source("quarantine_fact_rate")] if quarantine else [])),
        columns=(
            Column("release_id", "Release"),
            Column("state", "State"),
            Column("year_month", "Month"),
            Column("facts", "Prices", "count"),
            Column("merged", "Repeats merged", "count"),
            Column("quarantined", "Rejected", "count"),
            Column("quarantined_share", "Rejected share", "share"),
        ),
        rows=tuple({"quarantined_share": None} | row for row in rows),
    )


_RELEASES_SQL = (
    "select release_id, min(payer_slug) as payer_slug, min(state) as state, min(year_month) as year_month, "
    "count(*) as facts, {merged} as merged from {fact} group by release_id order by release_id"
)


def completeness_figure(relations: Relations) -> Figure:
    """Return the share of rows that have a value, per column of the enriched fact and per release."""
    table = "fact_rate_enriched" if relations.has("fact_rate_enriched") else "fact_rate"
    names = [name for name in COMPLETENESS_COLUMNS if relations.has(table, name)]
    counts = ", ".join(f"count({name}) as {name}" for name in names)
    releases = relations.rows(
        f"select coalesce(release_id, '') as release, count(*) as all_rows, {counts} "  # noqa: S608
        f"from {table} group by 1 order by 1"
    )
    rows = [_completeness(name, releases) for name in names] if releases else []
    return Figure(
        key="completeness",
        section="Completeness",
        title="Rows that have a value, by column",
        explanation="Null means unknown or not published; nothing is filled in. Where releases differ, the last "
        "columns name the one where a column is emptiest.",
        sources=(relations.source(table),),
        columns=(
            Column("column", "Column"),
            Column("present", "Rows with a value", "count"),
            Column("share", "Share", "share"),
            Column("lowest_share", "Lowest share", "share"),
            Column("lowest_release", "in release"),
        ),
        rows=tuple(rows),
    )


def _completeness(name: str, releases: list[dict[str, Any]]) -> dict[str, Any]:
    shares = {row["release"]: share(row[name], row["all_rows"]) or 0.0 for row in releases}
    present, rows = sum(row[name] for row in releases), sum(row["all_rows"] for row in releases)
    lowest = min(shares, key=lambda release: (shares[release], release))
    uneven = shares[lowest] < max(shares.values())
    return {
        "column": name,
        "rows": rows,
        "present": present,
        "share": share(present, rows),
        "lowest_share": shares[lowest] if uneven else None,
        "lowest_release": lowest if uneven else None,
        "by_release": shares,
    }


def statistics_figure(relations: Relations) -> Figure:
    """Return the distribution of prices per payer, month, unit and billing class."""
    keys = tuple(column.name for column in STATISTICS_KEYS)
    return Figure(
        key="rate_statistics",
        section="Rates",
        title="Prices by payer, month, unit and billing class",
        explanation="Amounts are never mixed across units: dollars, dollars a day and percent of charges stand apart. "
        "Codes are mixed, so this shows the range of a file, not what a service costs.",
        sources=(relations.source(relations.fact),),
        columns=(
            *STATISTICS_KEYS,
            *distribution_columns("Prices"),
        ),
        rows=tuple(relations.rows(distribution_sql(relations.fact, keys, "negotiated_rate"))),
    )
