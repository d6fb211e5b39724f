"""Measures one command as a whole: wall time, CPU time and peak memory of its process tree.

In: a command. Out: :class:`Measured`. Peers are run in turn (A B A B) and compared by medians, because absolute times
mean nothing on a machine that others use too.
"""

import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.02


@dataclass(frozen=True)
class Measured:
    """One run of one command; seconds of CPU are user and system of the whole tree."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def measure(command: Sequence[str], directory: Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command and measure it.

    Raises:
        RuntimeError: it failed; carries the end of what it printed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=directory, env=environment, stdout=said, stderr=subprocess.STDOUT)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _tree_bytes(process.pid))
            time.sleep(SAMPLE_SECONDS)
        said.seek(0)
        output = said.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}\n{output[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(time.perf_counter() - started, cpu, peak, output)


def in_turn(contenders: Mapping[str, Callable[[], Measured]], repetitions: int) -> dict[str, list[Measured]]:
    """Run contenders in turn, so many times each."""
    found: dict[str, list[Measured]] = {name: [] for name in contenders}
    for _ in range(repetitions):
        for name, run in contenders.items():
            found[name].append(run())
    return found


def medians(runs: Sequence[Measured]) -> Measured:
    """Return the median of each figure."""
    return Measured(
        statistics.median(run.wall_seconds for run in runs),
        statistics.median(run.cpu_seconds for run in runs),
        int(statistics.median(run.peak_bytes for run in runs)),
        runs[-1].output,
    )


def _tree_bytes(process_id: int) -> int:
    try:
        process = psutil.Process(process_id)
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family)
    except psutil.NoSuchProcess:
        return 0
