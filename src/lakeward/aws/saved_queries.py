"""The example queries of the original documents, corrected, and views for the joins that were once needed.

In: nothing. Out: :data:`VIEWS` and :data:`QUERIES` in the SQL of Athena. Each says what it answers; what the documents'
own text got wrong stands in a comment here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lakeward.publish.example_queries import example_queries


@dataclass(frozen=True)
class SavedQuery:
    """One statement: its name, what it answers or what one row of it is, and its SQL."""

    name: str
    description: str
    sql: str


@dataclass(frozen=True)
class View(SavedQuery):
    """A query that is kept as a view, and the tables that it joins."""

    tables: tuple[str, ...]


def _document_query(name: str, description: str, sql: str) -> SavedQuery:
    """Put the conditions of a query of the documents into its SQL; layouts are measured with the same ones."""
    measured = next(query for query in example_queries("GA", "99213", {}) if query.name == name)
    conditions = "\n    AND ".join(condition.sql for condition in measured.conditions)
    return SavedQuery(name, description, sql.replace("{conditions}", conditions))


# A code is one only together with its system, and a category goes by the shape of the code (see dim_code_cat).
_RATE_CODE = """\
SELECT
    fact.*,
    named.code_name,
    named.code_description,
    category.proc_set AS procedure_set,
    category.proc_class AS procedure_class,
    category.proc_group AS procedure_group
FROM fact_rate AS fact
LEFT JOIN dim_code AS named
    ON fact.code_type = named.code_type AND fact.code = named.code
LEFT JOIN dim_code_cat AS category
    ON fact.code_type IN ('CPT', 'HCPCS', 'CDT') AND fact.code = category.code
"""

# The documents joined one NPI of a group, picked at random, to all of its addresses.
_RATE_MEMBER = """\
SELECT
    fact.fact_uid,
    fact.release_id,
    fact.payer_slug,
    fact.state,
    fact.year_month,
    fact.billing_class,
    fact.code_type,
    fact.code,
    fact.billing_code_modifier,
    fact.negotiated_type,
    fact.negotiated_rate,
    fact.rate_unit,
    fact.pg_uid,
    member.npi,
    provider.enumeration_type,
    provider.organization_name,
    provider.first_name,
    provider.last_name,
    provider.primary_taxonomy_code,
    provider.primary_taxonomy_desc,
    address.city,
    address.state AS provider_state,
    address.postal_code,
    place.county_fips,
    place.county_name,
    place.stat_area_code,
    place.stat_area_name,
    place.geocode_status
FROM fact_rate AS fact
INNER JOIN xref_pg_member_npi AS member
    ON fact.pg_uid = member.pg_uid
    AND fact.year_month >= coalesce(member.first_year_month, fact.year_month)
    AND fact.year_month <= coalesce(member.last_year_month, fact.year_month)
LEFT JOIN dim_npi AS provider
    ON member.npi = provider.npi
LEFT JOIN dim_npi_address AS address
    ON member.npi = address.npi AND address.address_purpose = 'LOCATION'
LEFT JOIN dim_npi_address_geolocation AS place
    ON address.npi = place.npi AND address.address_hash = place.address_hash
"""

VIEWS = (
    View(
        "rate_code",
        "One row per fact_rate: the price with the name and category of its code.",
        _RATE_CODE,
        ("fact_rate", "dim_code", "dim_code_cat"),
    ),
    View(
        "rate_member",
        "One row per fact_rate and NPI of its group: count providers here, and never average rates.",
        _RATE_MEMBER,
        ("fact_rate", "xref_pg_member_npi", "dim_npi", "dim_npi_address", "dim_npi_address_geolocation"),
    ),
)

# In the documents: no code system, no unit, and the first hundred rows of any order.
_RATES_OF_A_CODE = """\
SELECT
    payer_slug,
    negotiated_rate,
    billing_code_modifier,
    billing_class,
    setting,
    pos_members,
    code_description,
    reporting_entity_name,
    procedure_set,
    stat_area_name
FROM fact_rate_enriched
WHERE {conditions}
ORDER BY negotiated_rate DESC, fact_uid
LIMIT 100
"""

# In the documents: the mean of dollars over every code, modifier and unit, and 'Unknown' for what is null.
_MARKETS = """\
SELECT
    stat_area_code,
    county_fips,
    max(stat_area_name) AS stat_area_name,
    max(county_name) AS county_name,
    billing_class,
    procedure_set,
    count(*) AS rate_count,
    count(rate_to_medicare_ratio) AS comparable_count,
    approx_percentile(rate_to_medicare_ratio, 0.5) AS median_times_medicare
FROM fact_rate_enriched
WHERE {conditions}
GROUP BY stat_area_code, county_fips, billing_class, procedure_set
ORDER BY median_times_medicare DESC NULLS LAST, stat_area_code, county_fips, billing_class, procedure_set
"""

# In the documents: a ratio of percentages and daily rates too. Here it is null where the two cannot be compared.
_ABOVE_MEDICARE = """\
SELECT
    payer_slug,
    code_type,
    code,
    billing_code_modifier,
    code_description,
    negotiated_rate,
    medicare_state_rate,
    rate_to_medicare_ratio,
    benchmark_type,
    benchmark_setting,
    state_rate_rule
FROM fact_rate_enriched
WHERE {conditions}
ORDER BY rate_to_medicare_ratio DESC, fact_uid
LIMIT 1000
"""

# In the documents: distinct primary NPIs, of which a group has one, and the mean over them.
_NETWORK = """\
WITH price AS (
    SELECT
        pg_uid,
        count(*) AS rate_count,
        approx_percentile(rate_to_medicare_ratio, 0.5) AS median_times_medicare
    FROM fact_rate_enriched
    WHERE {conditions}
    GROUP BY pg_uid
),
member AS (
    SELECT
        member.pg_uid,
        provider.primary_taxonomy_desc,
        count(DISTINCT member.npi) AS provider_count
    FROM xref_pg_member_npi AS member
    INNER JOIN dim_npi AS provider ON member.npi = provider.npi
    WHERE provider.enumeration_type = 'NPI-1'
    GROUP BY member.pg_uid, provider.primary_taxonomy_desc
)
SELECT
    provider_group.payer_slug,
    provider_group.provider_group_id_raw,
    member.primary_taxonomy_desc,
    member.provider_count,
    price.rate_count,
    price.median_times_medicare
FROM price
INNER JOIN member ON price.pg_uid = member.pg_uid
INNER JOIN dim_provider_group AS provider_group ON price.pg_uid = provider_group.pg_uid
ORDER BY member.provider_count DESC, price.pg_uid, member.primary_taxonomy_desc
"""

_PERCENTILES = """\
SELECT
    payer_slug,
    year_month,
    stat_area_name,
    billing_class,
    setting,
    billing_code_modifier,
    rate_count,
    rate_p25,
    rate_p50,
    rate_p75,
    medicare_ratio_p50
FROM mart_rate_benchmark
WHERE state = 'GA'
    AND code_type IN ('CPT', 'HCPCS')
    AND code = '99213'
    AND rate_unit = 'usd'
ORDER BY stat_area_name, payer_slug, year_month, billing_class, setting, billing_code_modifier
"""

_NOT_COMPARABLE = """\
SELECT
    payer_slug,
    coalesce(not_comparable_reason, 'comparable') AS outcome,
    count(*) AS rate_count
FROM fact_rate_enriched
WHERE state = 'GA'
GROUP BY payer_slug, coalesce(not_comparable_reason, 'comparable')
ORDER BY payer_slug, rate_count DESC, outcome
"""

QUERIES = (
    _document_query("rates_of_a_code", "The highest prices in dollars of one code in one state.", _RATES_OF_A_CODE),
    _document_query("markets", "Prices as a multiple of Medicare, by area, county and kind of service.", _MARKETS),
    _document_query(
        "above_medicare", "Prices above twice the Medicare amount they can be compared with.", _ABOVE_MEDICARE
    ),
    _document_query(
        "provider_network", "Persons in each provider group by specialty, beside the group's prices.", _NETWORK
    ),
    SavedQuery("rate_percentiles", "Percentiles of one code by market and payer, ready made.", _PERCENTILES),
    SavedQuery("not_comparable", "How many prices have no Medicare amount beside them, and why.", _NOT_COMPARABLE),
)
"""The first four are those of the documents; the others show what replaces a mean."""


def view_ddl(view: View, database: str) -> str:
    """Return the statement that makes a view; its tables are those of the database that the statement is run in."""
    return f'CREATE OR REPLACE VIEW "{database}"."{view.name}" AS\n{view.sql}'.rstrip()


def views_script(views: Iterable[View], database: str) -> str:
    """Return views as a script, each under what one row of it is; statements end with ``;``."""
    return "\n".join(f"-- {view.name}: {view.description}\n{view_ddl(view, database)};\n" for view in views)


def queries_script(database: str) -> str:
    """Return views and queries as one script, each under what it is; statements end with ``;``."""
    queries = [f"-- {query.name}: {query.description}\n{query.sql.rstrip()};\n" for query in QUERIES]
    return "\n".join([views_script(VIEWS, database), *queries])
