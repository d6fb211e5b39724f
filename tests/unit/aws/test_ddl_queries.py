"""Saved queries and views: Athena can read them, the tables have their columns, and no join multiplies rows."""

from collections.abc import Iterator

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from lakeward.aws.ddl import database_ddl
from lakeward.aws.saved_queries import QUERIES, VIEWS, SavedQuery, View, queries_script, view_ddl
from lakeward.publish.example_queries import example_queries
from lakeward.publish.layout import COMPACT
from lakeward.reference.tables import published_tables

from .hive_lake import DUCKDB_TYPES


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every published table, without rows, and the views."""
    with duckdb.connect() as connection:
        for table in published_tables():
            columns = ", ".join(f'"{c.name}" {DUCKDB_TYPES.get(c.data_type, c.data_type)}' for c in table.columns)
            connection.execute(f"create table {table.name} ({columns})")
        for view in VIEWS:
            connection.execute(f"create view {view.name} as {for_duckdb(view)}")
        yield connection


def for_duckdb(query: SavedQuery) -> str:
    """Return a query of Athena's in the SQL of the engine at hand."""
    return sqlglot.transpile(query.sql, read="athena", write="duckdb")[0]


def insert(warehouse: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, object]) -> None:
    """Insert rows by the names of their columns; the others are null."""
    for row in rows:
        marks = ", ".join("?" for _ in row)
        warehouse.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


@pytest.mark.parametrize("query", [*VIEWS, *QUERIES], ids=lambda query: query.name)
def test_a_query_names_columns_that_there_are(warehouse: duckdb.DuckDBPyConnection, query: SavedQuery) -> None:
    assert warehouse.sql(for_duckdb(query)).fetchall() == []


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_says_which_tables_it_joins(view: View) -> None:
    parsed = sqlglot.parse_one(view.sql, dialect="athena")
    assert sorted(view.tables) == sorted(table.name for table in parsed.find_all(exp.Table))


@pytest.mark.parametrize("name", [query.name for query in QUERIES[:4]])
def test_layouts_are_measured_by_what_a_saved_query_reads(name: str) -> None:
    measured = next(query for query in example_queries("GA", "99213", {}) if query.name == name)
    parsed = sqlglot.parse_one(next(query for query in QUERIES if query.name == name).sql, dialect="athena")
    reads = next(s for s in parsed.find_all(exp.Select) if s.args["from_"].this.name == "fact_rate_enriched")
    made = {alias.alias for alias in reads.find_all(exp.Alias)}
    read = {column.name for column in reads.find_all(exp.Column)}
    asked = {*measured.shown, *(condition.column for condition in measured.conditions)}
    assert asked == read - (made - asked)
    filtered = {column.name for column in reads.args["where"].find_all(exp.Column)}
    assert filtered == {condition.column for condition in measured.conditions}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_prunes_partitions_and_is_ordered(query: SavedQuery) -> None:
    parsed = sqlglot.parse_one(query.sql, dialect="athena")
    assert parsed.args["order"] is not None
    tables = {table.name for table in parsed.find_all(exp.Table)}
    if "fact_rate_enriched" in tables:
        filtered = {c.name for where in parsed.find_all(exp.Where) for c in where.find_all(exp.Column)}
        assert filtered & set(COMPACT.spec.keys)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_no_query_repeats_a_mistake_of_the_documents(query: SavedQuery) -> None:
    parsed = sqlglot.parse_one(query.sql, dialect="athena")
    assert not list(parsed.find_all(exp.Avg)), "a mean over modifiers, settings and units means nothing"
    assert "Unknown" not in query.sql, "what is unknown is null"
    equal = {e.this.name for e in parsed.find_all(exp.EQ, exp.In) if isinstance(e.this, exp.Column)}
    assert "code" not in equal or {"code_type", "rate_unit"} <= equal, "a code is one only with its system and unit"


def test_a_view_is_a_statement_of_its_own() -> None:
    for view in VIEWS:
        parsed = sqlglot.parse_one(view_ddl(view, "prices"), dialect="athena")
        assert isinstance(parsed, exp.Create)
        assert (parsed.kind, parsed.this.db, parsed.this.name) == ("VIEW", "prices", view.name)


def test_the_script_holds_every_statement() -> None:
    script = queries_script("prices")
    assert script.count(";\n") == len(VIEWS) + len(QUERIES)
    assert not [found for found in sqlglot.parse(script, dialect="athena") if isinstance(found, exp.Command)]
    assert not isinstance(sqlglot.parse_one(database_ddl("prices"), dialect="athena"), exp.Command)


def test_a_price_has_one_category_whatever_system_the_payer_files_it_under(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    insert(
        warehouse, "fact_rate",
        {"fact_uid": "a", "code_type": "CPT", "code": "99213"},
        {"fact_uid": "b", "code_type": "HCPCS", "code": "99213"},
        {"fact_uid": "c", "code_type": "MS-DRG", "code": "470"},
    )  # fmt: skip
    insert(
        warehouse, "dim_code",
        {"code_type": "CPT", "code": "99213", "code_name": "Visit"},
        {"code_type": "HCPCS", "code": "99213", "code_name": "Office visit"},
        {"code_type": "MS-DRG", "code": "470", "code_name": "Hip"},
    )  # fmt: skip
    insert(
        warehouse, "dim_code_cat",
        {"code_type": "CPT", "code": "99213", "proc_set": "E&M"},
        {"code_type": "CPT", "code": "470", "proc_set": "not of a DRG"},
    )  # fmt: skip
    found = warehouse.sql("select fact_uid, code_name, procedure_set from rate_code order by all").fetchall()
    assert found == [("a", "Visit", "E&M"), ("b", "Office visit", "E&M"), ("c", "Hip", None)]


def test_a_price_and_a_member_are_one_row_whatever_addresses_there_are(warehouse: duckdb.DuckDBPyConnection) -> None:
    insert(warehouse, "fact_rate", {"fact_uid": "a", "pg_uid": "g", "year_month": "2025-06", "state": "GA"})
    insert(
        warehouse, "xref_pg_member_npi",
        {"pg_uid": "g", "npi": "1", "first_year_month": "2025-05", "last_year_month": "2025-06"},
        {"pg_uid": "g", "npi": "2", "first_year_month": None, "last_year_month": None},
        {"pg_uid": "g", "npi": "3", "first_year_month": "2025-07", "last_year_month": "2025-08"},
    )  # fmt: skip
    insert(warehouse, "dim_npi", {"npi": "1", "enumeration_type": "NPI-1"})
    insert(
        warehouse, "dim_npi_address",
        {"npi": "1", "address_purpose": "LOCATION", "address_hash": "x", "state": "AL"},
        {"npi": "1", "address_purpose": "MAILING", "address_hash": "y", "state": "TN"},
    )  # fmt: skip
    insert(warehouse, "dim_npi_address_geolocation", {"npi": "1", "address_hash": "x", "county_fips": "01001"})
    found = warehouse.sql(
        "select npi, enumeration_type, state, provider_state, county_fips from rate_member order by 1"
    )
    assert found.fetchall() == [("1", "NPI-1", "GA", "AL", "01001"), ("2", None, "GA", None, None)]


def test_the_network_counts_members_and_not_prices(warehouse: duckdb.DuckDBPyConnection) -> None:
    prices = [{"fact_uid": uid, "pg_uid": "g", "state": "GA", "rate_to_medicare_ratio": 2.0} for uid in "abc"]
    insert(warehouse, "fact_rate_enriched", *prices)
    insert(warehouse, "dim_provider_group", {"pg_uid": "g", "payer_slug": "acme", "provider_group_id_raw": "7"})
    for npi, kind in (("1", "NPI-1"), ("2", "NPI-1"), ("3", "NPI-2")):
        insert(warehouse, "xref_pg_member_npi", {"pg_uid": "g", "npi": npi})
        insert(warehouse, "dim_npi", {"npi": npi, "enumeration_type": kind, "primary_taxonomy_desc": "Surgery"})
    network = next(query for query in QUERIES if query.name == "provider_network")
    assert warehouse.sql(for_duckdb(network)).fetchall() == [("acme", "7", "Surgery", 2, 3, 2.0)]
