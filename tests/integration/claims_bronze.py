"""Bronze of claims for the models' tests: files landed by their own readers, and rows written for a case."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.build import register, run_dbt
from lakeward.relations import BRONZE, Relation
from lakeward.sources import geography, synpuf
from lakeward.sources.landing import Landing

SOURCES: dict[str, ModuleType] = {"synpuf": synpuf, "geography": geography}
MODELS = "+path:models/silver/claims"
CLAIM = "synpuf__inpatient_claim"
SUMMARY = "synpuf__beneficiary_summary"


def landed(files: Iterable[tuple[str, Path]], folder: Path) -> list[Relation]:
    """Land files of my sources and return every relation that the models read, empty ones too."""
    addresses: dict[str, list[str]] = {}
    for number, (source, path) in enumerate(files):
        with Landing(path, folder / str(number)) as landing:
            SOURCES[source].extract(path, landing)
        for dataset, parquet in landing.files().items():
            addresses.setdefault(f"{source}__{dataset}", []).append(str(parquet))
    return relations(addresses)


def written(rows: Mapping[str, list[dict[str, Any]]], folder: Path) -> list[Relation]:
    """Write literal rows as bronze files, columns not named as null, and return every relation that the models read."""
    addresses = {}
    for name, values in rows.items():
        path = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(values, _schemas()[name]), path)
        addresses[name] = [str(path)]
    return relations(addresses)


def relations(addresses: Mapping[str, list[str]]) -> list[Relation]:
    """Return every relation that the models of claims read, with the files given or without rows."""
    return [Relation(BRONZE, name, schema, tuple(addresses.get(name, ()))) for name, schema in _schemas().items()]


def built(bronze: list[Relation], folder: Path, *, unit_tests: bool = False) -> tuple[Path, list[Any]]:
    """Build the models of claims and return the database and dbt's result of every node."""
    database = folder / "build.duckdb"
    register(database, bronze)
    environment = {"LAKEWARD_BUILD_DATABASE": str(database), "LAKEWARD_BUILD_TEMPORARY": str(folder / "temporary")}
    variables = {"rate_min": 0.01, "rate_max": 1_000_000.0}
    return database, run_dbt(folder, environment, variables, select=MODELS, unit_tests=unit_tests)


def failures(results: list[Any]) -> list[str]:
    """Return the names of models and tests that did not succeed."""
    return [result.node.name for result in results if str(result.status) not in ("success", "pass")]


def _schemas() -> dict[str, pa.Schema]:
    return {
        f"{source}__{dataset}": schema
        for source, module in SOURCES.items()
        for dataset, schema in module.DATASETS.items()
    }
