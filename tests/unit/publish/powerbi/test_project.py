"""The project that is written: its files, its bytes, its data, and what it refuses."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import referencing
from referencing.jsonschema import DRAFT7
from typer.testing import CliRunner

from lakeward.cli import app
from lakeward.errors import DataCheckFailed, UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.powerbi import write_project
from lakeward.publish.powerbi.check import check_project
from lakeward.settings import StorageSettings

from .stand_in import NASTY, TABLES, make_rows, publish_stand_in

SETTINGS = StorageSettings()
SCHEMA_HOST = "https://developer.microsoft.com/json-schemas/"


def bytes_of(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_holds_together(written: Path) -> None:
    assert check_project(written) == []


def test_same_lake_same_bytes(written: Path, claims_lake: Snapshot, tmp_path: Path) -> None:
    write_project(claims_lake, tmp_path / "again", SETTINGS, data_folder=r"C:\claims\data", workers=1)
    assert bytes_of(tmp_path / "again") == bytes_of(written)


def test_every_table_is_there_with_its_rows(claims_lake: Snapshot, tmp_path: Path) -> None:
    found = write_project(claims_lake, tmp_path / "project", SETTINGS)
    expected = make_rows()
    assert found.rows == {name: len(rows) for name, rows in expected.items()}
    assert found.project == tmp_path / "project" / "lakeward-claims.pbip"
    facts = pq.read_table(tmp_path / "project" / "data" / "fact_inpatient_claim.parquet")
    assert sum(facts["paid_amount_usd"].to_pylist()) == sum(
        (row["paid_amount_usd"] for row in expected["fact_inpatient_claim"]), Decimal(0)
    )


def test_types_of_the_parquet(written: Path) -> None:
    schema = pq.read_schema(written / "data" / "fact_inpatient_claim.parquet")
    assert schema.field("paid_amount_usd").type == pa.decimal128(14, 2)
    assert schema.field("service_date").type == pa.date32()
    assert schema.field("claim_id").type == pa.string()
    assert pq.read_schema(written / "data" / "mart_claims_drg.parquet").field("length_of_stay_days").type == pa.int64()
    metadata = pq.read_metadata(written / "data" / "dim_date.parquet")
    assert {metadata.row_group(0).column(n).compression for n in range(metadata.num_columns)} == {"SNAPPY"}
    assert pq.read_table(written / "data" / "dim_date.parquet")["date_day"][0].as_py() == date(2007, 1, 1)


def test_no_byte_order_mark_no_carriage_return(written: Path) -> None:
    for path in [*written.rglob("*.tmdl"), *written.rglob("*.json"), *written.glob("*.pbip")]:
        content = path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf"), path
        assert b"\r" not in content, path


def test_the_folder_parameter(written: Path, claims_lake: Snapshot, tmp_path: Path) -> None:
    place = "lakeward-claims.SemanticModel/definition/expressions.tmdl"
    assert 'expression DataFolder = "C:\\claims\\data" meta [IsParameterQuery=true' in (written / place).read_text()
    write_project(claims_lake, tmp_path / "here", SETTINGS)
    assert f'"{tmp_path / "here" / "data"}"' in (tmp_path / "here" / place).read_text()


@pytest.mark.parametrize(
    "folder", ['C:\\a "b"\\c', "https://example.org/a?b=1&c=#(lf)", "C:\\tab\there", "/tmp/Zoë/数据"],
    ids=["quotes", "address", "tab", "letters"],
)  # fmt: skip
def test_any_folder_is_quoted(claims_lake: Snapshot, tmp_path: Path, folder: str) -> None:
    write_project(claims_lake, tmp_path / "p", SETTINGS, data_folder=folder)
    assert check_project(tmp_path / "p") == []


def test_athena_instead_of_files(claims_lake: Snapshot, tmp_path: Path) -> None:
    write_project(claims_lake, tmp_path / "p", SETTINGS, athena_dsn='My "Athena"')
    definition = tmp_path / "p" / "lakeward-claims.SemanticModel" / "definition"
    shared = (definition / "expressions.tmdl").read_text()
    assert 'expression AthenaDsn = "My ""Athena""" meta' in shared
    assert "Odbc.Query" in shared
    assert "File.Contents" not in shared
    table = (definition / "tables" / "dim_facility.tmdl").read_text()
    assert 'Source = ReadTable("dim_facility", """facility_id"", ""ssa_state_code""' in table
    assert check_project(tmp_path / "p") == []


def test_descriptions_are_those_of_the_lake(written: Path) -> None:
    text = (written / "lakeward-claims.SemanticModel/definition/tables/fact_inpatient_claim.tmdl").read_text()
    assert text.startswith("/// One row per ['claim_id', 'segment']. Second line: ")
    assert "\t/// What paid_amount_usd means.\n\tcolumn paid_amount_usd\n" in text
    assert "reversals included. What paid_amount_usd means.\n\tmeasure 'Paid amounts' = " in text
    assert NASTY.split("\t")[0] in text


def test_amounts_are_called_paid_amounts(written: Path) -> None:
    text = "".join(path.read_text() for path in written.rglob("*.tmdl"))
    money = [block for block in text.split("\tmeasure ")[1:] if r"formatString: \$" in block.split("\n\n")[0]]
    assert len(money) > 15
    assert [block.split("\n")[0] for block in money if "paid amounts" not in block.split("=")[0].lower()] == []


def test_a_lake_without_claims(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lakeward run claims"):
        write_project(Lake.open(str(tmp_path / "none"), SETTINGS).snapshot(), tmp_path / "p", SETTINGS)
    assert not (tmp_path / "p").exists()


def test_a_folder_with_something_else_is_left_alone(claims_lake: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(UsageError, match="holds something else"):
        write_project(claims_lake, tmp_path, SETTINGS)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_project_is_replaced_and_files_beside_it_stay(project: Path, written: Path, claims_lake: Snapshot) -> None:
    (project / "notes.txt").write_text("mine")
    (project / "data" / "old.parquet").write_bytes(b"old")
    write_project(claims_lake, project, SETTINGS, data_folder=r"C:\claims\data")
    assert (project / "notes.txt").read_text() == "mine"
    (project / "notes.txt").unlink()
    assert bytes_of(project) == bytes_of(written)


def test_a_key_that_is_there_twice_is_not_written(tmp_path: Path) -> None:
    rows = make_rows()
    rows["dim_drg"].append(rows["dim_drg"][0])
    snapshot = publish_stand_in(tmp_path / "claims", rows)
    with pytest.raises(DataCheckFailed, match=r"dim_drg\[drg_code\]' has 0 nulls and 1 values that are there before"):
        write_project(snapshot, tmp_path / "p", SETTINGS)
    assert not (tmp_path / "p").exists()


def test_every_json_file_follows_microsofts_schema(written: Path, real_data: Path) -> None:
    root = real_data / "powerbi_schemas"
    registry: referencing.Registry[object] = referencing.Registry().with_resources(
        (f"{SCHEMA_HOST}{path.relative_to(root).as_posix()}", DRAFT7.create_resource(json.loads(path.read_bytes())))
        for path in root.rglob("schema*.json")
    )
    documents = [path for path in written.rglob("*") if path.suffix in (".json", ".pbip", ".pbir", ".pbism")]
    documents += list(written.rglob(".platform"))
    assert len(documents) > 40
    for path in documents:
        document = json.loads(path.read_text(encoding="utf-8"))
        schema = registry.contents(document["$schema"])
        jsonschema.Draft7Validator(schema, registry=registry).validate(document)  # type: ignore[arg-type]


def test_all_tables_of_the_star_are_modelled(written: Path) -> None:
    names = {path.stem for path in (written / "lakeward-claims.SemanticModel/definition/tables").iterdir()}
    assert names == {table.partition("/")[2] for table in TABLES}


def test_the_command_writes_and_says_what(claims_lake: Snapshot, tmp_path: Path) -> None:
    options = ["powerbi", "--lake", claims_lake.lake.url, "--output", str(tmp_path / "p"), "--json"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["rows"]["dim_date"] == 1461
    assert (said["measures"], said["relationships"]) == (44, 27)
    assert Path(said["project"]).is_file()
