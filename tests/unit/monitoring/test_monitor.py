"""A run is reported however it ends, and reporting it never changes how it ends."""

import json
import logging
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from lakeward.errors import DataCheckFailed
from lakeward.lake.commit import Lake
from lakeward.lake.ledger import LedgerRow
from lakeward.lake.runs import Run, read_runs
from lakeward.monitoring import monitor as monitor_module
from lakeward.monitoring import put_metrics as sender
from lakeward.monitoring.alarms import ALARMS, Rung
from lakeward.monitoring.monitor import Monitor, monitored
from lakeward.settings import MonitoringSettings, Settings

Make = Callable[..., Settings]


@pytest.fixture
def make_settings(tmp_path: Path) -> Make:
    """The function that makes the settings of a lake in a folder whose metrics go to the file ``metrics.log``."""

    def make(**changes: Any) -> Settings:
        monitoring = MonitoringSettings(**{"emf": str(tmp_path / "metrics.log"), **changes})
        return Settings(lake=str(tmp_path / "lake"), environment="staging", monitoring=monitoring)

    return make


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was sent to CloudWatch."""
    calls: list[dict[str, Any]] = []

    class Client:
        def put_metric_data(self, **call: Any) -> None:
            calls.append(call)

    monkeypatch.setattr(sender, "aws_client", lambda *_, **__: Client())
    return calls


def run_in(settings: Settings, monitor: Monitor, quarantined: int = 0, error: Exception | None = None) -> Run:
    """Run a stage that rejects rows, and maybe fails."""
    lake = Lake.open(settings.lake, settings.storage)
    with Run(lake, "run", settings.resources.memory, environment=settings.environment) as run:
        monitor.watch(run)
        with run.stage("build") as stage:
            row = LedgerRow("screen", "2026-03", "fact_rate", 100 + quarantined, 100, quarantined)
            run.ledger.append(row)
            stage.count([row])
        if error:
            raise error
        run.outcome = "built"
    return run


def lines(settings: Settings) -> list[dict[str, Any]]:
    """Return the lines that were written."""
    place = Path(str(settings.monitoring.emf))
    return [json.loads(line) for line in place.read_text().splitlines()] if place.exists() else []


def test_a_run_is_one_line_that_says_what_its_record_says(make_settings: Make) -> None:
    settings = make_settings()
    with monitored(settings) as monitor:
        run = run_in(settings, monitor, quarantined=3)
    (line,), (record,) = lines(settings), read_runs(run.lake)
    assert (line["Environment"], line["run_id"], line["outcome"]) == ("staging", run.run_id, "built")
    assert {name: line.get(name) for name in record["metrics"]} == record["metrics"] | {
        "ChunkInputRows": 103, "ChunkOutputRows": 100,
    }  # fmt: skip
    assert record["metrics"]["ErrorCount"] == 3
    assert record["environment"] == "staging"


def test_a_run_that_fails_is_reported_and_fails_as_it_did(make_settings: Make) -> None:
    settings = make_settings()
    with pytest.raises(DataCheckFailed, match="too many"), monitored(settings) as monitor:
        run_in(settings, monitor, quarantined=3, error=DataCheckFailed("too many"))
    (line,) = lines(settings)
    assert (line["ErrorCount"], line["outcome"]) == (4, "failed")


def test_a_command_that_fails_before_its_run_begins_is_one_error_and_nothing_else(make_settings: Make) -> None:
    settings = make_settings()
    with pytest.raises(DataCheckFailed), monitored(settings):
        raise DataCheckFailed("no file")
    (line,) = lines(settings)
    assert [metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]] == ["ErrorCount"]
    assert line["ErrorCount"] == 1


def test_a_command_that_fails_after_its_run_is_an_error_too(make_settings: Make) -> None:
    settings = make_settings()

    def run_and_check() -> None:
        with monitored(settings) as monitor:
            run_in(settings, monitor)
            raise DataCheckFailed("the quality report could not be made")

    with pytest.raises(DataCheckFailed):
        run_and_check()
    (line,) = lines(settings)
    assert (line["ErrorCount"], line["outcome"]) == (1, "failed")


def test_metrics_are_sent_or_written_but_never_both(make_settings: Make, sent: list[dict[str, Any]]) -> None:
    settings = make_settings()
    with monitored(settings, publishes=True) as monitor:
        run_in(settings, monitor)
    assert lines(settings) == []
    (call,) = sent
    assert call["Namespace"] == "Lakeward"
    with monitored(settings) as monitor:
        run_in(settings, monitor)
    assert (len(lines(settings)), len(sent)) == (1, 1)


def test_nothing_is_told_unless_it_is_asked_for(make_settings: Make, sent: list[dict[str, Any]]) -> None:
    settings = make_settings(emf=None)
    with monitored(settings) as monitor:
        run = run_in(settings, monitor)
    assert sent == []
    assert read_runs(run.lake)[0]["metrics"]["ErrorCount"] == 0


@pytest.mark.parametrize("fails", [False, True], ids=["run-is-good", "run-fails"])
@pytest.mark.parametrize("publishes", [False, True], ids=["line", "call"])
def test_what_cannot_be_told_is_a_warning(
    make_settings: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    publishes: bool,
    fails: bool,
) -> None:
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "ENDPOINT_URL": "no address"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    settings = make_settings(emf=str(tmp_path))  # a folder, which takes no line
    error = DataCheckFailed("too many") if fails else None
    expected = pytest.raises(DataCheckFailed, match="too many") if fails else nullcontext()
    with expected, monitored(settings, publishes=publishes) as monitor:
        run_in(settings, monitor, error=error)
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "The metrics of this run were not sent." in warning.getMessage()


def test_alarms_that_ring_are_warnings_with_what_to_do(make_settings: Make, caplog: pytest.LogCaptureFixture) -> None:
    settings = make_settings()
    with monitored(settings) as monitor:
        run = run_in(settings, monitor, quarantined=11)
    (warning,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warning.startswith("alarm ErrorAlarm: ErrorCount is 11, more than 10 (monitoring.errors_max)\n")
    assert f"`lakeward ledger --run {run.run_id}`" in warning


def test_every_alarm_says_what_to_do_about_it(
    make_settings: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(monitor_module, "rung_alarms", lambda *_: [Rung(alarm, 1.0, 2) for alarm in ALARMS])
    with monitored(settings := make_settings()) as monitor:
        run_in(settings, monitor)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [warning.split(":")[0] for warning in warnings] == [f"alarm {alarm.name}" for alarm in ALARMS]
    assert not [warning for warning in warnings if "{" in warning]


def test_a_run_that_goes_on_or_was_killed_has_no_metrics(make_settings: Make) -> None:
    settings = make_settings()
    lake = Lake.open(settings.lake, settings.storage)
    with Run(lake, "run", settings.resources.memory):
        (record,) = read_runs(lake)
        assert (record["outcome"], record["metrics"]) == ("running", None)


def test_the_score_of_a_report_made_afterwards_stands_in_the_record(make_settings: Make) -> None:
    settings = make_settings()
    with monitored(settings) as monitor:
        run = run_in(settings, monitor)
        before = read_runs(run.lake)[0]
        run.add_quality(87)
    (after,) = read_runs(run.lake)
    assert (before["metrics"]["DataQualityScore"], after["metrics"]["DataQualityScore"]) == (None, 87)
    assert (before["ended_at"], before["seconds"]) == (after["ended_at"], after["seconds"])
    assert lines(settings)[0]["DataQualityScore"] == 87
