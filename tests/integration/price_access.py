"""Price against supply by statistical area, once more: plain Python over the rows that the mart is made from."""

import math
from collections import defaultdict
from statistics import median
from typing import Any

import duckdb

Cell = tuple[str, str]
"""Statistical area and specialty group."""


def newest_prices(tables: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the professional prices of a known area, of the newest month of each payer and state."""
    rows = tables.sql("""
        select payer_slug, state, year_month, stat_area_code, primary_taxonomy_code, rate_to_medicare_ratio
        from fact_rate_enriched where billing_class = 'professional' and stat_area_code is not null
    """)
    prices = [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
    newest: dict[tuple[str, str | None], str] = {}
    for price in prices:
        release = price["payer_slug"], price["state"]
        newest[release] = max(newest.get(release, ""), price["year_month"])
    return [price for price in prices if price["year_month"] == newest[price["payer_slug"], price["state"]]]


def expected_cells(tables: duckdb.DuckDBPyConnection) -> dict[Cell, dict[str, Any]]:
    """Return price count, payers, median ratio, density, access, ranks and quadrant of every cell."""
    groups: dict[str, set[str]] = defaultdict(set)
    for group, code in tables.sql("select specialty_group, taxonomy_code from seed_specialty_group").fetchall():
        groups[code].add(group)
    prices = newest_prices(tables)
    ratios: dict[Cell, list[float]] = defaultdict(list)
    payers: dict[Cell, set[str]] = defaultdict(set)
    for price in prices:
        for group in groups.get(price["primary_taxonomy_code"], ()):
            if price["rate_to_medicare_ratio"] is not None:
                # Four decimals, a half upwards, as the mart rounds.
                ratio = math.floor(price["rate_to_medicare_ratio"] * 10_000 + 0.5) / 10_000
                ratios[price["stat_area_code"], group].append(ratio)
                payers[price["stat_area_code"], group].add(price["payer_slug"])
    density = _densities(tables)
    access = _mean_access(tables)
    cells: dict[Cell, dict[str, Any]] = {}
    for area in {price["stat_area_code"] for price in prices}:
        for group in set().union(*groups.values()):
            cell = area, group
            cells[cell] = {
                "price_count": len(ratios[cell]),
                "payer_count": len(payers[cell]),
                "medicare_ratio_p50": round(median(ratios[cell]), 6) if ratios[cell] else None,
                "providers_per_100000": density.get(cell, (None, None))[0],
                "coverage_status": density.get(cell, (None, "no_population"))[1],
                "access_per_100000": access.get(cell),
            }
    for group in set().union(*groups.values()):
        _rank([cell for key, cell in cells.items() if key[1] == group])
    return cells


def _densities(tables: duckdb.DuckDBPyConnection) -> dict[Cell, tuple[float | None, str]]:
    rows = tables.sql("""
        select region_id, specialty_group, providers_per_100000, coverage_status
        from mart_specialty_gap where region_level = 'stat_area'
    """).fetchall()
    return {(area, group): (value, status) for area, group, value, status in rows}


def _mean_access(tables: duckdb.DuckDBPyConnection) -> dict[Cell, float]:
    area_of = dict(tables.sql("select county_fips, stat_area_code from dim_county").fetchall())
    rows = tables.sql("""
        select county_fips, specialty_group, population, access_per_100000 from mart_provider_access
        where access_per_100000 is not null
    """).fetchall()
    sums: dict[Cell, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for county, group, people, value in rows:
        sums[area_of[county], group][0] += people * value
        sums[area_of[county], group][1] += people
    return {cell: total / people for cell, (total, people) in sums.items()}


def _rank(cells: list[dict[str, Any]]) -> None:
    """Add ranks and quadrants to the cells of one specialty group, where two covered areas have both figures."""
    price, supply = "medicare_ratio_p50", "providers_per_100000"
    covered = [cell for cell in cells if cell["coverage_status"] == "covered"]
    both = [cell for cell in covered if cell[price] is not None and cell[supply] is not None]
    for cell in cells:
        cell["price_rank"] = cell["density_rank"] = cell["quadrant"] = None
    if len(both) < 2:
        return
    middle_price, middle_supply = (round(median(cell[name] for cell in both), 6) for name in (price, supply))
    for cell in both:
        cell["price_rank"] = 1 + sum(other[price] > cell[price] for other in both)
        cell["density_rank"] = 1 + sum(other[supply] < cell[supply] for other in both)
        level = "high" if cell[price] > middle_price else "low"
        cell["quadrant"] = f"{level}_price_{'low' if cell[supply] < middle_supply else 'high'}_supply"
