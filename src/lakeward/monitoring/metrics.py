"""The metrics of a run: names, units and meaning. Alarms, the dashboard and what is sent are made from these alone.

A metric is sent with real values only: what is not known is left out, because a zero would pull its average down.
Each name with each value of its dimension is one billed metric, so the only dimension is the environment.
A chunk is one stage of a run that moved rows, so that a run has a value for each; the other metrics have one a run.
"""

from dataclasses import dataclass

NAMESPACE = "Lakeward"
DIMENSION = "Environment"

Values = dict[str, float | list[float] | None]
"""Of each metric: its value, its values if it has one a chunk, or ``None`` where it is not known."""


@dataclass(frozen=True)
class Metric:
    """One metric: its name, its unit as CloudWatch writes it, what one value is, and the statistic to look at."""

    name: str
    unit: str
    text: str
    statistic: str


METRICS = (
    Metric("ChunkProcessingRate", "Count/Second", "Rows that a stage wrote each second, if it wrote many.", "Minimum"),
    Metric("ChunkInputRows", "Count", "Rows that a stage read.", "Maximum"),
    Metric("ChunkOutputRows", "Count", "Rows that a stage wrote.", "Maximum"),
    Metric("PartitionsCreated", "Count", "Partitions that a run wrote anew.", "Sum"),
    Metric("PartitionCount", "Count", "Partitions that the lake has after a run.", "Maximum"),
    Metric("DataQualityScore", "Percent", "Score of the quality report.", "Minimum"),
    Metric("ErrorCount", "Count", "Rows that a run's ledger has in quarantine, and one if it failed.", "Sum"),
    Metric("PublishedBytes", "Bytes", "Size of the files that a run wrote anew.", "Sum"),
    Metric("DataSize", "Bytes", "Size of all files that the lake has after a run.", "Maximum"),
    Metric("MemoryUsedPercent", "Percent", "Peak memory of a run, of what it was allowed.", "Maximum"),
)
BY_NAME = {metric.name: metric for metric in METRICS}


def known_values(values: Values) -> dict[str, list[float]]:
    """Return the values to send: those that are known, as lists, in the order of the metrics."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in values.items() if value is not None}
    return {name: lists[name] for name in BY_NAME if lists.get(name)}
