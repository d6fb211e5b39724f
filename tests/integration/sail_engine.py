"""The same models on Sail, a Spark-compatible engine: start it, register bronze, build, hand every model back.

Sail's catalogue lives in its memory, so that the session that built the models is also the one that writes them out.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

from lakeward.build import SCHEMA, run_dbt


@contextmanager
def sail_session() -> Iterator[tuple[SparkSession, str]]:
    """Yield a session on a new Sail server on the loopback interface, and its address."""
    # The main module of a pytest-xdist worker has no file; the client would take that for its own doctests and end.
    if not hasattr(sys.modules["__main__"], "__file__"):
        sys.modules["__main__"].__file__ = __file__
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    address = f"sc://{host}:{port}"
    session = SparkSession.builder.remote(address).getOrCreate()
    try:
        yield session, address
    finally:
        session.stop()
        server.stop()


def register_on_sail(session: SparkSession, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Register on Sail what the models of a DuckDB database read, each relation as one Parquet file in ``folder``."""
    relations = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in ('bronze', 'published') and table_catalog = current_database()"
    ).fetchall()
    for schema in sorted({schema for schema, _ in relations}):
        session.sql(f"create schema if not exists {schema}")
    for schema, name in relations:
        file = folder / f"{schema}.{name}.parquet"
        connection.execute(f"copy (select * from {schema}.{name}) to '{file}' (format parquet)")
        session.sql(f"create table {schema}.{name} using parquet location 'file://{file}'")


def build_on_sail(address: str, scratch: Path, variables: dict[str, float]) -> list[Any]:
    """Run all models and tests on Sail; return dbt's results."""
    return run_dbt(scratch, {"SPARK_REMOTE": address}, variables, target="spark")


def model_file(session: SparkSession, model: str, folder: Path) -> str:
    """Write a model that Sail built to Parquet; return the DuckDB relation that reads it."""
    target = folder / model
    rows = session.sql(f"select * from {SCHEMA}.{model}")
    rows.write.mode("overwrite").parquet(f"file://{target}")
    if any(target.glob("*.parquet")):
        return f"read_parquet('{target}/*.parquet')"
    nulls = ", ".join(f'null as "{name}"' for name in rows.columns)  # Sail writes no file for no rows
    return f"(select {nulls} where false)"
