"""The models as dbt reads them: once for each version of them, kept in the user's cache folder from then on.

In: the dbt project of this package, the variables and the engine. Out: dbt's own manifest in memory. Reading the
project takes dbt longer than building a small lake; loading what it read takes a twentieth of that. The cache is named
by all that the manifest depends on, so that an edited model, variable or library is read anew; it may be deleted at any
time.
"""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

from lakeward.data_tests import compile_tests
from lakeward.errors import ResourceError

logger = logging.getLogger(__name__)

WAREHOUSE = Path(__file__).parent / "warehouse"
READ_BY = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "dbt-spark")
"""Packages whose macros and classes are part of what is kept."""
KEPT_FORM = "with the SQL of the data tests"
KEPT_MANIFESTS = 6
_NAME = "dbt-*.msgpack"


def read_project(variables: Mapping[str, float], target: str, arguments: list[str]) -> Any:
    """Return dbt's manifest of the project: from the cache folder, or read by dbt and put there.

    For DuckDB it has the SQL of every data test.

    Args:
        variables: dbt variables; their values stand in what dbt reads.
        target: of the profile, ``duckdb`` or ``spark``.
        arguments: that every call of dbt has: the directories of project, profile, logs.

    Raises:
        ResourceError: dbt could not read the project.
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

    path = _cache_directory() / _NAME.replace("*", _key(variables, target))
    # Whatever is wrong with what was kept, reading the project anew mends it.
    with suppress(Exception):
        manifest = cast(Any, Manifest).from_msgpack(path.read_bytes(), decoder=extended_mashumuro_decoder)
        with suppress(OSError):
            path.touch()  # those that were not used for longest go first
        return manifest
    with tempfile.TemporaryDirectory(prefix="lakeward-dbt-") as folder:
        manifest = _parsed([*arguments, "--target-path", folder])
        if target == "duckdb":
            compile_tests(manifest, [*arguments, "--target-path", folder])
    _keep(manifest.to_msgpack(extended_mashumaro_encoder), path)
    return manifest


@cache
def models_hash() -> str:
    """Return the hash of every file of the dbt project."""
    digest = hashlib.sha256()
    for path in sorted(WAREHOUSE.rglob("*")):
        if path.suffix in (".sql", ".yml", ".csv", ".md") and "target" not in path.parts:
            digest.update(path.relative_to(WAREHOUSE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _key(variables: Mapping[str, float], target: str) -> str:
    # dbt writes into the manifest where the project stands, as seeds are read from there, and the name of the database.
    database = Path(os.environ.get("LAKEWARD_BUILD_DATABASE", "")).stem
    versions = [_version(name) for name in READ_BY]
    parts = [KEPT_FORM, models_hash(), str(WAREHOUSE), database, target, sorted(variables.items()), versions]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def _version(package: str) -> str | None:
    # The adapter of Spark comes with what tests need; who only runs the models does not have it.
    with suppress(PackageNotFoundError):
        return version(package)
    return None


def _parsed(arguments: list[str]) -> Any:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(["parse", *arguments])
    if outcome.exception is not None or outcome.result is None:
        raise ResourceError(f"The models cannot be read.\n  {outcome.exception}\nNothing was built or published.")
    return outcome.result


def _cache_directory() -> Path:
    named = os.environ.get("LAKEWARD_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lakeward"


def _keep(manifest: bytes, path: Path) -> None:
    """Put a manifest into the cache folder and take out those not used for longest; without a folder keep none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(manifest)
        partial.replace(path)
        kept = sorted(path.parent.glob(_NAME), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for old in kept[KEPT_MANIFESTS:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        logger.debug("the models are read anew each time: %s", error)
