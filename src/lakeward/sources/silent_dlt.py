"""dlt (data load tool) reports nothing to its makers while we use it.

dlt reads the switch from the environment once, where it is first used in a process: every use of ours is therefore
inside ``silent_dlt``, imports included.
"""

from contextlib import AbstractContextManager

from lakeward.variables import variables_set

SWITCH = "RUNTIME__DLTHUB_TELEMETRY"


def silent_dlt() -> AbstractContextManager[None]:
    """Turn off dlt's telemetry while it is used; the environment is as it was afterwards."""
    return variables_set({SWITCH: "false"})
