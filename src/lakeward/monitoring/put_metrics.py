"""Metrics sent to CloudWatch by PutMetricData.

In: the metrics of a run. Out: calls of at most so many metrics, each repeated when it was throttled or cut off.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from lakeward.aws.calls import aws_client, explained
from lakeward.monitoring.metrics import BY_NAME, DIMENSION, NAMESPACE, Values, known_values

METRICS_A_CALL = 1000
VALUES_A_METRIC = 150
TRIES, SECONDS_A_TRY = 4, 5
"""The run is done and waits only for this: without an answer it ends within half a minute."""
LEFT_BEHIND = "The run is not affected; its metrics are in its record: `lakeward runs --json`."
RIGHTS = "Allow `cloudwatch:PutMetricData`, as the roles of `lakeward aws template` do, or leave --monitor out."


def put_metrics(values: Values, environment: str, at: datetime, region: str) -> int:
    """Send the metrics that are known.

    Args:
        values: of the metrics.
        environment: the dimension.
        at: when the run ended.
        region: whose CloudWatch gets them.

    Returns:
        How many metrics were sent.

    Raises:
        ResourceError: CloudWatch refused or could not be reached. A call that got no answer may have been counted.
    """
    listed = list(data(values, environment, at))
    with explained("take the metrics of this run", LEFT_BEHIND, RIGHTS):
        client = aws_client("cloudwatch", region, tries=TRIES, seconds=SECONDS_A_TRY)
        for start in range(0, len(listed), METRICS_A_CALL):
            client.put_metric_data(Namespace=NAMESPACE, MetricData=listed[start : start + METRICS_A_CALL])
    return len(listed)


def data(values: Values, environment: str, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield what PutMetricData takes, one a metric, or more where a metric has more values than one of them takes."""
    for name, found in known_values(values).items():
        for start in range(0, len(found), VALUES_A_METRIC):
            yield _datum(name, found[start : start + VALUES_A_METRIC], environment, at)


def _datum(name: str, values: Sequence[float], environment: str, at: datetime) -> dict[str, Any]:
    value: dict[str, Any] = {"Value": values[0]} if len(values) == 1 else {"Values": list(values)}
    dimensions = [{"Name": DIMENSION, "Value": environment}]
    return {"MetricName": name, "Dimensions": dimensions, "Timestamp": at, "Unit": BY_NAME[name].unit, **value}
