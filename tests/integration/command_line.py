"""Runs ``lakeward`` as its users do: a process of its own, with its exit code, its answers and its log apart."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("lakeward")
SECONDS_AT_MOST = 600
LIMITED = (
    "import os, resource, sys; limit = int(sys.argv[1]); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); os.execv(sys.argv[2], sys.argv[2:])"
)
OUR_VARIABLES = (
    "S3_BUCKET", "S3_REGION", "CHUNK_SIZE", "MAX_WORKERS", "MEMORY_LIMIT_MB", "ENVIRONMENT", "FORCE_COLOR", "COLUMNS",
)  # fmt: skip


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def message(self) -> str:
        """The error message: everything behind ``error:`` on stderr."""
        assert self.err.count("error: ") == 1, self.err
        return self.err.partition("error: ")[2].strip()


def lakeward(
    *arguments: object, folder: Path | None = None, largest_file: int | None = None, **variables: str
) -> Finished:
    """Run a command to its end.

    Args:
        arguments: of the command.
        folder: where it runs.
        largest_file: bytes that no file it writes may exceed.
        variables: added to the environment.
    """
    process = start(*arguments, folder=folder, largest_file=largest_file, **variables)
    out, err = process.communicate(timeout=SECONDS_AT_MOST)
    return Finished(process.returncode, out, err)


def done(*arguments: object, folder: Path | None = None, **variables: str) -> Finished:
    """Run a command that must succeed."""
    finished = lakeward(*arguments, folder=folder, **variables)
    assert finished.status == 0, f"{arguments} ended with {finished.status}:\n{finished.err}"
    return finished


def rows(lake: Path, sql: str) -> list[dict[str, Any]]:
    """Return the answer of ``lakeward query``."""
    answer: list[dict[str, Any]] = done("query", sql, "--lake", lake, "--json").json
    return answer


def start(
    *arguments: object, folder: Path | None = None, largest_file: int | None = None, **variables: str
) -> subprocess.Popen[str]:
    """Start a command; takes what :func:`lakeward` takes."""
    limit = [sys.executable, "-c", LIMITED, str(largest_file)] if largest_file else []
    return subprocess.Popen(
        [*limit, str(COMMAND), *map(str, arguments)],
        cwd=folder,
        env=_environment() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _environment() -> dict[str, str]:
    """The environment of the tests without what would change a run: one that sets nothing of Lakeward's."""
    return {k: v for k, v in os.environ.items() if not k.startswith("LAKEWARD_") and k not in OUR_VARIABLES}
