"""Writes the semantic model as TMDL, the tabular model definition language of Power BI projects.

In: a :class:`Model` and its :class:`Source`. Out: file name -> text. Tabs are structure: a level is one tab, and the
lines of an expression stand two levels below its object, as Power BI Desktop writes them.
"""

import json
from collections.abc import Iterator

from lakeward.publish.powerbi.measures import Measure
from lakeward.publish.powerbi.model import Column, Model, Table
from lakeward.publish.powerbi.names import one_line, stable_id, tmdl_name, tmdl_value
from lakeward.publish.powerbi.sources import Source, expressions, table_query
from lakeward.publish.powerbi.star import Relationship

COMPATIBILITY_LEVEL = 1601
TAB = "\t"
DATE_ONLY = "annotation UnderlyingDateTimeDataType = Date"


def model_files(model: Model, source: Source) -> dict[str, str]:
    """Return the files of the folder ``definition``, by their paths in it."""
    files = {
        "database.tmdl": f"database\n\tcompatibilityLevel: {COMPATIBILITY_LEVEL}\n",
        "model.tmdl": _model_file(model, source),
        "expressions.tmdl": _expressions_file(source),
        "relationships.tmdl": "\n".join(_relationship(link) for link in model.relationships),
    }
    return files | {f"tables/{table.name}.tmdl": _table_file(table, source) for table in model.tables}


def _model_file(model: Model, source: Source) -> str:
    order = [*(e.name for e in expressions(source)), *(table.name for table in model.tables)]
    lines = [
        "/// Inpatient claims of CMS's synthetic public use files. Every amount is a paid amount in US dollars.",
        "model Model",
        "\tculture: en-US",
        "\tdefaultPowerBIDataSourceVersion: powerBI_V3",
        "\tdiscourageImplicitMeasures",
        "\tsourceQueryCulture: en-US",
        "\tdataAccessOptions",
        "\t\tlegacyRedirects",
        "\t\treturnErrorValuesAsNull",
        "",
        f"annotation PBI_QueryOrder = {json.dumps(order)}",
        "",
        # The lake has its own calendar; Power BI is not to make a hidden one for each date column.
        "annotation __PBI_TimeIntelligenceEnabled = 0",
        "",
        *(f"ref table {tmdl_name(table.name)}" for table in model.tables),
    ]
    return "\n".join(lines) + "\n"


def _expressions_file(source: Source) -> str:
    parts = []
    for expression in expressions(source):
        lines = [
            f"/// {one_line(expression.description)}",
            f"expression {tmdl_name(expression.name)} ={_expression(expression.m, 0)}",
            f"\tlineageTag: {stable_id('expression', expression.name)}",
            "",
            f"\tannotation PBI_ResultType = {expression.result_type}",
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _relationship(link: Relationship) -> str:
    ends = (link.from_table, link.from_column, link.to_table, link.to_column)
    lines = [
        f"relationship {stable_id('relationship', *ends)}",
        *(() if link.is_active else ("\tisActive: false",)),
        f"\tfromColumn: {tmdl_name(link.from_table)}.{tmdl_name(link.from_column)}",
        f"\ttoColumn: {tmdl_name(link.to_table)}.{tmdl_name(link.to_column)}",
    ]
    return "\n".join(lines) + "\n"


def _table_file(table: Table, source: Source) -> str:
    lines = [*_description(table.description, 0), f"table {tmdl_name(table.name)}"]
    lines += ["\tdataCategory: Time"] if table.is_date_table else []
    lines += [f"\tlineageTag: {stable_id('table', table.name)}", ""]
    for measure in table.measures:
        lines += [*_measure(measure), ""]
    for column in table.columns:
        lines += [*_column(table, column), ""]
    lines += [
        f"\tpartition {tmdl_name(table.name)} = m",
        "\t\tmode: import",
        f"\t\tsource ={_expression(table_query(table, source), 2)}",
        "",
        "\tannotation PBI_ResultType = Table",
    ]
    return "\n".join(lines) + "\n"


def _measure(measure: Measure) -> Iterator[str]:
    yield from _description(measure.description, 1)
    yield f"\tmeasure {tmdl_name(measure.name)} ={_expression(measure.dax, 1)}"
    yield f"\t\tformatString: {tmdl_value(measure.format)}"
    yield f"\t\tdisplayFolder: {tmdl_value(measure.folder)}"
    yield f"\t\tlineageTag: {stable_id('measure', measure.name)}"


def _column(table: Table, column: Column) -> Iterator[str]:
    yield from _description(column.description, 1)
    yield f"\tcolumn {tmdl_name(column.name)}"
    yield f"\t\tdataType: {column.kind.tmdl}"
    if column.is_key:
        yield "\t\tisKey"
    if column.is_hidden:
        yield "\t\tisHidden"
    if column.format:
        yield f"\t\tformatString: {tmdl_value(column.format)}"
    yield f"\t\tlineageTag: {stable_id('column', table.name, column.name)}"
    yield "\t\tsummarizeBy: none"
    yield f"\t\tsourceColumn: {tmdl_value(column.name)}"
    if column.sort_by:
        yield f"\t\tsortByColumn: {tmdl_name(column.sort_by)}"
    yield from ("", "\t\tannotation SummarizationSetBy = User")
    if column.kind.m == "type date":
        yield from ("", f"\t\t{DATE_ONLY}")


def _description(text: str, level: int) -> list[str]:
    return [f"{TAB * level}/// {one_line(text)}"] if one_line(text) else []


def _expression(text: str, level: int) -> str:
    """Return an expression: behind the equals sign when it is one line, otherwise below and two levels deeper."""
    lines = text.split("\n")
    if len(lines) == 1:
        return f" {text}"
    return "".join(f"\n{TAB * (level + 2)}{line}" if line else "\n" for line in lines)
