"""Where the tables of the model come from, as M: Parquet in a folder or at an address, or Athena through ODBC.

In: the model and a :class:`Source`. Out: the parameters and the M of each table. The parameter ``DataFolder`` is the
only thing to change when the files move; types are set by name, so that a file with another column fails on refresh.
"""

from dataclasses import dataclass

from lakeward.publish.powerbi.model import Table
from lakeward.publish.powerbi.names import m_text

FOLDER, DSN, DATABASE = "DataFolder", "AthenaDsn", "AthenaDatabase"
READER = "ReadTable"
READ_PARQUET = f"""(TableName as text) as table =>
	let
		FileName = TableName & ".parquet",
		IsAddress = Text.StartsWith({FOLDER}, "http://") or Text.StartsWith({FOLDER}, "https://"),
		Separator = if Text.Contains({FOLDER}, "\\") then "\\" else "/",
		Content =
			if IsAddress then
				Binary.Buffer(Web.Contents({FOLDER}, [RelativePath = FileName]))
			else
				File.Contents({FOLDER} & Separator & FileName)
	in
		Parquet.Document(Content)"""
READ_ATHENA = f"""(TableName as text, ColumnList as text) as table =>
	let
		Quoted = "\"\"" & Text.Replace({DATABASE}, "\"\"", "\"\"\"\"") & "\"\".\"\"" & TableName & "\"\"",
		Statement = "select " & ColumnList & " from " & Quoted
	in
		Odbc.Query("dsn=" & {DSN}, Statement)"""  # noqa: S608


@dataclass(frozen=True)
class Source:
    """Where Power BI reads.

    Args:
        folder: of the Parquet files, or the address they are below; not used with Athena.
        dsn: the ODBC data source of Athena, if it is to be read instead.
        database: of the lake's tables in Athena.
    """

    folder: str
    dsn: str | None = None
    database: str = "lakeward"


@dataclass(frozen=True)
class Expression:
    """A parameter or function that all tables share."""

    name: str
    description: str
    m: str
    result_type: str


def expressions(source: Source) -> tuple[Expression, ...]:
    """Return the parameters of a source, and the function that reads a table from it."""
    if source.dsn is None:
        folder = "The folder that holds the Parquet files, or the http address they are below. Without a final slash."
        return (
            Expression(FOLDER, folder, _parameter(source.folder), "Text"),
            Expression(READER, "Reads one Parquet file of the folder or address.", READ_PARQUET, "Function"),
        )
    return (
        Expression(DSN, "The ODBC data source name of Amazon Athena.", _parameter(source.dsn), "Text"),
        Expression(DATABASE, "The database of Athena that the tables are in.", _parameter(source.database), "Text"),
        Expression(READER, "Reads columns of one table of Athena.", READ_ATHENA, "Function"),
    )


def table_query(table: Table, source: Source) -> str:
    """Return the M of one table: read it, then set every column's type."""
    arguments = m_text(table.name)
    if source.dsn is not None:
        columns = ", ".join('"' + column.name.replace('"', '""') + '"' for column in table.columns)
        arguments += f", {m_text(columns)}"
    types = ",\n".join(f"\t\t\t\t{{{m_text(column.name)}, {column.kind.m}}}" for column in table.columns)
    return (
        f"let\n\tSource = {READER}({arguments}),\n"
        f"\tTyped =\n\t\tTable.TransformColumnTypes(\n\t\t\tSource,\n\t\t\t{{\n{types}\n\t\t\t}}\n\t\t)\nin\n\tTyped"
    )


def _parameter(value: str) -> str:
    return f'{m_text(value)} meta [IsParameterQuery=true, Type="Text", IsParameterQueryRequired=true]'
