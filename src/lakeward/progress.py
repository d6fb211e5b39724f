"""Progress of long work on stderr: a bar where a person watches, nothing where nobody does."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

Advance = Callable[[int], None]
_watched: ContextVar[tuple[Path, Advance] | None] = ContextVar("_watched", default=None)
"""The file whose reading is shown, and what moves its bar to a position in it."""


@contextmanager
def progress_bar(description: str, total: int | None) -> Iterator[Advance]:
    """Show a bar while the block runs.

    Args:
        description: what is going on, such as ``fetch example.json.gz``.
        total: how much there is to do, in any unit; ``None`` when unknown.

    Yields:
        A function that adds to what is done.
    """
    with _bar(description, total) as (progress, task):
        yield lambda done: progress.advance(task, done)


@contextmanager
def reading_bar(description: str, path: Path) -> Iterator[None]:
    """Show how far a file is read while the block runs; what reads it opens it as a :class:`WatchedFile`."""
    with _bar(description, path.stat().st_size) as (progress, task):
        token = _watched.set((path, lambda position: progress.update(task, completed=position)))
        try:
            yield
        finally:
            _watched.reset(token)


class WatchedFile(io.FileIO):
    """A file open for reading; its position, in bytes as stored, moves the bar of the :func:`reading_bar` around it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        watched = _watched.get()
        self._reach = watched[1] if watched and watched[0] == path else None

    def read(self, size: int | None = -1, /) -> Any:
        """Return the next bytes, at most ``size``."""
        return self._shown(super().read(size))

    def readinto(self, buffer: Any, /) -> Any:
        """Fill a buffer and return how many bytes that were."""
        return self._shown(super().readinto(buffer))

    def _shown(self, result: Any) -> Any:
        if self._reach is not None:
            self._reach(self.tell())
        return result


@contextmanager
def _bar(description: str, total: int | None) -> Iterator[tuple[Progress, Any]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    console, disable = Console(stderr=True), not sys.stderr.isatty()
    with Progress(*columns, console=console, transient=True, disable=disable) as progress:
        yield progress, progress.add_task(description, total=total)
