"""dbt in this process: one call builds and tests the models and says how each of them went.

In: the variables and the environment that the project's profile reads. Out: dbt's result of every node, or one of our
errors that names each model and test that failed.
"""

import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import psutil

from lakeward.data_tests import run_tests, take_tests
from lakeward.dbt_project import WAREHOUSE, read_project
from lakeward.errors import DataCheckFailed, ResourceError
from lakeward.variables import variables_set

logger = logging.getLogger(__name__)

DUCKDB = "duckdb"
FAILED = frozenset({"error", "fail", "runtime error"})


def run_dbt(
    scratch: Path,
    environment: Mapping[str, str],
    variables: Mapping[str, float],
    target: str = DUCKDB,
    select: str | None = None,
    unit_tests: bool = False,
    resident: int | None = None,
) -> list[Any]:
    """Build the models and run their tests in this process.

    On DuckDB the data tests run when the models stand, without dbt; on other engines dbt runs them in between.

    Args:
        scratch: a private directory; dbt's compiled models and logs go into it.
        environment: variables that the project's profile reads, set for the time of the call.
        variables: dbt variables.
        target: ``duckdb`` or ``spark``.
        select: dbt node selection; everything when not given.
        unit_tests: whether the models' unit tests run too; they test the models and not the data.
        resident: bytes of this process above which the engine is closed after a model or test, and opened
            for the next one.

    Returns:
        dbt's result of every node, failed ones among them.

    Raises:
        ResourceError: dbt could not read the project.
    """
    from dbt.cli.main import dbtRunner  # half a second and 80 MB that other commands need not pay

    arguments = [
        "--project-dir", str(WAREHOUSE), "--profiles-dir", str(WAREHOUSE), "--target", target,
        "--log-path", str(scratch / "logs"), "--vars", json.dumps(dict(variables)),
        "--log-level", "none", "--no-use-colors", "--no-version-check",
    ]  # fmt: skip
    build = ["--target-path", str(scratch / "target"), "--no-populate-cache", "--no-write-json"]
    # A test that reads a model outside the selection would fail for want of it.
    build += ["--select", select, "--indirect-selection", "buildable"] if select else []
    build += [] if unit_tests else ["--exclude-resource-type", "unit_test"]
    give_back = _give_back_above(resident)
    with variables_set(environment):
        manifest = read_project(variables, target, arguments)
        tests = take_tests(manifest) if target == DUCKDB else []
        outcome = dbtRunner(manifest, callbacks=[partial(_finished, give_back)]).invoke(["build", *arguments, *build])
        if outcome.exception is not None or outcome.result is None:
            raise ResourceError(f"The models cannot be read.\n  {outcome.exception}\nNothing was built or published.")
        results = list(cast(Any, outcome.result).results)
        if target == DUCKDB:
            built = {result.node.unique_id for result in results if str(result.status) == "success"}
            results += run_tests(tests, built, _engine(), give_back) if built else []
            _close_engine()
    return results


def _engine() -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    return DuckDBConnectionManager._ENV


def _close_engine() -> None:
    # dbt keeps its connection for the life of the process; the publisher could not open the file.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    engine = _engine()
    if engine is not None:
        engine.close()
    cast(Any, DuckDBConnectionManager).close_all_connections()


def _give_back_above(resident: int | None) -> Callable[[], None]:
    """Return what closes an idle engine that holds too much: only that frees what it keeps beside its own limit."""

    def give_back() -> None:
        if resident is None or psutil.Process().memory_info().rss < resident:
            return
        engine = _engine()
        if engine is not None and engine.handle_count == 0:
            engine.close()

    return give_back


def _finished(give_back: Callable[[], None], event: Any) -> None:
    if event.info.name == "LogModelResult":
        data = event.data
        logger.debug("built %s: %s in %.1f s", data.node_info.node_name, data.status, data.execution_time)
        give_back()


def require_success(results: list[Any]) -> None:
    """Fail when a node of a run failed.

    Raises:
        DataCheckFailed: data tests found rows; names each test, its model and how many rows.
        ResourceError: a model or test could not be run; names each and the engine's words.
    """
    failed = [result for result in results if str(result.status) in FAILED]
    tests = [result for result in failed if result.node.resource_type == "test" and str(result.status) == "fail"]
    broken = "\n".join(f"  {r.node.name}: {_first_lines(r.message)}" for r in failed if r not in tests)
    if tests:
        # Rows that break a rule may be why a model below them could not be built, so they are told first.
        lines = "\n".join(
            f"  {_tested_model(result)}: {result.node.name}, {result.failures:,} row(s)" for result in tests
        )
        besides = f"{len(failed) - len(tests)} model(s) could not be built, which may come of it.\n{broken}\n"
        raise DataCheckFailed(
            f"{len(tests)} data test(s) failed.\n{lines}\n{besides if broken else ''}"
            "Nothing was published; the lake is as it was. "
            "Each test stands beside its model in lakeward/warehouse; correct the source or its configuration."
        )
    if failed:
        raise ResourceError(
            f"{len(failed)} model(s) could not be built.\n{broken}\nNothing was published; the lake is as it was. "
            "If memory or temporary space ran out, raise --memory or free disk space and run the same command again."
        )


def _tested_model(result: Any) -> str:
    attached = getattr(result.node, "attached_node", None) or result.node.name
    return str(attached).rsplit(".", maxsplit=1)[-1]


def _first_lines(message: str | None) -> str:
    return " ".join((message or "").split())[:2000]
