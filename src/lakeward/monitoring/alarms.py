"""The alarms: one list of rules, from which the template, the dashboard and the warnings at the end of a run are made.

In: the metrics of runs, and the limits of the settings. Out: which alarms ring, as CloudWatch would see it: values of
one period become one point, and an alarm rings when enough of its latest points are beyond its limit.
A lake is built by a batch job: most periods have no point at all, which is no alarm, and ends one.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, Literal

from lakeward.monitoring.measure import measured
from lakeward.monitoring.metrics import BY_NAME, Metric, known_values
from lakeward.settings import MonitoringSettings

PERIOD_SECONDS = 300
MISSING_DATA = "notBreaching"
RUN_ID = "{run}"
STATISTICS: dict[str, Callable[[Iterable[float]], float]] = {
    "Sum": sum, "Minimum": min, "Maximum": max, "Average": statistics.fmean,
}  # fmt: skip


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Args:
        name: of the alarm, and of its resource in the template.
        metric: that it looks at, by that metric's own statistic.
        comparison: how a point beyond the limit compares with it, as CloudWatch writes it.
        setting: the key under ``monitoring:`` that holds the limit.
        parameter: of the template, which has the setting as its default.
        why: what it means when it rings.
        advice: what to do then; :data:`RUN_ID` stands for the id of the run.
        periods: how many of the latest points count.
        breaches: how many of these must be beyond the limit.
    """

    name: str
    metric: Metric
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"]
    setting: str
    parameter: str
    why: str
    advice: str
    periods: int = 1
    breaches: int = 1

    def advice_for(self, run_id: str) -> str:
        """Return what to do about it in a run."""
        return self.advice.replace(RUN_ID, run_id)

    def limit(self, settings: MonitoringSettings) -> int:
        """Return the limit that the settings give."""
        return int(getattr(settings, self.setting))

    def is_beyond(self, value: float, limit: int) -> bool:
        """Tell whether a value is beyond the limit; the limit itself is not."""
        return value > limit if self.comparison == "GreaterThanThreshold" else value < limit


ALARMS = (
    Alarm(
        "ErrorAlarm", BY_NAME["ErrorCount"], "GreaterThanThreshold", "errors_max", "ErrorsMax",
        "More errors in five minutes than are allowed: rejected rows and failed runs.",
        "`lakeward ledger --run {run}` shows the steps that rejected rows, and their quarantine tables the reasons.",
    ),
    Alarm(
        "SlowAlarm", BY_NAME["ChunkProcessingRate"], "LessThanThreshold", "rows_per_second_min", "RowsPerSecondMin",
        "A stage of a run that goes on wrote fewer rows each second than it should.",
        "`lakeward runs --json` has the time of each stage; more --memory or --workers may shorten it.",
    ),
    Alarm(
        "MemoryAlarm", BY_NAME["MemoryUsedPercent"], "GreaterThanThreshold", "memory_percent_max", "MemoryPercentMax",
        "A run used more of the memory that it was allowed than it should.",
        "Allow the next run more: --memory, or `resources.memory` in lakeward.yaml.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Rung:
    """An alarm that rings, the point that made it ring, and the limit which that is beyond."""

    alarm: Alarm
    value: float
    limit: int

    def __str__(self) -> str:
        than = "more than" if self.alarm.comparison == "GreaterThanThreshold" else "less than"
        limit = f"{than} {self.limit:,} (monitoring.{self.alarm.setting})"
        return f"{self.alarm.name}: {self.alarm.metric.name} is {self.value:,.10g}, {limit}"

    def as_record(self) -> dict[str, Any]:
        """Return it as plain values."""
        metric = self.alarm.metric.name
        return {"alarm": self.alarm.name, "metric": metric, "value": self.value, "limit": self.limit}


def rings(points: Sequence[bool | None], periods: int, breaches: int) -> bool:
    """Tell whether an alarm rings, with missing points taken as within the limit.

    Args:
        points: of the periods looked at, the latest last: whether each was beyond the limit, ``None`` without data.
            These may be more than ``periods``: then older points stand in for missing ones, as in CloudWatch.
        periods: how many points count.
        breaches: how many of these must be beyond the limit.
    """
    real = [point for point in points if point is not None]
    return sum(real[-periods:]) >= breaches


def rung_alarms(records: Sequence[Mapping[str, Any]], settings: MonitoringSettings) -> list[Rung]:
    """Return the alarms that ring when the last of some runs ends.

    Args:
        records: of runs that have ended, in the order in which they did; those of the last one's environment count.
        settings: limits of the alarms.
    """
    last, now = records[-1], _period(records[-1])
    oldest = now - max(alarm.periods for alarm in ALARMS)
    recent = takewhile(lambda record: _period(record) > oldest, reversed(records))
    of_interest = [record for record in recent if record.get("environment") == last.get("environment")]
    return [rung for alarm in ALARMS if (rung := _rung(alarm, of_interest, now, alarm.limit(settings))) is not None]


def with_alarms(records: Sequence[Mapping[str, Any]], settings: MonitoringSettings) -> list[dict[str, Any]]:
    """Return the records of runs, each with ``alarms``: what rang when it ended, or ``None`` where it has not."""
    ended = sorted((record for record in records if record["ended_at"]), key=lambda record: str(record["ended_at"]))
    rung = {
        record["run_id"]: [found.as_record() for found in rung_alarms(ended[: place + 1], settings)]
        for place, record in enumerate(ended)
    }
    return [{**record, "alarms": rung.get(record["run_id"])} for record in records]


def _rung(alarm: Alarm, records: Sequence[Mapping[str, Any]], now: int, limit: int) -> Rung | None:
    values: dict[int, list[float]] = defaultdict(list)
    for record in records:
        if now - alarm.periods < _period(record) <= now:
            values[_period(record)] += known_values(measured(record)).get(alarm.metric.name, [])
    points = {period: STATISTICS[alarm.metric.statistic](found) for period, found in values.items() if found}
    beyond = [
        alarm.is_beyond(points[period], limit) if period in points else None
        for period in range(now - alarm.periods + 1, now + 1)
    ]
    if not rings(beyond, alarm.periods, alarm.breaches):
        return None
    latest = max(period for period, point in points.items() if alarm.is_beyond(point, limit))
    return Rung(alarm, points[latest], limit)


def _period(record: Mapping[str, Any]) -> int:
    """Number of the period in which a run ended; CloudWatch's periods begin at whole multiples of their length."""
    return int(datetime.fromisoformat(record["ended_at"]).timestamp()) // PERIOD_SECONDS
