"""Claims that are repeated, contradictory or unreadable become the same rows on Sail as on DuckDB, model by model."""

from pathlib import Path

import duckdb
import pytest

from lakeward.build import SCHEMA, run_dbt

from .built_models import built, failures
from .claims_bronze import BROKEN, MODELS, written
from .sail_engine import model_file, register_on_sail, sail_session

VARIABLES = {"rate_min": 0.01, "rate_max": 1_000_000.0}


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_broken_rows_are_told_apart_alike_on_sail(tmp_path: Path) -> None:
    database, _ = built(written(BROKEN, tmp_path), tmp_path, MODELS)
    folder = tmp_path / "sail"
    folder.mkdir()
    with sail_session() as (session, address), duckdb.connect(str(database), read_only=True) as connection:
        register_on_sail(session, connection, folder)
        results = run_dbt(folder, {"SPARK_REMOTE": address}, VARIABLES, target="spark", select=MODELS)
        assert failures(results) == []
        models = [result.node for result in results if result.node.resource_type == "model"]
        tables = [node.name for node in models if node.config.materialized == "table"]
        assert {"fact_inpatient_claim", "quarantine_inpatient_claim", "int_claims__ledger"} <= set(tables)
        for table in tables:
            ours = f"{SCHEMA}.{table}"
            columns = ", ".join(f'"{name}"' for name, *_ in connection.sql(f"describe {ours}").fetchall())
            theirs = f"select {columns} from {model_file(session, table, folder)}"
            for one, other in ((f"select {columns} from {ours}", theirs), (theirs, f"select {columns} from {ours}")):
                assert connection.sql(f"({one}) except all ({other})").fetchall() == [], table
