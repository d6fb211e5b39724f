"""dlt (data load tool) reports nothing to its makers while we use it.

dlt reads the switch from the environment once, where it is first used in a process: every use of ours is therefore
inside ``silent_dlt``, imports included.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH = "RUNTIME__DLTHUB_TELEMETRY"


@contextmanager
def silent_dlt() -> Iterator[None]:
    """Turn off dlt's telemetry while it is used; the environment is as it was afterwards."""
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SWITCH]
        else:
            os.environ[SWITCH] = before
