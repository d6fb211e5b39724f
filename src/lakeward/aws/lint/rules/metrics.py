"""Rules for metrics and alarms."""

import math
import re
from collections.abc import Iterator, Mapping

from lakeward.aws.lint.documents import Alarm, Batch, Datum, EmbeddedMetrics, Node, alternatives, mapping, text_of
from lakeward.aws.lint.material import Together
from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources
from lakeward.monitoring.metrics import BY_NAME, NAMESPACE

MOST_METRICS, MOST_DIMENSIONS, MOST_EMBEDDED = 1000, 30, 100
SIZES = re.compile(r"(size|bytes|memoryused)$", re.IGNORECASE)
DURATIONS = re.compile(r"(duration|latency|seconds)$", re.IGNORECASE)


@rule(
    "LW-A35", Datum, "A metric with a value that nobody measured, or in another unit",
    why="There is nothing to create: a metric is there once it has a value. A zero sent to create it pulls down its "
        "average and minimum, and an alarm on what nobody publishes never rings.",
    fix="Publish what was measured, in its own unit (Bytes, Seconds, Percent).", source=sources.METRICS,
)  # fmt: skip
def not_measured(node: Datum) -> Iterator[Problem]:
    """Yield values that are written as a constant zero, and sizes counted in pieces."""
    name, value, unit = text_of(node.values.get("MetricName")), node.values.get("Value"), node.values.get("Unit")
    if isinstance(value, int | float) and not isinstance(value, bool) and value == 0:
        yield Problem(node.place, f"{name} is sent as {value}")
    if SIZES.search(name) and unit in ("Count", "None", None):
        yield Problem(node.place, f"{name} in {unit or 'no unit'}")


@check("LW-A35", Together)
def size_in_pieces(together: Together) -> Iterator[Problem]:
    """Yield metrics that a list declares as sizes while the call beside it sends a constant unit that is none."""
    for batch in together.of(Batch):
        for datum in alternatives(batch.values.get("MetricData")):
            if isinstance(datum, Mapping) and "{" in text_of(datum.get("MetricName")) and datum.get("Unit") == "Count":
                yield Problem(batch.place, "every metric of a list is sent in Count, sizes too")


@check("LW-A35", Alarm)
def alarm_on_nothing(node: Alarm) -> Iterator[Problem]:
    """Yield alarms of our namespace on metrics, or units, that no run publishes."""
    name, unit = text_of(node.values.get("MetricName")), text_of(node.values.get("Unit"))
    if text_of(node.values.get("Namespace")) == NAMESPACE:
        if name not in BY_NAME:
            yield Problem(node.place, f"no run publishes {name}")
        elif unit and unit != BY_NAME[name].unit:
            yield Problem(node.place, f"{name} is published in {BY_NAME[name].unit}, the alarm waits for {unit}")


@rule(
    "LW-M01", Alarm, "An alarm that does not say what no data means", severity="warning",
    why="A batch job sends nothing most of the time: the alarm stays in INSUFFICIENT_DATA or, as breaching, always "
        "rings.",
    fix="TreatMissingData: notBreaching.", source=sources.ALARMS,
)  # fmt: skip
def missing_data(node: Alarm) -> Iterator[Problem]:
    """Yield alarms on metrics of a job without TreatMissingData, or with `breaching`."""
    said = text_of(node.values.get("TreatMissingData"))
    own = not text_of(node.values.get("Namespace")).startswith("AWS/")
    if own and said in ("", "breaching"):
        yield Problem(node.place, f"{text_of(node.values.get('MetricName'))}: {said or 'nothing said'}")


@rule(
    "LW-M02", Batch, "More in one call than it takes",
    why="PutMetricData takes 1,000 metrics, BatchCreatePartition 100 partitions; a longer call is refused as a whole. "
        "Stand-ins for AWS let it pass.",
    fix="Send lists in parts.", source=sources.GLUE_BATCH,
)  # fmt: skip
def too_many(node: Batch) -> Iterator[Problem]:
    """Yield calls over the limit of their list."""
    for name, most in (("MetricData", MOST_METRICS), ("PartitionInputList", 100), ("PartitionsToDelete", 25)):
        listed = node.values.get(name)
        if isinstance(listed, list) and len(listed) > most:
            yield Problem(node.place, f"{name} has {len(listed):,}; {most:,} are taken")


@rule(
    "LW-M03", Datum, "A value that CloudWatch refuses",
    why="NaN and infinity are refused, and so are more than 30 dimensions.",
    fix="Leave out what could not be measured.", source=sources.METRICS,
)  # fmt: skip
def refused(node: Datum) -> Iterator[Problem]:
    """Yield values and dimensions that are out of bounds."""
    name, value = text_of(node.values.get("MetricName")), node.values.get("Value")
    if (isinstance(value, float) and not math.isfinite(value)) or text_of(value).lower() in ("nan", "inf", "-inf"):
        yield Problem(node.place, f"{name} is {value}")
    yield from _dimensions(node, name, alternatives(node.values.get("Dimensions")))


def _dimensions(node: Node, name: str, listed: list[object]) -> Iterator[Problem]:
    if len(listed) > MOST_DIMENSIONS:
        yield Problem(node.place, f"{name} has {len(listed)} dimensions; {MOST_DIMENSIONS} are taken")


@rule(
    "LW-M04", EmbeddedMetrics, "A log line whose metrics CloudWatch cannot make",
    why="A directive takes 100 metrics and 30 dimensions, and each must be a member of the line; others are dropped "
        "without a word.",
    fix="Put every metric and dimension that is named at the root of the line.", source=sources.EMF,
)  # fmt: skip
def embedded(node: EmbeddedMetrics) -> Iterator[Problem]:
    """Yield directives over the limits, or that name what the line has not."""
    for directive in map(mapping, alternatives(node.values["_aws"].get("CloudWatchMetrics"))):
        listed = [text_of(mapping(each).get("Name")) for each in alternatives(directive.get("Metrics"))]
        dimensions = [text_of(name) for name in alternatives(directive.get("Dimensions"))]
        if len(listed) > MOST_EMBEDDED:
            yield Problem(node.place, f"{len(listed)} metrics; {MOST_EMBEDDED} are taken")
        for name in (*listed, *dimensions):
            if name not in node.values:
                yield Problem(node.place, f"the line has no {name}")
