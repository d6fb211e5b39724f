"""The metrics of a run: names, units and meaning. Alarms and the dashboard are made from these and no others.

A metric is published with real values only: nothing is sent to "create" one, which would put zeros into its statistics.
Each name with each value of its dimension is one billed metric, so the only dimension is the environment.
"""

from dataclasses import dataclass

NAMESPACE = "Lakeward"
DIMENSION = "Environment"


@dataclass(frozen=True)
class Metric:
    """One metric: its name, its unit as CloudWatch writes it, what one value is, and the statistic to look at."""

    name: str
    unit: str
    text: str
    statistic: str


METRICS = (
    Metric("ChunkProcessingRate", "Count/Second", "Rows that a stage wrote each second.", "Average"),
    Metric("ChunkInputRows", "Count", "Rows that a stage read.", "Sum"),
    Metric("ChunkOutputRows", "Count", "Rows that a stage wrote.", "Sum"),
    Metric("PartitionsCreated", "Count", "Partitions that a run published.", "Sum"),
    Metric("DataQualityScore", "Percent", "Score of the quality report.", "Minimum"),
    Metric("ErrorCount", "Count", "Rows and files that a run rejected as errors.", "Sum"),
    Metric("PublishedBytes", "Bytes", "Size of the files that a run published.", "Sum"),
    Metric("MemoryUsedPercent", "Percent", "Peak memory of a run, of what it was allowed.", "Maximum"),
)
BY_NAME = {metric.name: metric for metric in METRICS}
