"""Types of columns as Hive and Athena name them.

In: a type in words of DuckDB, as a table's description has it. Out: the type for a definition in Hive, in which a whole
number is ``int`` and a text is ``string``; of that, the type for a view, which is of the engine and not of Hive.

Source: Athena User Guide, "Data types in Amazon Athena": https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

import re

from lakeward.errors import UsageError

SIMPLE_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "FLOAT": "float",
    "DOUBLE": "double",
    "VARCHAR": "string",
    "UUID": "string",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "BLOB": "binary",
}
"""Unsigned and 128-bit numbers are left out: Hive has none that holds all of their values."""

PRESTO_TYPES = {
    "int": "integer",
    "float": "real",
    "string": "varchar",
    "timestamp": "timestamp(3)",
    "binary": "varbinary",
}
"""What Athena's queries call types that its definitions call otherwise; a timestamp of Hive has milliseconds there."""

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def hive_type(kind: str) -> str:
    """Return the Hive type of a DuckDB type.

    Args:
        kind: such as ``VARCHAR``, ``DECIMAL(18,4)`` or ``VARCHAR[]``.

    Raises:
        UsageError: Hive has no type that holds its values.

    Example:
        >>> hive_type("DECIMAL(18,4)[]")
        'array<decimal(18,4)>'
    """
    if kind.endswith("[]"):
        return f"array<{hive_type(kind.removesuffix('[]'))}>"
    if found := _DECIMAL.fullmatch(kind):
        return f"decimal({found[1]},{found[2]})"
    if kind.startswith("ENUM("):
        return "string"
    if kind not in SIMPLE_TYPES:
        raise UsageError(
            f"Hive has no type for '{kind}'.\n  expected: one of {', '.join(SIMPLE_TYPES)}, DECIMAL, or a list of one\n"
            "Nothing was written. Cast the column in its model, then run `lakeward run` again."
        )
    return SIMPLE_TYPES[kind]


def presto_type(kind: str) -> str:
    """Return what the engine of Athena calls a type of Hive.

    Example:
        >>> presto_type("array<string>")
        'array(varchar)'
    """
    if kind.startswith("array<"):
        return f"array({presto_type(kind.removeprefix('array<').removesuffix('>'))})"
    return PRESTO_TYPES.get(kind, kind)
