"""What a finished run says to type next."""

import sys
from pathlib import Path

import pytest

from lakeward.cli.outcome import _on_the_path


def test_a_command_that_the_shell_does_not_find_is_put_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [".venv/bin/lakeward"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _on_the_path() == ['export PATH="$PWD/.venv/bin:$PATH"']


def test_a_command_elsewhere_is_named_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["/opt/lakeward/bin/lakeward"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _on_the_path() == ['export PATH="/opt/lakeward/bin:$PATH"']


def test_nothing_is_said_where_the_shell_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "lakeward"
    command.write_text("")
    command.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(command)])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _on_the_path() == []
