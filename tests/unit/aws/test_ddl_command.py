"""``lakeward aws ddl``: what it prints, what it writes, and what it says when it cannot."""

import json
from pathlib import Path

import boto3
import pytest
from click.testing import Result
from moto import mock_aws
from sqlglot import exp
from typer.testing import CliRunner

from lakeward.cli import app
from lakeward.errors import LakewardError, UsageError
from lakeward.lake.commit import Lake
from lakeward.settings import StorageSettings

from .hive_lake import LOCATION, folder_lake, parse, publish, rows_by_commit, rows_by_definition

KEYS = ["payer_slug", "state", "billing_class", "year", "month"]


def ddl(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["aws", "ddl", *arguments], env={"COLUMNS": "300"})


def refused(*arguments: str) -> LakewardError:
    """Run the command and return what it refused with."""
    error = ddl(*arguments).exception
    assert isinstance(error, LakewardError)
    return error


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A small lake in a folder, with nothing but partitions that could be projected."""
    publish(folder_lake(tmp_path / "lake"), tmp_path / "a", no_state=False)
    return str(tmp_path / "lake")


def test_every_published_table_is_printed(folder: str) -> None:
    done = ddl("--lake", folder)
    assert done.exit_code == 0
    parsed = parse([statement.strip() for statement in done.stdout.split(";\n")[:-1]])
    assert not [found for found in parsed if isinstance(found, exp.Command)]
    tables = [
        found.this.this.sql().replace('"', "")
        for found in parsed
        if isinstance(found, exp.Create) and found.kind == "TABLE"
    ]
    assert tables == [f"lakeward_development.{name}" for name in ("fact_rate_enriched", "mart_code", "dim_nothing")]
    assert "s3://example-bucket/lake stands for the place in S3 of this lake" in done.stderr
    assert not (Path(folder) / "hive").exists()


def test_names_and_places_can_be_said(folder: str) -> None:
    done = ddl("mart_code", "--lake", folder, "--environment", "production", "--location", f"{LOCATION}/")
    assert "CREATE EXTERNAL TABLE `lakeward_production`.`mart_code`" in done.stdout
    assert f"LOCATION '{LOCATION}/hive/mart_code/" in done.stdout
    assert "fact_rate_enriched" not in done.stdout
    assert "stands for" not in done.stderr
    assert "`prices`.`mart_code`" in ddl("mart_code", "--lake", folder, "--database", "prices").stdout


@pytest.mark.parametrize("projection", [False, True])
def test_what_is_printed_leads_to_the_rows_of_the_lake(folder: str, projection: bool) -> None:
    flags = ["--projection"] if projection else []
    done = ddl("fact_rate_enriched", "--lake", folder, "--location", LOCATION, "--manifests", "--json", *flags)
    (table,) = json.loads(done.stdout)["tables"]
    assert (table["projected"], bool(table["partitions"]), table["obstacle"]) == (projection, not projection, None)
    lake = folder_lake(Path(folder))
    create = next(found for found in parse(table["statements"]) if isinstance(found, exp.Create))
    columns = [*(column.name for column in create.this.expressions), *KEYS]
    assert rows_by_definition(table["statements"], lake) == rows_by_commit(
        lake.snapshot(), "fact_rate_enriched", columns
    )


def test_the_queries_need_no_lake() -> None:
    done = ddl("--queries", "--environment", "staging")
    assert 'CREATE OR REPLACE VIEW "lakeward_staging"."rate_member" AS' in done.stdout
    names = [query["name"] for query in json.loads(ddl("--queries", "--json").stdout)["queries"]]
    assert names[:4] == ["rates_of_a_code", "markets", "above_medicare", "provider_network"]


def test_what_cannot_be_is_refused(folder: str, tmp_path: Path) -> None:
    assert "is a folder. Nothing was registered." in str(refused("--lake", folder, "--register"))
    assert "--location is for definitions that are printed" in str(
        refused("--lake", LOCATION, "--register", "--location", LOCATION)
    )
    assert "There is no table 'nothing'" in str(refused("nothing", "--lake", folder))
    assert "is not a place in S3" in str(refused("--lake", folder, "--location", "nowhere"))
    empty = refused("--lake", str(tmp_path / "empty"))
    assert isinstance(empty, UsageError)
    assert "no published table yet. `lakeward run`" in str(empty)


def test_a_lake_in_a_bucket_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="health-lake")
        boto3.client("athena", region_name="us-east-1").create_work_group(Name="lakeward-development")
        publish(Lake.open(LOCATION, StorageSettings()), tmp_path / "a")
        done = ddl("--lake", LOCATION, "--register")
        assert done.exit_code == 0, done.output
        assert "fact_rate_enriched" in done.stdout
        assert "created" in done.stdout
        again = json.loads(ddl("--lake", LOCATION, "--register", "--json").stdout)
        assert {table["change"] for table in again["tables"]} == {"unchanged"}
        assert {query["change"] for query in again["queries"]} == {"unchanged"}
        glue = boto3.client("glue", region_name="us-east-1")
        names = [table["Name"] for table in glue.get_tables(DatabaseName="lakeward_development")["TableList"]]
        assert sorted(names) == ["dim_nothing", "fact_rate_enriched", "mart_code"]
