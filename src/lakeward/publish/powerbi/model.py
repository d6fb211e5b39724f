"""The semantic model as values: tables, columns, relationships, measures, before they become files.

In: what the lake says of its tables. Out: :class:`Model`, which the writers turn into TMDL and PBIR.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lakeward.errors import UsageError
from lakeward.lake.entries import ColumnDescription, TableDescription
from lakeward.publish.powerbi.measures import MEASURES, Measure
from lakeward.publish.powerbi.star import DATE_KEY, DATE_TABLE, HIDDEN, RELATIONSHIPS, SORTED_BY, TABLES, Relationship

FIXED_DECIMAL_PLACES = 4
"""Power BI's decimal has four places; a Parquet decimal with more becomes a double."""

MONEY_FORMAT, DATE_FORMAT, COUNT_FORMAT = r"\$#,0.00", "yyyy-mm-dd", "#,0"


@dataclass(frozen=True)
class Kind:
    """A column's type in TMDL, in M, and in the SQL that writes its Parquet."""

    tmdl: str
    m: str
    sql: str


TEXT = Kind("string", "type text", "varchar")
WHOLE_NUMBER = Kind("int64", "Int64.Type", "bigint")
NUMBER = Kind("double", "type number", "double")
KINDS = {
    "VARCHAR": TEXT,
    "BOOLEAN": Kind("boolean", "type logical", "boolean"),
    "DATE": Kind("dateTime", "type date", "date"),
    "TIMESTAMP": Kind("dateTime", "type datetime", "timestamp"),
    "DOUBLE": NUMBER,
    "FLOAT": NUMBER,
} | dict.fromkeys(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER"), WHOLE_NUMBER
)


@dataclass(frozen=True)
class Column:
    """One column of the model, named as in the lake."""

    name: str
    kind: Kind
    description: str
    is_hidden: bool
    is_key: bool = False
    format: str = ""
    sort_by: str = ""


@dataclass(frozen=True)
class Table:
    """One table of the model: where it is in the lake, its key there, what it holds, and the measures in it."""

    name: str
    path: str
    key: tuple[str, ...]
    description: str
    columns: tuple[Column, ...]
    measures: tuple[Measure, ...]

    @property
    def is_date_table(self) -> bool:
        """Whether it is the calendar that time intelligence uses."""
        return self.name == DATE_TABLE


@dataclass(frozen=True)
class Model:
    """A star: its tables in the order they are shown, and how they are related."""

    tables: tuple[Table, ...]
    relationships: tuple[Relationship, ...]


def semantic_model(tables: Mapping[str, TableDescription]) -> Model:
    """Return the model of the claims domain over tables of a lake.

    Args:
        tables: path in the lake -> what the lake says of the table.

    Raises:
        UsageError: the lake lacks a table of the star, a column that a relationship or measure names, or has a column
            of a type that Power BI has not.
    """
    by_name = {path.rsplit("/", 1)[-1]: path for path in tables}
    missing = [name for name in TABLES if name not in by_name]
    if missing:
        raise UsageError(
            f"This lake lacks tables of the claims domain.\n  missing: {missing}\n"
            "Nothing was written. `lakeward run claims` makes them; `lakeward tables` lists those there are."
        )
    made = tuple(_table(name, by_name[name], tables[by_name[name]]) for name in TABLES)
    return Model(made, RELATIONSHIPS)


def column_kind(table: str, column: ColumnDescription) -> Kind:
    """Return what a column of the lake is in Power BI.

    Raises:
        UsageError: Power BI has no such type.
    """
    decimal = re.fullmatch(r"DECIMAL\(\d+,\s*(\d+)\)", column.type.upper())
    if decimal:
        fits = int(decimal[1]) <= FIXED_DECIMAL_PLACES
        return Kind("decimal", "Currency.Type", column.type.lower()) if fits else NUMBER
    try:
        return KINDS[column.type.upper()]
    except KeyError:
        raise UsageError(
            f"{table}.{column.name} has the type {column.type}, which Power BI has not.\n"
            f"  expected: one of {sorted(KINDS)} or DECIMAL\nNothing was written."
        ) from None


def _table(name: str, path: str, described: TableDescription) -> Table:
    meanings = {column.name: column.description for column in described.columns}
    columns = tuple(_column(name, column) for column in described.columns)
    measures = tuple(measure.explained(meanings) for measure in MEASURES if measure.table == name)
    return Table(name, path, described.key, described.description, columns, measures)


def _column(table: str, column: ColumnDescription) -> Column:
    kind = column_kind(table, column)
    is_key = (table, column.name) == (DATE_TABLE, DATE_KEY)
    return Column(
        name=column.name,
        kind=kind,
        description=column.description,
        is_hidden=column.name in HIDDEN or _is_foreign_key(table, column.name),
        is_key=is_key,
        format=_format(column.name, kind),
        sort_by=SORTED_BY.get((table, column.name), ""),
    )


def _is_foreign_key(table: str, column: str) -> bool:
    return any((link.from_table, link.from_column) == (table, column) for link in RELATIONSHIPS)


def _format(name: str, kind: Kind) -> str:
    if kind.m == "type date":
        return DATE_FORMAT
    if name.endswith("_usd"):
        return MONEY_FORMAT
    return COUNT_FORMAT if name.endswith("_count") else ""
