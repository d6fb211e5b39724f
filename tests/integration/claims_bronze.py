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


def claim(record: int, **values: str) -> dict[str, Any]:
    """A claim record of sample 1 with only what a claim must have, and what a case says."""
    row = {"DESYNPUF_ID": "P1", "CLM_ID": "100", "SEGMENT": "1", "CLM_PMT_AMT": "100.00", "CLM_FROM_DT": "20080110"}
    return {"_file_id": "f1", "_source_record": record, "_sample_number": 1, **row, **values}


def summary(record: int, **values: str) -> dict[str, Any]:
    """A summary record of sample 1 and 2008 with only what it must have, and what a case says."""
    row = {"DESYNPUF_ID": "P1", "BENE_BIRTH_DT": "19300101"}
    return {"_file_id": "f2", "_source_record": record, "_sample_number": 1, "_summary_year": 2008, **row, **values}


BROKEN: dict[str, list[dict[str, Any]]] = {
    CLAIM: [
        claim(1),
        claim(2, CLM_ID="200", CLM_PMT_AMT="-7.50"),
        claim(3, CLM_ID="200", CLM_PMT_AMT="-7.50"),  # an exact repeat
        claim(4, CLM_ID="300", CLM_PMT_AMT="1.00"),
        claim(5, CLM_ID="300", CLM_PMT_AMT="2.00"),  # the same key with another amount
        claim(6, CLM_ID="400", CLM_FROM_DT="20081345", CLM_PMT_AMT="4.00"),
        claim(7, CLM_ID="500", CLM_PMT_AMT="four"),
        claim(8, CLM_ID="600", DESYNPUF_ID="P2", CLM_PMT_AMT="0.25", CLM_DRG_CD="XYZ"),
    ],
    SUMMARY: [summary(1), summary(2), summary(3, DESYNPUF_ID="P3"), summary(4, DESYNPUF_ID="P3", SP_CHF="1")],
}
"""Claims and summaries of which some repeat, some contradict each other and some cannot be read."""
