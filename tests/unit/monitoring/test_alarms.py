"""Alarms ring as CloudWatch's do: on points of periods, with a missing point within the limit."""

from collections.abc import Callable
from typing import Any

import pytest

from lakeward.monitoring.alarms import ALARMS, MISSING_DATA, PERIOD_SECONDS, STATISTICS, rings, rung_alarms, with_alarms
from lakeward.settings import MonitoringSettings

Make = Callable[..., dict[str, Any]]
POINTS = {"0": False, "X": True, "-": None}
LIMITS = MonitoringSettings()


def names(records: list[dict[str, Any]], limits: MonitoringSettings = LIMITS) -> list[str]:
    """Return the names of the alarms that ring at the end of the last run."""
    return [rung.alarm.name for rung in rung_alarms(records, limits)]


@pytest.mark.parametrize(
    ("points", "breaches", "expected"),
    [
        # The column "NOT BREACHING" of the two tables that AWS publishes for three periods, looking at five.
        ("0 - X - X", 3, False),
        ("- - - - 0", 3, False),
        ("- - - - -", 3, False),
        ("0 X X - X", 3, True),
        ("- - X - -", 3, False),
        ("0 - X - X", 2, True),
        ("0 0 X 0 X", 2, True),
        ("0 - X - -", 2, False),
        ("- - - - 0", 2, False),
        ("- - - X -", 2, False),
        # Only the latest three count.
        ("X X 0 0 X", 2, False),
    ],
)
def test_missing_points_are_within_the_limit(points: str, breaches: int, expected: bool) -> None:
    assert rings([POINTS[point] for point in points.split()], periods=3, breaches=breaches) is expected


@pytest.mark.parametrize(
    ("changes", "rung"),
    [
        pytest.param({"ledger": [{"rows_quarantined": 10}]}, [], id="ten-errors"),
        pytest.param({"ledger": [{"rows_quarantined": 11}]}, ["ErrorAlarm"], id="eleven-errors"),
        pytest.param({"outcome": "failed", "ledger": []}, [], id="one-failed-run"),
        pytest.param({"peak_rss_bytes": 3_200_000_000}, [], id="eighty-percent"),
        pytest.param({"peak_rss_bytes": 3_200_400_000}, ["MemoryAlarm"], id="more-than-eighty-percent"),
        pytest.param(
            {"stages": [{"name": "build", "seconds": 100.0, "rows_in": 10_000, "rows": 10_000}]}, [], id="hundred-rows"
        ),
        pytest.param(
            {"stages": [{"name": "build", "seconds": 100.1, "rows_in": 10_000, "rows": 10_000}]},
            ["SlowAlarm"],
            id="fewer-than-a-hundred-rows",
        ),
        pytest.param(
            {"stages": [{"name": "build", "seconds": 500.0, "rows_in": 900, "rows": 900}]}, [], id="too-few-for-a-rate"
        ),
        pytest.param({"stages": []}, [], id="no-rate-at-all"),
    ],
)
def test_limits(make_record: Make, changes: dict[str, Any], rung: list[str]) -> None:
    assert names([make_record(**changes)]) == rung


def test_one_slow_stage_is_not_hidden_by_fast_ones(make_record: Make) -> None:
    stages = [
        {"name": "extract", "seconds": 1.0, "rows_in": 90_000, "rows": 90_000},
        {"name": "build", "seconds": 1_000.0, "rows_in": 90_000, "rows": 90_000},
    ]
    (rung,) = rung_alarms([make_record(stages=stages)], LIMITS)
    assert str(rung) == "SlowAlarm: ChunkProcessingRate is 90, less than 100 (monitoring.rows_per_second_min)"


def test_limits_of_the_settings_hold(make_record: Make) -> None:
    noisy = make_record(ledger=[{"rows_quarantined": 5_000}], peak_rss_bytes=2_000_000_000)
    assert names([noisy], MonitoringSettings(errors_max=5_000)) == []
    assert names([noisy], MonitoringSettings(errors_max=4_999, memory_percent_max=49)) == ["ErrorAlarm", "MemoryAlarm"]


@pytest.mark.parametrize(
    ("first", "second", "rung"),
    [
        pytest.param({"at": 0}, {"at": 299}, ["ErrorAlarm"], id="errors-of-one-period-add-up"),
        pytest.param({"at": 0}, {"at": 300}, [], id="the-next-period-begins-anew"),
        pytest.param({"at": 0, "environment": "staging"}, {"at": 10}, [], id="another-environment"),
    ],
)
def test_runs_of_one_period_are_one_point(
    make_record: Make, first: dict[str, Any], second: dict[str, Any], rung: list[str]
) -> None:
    errors = [{"rows_quarantined": 6}]
    assert names([make_record(ledger=errors, **first), make_record(ledger=errors, **second)]) == rung


def test_every_run_that_has_ended_says_what_rang_then(make_record: Make) -> None:
    bad = make_record(run_id="bad", ledger=[{"rows_quarantined": 11}])
    good = make_record(run_id="good", ledger=[], at=PERIOD_SECONDS)
    going = make_record(run_id="going", ended_at=None, outcome="running")
    alarms = {record["run_id"]: record["alarms"] for record in with_alarms([good, bad, going], LIMITS)}
    assert alarms == {
        "bad": [{"alarm": "ErrorAlarm", "metric": "ErrorCount", "value": 11, "limit": 10}],
        "good": [],
        "going": None,
    }


def test_alarms_are_those_of_the_documents() -> None:
    assert [(alarm.metric.name, alarm.comparison, alarm.limit(LIMITS)) for alarm in ALARMS] == [
        ("ErrorCount", "GreaterThanThreshold", 10),
        ("ChunkProcessingRate", "LessThanThreshold", 100),
        ("MemoryUsedPercent", "GreaterThanThreshold", 80),
    ]
    assert MISSING_DATA == "notBreaching"
    assert {alarm.metric.statistic for alarm in ALARMS} <= set(STATISTICS)
