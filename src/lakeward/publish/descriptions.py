"""What the lake says of a published table: grain, key, columns with types and meanings, and layout.

In: a model, its relation and its layout. Out: the :class:`TableDescription` that a commit keeps.
"""

from dataclasses import replace

import duckdb

from lakeward.lake.entries import ColumnDescription, TableDescription
from lakeward.publish.layout import Layout
from lakeward.publish.models import PublishedModel


def table_description(connection: duckdb.DuckDBPyConnection, model: PublishedModel, layout: Layout) -> TableDescription:
    """Describe a model's table: types as the engine has them, meanings as the model gives them."""
    meanings = {column.name: column.description for column in model.columns}
    found = connection.sql(f"describe select * from {model.relation}").fetchall()  # noqa: S608
    columns = tuple(ColumnDescription(name, kind, meanings.get(name, "")) for name, kind, *_ in found)
    return laid_out(TableDescription(model.description, model.grain, model.key, columns), layout)


def laid_out(description: TableDescription, layout: Layout) -> TableDescription:
    """Say the layout. Partition columns are text, and those that the rows did not have are added."""
    keys = layout.spec.keys
    columns = tuple(replace(c, type="VARCHAR") if c.name in keys else c for c in description.columns)
    names = {column.name for column in columns}
    added = tuple(ColumnDescription(key, "VARCHAR", f"The {key} of year_month.") for key in keys if key not in names)
    return replace(description, columns=columns + added, partition_keys=keys, sort=layout.sort, layout=layout.name)
