"""How far the prices are joined to places and providers.

In: the enriched fact and the provider tables of a snapshot. Out: figures; a price without a join is counted, never
guessed at.
"""

from typing import Any

from lakeward.quality.figures import Column, Figure, share
from lakeward.quality.relations import Relations

ENRICHED = "fact_rate_enriched"
GEOLOCATION = "dim_npi_address_geolocation"
AREAS_SHOWN = 15
COVERAGE_COLUMNS = (Column("measure", "Measure"), Column("count", "Count", "count"), Column("of", "Of", "count"))
MEASURE_COLUMNS = (*COVERAGE_COLUMNS, Column("share", "Share", "share"))


def coverage_figures(relations: Relations) -> list[Figure]:
    """Return the coverage figures whose tables the snapshot has."""
    figures = [
        _by_release(relations),
        _placed_prices(relations),
        counted_values(relations, "Geography", "geocode_status", "How the primary provider of a price was placed"),
        _largest_areas(relations),
        _placed_addresses(relations),
        _provider_groups(relations),
        _prices_with_provider(relations),
    ]
    return [figure for figure in figures if figure is not None]


def _measure(name: str, count: int, of: int) -> dict[str, Any]:
    return {"measure": name, "count": count, "of": of, "share": share(count, of)}


def _by_release(relations: Relations) -> Figure | None:
    wanted = {
        "npi": Column("with_npi", "NPI", "share"),
        "primary_taxonomy_code": Column("with_specialty", "Specialty", "share"),
        "latitude": Column("placed", "Placed", "share"),
        "stat_area_code": Column("in_stat_area", "Stat. area", "share"),
        "rate_to_medicare_ratio": Column("comparable", "Medicare", "share"),
    }
    present = {name: column for name, column in wanted.items() if relations.has(ENRICHED, name, "release_id")}
    if not present:
        return None
    counts = ", ".join(f"count({name}) as {column.name}" for name, column in present.items())
    rows = relations.rows(
        f"select release_id, count(*) as prices, {counts} from {ENRICHED} group by release_id order by release_id"  # noqa: S608
    )
    for row in rows:
        row.update({column.name: share(row[column.name], row["prices"]) for column in present.values()})
    return Figure(
        key="coverage_by_release",
        section="Releases",
        title="Share of prices that are joined to a provider, a place and a Medicare amount",
        explanation="Shares are of the release's prices.",
        sources=(relations.source(ENRICHED),),
        columns=(Column("release_id", "Release"), Column("prices", "Prices", "count"), *present.values()),
        rows=tuple(rows),
    )


def _placed_prices(relations: Relations) -> Figure | None:
    if not relations.has(ENRICHED, "county_fips", "stat_area_code", "latitude"):
        return None
    counts = relations.row(
        "select count(*) as prices, count(latitude) as placed, count(county_fips) as in_county, "
        "count(stat_area_code) as in_area, count(distinct county_fips) as counties, "
        "count(distinct stat_area_code) as areas from fact_rate_enriched"
    )
    return Figure(
        key="geographic_coverage",
        section="Geography",
        title="Prices with a place",
        explanation="A price is placed by the practice address of its primary provider.",
        sources=(relations.source(ENRICHED),),
        columns=MEASURE_COLUMNS,
        rows=(
            _measure("prices with coordinates", counts["placed"], counts["prices"]),
            _measure("prices in a county", counts["in_county"], counts["prices"]),
            _measure("prices in a statistical area", counts["in_area"], counts["prices"]),
            {"measure": "counties", "count": counts["counties"], "of": None, "share": None},
            {"measure": "statistical areas", "count": counts["areas"], "of": None, "share": None},
        ),
    )


def _largest_areas(relations: Relations) -> Figure | None:
    if not relations.has(ENRICHED, "stat_area_code", "stat_area_name", "npi"):
        return None
    rows = relations.rows(
        "select stat_area_code, min(stat_area_name) as stat_area_name, count(*) as prices, "  # noqa: S608
        "count(distinct npi) as providers, count(distinct county_fips) as counties from fact_rate_enriched "
        f"where stat_area_code is not null group by stat_area_code order by prices desc, 1 limit {AREAS_SHOWN}"
    )
    return Figure(
        key="statistical_areas",
        section="Geography",
        title="Statistical areas with the most prices",
        explanation=f"At most {AREAS_SHOWN} are shown; areas are keyed by code, the name stands beside it.",
        sources=(relations.source(ENRICHED),),
        columns=(
            Column("stat_area_code", "Code"),
            Column("stat_area_name", "Statistical area"),
            Column("prices", "Prices", "count"),
            Column("providers", "Primary NPIs", "count"),
            Column("counties", "Counties", "count"),
        ),
        rows=tuple(rows),
    )


def _placed_addresses(relations: Relations) -> Figure | None:
    if not relations.has(GEOLOCATION, "geocode_status", "npi"):
        return None
    rows = relations.rows(
        "select geocode_status, count(*) as addresses, count(distinct npi) as providers "
        "from dim_npi_address_geolocation group by geocode_status order by addresses desc, geocode_status"
    )
    total = sum(row["addresses"] for row in rows)
    return Figure(
        key="addresses_by_geocode_status",
        section="Geography",
        title="How provider addresses were placed",
        explanation="By ZIP code, offline, with a stated rule; an address that cannot be placed keeps no coordinates.",
        sources=(relations.source(GEOLOCATION),),
        columns=(
            Column("geocode_status", "Status"),
            Column("addresses", "Addresses", "count"),
            Column("providers", "Providers", "count"),
            Column("share", "Share", "share"),
        ),
        rows=tuple(row | {"share": share(row["addresses"], total)} for row in rows),
    )


def _provider_groups(relations: Relations) -> Figure | None:
    if not (relations.has("dim_provider_group", "pg_uid") and relations.has("xref_pg_member_npi", "pg_uid", "npi")):
        return None
    counts = relations.row(
        "select (select count(*) from dim_provider_group) as groups, count(distinct pg_uid) as with_npi, "
        "count(distinct npi) as npis from xref_pg_member_npi"
    )
    rows = [_measure("provider groups with known NPIs", counts["with_npi"], counts["groups"])]
    sources = [relations.source("dim_provider_group"), relations.source("xref_pg_member_npi")]
    if relations.has("dim_npi", "npi"):
        # The original marks rows that the registry did not answer for; without the mark every row is of the registry.
        fetched = "where coalesce(nppes_fetched, false)" if relations.has("dim_npi", "nppes_fetched") else ""
        known = relations.row(
            "select count(distinct npi) as npis from xref_pg_member_npi "  # noqa: S608
            f"where npi in (select npi from dim_npi {fetched})"
        )
        rows.append(_measure("NPIs in groups that the registry file has", known["npis"], counts["npis"]))
        sources.append(relations.source("dim_npi"))
    return Figure(
        key="provider_coverage",
        section="Providers",
        title="Provider groups and their members",
        explanation=f"{counts['npis']:,} NPIs are members of {counts['with_npi']:,} groups; a group published without "
        "NPIs is known by its tax number only.",
        sources=tuple(sources),
        columns=MEASURE_COLUMNS,
        rows=tuple(rows),
    )


def _prices_with_provider(relations: Relations) -> Figure | None:
    wanted = {
        "npi": "prices with a primary NPI",
        "provider_type": "prices with registry attributes of that NPI",
        "primary_taxonomy_code": "prices with a specialty",
    }
    present = {name: label for name, label in wanted.items() if relations.has(ENRICHED, name)}
    if not present:
        return None
    counts = ", ".join(f"count({name}) as {name}" for name in present)
    row = relations.row(f"select count(*) as prices, {counts} from fact_rate_enriched")  # noqa: S608
    return Figure(
        key="prices_with_provider",
        section="Providers",
        title="Prices with provider attributes",
        explanation="Attributes come from the registry file in the lake; a group keeps all its members in the bridge "
        "whichever of them is primary.",
        sources=(relations.source(ENRICHED),),
        columns=MEASURE_COLUMNS,
        rows=tuple(_measure(label, row[name], row["prices"]) for name, label in present.items()),
    )


def counted_values(relations: Relations, section: str, column: str, title: str) -> Figure | None:
    """Return how many prices have each value of a column; ``None`` when the lake lacks the column."""
    if not relations.has(ENRICHED, column):
        return None
    prices = relations.row("select count(*) as prices from fact_rate_enriched")["prices"]
    rows = relations.rows(
        f"select {column}, count(*) as prices from fact_rate_enriched "  # noqa: S608
        f"where {column} is not null group by {column} order by prices desc, {column}"
    )
    return Figure(
        key=f"{column}_counts",
        section=section,
        title=title,
        explanation="Shares are of all prices.",
        sources=(relations.source(ENRICHED),),
        columns=(
            Column(column, "Value"),
            Column("prices", "Prices", "count"),
            Column("share", "Share", "share"),
        ),
        rows=tuple(row | {"share": share(row["prices"], prices)} for row in rows),
    )
