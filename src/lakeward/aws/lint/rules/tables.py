"""Rules for definitions of tables: their columns, keys, types and statements."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.tables import AddedPartitions, Statement, Table

MOST_STATEMENT_BYTES = 262_144
MOST_KEYS = 4
DAYS_AND_MONTHS = {"year", "month", "day", "hour", "quarter"}
HIVE_TYPES = {
    "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "date", "timestamp",
    "array", "map", "struct", "decimal", "char", "varchar",
}  # fmt: skip
ICEBERG_TYPES = HIVE_TYPES - {"char", "varchar", "tinyint", "smallint"} | {"long", "uuid", "time", "timestamptz"}
WITH_ARGUMENTS = {"array": "<", "map": "<", "struct": "<", "char": "(", "varchar": "("}
MOST_DIGITS = 38
DECIMAL = re.compile(r"decimal\((\d+)(?:,\s*(\d+))?\)")
FILE = re.compile(r"\.(parquet|orc|csv|json|gz|avro|snappy|zst)$", re.IGNORECASE)


def count_of_keys(names: Iterable[str]) -> int:
    """Return how many keys there are; the parts of a date count as one."""
    lower = {name.lower() for name in names}
    return len(lower - DAYS_AND_MONTHS) + bool(lower & DAYS_AND_MONTHS)


@rule(
    "LW-A08", Table, "A partition key is a column of the files too",
    why="Hive and Athena refuse a table that names a column twice; Glue takes it, and every query then fails with "
        "HIVE_INVALID_METADATA.",
    fix="Name the key under PARTITIONED BY only, and leave it out of the files.", source=sources.ADD_PARTITION,
)  # fmt: skip
def key_is_a_column_too(table: Table) -> Iterator[Problem]:
    """Yield keys that stand among the columns; Iceberg wants just that, so it is left alone."""
    names = {column.name.lower() for column in table.columns}
    if not table.is_iceberg:
        for key in table.keys:
            if key.name.lower() in names:
                yield Problem(table.place.at(key.line), f"`{key.name}` is a column and a partition key of {table.name}")


@rule(
    "LW-A09", Table, "The definition does not parse",
    why="A comma before the closing bracket, or with nothing after it, is a syntax error in Athena; some parsers "
        "forgive it.",
    fix="Generate the definition from the schema: `lakeward aws ddl`.", source=sources.CREATE_TABLE,
)  # fmt: skip
def does_not_parse(table: Table) -> Iterator[Problem]:
    """Yield what the reader of statements could not make sense of."""
    yield from table.problems
    if not table.columns and not table.in_glue and not table.from_query:
        yield Problem(table.place, f"{table.name or 'the table'} has no columns")


@check("LW-A09", Statement)
def unterminated_text(statement: Statement) -> Iterator[Problem]:
    """Yield a quote that is never closed, such as the one of a comment with an apostrophe."""
    if statement.unterminated:
        shown = statement.unterminated.value.splitlines()[0][:40]
        yield Problem(statement.place.at(statement.unterminated.line), f"a quote that is never closed: {shown}")


@rule(
    "LW-A05", Table, "More partition keys than the data can fill", severity="warning",
    why="Each leaf becomes a file of a few rows: more bytes for the same rows, one request for each, and below 128 KB "
        "no storage class but the dearest.",
    fix="Two to four keys that queries filter on; sort the files by the others, their statistics prune as well.",
    source=sources.ATHENA_TUNING,
)  # fmt: skip
def too_many_keys(table: Table) -> Iterator[Problem]:
    """Yield a table with more keys than are sensible; the parts of a date count as one."""
    names = [key.name.lower() for key in table.keys]
    if count_of_keys(names) > MOST_KEYS:
        yield Problem(table.place.at(table.keys[0].line), f"{table.name} has {len(names)} keys: {', '.join(names)}")


@rule(
    "LW-A38", Table, "A name that changes is a partition key", severity="warning",
    why="Titles of areas are redrawn and renamed: 'Atlanta-Sandy Springs-Alpharetta, GA' is 'Atlanta-Sandy "
        "Springs-Roswell, GA' now. The same place gets two partitions.",
    fix="Partition by the code (CBSA 12060), and keep the title as a column.", source=sources.CBSA,
)  # fmt: skip
def name_is_a_key(table: Table) -> Iterator[Problem]:
    """Yield keys that are titles or descriptions."""
    for key in table.keys:
        if re.search(r"_(name|title|description|desc)$", key.name.lower()):
            yield Problem(table.place.at(key.line), f"`{key.name}` is a title, not a code")


@rule(
    "LW-D01", Table, "A column stands twice",
    why="Names of columns know no case in Hive: the second makes the table unreadable.",
    fix="Leave one of them out.", source=sources.ATHENA_NAMES,
)  # fmt: skip
def column_twice(table: Table) -> Iterator[Problem]:
    """Yield names that several columns, or several keys, have."""
    for listed in (table.columns, table.keys):
        for name, count in Counter(column.name.lower() for column in listed if column.name).items():
            if count > 1:
                line = [column.line for column in listed if column.name.lower() == name][-1]
                yield Problem(table.place.at(line), f"`{name}` stands {count} times in {table.name}")


@rule(
    "LW-D02", Table, "A type that a table of Athena cannot have",
    why="DDL speaks Hive: `integer`, `text` and `varchar` without a length are not types there.",
    fix="`int`, `string`, `varchar(n)`, `decimal(p,s)`, `timestamp`, `array<…>`.", source=sources.ATHENA_TYPES,
)  # fmt: skip
def unknown_type(table: Table) -> Iterator[Problem]:
    """Yield columns whose type Hive, or Iceberg, does not know."""
    known = ICEBERG_TYPES if table.is_iceberg else HIVE_TYPES
    for column in (*table.columns, *([] if table.is_iceberg else table.keys)):
        base = re.match(r"\w*", column.data_type)[0]  # type: ignore[index]
        lacks = WITH_ARGUMENTS.get(base)
        if base not in known:
            yield Problem(table.place.at(column.line), f"`{column.name}` is {column.data_type or 'of no type'}")
        elif lacks and lacks not in column.data_type:
            yield Problem(table.place.at(column.line), f"`{column.name}` is {column.data_type} with no {lacks}…")


@rule(
    "LW-D10", Table, "A decimal of more digits than there are",
    why="decimal(p,s) has at most 38 digits, s of them behind the point: the definition is refused.",
    fix="`decimal(18,4)` holds every amount here; 38 digits are the most.", source=sources.ATHENA_TYPES,
)  # fmt: skip
def too_many_digits(table: Table) -> Iterator[Problem]:
    """Yield columns with such a decimal, in a list or a structure too."""
    for column in (*table.columns, *table.keys):
        for digits, scale in DECIMAL.findall(column.data_type):
            if not int(scale or 0) <= int(digits) <= MOST_DIGITS or digits == "0":
                yield Problem(table.place.at(column.line), f"`{column.name}` is {column.data_type}")


@rule(
    "LW-D09", Table, "The table has no location",
    why="Athena refuses an external table, and an Iceberg table, that does not say where its files are.",
    fix="`LOCATION 's3://bucket/folder/'`", source=sources.CREATE_TABLE,
)  # fmt: skip
def no_location(table: Table) -> Iterator[Problem]:
    """Yield tables without one; the answer of a query gets its place from the workgroup."""
    if (table.external or table.is_iceberg) and not table.location and not table.in_glue and not table.from_query:
        yield Problem(table.place, f"{table.name} has no LOCATION")


@rule(
    "LW-D03", Table, "The location is no folder",
    why="Athena reads every object below a folder: a location that names a file, or a pattern, finds nothing.",
    fix="Give the folder, with a `/` at the end.", source=sources.CREATE_TABLE,
)  # fmt: skip
def location_is_no_folder(table: Table) -> Iterator[Problem]:
    """Yield tables with a location that is a file or a pattern."""
    location = table.location
    if location and (FILE.search(location) or "*" in location):
        yield Problem(table.place, f"{table.name} is at {location}")


@check("LW-D03", AddedPartitions)
def partition_is_no_folder(added: AddedPartitions) -> Iterator[Problem]:
    """Yield partitions with such a location."""
    for _, location, line in added.partitions:
        if location and (FILE.search(location) or "*" in location):
            yield Problem(added.place.at(line), f"a partition of {added.table} is at {location}")


@rule(
    "LW-D08", Table, "The location does not end with a slash", severity="warning",
    why="Athena asks for a slash at the end; without one a prefix is listed, which another folder can start with too.",
    fix="`LOCATION 's3://bucket/folder/'`", source=sources.CREATE_TABLE,
)  # fmt: skip
def no_slash(table: Table) -> Iterator[Problem]:
    """Yield tables whose location lacks its slash; the end of a place holder is not known."""
    location = table.location
    if location and not location.endswith(("/", "}")) and not FILE.search(location) and "*" not in location:
        yield Problem(table.place, f"{table.name} is at {location}")


@check("LW-D08", AddedPartitions)
def no_slash_of_a_partition(added: AddedPartitions) -> Iterator[Problem]:
    """Yield such partitions."""
    for _, location, line in added.partitions:
        if location and not location.endswith(("/", "}")) and not FILE.search(location) and "*" not in location:
            yield Problem(added.place.at(line), f"a partition of {added.table} is at {location}")


@rule(
    "LW-D04", AddedPartitions, "A partition is added without IF NOT EXISTS", severity="warning",
    why="The second run fails at the first partition that is there already, and adds none of the others.",
    fix="`ALTER TABLE … ADD IF NOT EXISTS PARTITION …`", source=sources.ADD_PARTITION,
)  # fmt: skip
def not_repeatable(added: AddedPartitions) -> Iterator[Problem]:
    """Yield statements that can run once only."""
    if not added.if_not_exists and added.partitions:
        yield Problem(added.place, f"{len(added.partitions)} partition(s) of {added.table}")


@rule(
    "LW-D05", Statement, "The statement is longer than Athena takes",
    why="A statement may have 262,144 bytes; a longer one is refused as a whole.",
    fix="Add partitions in several statements, or with BatchCreatePartition of Glue.", source=sources.ATHENA_LIMITS,
)  # fmt: skip
def too_long(statement: Statement) -> Iterator[Problem]:
    """Yield statements over the limit."""
    if statement.size > MOST_STATEMENT_BYTES:
        yield Problem(statement.place, f"{statement.size:,} bytes")


@rule(
    "LW-D06", Table, "EXTERNAL and Iceberg do not go together",
    why="CREATE EXTERNAL TABLE with table_type=ICEBERG is refused; with neither of both a table is refused too.",
    fix="CREATE EXTERNAL TABLE for files, CREATE TABLE … TBLPROPERTIES ('table_type'='ICEBERG') for Iceberg.",
    source=sources.ICEBERG,
)  # fmt: skip
def external_or_iceberg(table: Table) -> Iterator[Problem]:
    """Yield tables that are both or neither."""
    if not table.in_glue and not table.from_query and table.external == table.is_iceberg:
        yield Problem(table.place, f"{table.name} is {'both' if table.external else 'neither'}")


@rule(
    "LW-D07", AddedPartitions, "A partition lacks a key, or has one that others have not",
    why="Athena refuses the statement: a partition needs a value for every key.",
    fix="Give every key, in the order of the table.", source=sources.ADD_PARTITION,
)  # fmt: skip
def uneven_keys(added: AddedPartitions) -> Iterator[Problem]:
    """Yield partitions whose keys are not those of the first one."""
    for values, _, line in added.partitions[1:]:
        if list(values) != list(added.partitions[0][0]):
            yield Problem(added.place.at(line), f"keys {', '.join(values)}")
