"""Peak memory as a run reports it: its own, and not that of whoever started it."""

import subprocess
import sys

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
