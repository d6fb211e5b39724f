"""dbt in this process: one call builds and tests the models and says how each of them went.

In: the variables and the environment that the project's profile reads. Out: dbt's result of every node, or one of our
errors that names each model and test that failed.
"""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import psutil

from lakeward.dbt_project import WAREHOUSE, read_project
from lakeward.errors import DataCheckFailed, ResourceError

logger = logging.getLogger(__name__)

FINISHED = frozenset({"LogModelResult", "LogTestResult"})
FAILED = frozenset({"error", "fail", "runtime error"})


def run_dbt(
    scratch: Path,
    environment: Mapping[str, str],
    variables: Mapping[str, float],
    target: str = "duckdb",
    select: str | None = None,
    unit_tests: bool = False,
    resident: int | None = None,
) -> list[Any]:
    """Run ``dbt build`` in this process.

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
    with _environment(environment):
        manifest = read_project(variables, target, arguments)
        outcome = dbtRunner(manifest, callbacks=[_log_event, _give_back_above(resident)]).invoke(
            ["build", *arguments, *build]
        )
        _close_engine(target)
    if outcome.exception is not None or outcome.result is None:
        raise ResourceError(f"The models cannot be read.\n  {outcome.exception}\nNothing was built or published.")
    return list(cast(Any, outcome.result).results)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _close_engine(target: str) -> None:
    # dbt keeps its connection for the life of the process; the publisher could not open the file.
    if target != "duckdb":
        return
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    cast(Any, DuckDBConnectionManager).close_all_connections()


def _give_back_above(resident: int | None) -> Callable[[Any], None]:
    """Return what closes an idle engine that holds too much: only that frees what it keeps beside its own limit."""

    def give_back(event: Any) -> None:
        if resident is None or event.info.name not in FINISHED or psutil.Process().memory_info().rss < resident:
            return
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        engine = cast(Any, DuckDBConnectionManager._ENV)
        if engine is not None and engine.handle_count == 0:
            engine.close()

    return give_back


def _log_event(event: Any) -> None:
    if event.info.name == "LogModelResult":
        data = event.data
        logger.debug("built %s: %s in %.1f s", data.node_info.node_name, data.status, data.execution_time)


def require_success(results: list[Any]) -> None:
    """Fail when a node of a run failed.

    Raises:
        DataCheckFailed: data tests found rows; names each test, its model and how many rows.
        ResourceError: a model or test could not be run; names each and the engine's words.
    """
    failed = [result for result in results if str(result.status) in FAILED]
    errors = [result for result in failed if result.node.resource_type != "test" or str(result.status) == "error"]
    if errors:
        lines = "\n".join(f"  {result.node.name}: {_first_lines(result.message)}" for result in errors)
        raise ResourceError(
            f"{len(errors)} model(s) could not be built.\n{lines}\nNothing was published; the lake is as it was. "
            "If memory or temporary space ran out, raise --memory or free disk space and run the same command again."
        )
    if failed:
        lines = "\n".join(
            f"  {_tested_model(result)}: {result.node.name}, {result.failures:,} row(s)" for result in failed
        )
        raise DataCheckFailed(
            f"{len(failed)} data test(s) failed.\n{lines}\nNothing was published; the lake is as it was. "
            "Each test stands beside its model in lakeward/warehouse; correct the source or its configuration."
        )


def _tested_model(result: Any) -> str:
    attached = getattr(result.node, "attached_node", None) or result.node.name
    return str(attached).rsplit(".", maxsplit=1)[-1]


def _first_lines(message: str | None) -> str:
    return " ".join((message or "").split())[:2000]
