"""Tables, partitions and views in the words of Glue's API.

In: what :mod:`lakeward.aws.hive_tables` and :mod:`lakeward.aws.views` describe. Out: the values of a call.

Source: AWS Glue Web API Reference, "TableInput" and "PartitionInput".
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from lakeward.aws.ddl import (
    INPUT_FORMAT,
    LAKE_PROPERTY,
    OUTPUT_FORMAT,
    SERDE,
    comment,
    one_line,
    partition_values,
    table_properties,
)
from lakeward.aws.hive_tables import HiveColumn, HiveTable
from lakeward.aws.views import GlueView

VIEW_COMMENT = "Presto View"
"""Athena takes no view for one of its own without this word."""
COLUMNS_PROPERTY = "lakeward.columns"
"""Of a partition: what its columns were when it was registered, so that they need not be fetched to be compared."""

Values = dict[str, Any]


def table_input(table: HiveTable) -> Values:
    """Return a table as Glue takes it."""
    return {
        "Name": table.name,
        "Description": one_line(table.description),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **table_properties(table)},
        "PartitionKeys": _columns(table.partition_columns),
        "StorageDescriptor": _storage(table, table.location),
    }


def view_input(view: GlueView, database: str) -> Values:
    """Return a view as Glue takes it; Athena finds its SQL in ``ViewOriginalText`` and nowhere else."""
    return {
        "Name": view.name,
        "Description": one_line(view.description),
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": VIEW_COMMENT, LAKE_PROPERTY: view.lake},
        "StorageDescriptor": {"Columns": _columns(view.columns), "Location": "", "SerdeInfo": {}},
        "ViewOriginalText": view.original_text(database),
        "ViewExpandedText": f"/* {VIEW_COMMENT} */",
    }


def partition_inputs(table: HiveTable) -> Iterator[Values]:
    """Yield the partitions of a table as Glue takes them."""
    named = hashlib.sha256(repr([(c.name, c.type) for c in table.columns]).encode()).hexdigest()[:16]
    for partition in table.partitions:
        yield {
            "Values": partition_values(partition),
            "StorageDescriptor": _storage(table, partition.location),
            "Parameters": {COLUMNS_PROPERTY: named},
        }


def _storage(table: HiveTable, location: str) -> Values:
    return {
        "Columns": _columns(table.columns),
        "Location": location,
        "InputFormat": INPUT_FORMAT,
        "OutputFormat": OUTPUT_FORMAT,
        "SerdeInfo": {"SerializationLibrary": SERDE, "Parameters": {"serialization.format": "1"}},
    }


def _columns(columns: Sequence[HiveColumn]) -> list[Values]:
    return [{"Name": column.name, "Type": column.type, "Comment": comment(column)} for column in columns]
