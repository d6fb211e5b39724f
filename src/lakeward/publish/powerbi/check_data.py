"""Checks a semantic model against the Parquet that it imports.

In: the objects of its TMDL and the folder of the files. Out: problems: a file, column or type that differs, a dimension
whose key is null or there twice, M that reads or types something else than the table's columns.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakeward.publish.powerbi.check_model import columns_of, ends
from lakeward.publish.powerbi.expressions import m_texts, m_words
from lakeward.publish.powerbi.grammar import Node, Problem

M_LIBRARY = frozenset(
    (
        "let", "in", "meta", "true", "false", "type", "text", "number", "date", "datetime", "logical", "if", "then",
        "else", "or", "and", "not", "as", "table", "each", "Int64.Type", "Currency.Type", "Table.TransformColumnTypes",
        "Parquet.Document", "File.Contents", "Web.Contents", "Binary.Buffer", "Text.StartsWith", "Text.Contains",
        "Text.Replace", "Odbc.Query", "RelativePath", "IsParameterQuery", "Type", "IsParameterQueryRequired", "Source",
        "Typed", "TableName", "ColumnList", "FileName", "IsAddress", "Separator", "Content", "Quoted", "Statement",
    )
)  # fmt: skip
"""Every word that our M uses; another one is a slip or something that a name brought in."""


def check_data(nodes: Sequence[Node], folder: Path) -> Iterator[Problem]:
    """Yield what differs between a model and its files; reads the key columns of dimensions."""
    tables = {node.name: node for node in nodes if node.keyword == "table"}
    shared = {node.name for node in nodes if node.keyword == "expression"}
    for node in nodes:
        if node.keyword == "expression":
            yield from _m_words(node, node.expression, shared)
    schemas: dict[str, pa.Schema] = {}
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        yield from _query(table, shared)
        try:
            schemas[name] = pq.read_schema(path)
        except (OSError, pa.ArrowInvalid) as error:
            yield Problem(table.file, table.line, f"'{path.name}' cannot be read: {error}")
            continue
        yield from _columns(table, schemas[name])
        yield from _compression(table, path)
    for table_name, column in sorted({ends(node)[1] for node in nodes if node.keyword == "relationship"}):
        if table_name in schemas and column in schemas[table_name].names:
            yield from _key(tables[table_name], column, folder / f"{table_name}.parquet")


def model_type(kind: pa.DataType) -> str:
    """Return the type of the model that a type of Parquet becomes, or '' where it has none."""
    tests = (
        (pa.types.is_string, "string"),
        (pa.types.is_large_string, "string"),
        (pa.types.is_integer, "int64"),
        (pa.types.is_floating, "double"),
        (pa.types.is_decimal, "decimal"),
        (pa.types.is_date, "dateTime"),
        (pa.types.is_timestamp, "dateTime"),
        (pa.types.is_boolean, "boolean"),
    )
    return next((name for test, name in tests if test(kind)), "")


def _columns(table: Node, schema: pa.Schema) -> Iterator[Problem]:
    modelled = {column.properties.get("sourceColumn", ""): column for column in table.of("column")}
    for name, column in modelled.items():
        if name not in schema.names:
            yield Problem(column.file, column.line, f"'{name}' is no column of '{table.name}.parquet'")
        elif model_type(schema.field(name).type) != column.properties.get("dataType"):
            found, said = schema.field(name).type, column.properties.get("dataType")
            yield Problem(column.file, column.line, f"'{name}' is {found} in '{table.name}.parquet', not {said}")
    unused = [name for name in schema.names if name not in modelled]
    if unused:
        yield Problem(table.file, table.line, f"'{table.name}.parquet' has columns the model has not: {unused}")


def _compression(table: Node, path: Path) -> Iterator[Problem]:
    metadata = pq.read_metadata(path)
    if metadata.num_row_groups and metadata.num_columns:
        codec = metadata.row_group(0).column(0).compression
        if codec != "SNAPPY":
            yield Problem(table.file, table.line, f"'{path.name}' is packed with {codec}, not SNAPPY")


def _key(table: Node, column: str, path: Path) -> Iterator[Problem]:
    """The one side of a relationship must be unique: with a key there twice, the refresh fails."""
    values = pq.read_table(path, columns=[column]).column(0)
    nulls, repeated = values.null_count, len(values) - values.null_count - pc.count_distinct(values).as_py()
    if nulls or repeated:
        text = f"the key '{table.name}[{column}]' has {nulls} nulls and {repeated} values that are there before"
        yield Problem(table.file, table.line, text)


def _query(table: Node, shared: set[str]) -> Iterator[Problem]:
    for partition in table.of("partition"):
        source = partition.properties.get("source", "")
        if partition.expression != "m":
            yield Problem(partition.file, partition.line, f"a partition of type '{partition.expression}', not m")
        yield from _m_words(partition, source, shared)
        try:
            texts = m_texts(source)
        except ValueError:
            continue
        typed = texts[-len(columns_of(table)) :]
        if not texts or texts[0] != table.name:
            yield Problem(partition.file, partition.line, f"the M of '{table.name}' reads another table")
        elif set(typed) != {column.properties.get("sourceColumn") for column in table.of("column")}:
            yield Problem(partition.file, partition.line, f"the M of '{table.name}' types other columns than it has")


def _m_words(node: Node, expression: str, shared: set[str]) -> Iterator[Problem]:
    try:
        unknown = sorted(m_words(expression) - M_LIBRARY - shared)
    except ValueError as error:
        yield Problem(node.file, node.line, f"M: {error}")
        return
    if unknown:
        yield Problem(node.file, node.line, f"M: {unknown} are not defined")
