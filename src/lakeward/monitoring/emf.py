"""Metrics as a line of a log, in CloudWatch's embedded metric format: whoever ships the log ships the metrics.

In: the metrics of a run. Out: one JSON document on one line, which CloudWatch Logs makes metrics of.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from lakeward.errors import StorageFailed
from lakeward.monitoring.metrics import BY_NAME, DIMENSION, NAMESPACE, Values, known_values
from lakeward.settings import STDERR


def emf_line(values: Values, environment: str, at: datetime, properties: Mapping[str, str]) -> str:
    r"""Return the line, without its end.

    Args:
        values: of the metrics; those that are not known are left out.
        environment: the dimension.
        at: when the run ended.
        properties: told beside the metrics, where a search of the log finds them; they make no metric.

    Example:
        >>> emf_line({"ErrorCount": 3}, "production", datetime(2026, 1, 1, tzinfo=UTC), {})
        '{"_aws":{"Timestamp":1767225600000,"CloudWatchMetrics":[…]},"Environment":"production","ErrorCount":3}'
    """
    known = known_values(values)
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [[DIMENSION]],
        "Metrics": [{"Name": name, "Unit": BY_NAME[name].unit} for name in known],
    }
    document = {
        "_aws": {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]},
        DIMENSION: environment,
        **properties,
        **{name: found if len(found) > 1 else found[0] for name, found in known.items()},
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def write_line(line: str, place: str) -> None:
    """Write a line to the standard error or to the end of a file.

    Raises:
        StorageFailed: the file cannot be written.
    """
    try:
        if place == STDERR:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        else:
            _append(Path(place), f"{line}\n".encode())
    except OSError as error:
        raise StorageFailed(
            f"The metrics cannot be written to '{place}'.\n  found: {error}\n"
            "They are in the record of the run: `lakeward runs --json`. Mend `monitoring.emf` in lakeward.yaml."
        ) from error


def _append(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # One call, so that the lines of two runs at once do not mix.
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)
