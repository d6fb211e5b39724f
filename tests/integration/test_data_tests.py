"""The data tests, asked by us, say what dbt says when it asks them."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from lakeward.build import SCHEMA, dbt_variables
from lakeward.data_tests import TestOutcome, run_tests, take_tests
from lakeward.dbt_project import WAREHOUSE, read_project
from lakeward.settings import QualitySettings

from .built_models import built, failures

MODELS = "+dim_npi +dim_county +mart_state_profile"
TABLES_SQL = f"select table_name from duckdb_tables() where schema_name = '{SCHEMA}' order by table_name"


@pytest.fixture
def spoilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build over no rows at all, into every second table of which two empty rows were put afterwards."""
    database, results = built({}, tmp_path, MODELS)
    assert failures(results) == []
    with duckdb.connect(str(database)) as connection:
        for (table,) in connection.sql(TABLES_SQL).fetchall()[::2]:
            columns = [name for name, *_ in connection.sql(f"describe {SCHEMA}.{table}").fetchall()]
            for column in columns:
                connection.execute(f'alter table {SCHEMA}.{table} alter "{column}" drop not null')
            connection.execute(
                f"insert into {SCHEMA}.{table} select {', '.join(['null'] * len(columns))} from range(2)"
            )
    monkeypatch.setenv("LAKEWARD_BUILD_DATABASE", str(database))
    monkeypatch.setenv("LAKEWARD_BUILD_TEMPORARY", str(tmp_path / "temporary"))
    return database


def test_each_finds_as_many_rows_as_dbt_does(spoilt: Path, tmp_path: Path) -> None:
    arguments = _arguments(tmp_path)
    manifest = read_project(dbt_variables(QualitySettings()), "duckdb", arguments)
    theirs = _by_dbt(manifest, arguments)
    ours = {outcome.node.unique_id: outcome for outcome in _by_us(manifest, spoilt)}
    assert _told(ours) == _told(theirs)
    statuses = [outcome.status for outcome in ours.values()]
    assert statuses.count("fail") > 20
    assert statuses.count("pass") > 20
    assert {outcome.failures for outcome in ours.values()} >= {0, 1, 2}


def test_what_cannot_be_asked_is_an_error_with_the_engines_words(spoilt: Path, tmp_path: Path) -> None:
    manifest = read_project(dbt_variables(QualitySettings()), "duckdb", _arguments(tmp_path))
    with duckdb.connect(str(spoilt)) as connection:
        connection.execute(f"alter table {SCHEMA}.dim_county rename column county_fips to another")
    broken = [outcome for outcome in _by_us(manifest, spoilt) if outcome.status == "error"]
    assert broken
    assert all("county_fips" in (outcome.message or "") for outcome in broken)


def test_tests_of_models_that_were_not_built_are_left_out(spoilt: Path, tmp_path: Path) -> None:
    manifest = read_project(dbt_variables(QualitySettings()), "duckdb", _arguments(tmp_path))
    asked = _by_us(manifest, spoilt, {"model.lakeward.dim_county"})
    assert {parent for outcome in asked for parent in outcome.node.depends_on.nodes} == {"model.lakeward.dim_county"}


def _arguments(folder: Path) -> list[str]:
    where = ["--project-dir", str(WAREHOUSE), "--profiles-dir", str(WAREHOUSE), "--target", "duckdb"]
    return [*where, "--log-path", str(folder / "logs"), "--log-level", "none"]


def _by_us(manifest: Any, database: Path, models: set[str] | None = None) -> list[TestOutcome]:
    engine = SimpleNamespace(handle=lambda: duckdb.connect(str(database), read_only=True))
    return run_tests(take_tests(manifest), models or _standing(manifest, database), engine, lambda: None)


def _standing(manifest: Any, database: Path) -> set[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("select table_name from information_schema.tables").fetchall()
    names = {name for (name,) in found}
    return {node.unique_id for node in manifest.nodes.values() if node.name in names}


def _by_dbt(manifest: Any, arguments: list[str]) -> dict[str, Any]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folder = os.environ["LAKEWARD_BUILD_TEMPORARY"]
    asked = ["--select", MODELS, "--indirect-selection", "buildable", "--target-path", folder, "--no-write-json"]
    outcome = dbtRunner(manifest).invoke(["test", *arguments, *asked, "--exclude-resource-type", "unit_test"])
    DuckDBConnectionManager.close_all_connections()
    return {result.node.unique_id: result for result in outcome.result.results}


def _told(outcomes: dict[str, Any]) -> dict[str, tuple[str, int]]:
    return {name: (str(outcome.status), outcome.failures) for name, outcome in outcomes.items()}
