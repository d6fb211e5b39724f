"""The models' data tests, compiled by dbt once and asked of the engine one after another.

In: dbt's manifest, and the engine that holds the models that were built. Out: the outcome of each test, in the form of
dbt's own results. dbt spends 20 ms of a processor on each test, whatever it asks; there are hundreds, and DuckDB
answers most of them in two. What a test means stays dbt's: SQL, severity and models are those of the manifest.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast

import duckdb

from lakeward.errors import ResourceError

FAILURES = "select {fail_calc} from (\n{sql}\n) as failing"
DEFAULT_THRESHOLD = "!= 0"
"""How dbt tells a failed test when nothing else is said; no test of the project says anything else."""


@dataclass(frozen=True)
class TestOutcome:
    """How one data test went: ``pass``, ``fail``, ``warn`` or ``error``, with the rows that break it."""

    __test__ = False  # pytest takes what is named so for its own

    node: Any
    status: str
    failures: int | None = None
    message: str | None = None


def compile_tests(manifest: Any, arguments: list[str]) -> None:
    """Let dbt write the SQL of every data test into its manifest.

    Args:
        manifest: dbt's, changed in place.
        arguments: that every call of dbt has, and where it may write.

    Raises:
        ResourceError: dbt could not compile them, or one has a threshold of its own, which is not taken.
    """
    from dbt.cli.main import dbtRunner

    only_tests = ["--select", "resource_type:test", "--no-populate-cache", "--no-introspect", "--no-write-json"]
    outcome = dbtRunner(manifest).invoke(["compile", *arguments, *only_tests])
    if outcome.exception is not None or outcome.result is None:
        raise ResourceError(f"The tests cannot be read.\n  {outcome.exception}\nNothing was built or published.")
    for test in _tests(manifest):
        if (test.config.error_if, test.config.warn_if) != (DEFAULT_THRESHOLD, DEFAULT_THRESHOLD) or test.config.limit:
            raise ResourceError(f"The test {test.name} sets `error_if`, `warn_if` or `limit`, which is not taken.")


def take_tests(manifest: Any) -> list[Any]:
    """Take the tests out of a manifest, where they are most of the nodes that dbt would arrange before it builds."""
    return [manifest.nodes.pop(test.unique_id) for test in _tests(manifest)]


def run_tests(
    tests: Iterable[Any], built: Collection[str], engine: Any, after_each: Callable[[], None]
) -> list[TestOutcome]:
    """Ask every test whose models were all built.

    Args:
        tests: compiled.
        built: dbt's ids of the models and seeds that stand in the engine; sources always do.
        engine: dbt's environment of the engine, which opens it when it is closed.
        after_each: called between two tests, when nothing is open.
    """
    outcomes = []
    for test in tests:
        read = (parent for parent in test.depends_on.nodes if not parent.startswith("source."))
        if all(parent in built for parent in read):
            outcomes.append(_asked(test, engine))
            after_each()
    return outcomes


def _tests(manifest: Any) -> list[Any]:
    return [node for _, node in sorted(manifest.nodes.items()) if node.resource_type == "test"]


def _asked(test: Any, engine: Any) -> TestOutcome:
    handle = engine.handle()
    try:
        question = FAILURES.format(fail_calc=test.config.fail_calc, sql=test.compiled_code)
        (failures,) = cast(tuple[int], handle.cursor().execute(question).fetchone())
    except duckdb.Error as error:
        return TestOutcome(test, "error", message=str(error))
    finally:
        handle.close()
    if not failures:
        return TestOutcome(test, "pass", 0)
    return TestOutcome(test, "warn" if test.config.severity.upper() == "WARN" else "fail", int(failures))
