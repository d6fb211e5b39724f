"""Peak memory as a run reports it: its own, and not that of whoever started it."""

import subprocess
import sys
from pathlib import Path

import pytest

from lakeward import memory

STARTER_BYTES = 400_000_000


def test_the_memory_of_the_starting_process_is_not_counted() -> None:
    code = "from lakeward.memory import PeakMemory; print(PeakMemory().peak_bytes)"
    held = b"\1" * STARTER_BYTES
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert len(held) == STARTER_BYTES
    assert int(printed) < STARTER_BYTES / 2


def test_memory_given_back_still_counts() -> None:
    code = (
        f"from lakeward.memory import own_peak_bytes\nheld = b'x' * {STARTER_BYTES}\ndel held\nprint(own_peak_bytes())"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert int(printed) > STARTER_BYTES


@pytest.mark.parametrize("known_to_system", [True, False], ids=["listed by the system", "found by search"])
def test_processes_below_this_one_count_and_those_of_others_do_not(
    known_to_system: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if not known_to_system:
        monkeypatch.setattr(memory, "CHILDREN_OF_THREAD", tmp_path / "nothing")
    held = f"held = b'\\1' * {STARTER_BYTES}; print('held', flush=True); input()"
    starts_one = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}], check=True)"
    before = memory.resident_bytes()
    with subprocess.Popen([sys.executable, "-c", starts_one], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        during = memory.resident_bytes()
        child.stdin.close()
    assert STARTER_BYTES < during - before < 1.5 * STARTER_BYTES
    assert memory.resident_bytes() < before + STARTER_BYTES / 2
