"""The models' own unit tests: rows written out by hand in, rows written out by hand expected."""

from pathlib import Path

from lakeward.build import dbt_variables, register
from lakeward.dbt_run import run_dbt

from .sample_bronze import land_sample


def test_every_unit_test_of_a_model_passes(tmp_path: Path) -> None:
    bronze = land_sample(tmp_path)
    database = tmp_path / "build.duckdb"
    register(database, bronze.relations())
    environment = {"LAKEWARD_BUILD_DATABASE": str(database), "LAKEWARD_BUILD_TEMPORARY": str(tmp_path / "spill")}
    # The tests take the types of their rows from tables, so the models are built with them, over any data.
    results = run_dbt(tmp_path / "dbt", environment, dbt_variables(bronze.settings.quality), unit_tests=True)
    unit_tests = [result for result in results if result.node.resource_type == "unit_test"]
    assert len(unit_tests) >= 38
    assert [result.node.name for result in unit_tests if str(result.status) != "pass"] == []
