"""The small hand-made lake that the quality tests measure and damage."""

from pathlib import Path

import duckdb
import pytest

SMALL_LAKE = Path(__file__).parents[2] / "fixtures" / "quality" / "small_lake.sql"


@pytest.fixture
def lake() -> duckdb.DuckDBPyConnection:
    """A fresh DuckDB with eight good prices of two releases and everything they refer to."""
    connection = duckdb.connect()
    connection.execute(SMALL_LAKE.read_text(encoding="utf-8"))
    return connection
