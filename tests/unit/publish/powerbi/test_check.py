"""The checker finds what is wrong: one fault is planted into a whole project, and its message is asserted."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.publish.powerbi.check import check_project
from lakeward.publish.powerbi.grammar import Problem, parse_tmdl, split_reference

SEMANTIC = "lakeward-claims.SemanticModel/definition"
FACT, DATES, DRG = (f"{SEMANTIC}/tables/{name}.tmdl" for name in ("fact_inpatient_claim", "dim_date", "dim_drg"))
LINKS, MODEL, EXPRESSIONS = (f"{SEMANTIC}/{name}.tmdl" for name in ("relationships", "model", "expressions"))
NO_ID = "00000000-0000-0000-0000-000000000000"

TEXT_FAULTS = {
    # grammar
    "spaces": (DRG, "\tcolumn drg_title", "    column drg_title", "indented by something else than tabs"),
    "one tab too many": (DRG, "\tcolumn drg_title", "\t\t\tcolumn drg_title", "'column' cannot stand in 'annotation'"),
    "two tabs too many": (DRG, "\tcolumn drg_title", "\t\t\t\tcolumn drg_title", "indented by 4 tabs, at most 3"),
    "property at the margin of its object": (DRG, "\t\tsummarizeBy: none", "\tsummarizeBy: none", "is no object or"),
    "keyword": (DRG, "\tcolumn drg_title", "\tcolum drg_title", "'colum' is no object or property of 'table'"),
    "property": (DRG, "\t\tsummarizeBy: none", "\t\tsumarizeBy: none", "'sumarizeBy:' is no object or property of"),
    "type": (DRG, "dataType: string", "dataType: text", "'dataType' cannot be 'text'"),
    "type in the wrong case": (DRG, "dataType: string", "dataType: String", "'dataType' cannot be 'String'"),
    "flag with a value": (DATES, "\t\tisKey", "\t\tisKey: true", "'isKey' takes no value"),
    "property twice": (DRG, "\t\tsummarizeBy: none", "\t\tsummarizeBy: none\n\t\tsummarizeBy: none", "is given twice"),
    "no lineage tag": (DRG, r"\t\tlineageTag: \S+\n", "", "lacks ['lineageTag']"),
    "lineage tag that is no id": (DRG, r"\t\tlineageTag: \S+", "\t\tlineageTag: 42", "'lineageTag' cannot be '42'"),
    "unquoted name": (FACT, "measure 'Paid amounts' =", "measure Paid amounts =", "'measure' is no object or property"),
    "quote in a name": (
        FACT,
        "measure 'Paid amounts' =",
        "measure 'Paid amount's' =",
        "'measure' is no object or prop",
    ),
    "comment": (DRG, "\tcolumn drg_title", "\t// note\n\tcolumn drg_title", "'//' is no object or property"),
    "description of nothing": (DRG, r"\Z", "\t/// the end\n", "a description that no object follows"),
    "description of a property": (
        DRG,
        "\t\tsummarizeBy",
        "\t\t/// sum\n\t\tsummarizeBy",
        "a description of the property",
    ),
    "description of a relationship": (LINKS, r"\Arelationship", "/// a\nrelationship", "takes no description"),
    "no expression": (FACT, r"measure Claims = .*", "measure Claims", "'measure' needs an expression"),
    "expression not deep enough": (FACT, r"\t\t\t(DIVIDE\(\n)", r"\t\t\1", "no expression, 3 tabs deep, follows"),
    "white space at the end": (DRG, "summarizeBy: none", "summarizeBy: none ", "white space at the end"),
    "column at the margin": (
        DRG,
        "\tcolumn drg_title",
        "column drg_title",
        "'column' cannot stand in 'tables/dim_drg.tm",
    ),
    "no table": (DRG, r"(?s)\A.*\Z", "", "has no object 'table'"),
    "byte order mark": (DRG, r"\A", "\ufeff", "starts with a byte order mark"),
    "carriage returns": (DRG, r"\n", "\r\n", "has carriage returns"),
    "compatibility level": (f"{SEMANTIC}/database.tmdl", "1601", "16", "'compatibilityLevel' cannot be '16'"),
    # references
    "relationship to a column that is not there": (
        LINKS,
        "toColumn: dim_drg.drg_code",
        "toColumn: dim_drg.drg",
        "names the column 'dim_drg[drg]', which is not",
    ),
    "relationship to a table that is not there": (
        LINKS,
        "toColumn: dim_drg.drg_code",
        "toColumn: dim_drgs.drg_code",
        "'dim_drgs[drg_code]', which is not there",
    ),
    "relationship of two types": (
        LINKS,
        "fromColumn: fact_inpatient_claim.service_date",
        "fromColumn: fact_inpatient_claim.service_year",
        "relates the type int64 to dateTime",
    ),
    "second way through the year": (
        LINKS,
        r"\Z",
        "\nrelationship more\n\tfromColumn: dim_beneficiary_year.beneficiary_id\n"
        "\ttoColumn: dim_beneficiary.beneficiary_id\n",
        "'dim_beneficiary' to 'fact_inpatient_claim': dim_beneficiary > fact_inpatient_claim; dim_beneficiary > dim_b",
    ),
    "role-playing date made active": (
        LINKS,
        "\tisActive: false\n",
        "",
        "active ways from 'dim_physician' to 'fact_inpatient_claim'",
    ),
    "filter in both directions": (
        LINKS,
        "(toColumn: dim_date.date_day)",
        r"\1\n\tcrossFilteringBehavior: bothDirections",
        "active ways from 'dim_facility' to 'mart_claims_",
    ),
    "table that is not listed": (MODEL, "ref table dim_drg\n", "", "table 'dim_drg' is not listed by the model"),
    "list of a table that is not there": (
        MODEL,
        "ref table dim_drg\n",
        "ref table dim_drg\nref table dim_icd\n",
        "table 'dim_icd' is listed by the model",
    ),
    "sorted by a column that is not there": (
        DATES,
        "sortByColumn: month_number",
        "sortByColumn: month_no",
        "is sorted by 'month_no', which is not there",
    ),
    "date table without key": (DATES, "\t\tisKey\n", "", "the date table 'dim_date' needs one key of type dateTime"),
    "measure of a column that is not there": (
        FACT,
        r"SUM\(fact_inpatient_claim\[paid_amount_usd\]\)",
        "SUM(fact_inpatient_claim[paid])",
        "measure 'Paid amounts' names 'fact_inpatient_claim[paid]', which is not there",
    ),
    "measure of a table that is not there": (
        FACT,
        r"COUNTROWS\(fact_inpatient_claim\)",
        "COUNTROWS(fact_claim)",
        "names 'fact_claim', which is not there",
    ),
    "measure of a measure that is not there": (
        FACT,
        r"DIVIDE\(\[Paid amounts\], \[Claims\]\)",
        "DIVIDE([Paid amounts], [Claim])",
        "names '[Claim]', which is not",
    ),
    "measure of itself": (
        FACT,
        r"(measure Claims =) .*",
        r"\1 [Average paid amounts per claim]",
        "measure 'Claims' calls itself",
    ),
    "open bracket": (FACT, r"(measure Claims = .*)\)", r"\1", "measure 'Claims': '(' is not closed"),
    "open quote": (FACT, '"negative"', '"negative', "cannot be read"),
    "function": (FACT, "DISTINCTCOUNT", "DISTINCT_COUNT", "'DISTINCT_COUNT' is no function that is known here"),
    "two measures of one name": (
        DRG,
        r"\tcolumn drg_code",
        f"\tmeasure claims = 1\n\t\tformatString: 0\n\t\tlineageTag: {NO_ID}\n\n\tcolumn drg_code",
        "'claims' is the name of a measure 2 times",
    ),
    "measure named like a column": (
        DRG,
        r"\tcolumn drg_code",
        f"\tmeasure drg_code = 1\n\t\tformatString: 0\n\t\tlineageTag: {NO_ID}\n\n\tcolumn drg_code",
        "'drg_code' is the name in 'dim_drg' 2 times",
    ),
    # data
    "column that the file has not": (DRG, "sourceColumn: mdc_code", "sourceColumn: mdc", "'mdc' is no column of"),
    "column of another type than the file's": (
        DRG,
        r"(column drg_title\n\t\tdataType:) string",
        r"\1 int64",
        "'drg_title' is string in 'dim_drg.parquet', not int64",
    ),
    "m that reads another table": (DRG, r'ReadTable\("dim_drg"\)', 'ReadTable("dim_date")', "reads another table"),
    "m that types another column": (DRG, r'\{"mdc_code", type', '{"mdc", type', "types other columns than it has"),
    "m with an open quote": (DRG, r'\{"mdc_code", type text\}', '{"mdc_code, type text}', "M: "),
    "m with a name that is not there": (DRG, r"ReadTable\(", "ReadTabel(", "M: ['ReadTabel'] are not defined"),
    "parameter that is not there": (
        EXPRESSIONS,
        "expression DataFolder",
        "expression Folder",
        "['DataFolder'] are not",
    ),
}


@pytest.mark.parametrize(("file", "pattern", "new", "message"), TEXT_FAULTS.values(), ids=TEXT_FAULTS)
def test_a_fault_in_the_text(project: Path, file: str, pattern: str, new: str, message: str) -> None:
    path = project / file
    text = path.read_bytes().decode("utf-8")
    damaged = re.sub(pattern, new, text, count=0 if new in ("\r\n", "") else 1)
    assert damaged != text
    path.write_bytes(damaged.encode("utf-8"))
    assert message in "\n".join(str(problem) for problem in check_project(project))


def _drop_column(project: Path) -> None:
    path = project / "data" / "dim_drg.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["drg_title"]), path)


def _add_column(project: Path) -> None:
    path = project / "data" / "dim_drg.parquet"
    table = pq.read_table(path)
    pq.write_table(table.append_column("surprise", pa.nulls(table.num_rows, pa.string())), path)


def _money_as_double(project: Path) -> None:
    path = project / "data" / "fact_inpatient_claim.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index("paid_amount_usd")
    pq.write_table(table.set_column(place, "paid_amount_usd", table.column(place).cast(pa.float64())), path)


def _key_twice(project: Path) -> None:
    path = project / "data" / "dim_facility.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), path)


def _no_key(project: Path) -> None:
    path = project / "data" / "dim_facility.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(0, "facility_id", pa.array([None, *table.column(0).to_pylist()[1:]])), path)


def _zstd(project: Path) -> None:
    path = project / "data" / "dim_facility.parquet"
    pq.write_table(pq.read_table(path), path, compression="zstd")


def _no_file(project: Path) -> None:
    (project / "data" / "dim_facility.parquet").unlink()


def _no_model(project: Path) -> None:
    (project / "lakeward-claims.SemanticModel").rename(project / "elsewhere")


def _not_utf8(project: Path) -> None:
    (project / DRG).write_bytes("table dim_drg".encode("utf-16"))


def _edited(pattern: str, change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def damage(project: Path) -> None:
        path = next(p for p in sorted(project.rglob("*.json")) if re.search(pattern, p.read_text(encoding="utf-8")))
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document), encoding="utf-8")

    return damage


def _replaced(old: str, new: str) -> Callable[[Path], None]:
    def damage(project: Path) -> None:
        path = next(p for p in sorted(project.rglob("visual.json")) if old in p.read_text(encoding="utf-8"))
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return damage


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "column missing in the data": (_drop_column, "'drg_title' is no column of 'dim_drg.parquet'"),
    "column more in the data": (_add_column, "'dim_drg.parquet' has columns the model has not: ['surprise']"),
    "money as a float": (
        _money_as_double,
        "'paid_amount_usd' is double in 'fact_inpatient_claim.parquet', not decimal",
    ),
    "key twice": (_key_twice, "'dim_facility[facility_id]' has 0 nulls and 1 values that are there before"),
    "key that is null": (_no_key, "'dim_facility[facility_id]' has 1 nulls"),
    "other compression": (_zstd, "'dim_facility.parquet' is packed with ZSTD, not SNAPPY"),
    "file missing": (_no_file, "'dim_facility.parquet' cannot be read"),
    "model missing": (_no_model, "names '../lakeward-claims.SemanticModel', which is not there"),
    "not utf-8": (_not_utf8, "is not UTF-8"),
    "visual of a measure that is not there": (
        _replaced('"Property": "Churn rate"', '"Property": "Churn"'),
        "shows the measure 'mart_claims_retention[Churn]'",
    ),
    "visual of a measure as a column": (_replaced('"Measure": {', '"Column": {'), "shows the column '"),
    "visual of a table that is not there": (
        _replaced('"Entity": "dim_drg"', '"Entity": "drg"'),
        "shows the column 'drg[mdc_code]'",
    ),
    "filter of a column that is not there": (
        _replaced('"Source": "t"', '"Source": "u"'),
        "shows the column '[period]', which is not there",
    ),
    "visual over the edge": (
        _edited('"slicer"', lambda d: d["position"].update(x=1270)),
        "reaches over the edge of its page",  # type: ignore[attr-defined]
    ),
    "visual of another name": (
        _edited('"slicer"', lambda d: d.update(name="other")),
        "has another name than its folder",
    ),
    "page that is not ordered": (
        _edited("pageOrder", lambda d: d["pageOrder"].pop()),
        "orders the pages",  # type: ignore[attr-defined]
    ),
    "page to open at that is not there": (
        _edited("pageOrder", lambda d: d.update(activePageName="x")),
        "opens at a page that is not there",
    ),
    "page of another name": (
        _edited('"displayOption"', lambda d: d.update(name="x")),
        "has another name than its folder",
    ),
}


@pytest.mark.parametrize(("damage", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_in_files(project: Path, damage: Callable[[Path], None], message: str) -> None:
    damage(project)
    assert message in "\n".join(str(problem) for problem in check_project(project))


def test_no_json(project: Path) -> None:
    path = next(iter(sorted(project.rglob("visual.json"))))
    path.write_text("{")
    assert any("is no JSON" in problem.text for problem in check_project(project))


def test_two_projects_in_a_folder(project: Path) -> None:
    (project / "second.pbip").write_text("{}")
    assert check_project(project) == [Problem("project", 0, "holds 2 .pbip files, not one")]


def test_a_problem_says_where() -> None:
    nodes, problems = parse_tmdl("tables/a.tmdl", "table a\n\tlineageTag: 1\n")
    assert str(problems[0]) == "tables/a.tmdl:2: 'lineageTag' cannot be '1'"
    assert nodes[0].name == "a"


def test_quoted_names_are_read() -> None:
    text = "relationship r\n\tfromColumn: 'a b'.'it''s'\n\ttoColumn: c.d\n"
    nodes, problems = parse_tmdl("relationships.tmdl", text)
    assert problems == []
    assert split_reference(nodes[0].properties["fromColumn"]) == ("a b", "it's")
