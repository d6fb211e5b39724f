"""The columns and partitions of a table as Iceberg describes them.

In: what the lake says of a table. Out: an Iceberg schema, or what an older one lacks to become it. The data files have
no field ids, so every column is found by its name, through the mapping that the table carries.
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    NestedField,
    StringType,
    TimestampType,
    TimestamptzType,
)

from lakeward.errors import UsageError
from lakeward.lake.entries import TableDescription

SIMPLE_TYPES: dict[str, IcebergType] = {
    "BOOLEAN": BooleanType(),
    "TINYINT": IntegerType(),
    "SMALLINT": IntegerType(),
    "INTEGER": IntegerType(),
    "BIGINT": LongType(),
    "FLOAT": FloatType(),
    "DOUBLE": DoubleType(),
    "VARCHAR": StringType(),
    "DATE": DateType(),
    "TIMESTAMP": TimestampType(),
    "TIMESTAMP WITH TIME ZONE": TimestamptzType(),
    "BLOB": BinaryType(),
}
FIRST_PARTITION_FIELD = 1000

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def iceberg_type(kind: str, ids: Iterator[int]) -> IcebergType:
    """Return the Iceberg type of a DuckDB type.

    Args:
        kind: such as ``VARCHAR``, ``DECIMAL(18,4)`` or ``VARCHAR[]``.
        ids: where the ids of list elements come from.

    Raises:
        UsageError: Iceberg has no type that holds its values.
    """
    if kind.endswith("[]"):
        return ListType(next(ids), iceberg_type(kind.removesuffix("[]"), ids), element_required=False)
    if found := _DECIMAL.fullmatch(kind):
        return DecimalType(int(found[1]), int(found[2]))
    if kind.startswith("ENUM("):
        return StringType()
    if kind not in SIMPLE_TYPES:
        raise UsageError(
            f"Iceberg has no type for '{kind}'.\n  expected: one of {', '.join(SIMPLE_TYPES)}, DECIMAL, or a list of "
            "one\nThe Iceberg table is as it was. Cast the column in its model, then run `lakeward run` again."
        )
    return SIMPLE_TYPES[kind]


def iceberg_schema(description: TableDescription) -> Schema:
    """Return the schema of a new table; every column may be null, since nothing else is promised of a file.

    Raises:
        UsageError: a column has a type that Iceberg has not; names it.
    """
    ids = itertools.count(1)
    fields = []
    for column in description.columns:
        try:
            kind = iceberg_type(column.type, ids)
        except UsageError as error:
            raise UsageError(f"Column '{column.name}': {error}") from None
        fields.append(NestedField(next(ids), column.name, kind, required=False, doc=column.description or None))
    # The numbers that a new table gets in any case: the mapping of names must say the same.
    return assign_fresh_schema_ids(Schema(*fields))


def partition_spec(schema: Schema, keys: Sequence[str]) -> PartitionSpec:
    """Return the partition specification of a new table: each key as it is, in the order of the folders."""
    return PartitionSpec(
        *(
            PartitionField(schema.find_field(key).field_id, FIRST_PARTITION_FIELD + number, IdentityTransform(), key)
            for number, key in enumerate(keys)
        )
    )


def can_become(schema: Schema, wanted: Schema, partition_columns: set[str], earlier: set[str]) -> bool:
    """Tell whether a table's schema may be changed into another without a file or an older snapshot being misread.

    Args:
        schema: of the table.
        wanted: that the lake has now.
        partition_columns: by which files of the table are or were partitioned; they must stay.
        earlier: columns that the table has or had; one that comes again would be another to Iceberg.
    """
    before = {field.name: _without_ids(field.field_type) for field in schema.fields}
    after = {field.name: _without_ids(field.field_type) for field in wanted.fields}
    is_same = all(before[name] == after[name] for name in before.keys() & after.keys())
    comes_again = (after.keys() - before.keys()) & earlier
    return is_same and not comes_again and partition_columns <= after.keys()


def _without_ids(kind: IcebergType) -> str:
    if isinstance(kind, ListType):
        return f"list<{_without_ids(kind.element_type)}>"
    return str(kind)
