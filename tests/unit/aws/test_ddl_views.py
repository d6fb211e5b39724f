"""Views over the tables: what Athena finds in Glue, and that it follows the tables from commit to commit."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import sqlglot
from moto import mock_aws
from typer.testing import CliRunner

from lakeward.aws.calls import aws_client
from lakeward.aws.hive_tables import hive_tables
from lakeward.aws.hive_types import SIMPLE_TYPES, hive_type, presto_type
from lakeward.aws.register import Registration, register_lake
from lakeward.aws.saved_queries import VIEWS
from lakeward.aws.views import glue_views, views_of
from lakeward.cli import app
from lakeward.errors import UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.settings import StorageSettings

from .hive_lake import LOCATION, folder_lake, publish_declared

DATABASE = "lakeward_test"
RATE_CODE, RATE_MEMBER = VIEWS
EVERY_TABLE = tuple(dict.fromkeys(RATE_CODE.tables + RATE_MEMBER.tables))


@dataclass
class Account:
    """An emulated account with a lake in a bucket."""

    lake: Lake
    glue: Any
    folder: Path
    commits: int = 0

    def publish(self, *names: str, **added: str) -> Snapshot:
        self.commits += 1
        return publish_declared(self.lake, self.folder / str(self.commits), *names, **added)

    def register(self, snapshot: Snapshot) -> Registration:
        tables, views = hive_tables(snapshot, LOCATION), glue_views(snapshot, LOCATION)
        return register_lake(snapshot, tables, views, DATABASE, None, self.glue, None, whole=True)

    def found(self, name: str) -> dict[str, Any]:
        return dict(self.glue.get_table(DatabaseName=DATABASE, Name=name)["Table"])

    def definition(self, name: str) -> dict[str, Any]:
        """Return what the engine of Athena takes from a view."""
        text = self.found(name)["ViewOriginalText"]
        assert text.startswith("/* Presto View: ")
        assert text.endswith(" */")
        return dict(json.loads(base64.b64decode(text.removeprefix("/* Presto View: ").removesuffix(" */"))))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Account]:
    """An account of the emulator, and nothing of this machine's own."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        boto3.Session().client("s3", region_name="us-east-1").create_bucket(Bucket="health-lake")
        yield Account(Lake.open(LOCATION, StorageSettings()), aws_client("glue", "us-east-1"), tmp_path)


def changes(done: Registration) -> dict[str, str]:
    """Return what was done to each view."""
    return {view.table: view.change for view in done.views}


def test_athena_finds_a_view_with_its_sql_and_its_columns(account: Account) -> None:
    assert changes(account.register(account.publish(*EVERY_TABLE))) == {
        "rate_code": "created",
        "rate_member": "created",
    }
    for view in VIEWS:
        found, definition = account.found(view.name), account.definition(view.name)
        assert (found["TableType"], found["ViewExpandedText"]) == ("VIRTUAL_VIEW", "/* Presto View */")
        assert found["Parameters"] == {"presto_view": "true", "comment": "Presto View", "lakeward.lake": LOCATION}
        assert (definition["catalog"], definition["schema"]) == ("awsdatacatalog", DATABASE)
        assert definition["originalSql"] == view.sql.rstrip()
        columns = found["StorageDescriptor"]["Columns"]
        assert [column["name"] for column in definition["columns"]] == [column["Name"] for column in columns]
        assert [c["type"] for c in definition["columns"]] == [presto_type(c["Type"]) for c in columns]
        selected = sqlglot.parse_one(view.sql, dialect="athena").named_selects
        assert [column["Name"] for column in columns][-3:] == selected[-3:]


def test_columns_have_the_types_and_meanings_of_their_tables(account: Account) -> None:
    account.register(account.publish(*EVERY_TABLE))
    columns = {column["Name"]: column for column in account.found("rate_code")["StorageDescriptor"]["Columns"]}
    fact = {column["Name"]: column for column in account.found("fact_rate")["StorageDescriptor"]["Columns"]}
    assert {name: columns[name]["Type"] for name in fact} == {name: column["Type"] for name, column in fact.items()}
    types = {column["name"]: column["type"] for column in account.definition("rate_code")["columns"]}
    assert (types["negotiated_rate"], types["code"], types["source_record"]) == ("double", "varchar", "bigint")
    assert columns["code"]["Comment"] == "The payer's code, not a number."


def test_a_second_time_changes_nothing(account: Account) -> None:
    snapshot = account.publish(*EVERY_TABLE)
    account.register(snapshot)
    before = [account.found(view.name) for view in VIEWS]
    assert set(changes(account.register(snapshot)).values()) == {"unchanged"}
    assert [account.found(view.name) for view in VIEWS] == before


def test_a_view_follows_its_tables(account: Account) -> None:
    account.register(account.publish(*EVERY_TABLE))
    done = account.register(account.publish(*EVERY_TABLE, trade_volume="decimal(18,4)[]"))
    assert changes(done) == {"rate_code": "updated", "rate_member": "unchanged"}
    types = {column["name"]: column["type"] for column in account.definition("rate_code")["columns"]}
    assert types["trade_volume"] == "array(decimal(18,4))"


def test_a_view_of_missing_tables_is_not_made(tmp_path: Path) -> None:
    lake = folder_lake(tmp_path / "lake")
    snapshot = publish_declared(lake, tmp_path / "a", *RATE_CODE.tables)
    assert views_of(snapshot) == [RATE_CODE]
    assert [view.name for view in glue_views(snapshot, LOCATION)] == ["rate_code"]


def test_a_view_that_lost_its_tables_is_taken_out(account: Account) -> None:
    account.register(account.publish(*RATE_CODE.tables))
    other = Lake.open(LOCATION, StorageSettings())
    snapshot = other.snapshot()
    done = register_lake(snapshot, hive_tables(snapshot, LOCATION), [], DATABASE, None, account.glue, None, whole=True)
    assert ("rate_code", "deleted") in {(table.table, table.change) for table in done.tables}
    with pytest.raises(account.glue.exceptions.EntityNotFoundException):
        account.found("rate_code")
    assert account.found("fact_rate")


def test_a_view_of_somebody_else_is_left_alone(account: Account) -> None:
    account.glue.create_database(DatabaseInput={"Name": DATABASE})
    theirs = {"Name": "rate_code", "TableType": "VIRTUAL_VIEW", "ViewOriginalText": "theirs"}
    account.glue.create_table(DatabaseName=DATABASE, TableInput=theirs)
    with pytest.raises(UsageError, match="has a table 'rate_code' that is not of this lake"):
        account.register(account.publish(*EVERY_TABLE))
    assert account.found("rate_code")["ViewOriginalText"] == "theirs"


def test_the_definitions_of_a_whole_lake_end_with_its_views(tmp_path: Path) -> None:
    publish_declared(folder_lake(tmp_path / "lake"), tmp_path / "a", *RATE_CODE.tables)
    arguments = ["aws", "ddl", "--lake", str(tmp_path / "lake")]
    printed = CliRunner().invoke(app, arguments).stdout
    assert 'CREATE OR REPLACE VIEW "lakeward_development"."rate_code" AS' in printed.rpartition(");\n")[2]
    assert "rate_member" not in printed
    document = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert [view["name"] for view in document["views"]] == ["rate_code"]
    assert "VIEW" not in CliRunner().invoke(app, [*arguments[:2], "fact_rate", *arguments[2:]]).stdout


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("INTEGER", "integer"), ("FLOAT", "real"), ("VARCHAR[]", "array(varchar)"), ("TIMESTAMP", "timestamp(3)"),
     ("DECIMAL(18,4)", "decimal(18,4)"), ("BIGINT[][]", "array(array(bigint))"), ("BLOB", "varbinary")],
)  # fmt: skip
def test_a_view_calls_types_as_the_engine_does(kind: str, expected: str) -> None:
    assert presto_type(hive_type(kind)) == expected


def test_every_type_of_hive_has_a_name_in_views() -> None:
    known = {"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "varchar", "date", "timestamp(3)",
             "varbinary"}  # fmt: skip
    assert {presto_type(kind) for kind in SIMPLE_TYPES.values()} == known
