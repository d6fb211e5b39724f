"""The tables of one lake snapshot as the report sees them: a DuckDB connection with a view for each table.

In: a connection on which every table of the snapshot is a view (or table) by its bare name.
Out: which tables and columns there are, and rows of aggregate queries. A lake without a table is no error.
"""

from typing import Any

import duckdb

from lakeward.quality.figures import Source

GRAINS: dict[str, tuple[str, str]] = {
    "fact_rate": ("one published price of one provider group", "payers' in-network files"),
    "fact_rate_enriched": ("one published price of one provider group", "payers' in-network files, enriched"),
    "quarantine_fact_rate": ("one rejected price", "payers' in-network files"),
    "quarantine_provider_member": ("one rejected member of a provider group", "payers' in-network files"),
    "quarantine_npi": ("one rejected record of the registry", "CMS NPPES"),
    "quarantine_npi_detail": ("one rejected row of a file beside the registry", "CMS NPPES"),
    "quarantine_medicare_record": ("one rejected record of a fee schedule", "CMS fee schedules"),
    "dim_provider_group": ("one provider group of a payer", "payers' in-network files"),
    "xref_pg_member_npi": ("one NPI in a provider group", "payers' in-network files"),
    "dim_npi": ("one provider", "CMS NPPES"),
    "dim_npi_history": ("one provider over a span of days", "CMS NPPES"),
    "mart_state_profile": ("one state", "CMS NPPES, Census Bureau"),
    "mart_provider_gap": ("one county, discipline and way of counting", "CMS NPPES, Census Bureau"),
    "dim_npi_address_geolocation": ("one placed address of a provider", "CMS NPPES, Census, HUD, OMB"),
    "bench_medicare_comprehensive": ("one Medicare amount", "CMS fee schedules"),
    "fact_inpatient_claim": ("one segment of an inpatient claim", "CMS DE-SynPUF (synthetic)"),
    "quarantine_inpatient_claim": ("one rejected claim record", "CMS DE-SynPUF (synthetic)"),
    "quarantine_beneficiary_summary": ("one rejected summary record", "CMS DE-SynPUF (synthetic)"),
    "ledger": ("one step of a run on a slice", "Lakeward"),
}
"""Grain and publisher of the tables that the report measures."""

RELEASES = {
    "fact_rate": "year_month",
    "fact_rate_enriched": "year_month",
    "quarantine_fact_rate": "year_month",
    "bench_medicare_comprehensive": "data_year",
    "dim_npi": "registry_as_of_date",
    "fact_inpatient_claim": "release_id",
}
"""The column that dates a table's content."""


class Relations:
    """What a report may ask of a snapshot; every answer is aggregated by the database.

    Args:
        connection: DuckDB with the snapshot's tables by their bare names in the current schema.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._columns: dict[str, dict[str, str]] = {}
        listed = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns "
            "where table_schema = current_schema() order by table_name, ordinal_position"
        ).fetchall()
        for table, column, data_type in listed:
            self._columns.setdefault(table, {})[column] = data_type
        self._sources: dict[str, Source] = {}

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether the snapshot has the table with all these columns."""
        return table in self._columns and all(column in self._columns[table] for column in columns)

    def is_list(self, table: str, column: str) -> bool:
        """Tell whether a column holds lists."""
        return self._columns[table][column].endswith("[]")

    @property
    def fact(self) -> str:
        """The table of published prices: ``fact_rate``, or the enriched one where only that is published."""
        return "fact_rate" if self.has("fact_rate") else "fact_rate_enriched"

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Run an aggregate query and return its rows as dictionaries."""
        cursor = self._connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, query: str) -> dict[str, Any]:
        """Run an aggregate query that answers with one row."""
        return self.rows(query)[0]

    def source(self, table: str) -> Source:
        """Return grain, publisher and releases of a table, the releases read from its dating column."""
        if table not in self._sources:
            grain, publisher = GRAINS[table]
            self._sources[table] = Source(table, grain, publisher, self._releases(table))
        return self._sources[table]

    def _releases(self, table: str) -> str:
        column = RELEASES.get(table)
        if column is None or not self.has(table, column):
            return "as in the lake"
        span = self.row(
            f"select cast(min({column}) as varchar) as first, cast(max({column}) as varchar) as last from {table}"  # noqa: S608
        )
        if span["first"] is None:
            return "none"
        return str(span["first"]) if span["first"] == span["last"] else f"{span['first']} to {span['last']}"
