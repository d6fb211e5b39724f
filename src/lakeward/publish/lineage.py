"""From rows of any table back to the source file, its sha256 and the record in it.

In: a table and a condition. Out: one :class:`Origin` for each row of the table and each record that it was made from.
A table that keeps its source columns is asked directly. A mart is followed through the facts of its domain that have
the same values in the columns of the mart's key; a dimension through the facts that refer to it; a bridge of the claims
by the claim that it names.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import duckdb

from lakeward.errors import UsageError
from lakeward.lake.commit import Snapshot
from lakeward.lake.storage import S3Options
from lakeward.publish.catalog import find_table, open_catalog, view_name
from lakeward.publish.query import require_reading

SOURCE_FILE = "bronze/lake/source_file"
FACTS = {"rates": "gold/rates/fact_rate_enriched", "claims": "silver/claims/fact_inpatient_claim"}
"""The facts of each domain that keep their source; other tables of the domain are followed through them."""
IN_FACTS = {"cohort_year": "service_year"}
"""Columns that marts know by another name than the facts."""
SOURCE_COLUMNS = ("source_file_id", "source_record")
BRONZE_COLUMNS = ("_file_id", "_source_record")


@dataclass(frozen=True)
class Origin:
    """One record that a row was made from: ``key`` tells the row, ``record`` is 1-based in the file."""

    table: str
    key: dict[str, object]
    source: str
    file_id: str
    name: str
    sha256: str
    record: int | None


def lineage(snapshot: Snapshot, name: str, where: str, options: S3Options, limit: int = 100) -> list[Origin]:
    """Follow rows back to the records that they were made from.

    Args:
        snapshot: of the lake.
        name: the table.
        where: an SQL condition on its columns.
        options: how a bucket is reached.
        limit: at most so many records.

    Raises:
        UsageError: there is no such table, the condition is wrong, or the table cannot be followed.
    """
    table = find_table(snapshot, name)
    wanted = [t for t in (table, _facts_of(table), SOURCE_FILE) if t in snapshot.tables()]
    with open_catalog(snapshot, options, dict.fromkeys(wanted)) as connection:
        columns = _columns(connection, table)
        key = _key(snapshot, table, columns)
        rows = f"select * from {_view(table)} where {where}"  # noqa: S608
        records = _records(connection, snapshot, table, rows, key, columns)
        shown = ", ".join(f'record."{column}"' for column in key)
        sql = (
            f"select {shown}, file.source, file.file_id, file.name, file.sha256, record.source_record "  # noqa: S608
            f"from ({records}) as record join {_view(SOURCE_FILE)} as file on file.file_id = record.source_file_id "
            f"order by all limit {limit}"
        )
        require_reading(sql)
        try:
            found = connection.execute(sql).fetchall()
        except (duckdb.BinderException, duckdb.ParserException, duckdb.ConversionException) as error:
            raise UsageError(f"{error}\n`lakeward tables {name}` lists the columns of the table.") from None
    return [
        Origin(table, dict(zip(key, row, strict=False)), *row[len(key) :])  # the key's values come first
        for row in found
    ]


def _records(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: str, rows: str, key: list[str], columns: list[str]
) -> str:
    """Return the SQL of the rows' keys with ``source_file_id`` and ``source_record``."""
    for file_column, record_column in (SOURCE_COLUMNS, BRONZE_COLUMNS):
        if file_column in columns:
            shown = ", ".join(f'"{column}"' for column in key)
            record = f'"{record_column}"' if record_column in columns else "cast(null as bigint)"
            return f'select {shown}, "{file_column}" as source_file_id, {record} as source_record from ({rows})'  # noqa: S608
    fact_table = _facts_of(table)
    facts = _columns(connection, fact_table) if fact_table in snapshot.tables() else []
    # A mart's key is in the facts; a bridge has the facts' key and something of its own.
    fact_key = snapshot.description(fact_table).key
    followed = next((names for names in (key, fact_key) if names and _are_shared(names, columns, facts)), None)
    if "source_file_id" not in facts or followed is None:
        raise UsageError(
            f"{view_name(table)[1]} keeps no source of its rows, and its key ({', '.join(key)}) is not in the facts.\n"
            "Follow a table that is: fact_rate_enriched, fact_inpatient_claim, a mart made from them, "
            "or a bronze dataset."
        )
    shown = ", ".join(f'chosen."{column}"' for column in key)
    same = " and ".join(
        f'fact."{IN_FACTS.get(column, column)}" is not distinct from chosen."{column}"' for column in followed
    )
    return (
        f"select distinct {shown}, fact.source_file_id, fact.source_record "  # noqa: S608
        f"from ({rows}) as chosen join {_view(fact_table)} as fact on {same}"
    )


def _facts_of(table: str) -> str:
    return FACTS.get(table.split("/")[1], FACTS["rates"])


def _are_shared(names: Iterable[str], columns: Collection[str], facts: Collection[str]) -> bool:
    return all(name in columns and IN_FACTS.get(name, name) in facts for name in names)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in connection.sql(f"describe {_view(table)}").fetchall()]


def _key(snapshot: Snapshot, table: str, columns: list[str]) -> list[str]:
    key = snapshot.description(table).key
    return list(key) or [column for column in columns if column in BRONZE_COLUMNS] or columns


def _view(table: str) -> str:
    schema, name = view_name(table)
    return f'{schema}."{name}"'
