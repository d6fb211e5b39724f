"""Definitions of tables in the SQL of Hive, as Athena takes them.

In: tables as :mod:`lakeward.aws.hive_tables` describes them. Out: statements, none of them longer than Athena takes,
to be run one after the other. A table is dropped and made anew: it is external, so no file goes with it, and no
partition of an older commit stays.

Source: Athena User Guide, "CREATE TABLE" and "ALTER TABLE ADD PARTITION":
https://docs.aws.amazon.com/athena/latest/ug/create-table.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lakeward.aws.hive_tables import HiveColumn, HivePartition, HiveTable
from lakeward.errors import UsageError
from lakeward.publish.partition import NULL_PARTITION

SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
INPUT_FORMAT = "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LONGEST_STATEMENT_BYTES = 262_144
"""Of one query in Athena."""
PARTITIONS_A_STATEMENT = 100
"""As many as Glue takes in one call, which is what Athena makes of the statement."""
COMMENT_CHARACTERS = 255
"""Of a column in Glue."""
DESCRIPTION_CHARACTERS = 2_048
"""Of a table in Glue."""
CUT = "..."
LAKE_PROPERTY = "lakeward.lake"
"""The table property that says of which lake a table is, so that no other table of the database is ever touched."""


def database_ddl(database: str) -> str:
    """Return the statement that makes the database."""
    return f"CREATE DATABASE IF NOT EXISTS {identifier(database)}"


def table_ddl(table: HiveTable, database: str) -> list[str]:
    """Return the statements that make a table and register its partitions.

    Raises:
        UsageError: the table has so many columns that its definition is longer than Athena takes.
    """
    name = f"{identifier(database)}.{identifier(table.name)}"
    create = _create(table, name)
    if len(create.encode()) > LONGEST_STATEMENT_BYTES:
        raise UsageError(
            f"The definition of {table.name} is too long for Athena.\n"
            f"  expected: at most {LONGEST_STATEMENT_BYTES:,} bytes   found: {len(create.encode()):,}\n"
            "Register it with `lakeward aws ddl --register`, which does not go through a statement."
        )
    keys = [column.name for column in table.partition_columns]
    added = _batches(f"ALTER TABLE {name} ADD IF NOT EXISTS", [_partition(keys, p) for p in table.partitions])
    return [f"DROP TABLE IF EXISTS {name}", create, *added]


def lake_ddl(tables: Sequence[HiveTable], database: str) -> str:
    """Return the whole script: the database, then each table under a comment that says what it is.

    Args:
        tables: of one snapshot.
        database: the Glue database.

    Returns:
        Statements that each end with ``;``. Athena runs one at a time.
    """
    parts = [f"{database_ddl(database)};\n"]
    for table in tables:
        notes = [f"-- {table.table}: {one_line(table.description)}"]
        if table.obstacle:
            notes.append(f"-- Its partitions are registered, not projected: {table.obstacle}.")
        parts.append("\n".join([*notes, *(f"{statement};" for statement in table_ddl(table, database))]) + "\n")
    return "\n".join(parts)


def identifier(name: str) -> str:
    """Return a name as Hive quotes it."""
    return f"`{name.replace('`', '``')}`"


def literal(text: str) -> str:
    """Return a text as Hive quotes it: it takes a backslash before a quote, where other SQL doubles the quote."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def one_line(text: str, longest: int = DESCRIPTION_CHARACTERS) -> str:
    """Return a comment as Glue takes it: on one line, and cut with three dots where it would be too long.

    Semicolons become commas: what splits a script into statements may not know that Hive's ``\\'`` ends no text.
    """
    flat = " ".join(text.split()).replace(";", ",")
    return flat if len(flat) <= longest else f"{flat[: longest - len(CUT)].rstrip()}{CUT}"


def comment(column: HiveColumn) -> str:
    """Return what a column means, as long as Glue takes it."""
    return one_line(column.comment, COMMENT_CHARACTERS)


def partition_values(partition: HivePartition) -> list[str]:
    """Return the values of a partition as the catalogue has them, which has its own word for null."""
    return [NULL_PARTITION if value is None else value for value in partition.values]


def table_properties(table: HiveTable) -> dict[str, str]:
    """Return the properties of a table."""
    return {"classification": "parquet", LAKE_PROPERTY: table.lake, **table.projection}


def _create(table: HiveTable, name: str) -> str:
    lines = [f"CREATE EXTERNAL TABLE {name} (", _columns(table.columns), ")"]
    if table.description:
        lines.append(f"COMMENT {literal(one_line(table.description))}")
    if table.partition_columns:
        lines += ["PARTITIONED BY (", _columns(table.partition_columns), ")"]
    lines += [
        f"ROW FORMAT SERDE {literal(SERDE)}",
        f"STORED AS INPUTFORMAT {literal(INPUT_FORMAT)}",
        f"OUTPUTFORMAT {literal(OUTPUT_FORMAT)}",
        f"LOCATION {literal(table.location)}",
        "TBLPROPERTIES (",
        _properties(table_properties(table)),
        ")",
    ]
    return "\n".join(lines)


def _columns(columns: Iterable[HiveColumn]) -> str:
    return ",\n".join(
        f"  {identifier(column.name)} {column.type}"
        + (f" COMMENT {literal(comment(column))}" if column.comment else "")
        for column in columns
    )


def _properties(properties: Mapping[str, str]) -> str:
    return ",\n".join(f"  {literal(name)} = {literal(value)}" for name, value in properties.items())


def _partition(keys: Sequence[str], partition: HivePartition) -> str:
    pairs = zip(keys, partition_values(partition), strict=True)
    values = ", ".join(f"{identifier(key)} = {literal(value)}" for key, value in pairs)
    return f"  PARTITION ({values}) LOCATION {literal(partition.location)}"


def _batches(start: str, clauses: Sequence[str]) -> Iterator[str]:
    """Put clauses into statements, as many to each as Athena and Glue take."""
    batch, size = [start], len(start.encode())
    for clause in clauses:
        longer = size + len(clause.encode()) + 1
        if len(batch) > PARTITIONS_A_STATEMENT or (len(batch) > 1 and longer > LONGEST_STATEMENT_BYTES):
            yield "\n".join(batch)
            batch, longer = [start], len(start.encode()) + len(clause.encode()) + 1
        batch.append(clause)
        size = longer
    if len(batch) > 1:
        yield "\n".join(batch)
