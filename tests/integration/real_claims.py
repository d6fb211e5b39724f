"""The claims models built over the real samples, without a lake around them."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lakeward.build import dbt_variables, register
from lakeward.dbt_run import run_dbt
from lakeward.relations import BRONZE, SOURCES, Relation
from lakeward.settings import QualitySettings
from lakeward.sources import geography, synpuf
from lakeward.sources.landing import Landing

from .made_once import made_once

MODELS = "+path:models/silver/claims +path:models/gold/claims"
CROSSWALK = "geo/ssa_fips_county_crosswalk.csv"
CODE_SETS = ("FY 2010 FR Table 5.xls", "CMS32_DESC_LONG_DX.txt", "CMS32_DESC_SHORT_DX.txt", "CMS32_DESC_LONG_SG.txt",
             "CMS32_DESC_SHORT_SG.txt")  # fmt: skip
DATABASE = "build.duckdb"


def files_of_sample(real_data: Path, sample: int) -> list[Path]:
    """Return the claims and the summaries of a sample."""
    return sorted((real_data / "claims").glob(f"DE1_0_*_Sample_{sample}.csv.gz"))


def built_claims(real_data: Path, tmp_path_factory: pytest.TempPathFactory, samples: tuple[int, ...] = (1,)) -> Path:
    """Build silver and gold claims over samples, the code sets and the county crosswalk; return the database.

    Made once for all workers of a test run. Every test and unit test of the models passes, or this fails.
    """

    def make(folder: Path) -> None:
        paths = [path for sample in samples for path in files_of_sample(real_data, sample)]
        sources = [(synpuf, path) for path in [*paths, *(real_data / "claims" / name for name in CODE_SETS)]]
        results = build_models([*sources, (geography, real_data / CROSSWALK)], folder)
        failed = {r.node.name: r.message for r in results if str(r.status) not in ("success", "pass")}
        assert failed == {}

    name = "claims-models-" + "-".join(map(str, samples))
    return made_once(tmp_path_factory, name, make) / DATABASE


def build_models(sources: list[tuple[ModuleType, Path]], folder: Path) -> list[Any]:
    """Land files in ``folder`` and build the claims models over them; return dbt's result of every node."""
    addresses: dict[str, list[str]] = {}
    for number, (module, path) in enumerate(sources):
        with Landing(path, folder / str(number)) as landing:
            module.extract(path, landing)
        for dataset, parquet in landing.files().items():
            addresses.setdefault(f"{module.__name__.rpartition('.')[2]}__{dataset}", []).append(str(parquet))
    relations = [
        Relation(BRONZE, f"{source}__{dataset}", schema, tuple(addresses.get(f"{source}__{dataset}", ())))
        for source, module in SOURCES.items()
        for dataset, schema in module.DATASETS.items()
    ]
    database = folder / DATABASE
    register(database, relations)
    environment = {"LAKEWARD_BUILD_DATABASE": str(database), "LAKEWARD_BUILD_TEMPORARY": str(folder / "spill")}
    return run_dbt(folder / "dbt", environment, dbt_variables(QualitySettings()), select=MODELS, unit_tests=True)
