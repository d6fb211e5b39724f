"""Views of a lake as Athena keeps them: their SQL and the types of their columns, encoded in a table of Glue.

In: a snapshot, and where the lake is in S3. Out: a :class:`GlueView` for each view whose tables are all published. The
types are found by asking the view of tables without rows; no data file is read.

Source: Trino, ``ViewReaderUtil`` and ``ConnectorViewDefinition``, whose form Athena uses.
"""

import base64
import json
from dataclasses import dataclass

import duckdb

from lakeward.aws.hive_tables import HiveColumn, lake_location
from lakeward.aws.hive_types import hive_type, presto_type
from lakeward.aws.saved_queries import VIEWS, View
from lakeward.lake.commit import Snapshot
from lakeward.publish.catalog import BRONZE, shown_name

CATALOGUE = "awsdatacatalog"
"""What Athena calls the Glue catalogue of the account."""


@dataclass(frozen=True)
class GlueView:
    """A view: its name, what one row of it is, its SQL, its columns with Hive types, and the lake's place in S3."""

    name: str
    description: str
    sql: str
    columns: tuple[HiveColumn, ...]
    lake: str

    def original_text(self, database: str) -> str:
        """Return the definition as the engine keeps it, in a comment."""
        definition = {
            "originalSql": self.sql.rstrip(),
            "catalog": CATALOGUE,
            "schema": database,
            "columns": [{"name": column.name, "type": presto_type(column.type)} for column in self.columns],
        }
        return f"/* Presto View: {base64.b64encode(json.dumps(definition).encode()).decode()} */"


def views_of(snapshot: Snapshot) -> list[View]:
    """Return the views whose tables the lake has."""
    published = {shown_name(table) for table in _tables(snapshot)}
    return [view for view in VIEWS if published.issuperset(view.tables)]


def glue_views(snapshot: Snapshot, location: str) -> list[GlueView]:
    """Return the views of a lake, with the columns that they have over its tables.

    Args:
        snapshot: of the lake.
        location: ``s3://bucket/prefix`` of the lake, as readers reach it.

    Raises:
        UsageError: a column has a type that Hive has not, or the location is not one in S3.
    """
    root = lake_location(location)
    with duckdb.connect() as connection:
        comments: dict[str, str] = {}
        for table in _tables(snapshot):
            described = snapshot.description(table).columns
            columns = ", ".join(f'"{column.name}" {column.type}' for column in described)
            connection.execute(f'create table "{shown_name(table)}" ({columns})')
            comments = {column.name: column.description for column in described} | comments
        return [_glue_view(connection, view, comments, root) for view in views_of(snapshot)]


def _glue_view(connection: duckdb.DuckDBPyConnection, view: View, comments: dict[str, str], root: str) -> GlueView:
    described = connection.sql(f"describe {view.sql}").fetchall()
    columns = tuple(HiveColumn(name, hive_type(kind), comments.get(name, "")) for name, kind, *_ in described)
    return GlueView(view.name, view.description, view.sql, columns, root)


def _tables(snapshot: Snapshot) -> list[str]:
    return [table for table in snapshot.tables() if not table.startswith(f"{BRONZE}/")]
