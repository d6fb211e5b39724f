"""The bar of a file that is being read: where it stands when a person watches, and that it is silent otherwise."""

import gzip
import io
import sys
from pathlib import Path
from typing import Any

import pytest

from lakeward import progress
from lakeward.progress import WatchedFile, progress_bar, reading_bar
from lakeward.sources.mrf.opening import open_json


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What a bar is told, in order."""
    told: list[tuple[str, Any]] = []

    class Recorded(progress.Progress):
        def add_task(self, description: str, **values: Any) -> Any:
            told.append(("total", values["total"]))
            return super().add_task(description, **values)

        def update(self, task_id: Any, **values: Any) -> None:
            told.append(("reached", values["completed"]))

        def advance(self, task_id: Any, advance: float = 1) -> None:
            told.append(("advanced", advance))

    monkeypatch.setattr(progress, "Progress", Recorded)
    return told


def test_the_bar_ends_where_the_packed_file_ends(tmp_path: Path, shown: list[tuple[str, Any]]) -> None:
    path = tmp_path / "rates.json.gz"
    path.write_bytes(gzip.compress(b'{"a": "' + b"x" * 5_000_000 + b'"}'))
    with reading_bar("extract", path), open_json(path) as stream:
        while stream.read(1 << 20):
            pass
    size = path.stat().st_size
    assert shown[0] == ("total", size)
    assert shown[-1] == ("reached", size)


def test_another_file_read_meanwhile_does_not_move_the_bar(tmp_path: Path, shown: list[tuple[str, Any]]) -> None:
    path, other = tmp_path / "rates.json", tmp_path / "providers.json"
    path.write_bytes(b"{}")
    other.write_bytes(b"[]" * 10)
    with reading_bar("extract", path), WatchedFile(other) as stream:
        stream.read()
    assert shown == [("total", 2)]


def test_a_bar_adds_up_what_it_is_told(shown: list[tuple[str, Any]]) -> None:
    with progress_bar("fetch", 10) as advance:
        advance(4)
        advance(6)
    assert shown == [("total", 10), ("advanced", 4), ("advanced", 6)]


def test_nothing_is_printed_where_nobody_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    path = tmp_path / "rates.json"
    path.write_bytes(b"{}")
    with reading_bar("extract", path), WatchedFile(path) as stream:
        assert stream.read() == b"{}"
    assert errors.getvalue() == ""
