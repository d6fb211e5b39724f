"""The models over any bronze that a test lands or writes: what they read, the build, and what failed."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lakeward.build import dbt_variables, register, run_dbt
from lakeward.relations import BRONZE, SOURCES, Relation
from lakeward.settings import QualitySettings
from lakeward.sources.landing import Landing

SCHEMAS = {
    f"{source}__{dataset}": schema for source, module in SOURCES.items() for dataset, schema in module.DATASETS.items()
}
"""The columns of every relation of bronze."""


def landed(files: Iterable[tuple[str, Path]], folder: Path, **said: int) -> dict[str, list[str]]:
    """Land files of the sources given, each with what is said of it; return the Parquet files of each relation."""
    addresses: dict[str, list[str]] = {}
    for number, (source, path) in enumerate(files):
        with Landing(path, folder / str(number)) as landing:
            SOURCES[source].extract(path, landing, **said)
        for dataset, parquet in landing.files().items():
            addresses.setdefault(f"{source}__{dataset}", []).append(str(parquet))
    return addresses


def relations(addresses: Mapping[str, list[str]]) -> list[Relation]:
    """Return every relation of bronze, with the files given or without rows."""
    return [Relation(BRONZE, name, schema, tuple(addresses.get(name, ()))) for name, schema in SCHEMAS.items()]


def built(
    addresses: Mapping[str, list[str]], folder: Path, select: str, *, unit_tests: bool = False
) -> tuple[Path, list[Any]]:
    """Build models over bronze and return the database and dbt's result of every node."""
    database = folder / "build.duckdb"
    register(database, relations(addresses))
    environment = {"LAKEWARD_BUILD_DATABASE": str(database), "LAKEWARD_BUILD_TEMPORARY": str(folder / "temporary")}
    variables = dbt_variables(QualitySettings())
    return database, run_dbt(folder, environment, variables, select=select, unit_tests=unit_tests)


def failures(results: Iterable[Any]) -> list[str]:
    """Return the names of models and tests that did not succeed."""
    return [result.node.name for result in results if str(result.status) not in ("success", "pass")]
