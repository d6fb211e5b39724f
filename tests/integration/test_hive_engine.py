"""What ``lakeward aws ddl`` prints is run by a real engine: Spark with a catalogue of Hive.

The statements are run as they are printed, but for the place of the lake: a folder stands for the bucket, in which each
manifest is replaced by links to the files that it lists, because Spark has no reader of manifests (ADR 0012). Views are
in the SQL of Athena, which quotes names otherwise.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.aws.lint import lint
from lakeward.aws.saved_queries import VIEWS
from lakeward.lake.commit import Snapshot
from lakeward.publish.catalog import open_catalog, shown_name
from lakeward.settings import StorageSettings

from ..conftest import REPOSITORY, unavailable
from .command_line import done
from .lake_files import snapshot_of

PYTHON = REPOSITORY / "build" / "spark" / "bin" / "python"
PROGRAM = Path(__file__).with_name("hive_program.py")
SECONDS_AT_MOST = 1800
LOCATION, DATABASE = "s3://health-lake/prices", "lakeward_development"
FACT = f"{DATABASE}.fact_rate_enriched"
COUNTS = {
    "state": "select count(*) from {table} where state = 'AL'",
    "month": "select count(*) from {table} where month = '08' and billing_class = 'professional'",
    "no partition": "select count(*) from {table} where month = '8'",
    "nulls": "select count(*) from {table} where medicare_state_rate is null",
    "list": "select count(*) from {table} where array_contains(pos_members, '11')",
    "decimals": "select cast(sum(cast(negotiated_rate as decimal(18, 2))) as varchar(40)) from {table}",
}
DEFECTS = {
    "misspelt": ("PARTITIONED BY", "PARTITIOND BY", "PARTITIOND", "LW-A09"),
    "column that is a key too": ("  `code` string", "  `state` string,\n  `code` string", "already exists", "LW-A08"),
    "no location": ("LOCATION '", "COMMENT '", "LOCATION", "LW-D09"),
    "decimal of 50 digits": ("`code` string", "`code` decimal(50,2)", "exceeds max precision", "LW-D10"),
    "varchar without a length": ("`code` string", "`code` varchar", "requires a length", "LW-D02"),
}
"""By name: what stands in the definition of the table, what replaces it, what Spark says, and the linter's rule."""


@dataclass(frozen=True)
class Engine:
    """What the engine answered, the rows that it copied, and the lake that it was asked about."""

    answer: dict[str, Any]
    copies: Path
    snapshot: Snapshot
    defects: dict[str, str]


@pytest.fixture(scope="module")
def engine(both_months_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The statements of a small lake, run once."""
    if not PYTHON.exists() or shutil.which("java") is None:
        unavailable(f"no Spark in {PYTHON.parents[1]}, or no Java; `make spark` sets it up")
    folder = tmp_path_factory.mktemp("hive-engine")
    lake = folder / "lake"
    shutil.copytree(both_months_lake, lake)
    printed = done("aws", "ddl", "--lake", lake, "--location", LOCATION, "--manifests", "--json").json
    links = _links(lake, folder / "links")
    statements = [*printed["database"]["statements"], *(s for table in printed["tables"] for s in table["statements"])]
    create = next(text for text in statements if text.startswith(f"CREATE EXTERNAL TABLE `{DATABASE}`.`fact_rate_enr"))
    defects = {name: _spoilt(create, *texts[:2]) for name, texts in DEFECTS.items()}
    names = [*(table["name"] for table in printed["tables"]), *(view["name"] for view in printed["views"])]
    views = [view["sql"].replace('"', "`") for view in printed["views"]]
    asked = {
        "statements": [*(_local(statement, links) for statement in statements), f"use {DATABASE}", *views],
        "tables": {f"{DATABASE}.{name}": str(folder / "copies" / name) for name in names},
        "queries": {name: sql.format(table=FACT) for name, sql in COUNTS.items()},
        "refused": {name: [_local(text, links)] for name, text in defects.items()},
    }
    question, answer = folder / "question.json", folder / "answer.json"
    question.write_text(json.dumps(asked))
    variables = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
    ended = subprocess.run(
        [PYTHON, PROGRAM, question, answer], capture_output=True, text=True, timeout=SECONDS_AT_MOST, cwd=folder,
        env=variables,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-4000:]
    return Engine(json.loads(answer.read_text()), folder / "copies", snapshot_of(lake), defects)


def _links(lake: Path, folder: Path) -> Path:
    """Make a tree of the lake's manifests in which each has become links to the files that it lists."""
    for manifest in (lake / "hive").rglob("manifest"):
        place = folder / manifest.parent.relative_to(lake)
        place.mkdir(parents=True)
        for number, line in enumerate(manifest.read_text().splitlines()):
            (place / f"{number}.parquet").symlink_to(lake / line.removeprefix(f"{LOCATION}/"))
    return folder


def _local(statement: str, links: Path) -> str:
    return statement.replace(f"{LOCATION}/", f"file://{links}/")


def _spoilt(create: str, good: str, wrong: str) -> str:
    assert good in create
    return create.replace("fact_rate_enriched", "spoilt", 1).replace(good, wrong, 1)


def test_every_statement_is_taken(engine: Engine) -> None:
    assert engine.answer["said"] is None


def test_every_table_and_view_has_the_rows_and_types_of_the_lake(engine: Engine) -> None:
    tables = {shown_name(t) for t in engine.snapshot.tables() if not t.startswith("bronze/")}
    tables |= {view.name for view in VIEWS}
    assert {folder.name for folder in engine.copies.iterdir()} == tables
    assert {"fact_rate", "fact_rate_enriched", "dim_npi", "mart_rate_benchmark"} <= tables
    with open_catalog(engine.snapshot, StorageSettings()) as connection:
        for view in VIEWS:
            connection.execute(f"create temp view {view.name} as {view.sql}")
        different = {name: found for name in sorted(tables) if (found := _difference(connection, engine.copies, name))}
    assert different == {}


def _difference(connection: duckdb.DuckDBPyConnection, copies: Path, name: str) -> object:
    connection.execute(f"create or replace temp view copied as from read_parquet('{copies / name}/*.parquet')")
    columns = {relation: dict(_columns(connection, relation)) for relation in (name, "copied")}
    if columns[name] != columns["copied"]:
        return set(columns[name].items()) ^ set(columns["copied"].items())
    listed = ", ".join(f'"{column}"' for column in columns[name])
    one, other = (f"(select {listed} from {relation})" for relation in (name, "copied"))
    sql = f"select count(*) from ((from {one} except all from {other}) union all (from {other} except all from {one}))"
    row = connection.sql(sql).fetchone()
    assert row is not None
    return row[0]


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    described = connection.sql(f"describe select * from {relation}").fetchall()
    return [(name, "VARCHAR" if kind.startswith("ENUM") else kind) for name, kind, *_ in described]


def test_the_catalogue_has_the_partitions_of_the_commit(engine: Engine) -> None:
    files = [file for file in engine.snapshot.files("gold/rates/fact_rate_enriched") if file.rows]
    expected = {
        "/".join(f"{key}={value or '__HIVE_DEFAULT_PARTITION__'}" for key, value in file.partition.items())
        for file in files
    }
    assert set(engine.answer["partitions"][FACT]) == expected
    assert len(expected) > 1


@pytest.mark.parametrize("name", COUNTS)
def test_a_query_has_the_answer_of_the_lake(engine: Engine, name: str) -> None:
    sql = COUNTS[name].format(table="fact_rate_enriched")
    with open_catalog(engine.snapshot, StorageSettings()) as connection:
        assert engine.answer["answers"][name] == [list(row) for row in connection.sql(sql).fetchall()]


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_refused_by_the_engine_and_found_by_the_linter(engine: Engine, name: str) -> None:
    *_, said, rule = DEFECTS[name]
    assert said in (engine.answer["refused"][name] or "")
    assert rule in {finding.rule.rule_id for finding in lint({"spoilt.sql": f"{engine.defects[name]};\n"})}
