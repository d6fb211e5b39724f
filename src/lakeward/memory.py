"""Peak memory of this process and its children, measured while a run goes on, and what is left of a budget."""

import ctypes
import gc
import os
import resource
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import pyarrow as pa

SAMPLE_SECONDS = 0.05
LINUX_STATUS = Path("/proc/self/status")
CHILDREN_OF_THREAD = Path("/proc/thread-self/children")


def resident_bytes() -> int:
    """Return the resident memory of this process and all its children now, in bytes."""
    total = int(psutil.Process().memory_info().rss)
    for child in _descendants():
        with suppress(psutil.NoSuchProcess):  # it ended between the listing and the reading
            total += int(psutil.Process(child).memory_info().rss)
    return total


def _descendants() -> list[int]:
    """Return the ids of the processes below this one.

    psutil finds them by reading about every process of the machine, 15 ms where there are a hundred; Linux knows the
    children of each.
    """
    if not CHILDREN_OF_THREAD.exists():
        return [child.pid for child in psutil.Process().children(recursive=True)]
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        children = _children(waiting.pop())
        found += children
        waiting += children
    return found


def _children(process: int) -> list[int]:
    children: list[int] = []
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # the thread or its process ended meanwhile
            children += map(int, listed.read_text().split())
    return children


def own_peak_bytes() -> int:
    """Return the highest resident memory this process ever had, as the operating system counted it.

    On Linux this is the mark of the program that runs, ``VmHWM``: what ``getrusage`` tells there is kept when a process
    starts another program, so it is at least the memory of whoever started this one.
    """
    if LINUX_STATUS.exists():
        lines = (line.split() for line in LINUX_STATUS.read_text().splitlines())
        return next(int(words[1]) * 1024 for words in lines if words and words[0] == "VmHWM:")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def release_memory() -> None:
    """Give back to the system what earlier stages freed, so that the next one may have it within the budget."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than GNU's has no such call
            ctypes.CDLL(None).malloc_trim(0)


class PeakMemory:
    """Samples the process tree's resident memory in the background; a context manager.

    ``peak_bytes`` is the higher of the samples and of the operating system's own mark for this process, so that a short
    peak between two samples is not missed.
    """

    def __init__(self) -> None:
        self._sampled = resident_bytes()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="peak-memory", daemon=True)

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self._sampled = max(self._sampled, resident_bytes())

    @property
    def peak_bytes(self) -> int:
        """The highest resident memory of the process tree so far, in bytes."""
        return max(self._sampled, own_peak_bytes())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
