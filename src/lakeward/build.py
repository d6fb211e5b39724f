"""The build stage: the dbt models run over bronze in a scratch database; nothing of the lake is touched.

In: the relations that the models read, and the quality bounds. Out: a DuckDB file that holds every model, the models'
descriptions, and the ledger rows that the models counted. A model or test that fails stops the run here.
"""

import shutil
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import psutil

from lakeward.dbt_project import WAREHOUSE
from lakeward.dbt_run import FAILED, require_success, run_dbt
from lakeward.errors import DataCheckFailed
from lakeward.lake.ledger import LedgerRow
from lakeward.publish.bucket import Bucket, BucketReader, is_refusal, refusals_of, refused
from lakeward.relations import Relation
from lakeward.settings import QualitySettings

__all__ = [
    "SCHEMA", "WAREHOUSE", "BuildResult", "EngineLimits", "build", "build_releases", "register", "require_accepted",
    "run_dbt",
]  # fmt: skip

SCHEMA = "lakeward"
DATABASE = "build.duckdb"
LEDGER_SUFFIX = "__ledger"
SMALLEST_ENGINE_BYTES = 128_000_000
PYTHON_GROWTH_BYTES = 235_000_000
"""What dbt adds to this process while it parses and runs, measured at 190 MB for the whole project. The rest is
a margin: twenty samples of claims within 1 GB peak at 977 MB."""
ENGINE_SHARE = 0.85
"""DuckDB keeps its own limit for data; what its allocator and threads hold beside it is left out of the limit."""
KEPT_SHARE = 1 / 8
"""How much of its limit DuckDB may keep from one model to the next before it is closed."""
SHARE_OF_FREE_DISK = 0.9
REJECTED_MODEL = "int_rates__rejected_share"
REJECTED_SQL = f"""
    select release_id, rejected_count, accepted_count
    from {SCHEMA}.{REJECTED_MODEL}
    order by release_id
"""  # noqa: S608
SCREENED_CLAIMS = "fact_inpatient_claim"
TABLES_SQL = """
    select table_name from information_schema.tables
    where table_schema = ? and suffix(table_name, ?)
    order by table_name
"""
LEDGER_SQL = """
    select step, slice, table_name, rows_in, rows_out, rows_quarantined, rows_exploded, rows_merged, keys_in, keys_out,
           money_in, money_out, money_quarantined
    from {schema}.{model}
    order by step, slice, table_name
"""


@dataclass(frozen=True)
class EngineLimits:
    """What DuckDB may use: memory in bytes, threads, and temporary space in bytes.

    ``resident`` are the bytes of this process above which it is closed between two models.
    """

    memory: int
    threads: int
    temporary: int
    resident: int | None = None

    @classmethod
    def within(cls, budget: int, threads: int, scratch: Path) -> "EngineLimits":
        """Return the limits that keep the whole process within a budget.

        Args:
            budget: peak resident bytes of the process.
            threads: of the engine.
            scratch: a directory on the disk that takes what does not fit; nine tenths of its free space may be used.
        """
        held = psutil.Process().memory_info().rss + PYTHON_GROWTH_BYTES
        memory = max(int((budget - held) * ENGINE_SHARE), SMALLEST_ENGINE_BYTES)
        temporary = int(shutil.disk_usage(scratch).free * SHARE_OF_FREE_DISK)
        return cls(memory, threads, temporary, resident=held + int(memory * KEPT_SHARE))


@dataclass(frozen=True)
class BuildResult:
    """A finished build: the scratch database, what dbt knows of its models, and what the models counted.

    ``models`` maps the name of each published model to its dbt node: ``columns``, ``description`` and
    ``config.meta`` (``domain``, ``zone``, ``grain``, ``key``, ``slice``).
    """

    database: Path
    models: dict[str, dict[str, Any]]
    ledger: list[LedgerRow] = field(default_factory=list)

    @property
    def manifest(self) -> dict[str, Any]:
        """The nodes of the published models, in the form of dbt's manifest."""
        return {"nodes": self.models}

    def of(self, domains: Collection[str]) -> "BuildResult":
        """Return the part of the build that belongs to some domains; what others need of it is not published."""
        chosen = {name: node for name, node in self.models.items() if node["config"]["meta"]["domain"] in domains}
        return replace(self, models=chosen)


def build(
    relations: list[Relation],
    quality: QualitySettings,
    limits: EngineLimits,
    scratch: Path,
    select: str | None = None,
    bucket: Bucket | None = None,
) -> BuildResult:
    """Run every model and test over the relations given, in a new DuckDB file.

    Args:
        relations: what the models read, from :func:`lakeward.relations.bronze_relations`.
        quality: bounds that the models apply.
        limits: what the engine may use.
        scratch: a private directory; the database and dbt's own files go into it.
        select: dbt node selection; everything when not given.
        bucket: of the lake, when the relations' files are in one.

    Returns:
        The database, closed, and what to publish from it.

    Raises:
        DataCheckFailed: a test found rows that break it, or too large a share of a release was rejected.
        StorageFailed: the lake's bucket refused or did not answer.
        ResourceError: the engine could not finish a model: memory, disk, or an error in the model.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    database = scratch / DATABASE
    register(database, relations, bucket)
    environment = _duckdb_environment(database, limits, scratch, bucket)
    results = run_dbt(scratch, environment, dbt_variables(quality), select=select, resident=limits.resident)
    _require_storage(results, bucket)
    require_success(results)
    result = BuildResult(database, published_models(results), _ledger(database))
    require_accepted(result, quality)
    return result


def build_releases(
    relations: list[Relation],
    quality: QualitySettings,
    limits: EngineLimits,
    scratch: Path,
    bucket: Bucket | None = None,
) -> Path:
    """Build only the model that says which release each rates file belongs to, and return its database.

    Raises:
        ResourceError: the model could not be built.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    database = scratch / DATABASE
    register(database, relations, bucket)
    environment = _duckdb_environment(database, limits, scratch, bucket)
    results = run_dbt(scratch, environment, dbt_variables(quality), select="+int_rates__release")
    _require_storage(results, bucket)
    require_success(results)
    return database


def require_accepted(result: BuildResult, quality: QualitySettings) -> None:
    """Fail when too large a share of a release was rejected, of prices or of claims, whichever were built.

    Raises:
        DataCheckFailed: names each release with its counts.
    """
    counts = [*_rejected_prices(result.database), *_rejected_claims(result.ledger)]
    over = [
        (name, bad, bad + good, what)
        for name, bad, good, what in counts
        if bad > quality.quarantine_max_share * (bad + good)
    ]
    if over:
        lines = "\n".join(f"  {name}: {bad:,} of {all_:,} {what}, {bad / all_:.1%}" for name, bad, all_, what in over)
        raise DataCheckFailed(
            f"More than {quality.quarantine_max_share:.0%} of a release was rejected.\n{lines}\n"
            "Nothing was published; the lake is as it was. `lakeward inspect FILE` counts the reasons; "
            "quality.quarantine_max_share in lakeward.yaml accepts a larger share."
        )


def register(database: Path, relations: list[Relation], bucket: Bucket | None = None) -> None:
    """Create a view for every relation in a DuckDB file; an empty one where a relation has no files.

    Raises:
        StorageFailed: a file in the lake's bucket cannot be read.
    """
    with duckdb.connect(str(database)) as connection, refusals_of(bucket):
        if bucket:
            BucketReader(bucket).prepare(connection)
        for relation in relations:
            connection.execute(f"create schema if not exists {relation.schema_name}")
            name = f"{relation.schema_name}.{relation.name}"
            if relation.rows is not None:
                connection.register("rows", relation.rows)
                connection.execute(f"create or replace table {name} as select * from rows")  # noqa: S608
                connection.unregister("rows")
            else:
                connection.execute(f"create or replace view {name} as {relation.duckdb_select()}")


def _require_storage(results: list[Any], bucket: Bucket | None) -> None:
    """Fail with what the bucket said, once, when it is why models failed."""
    for result in results:
        if bucket and str(result.status) in FAILED and is_refusal(result.message or ""):
            raise refused(bucket, result.message)


def dbt_variables(quality: QualitySettings) -> dict[str, float]:
    """Return the dbt variables that carry the quality bounds."""
    return {"rate_min": quality.rate_min, "rate_max": quality.rate_max}


def published_models(results: list[Any]) -> dict[str, dict[str, Any]]:
    """Return the dbt nodes of the models that were built to be published, by name."""
    nodes = (result.node for result in results if result.node.resource_type == "model")
    return {node.name: node.to_dict(omit_none=True) for node in nodes if node.config.meta.get("zone")}


def _duckdb_environment(database: Path, limits: EngineLimits, scratch: Path, bucket: Bucket | None) -> dict[str, str]:
    return {
        "LAKEWARD_BUILD_DATABASE": str(database),
        "LAKEWARD_BUILD_MEMORY": f"{limits.memory}B",
        "LAKEWARD_BUILD_THREADS": str(limits.threads),
        "LAKEWARD_BUILD_TEMPORARY": str(scratch / "temporary"),
        "LAKEWARD_BUILD_TEMPORARY_SIZE": f"{limits.temporary}B",
        **(bucket.variables() if bucket else {}),
    }


def _rejected_prices(database: Path) -> list[tuple[str, int, int, str]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        if not connection.execute(TABLES_SQL, [SCHEMA, REJECTED_MODEL]).fetchall():
            return []  # the rates are not built
        return [(*row, "prices") for row in connection.execute(REJECTED_SQL).fetchall()]


def _rejected_claims(ledger: list[LedgerRow]) -> list[tuple[str, int, int, str]]:
    screened = [row for row in ledger if row.step == "screen" and row.table == SCREENED_CLAIMS]
    return [(row.slice, row.rows_quarantined, row.rows_out, "claims") for row in screened]


def _ledger(database: Path) -> list[LedgerRow]:
    rows: list[LedgerRow] = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for (model,) in connection.execute(TABLES_SQL, [SCHEMA, LEDGER_SUFFIX]).fetchall():
            found = connection.sql(LEDGER_SQL.format(schema=SCHEMA, model=model)).fetchall()
            rows += [LedgerRow(*row) for row in found]
    return rows
