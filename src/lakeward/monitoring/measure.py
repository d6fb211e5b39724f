"""What a run measured, as metrics.

In: a run's record, as plain values. Out: a value of each metric, ``None`` where the run did not come to know it.
"""

from collections.abc import Mapping
from typing import Any

from lakeward.monitoring.metrics import BY_NAME, Values

ROWS_WORTH_A_RATE = 10_000
"""Starting the engines takes seconds however little there is to do, so the rate of fewer rows says nothing: at these,
a stage is below 100 rows a second only if it takes longer than 100 seconds."""
FAILED = "failed"


def measured(record: Mapping[str, Any]) -> Values:
    """Return the metrics of a run that has ended.

    Args:
        record: of the run; what an older version did not record is not known.

    Returns:
        A value for every metric of :data:`lakeward.monitoring.metrics.METRICS`. ``PartitionsCreated`` and
        ``PublishedBytes`` are 0 for a run that published and found nothing new, and not known for one that failed or
        was not asked to publish.
    """
    chunks = [stage for stage in record["stages"] if stage.get("rows_in") is not None]
    chunks = [stage for stage in chunks if stage["rows_in"] or stage["rows"]]
    written, standing = record.get("written"), record.get("standing")
    values: Values = {
        "ChunkProcessingRate": [rate for stage in chunks if (rate := _rate(stage)) is not None] or None,
        "ChunkInputRows": [stage["rows_in"] for stage in chunks] or None,
        "ChunkOutputRows": [stage["rows"] for stage in chunks] or None,
        "PartitionsCreated": written and written["partitions"],
        "PublishedBytes": written and written["bytes"],
        "PartitionCount": standing and standing["partitions"],
        "DataSize": standing and standing["bytes"],
        "DataQualityScore": record.get("quality_score"),
        "ErrorCount": sum(row["rows_quarantined"] for row in record["ledger"]) + (record["outcome"] == FAILED),
        "MemoryUsedPercent": round(100 * record["peak_rss_bytes"] / record["memory_bytes"], 2),
    }
    return {name: values[name] for name in BY_NAME}


def _rate(stage: Mapping[str, Any]) -> float | None:
    if stage["rows"] < ROWS_WORTH_A_RATE or not stage["seconds"]:
        return None
    return round(int(stage["rows"]) / float(stage["seconds"]), 2)
