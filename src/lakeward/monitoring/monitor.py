"""Reporting a run when it is over: its metrics to where they are wanted, and the alarms that it makes ring.

In: the settings, and the run as soon as it begins. Out: an EMF line or a PutMetricData, and warnings. A run that fails
is reported too, and reporting never fails a run: what goes wrong here is a warning.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lakeward.errors import LakewardError
from lakeward.lake.runs import Run
from lakeward.monitoring.alarms import rung_alarms
from lakeward.monitoring.emf import emf_line, write_line
from lakeward.monitoring.measure import FAILED, measured
from lakeward.monitoring.metrics import Values
from lakeward.settings import Settings

logger = logging.getLogger(__name__)


@dataclass
class Monitor:
    """What reports a run.

    Args:
        settings: of the run.
        publishes: whether its metrics are sent to CloudWatch by this process.
        run: once it began.
    """

    settings: Settings
    publishes: bool
    run: Run | None = field(default=None, init=False)

    def watch(self, run: Run) -> None:
        """Take note of the run that began."""
        self.run = run

    def report(self, *, failed: bool) -> None:
        """Report the run; one that failed before it began is an error and nothing else is known of it.

        Args:
            failed: whether the command failed, if only after the run.
        """
        if self.run is None:
            if failed:
                self.send({"ErrorCount": 1}, datetime.now(UTC), {"outcome": FAILED})
            return
        record = self.run.record() | ({"outcome": FAILED} if failed else {})
        ended = datetime.fromisoformat(record["ended_at"])
        self.send(measured(record), ended, {"run_id": record["run_id"], "outcome": record["outcome"]})
        for rung in rung_alarms([record], self.settings.monitoring):
            logger.warning("alarm %s\n  %s", rung, rung.alarm.advice_for(record["run_id"]))

    def send(self, values: Values, at: datetime, properties: Mapping[str, str]) -> None:
        """Send metrics to CloudWatch or write them as a line, never both: CloudWatch would count the run twice."""
        emf, environment = self.settings.monitoring.emf, self.settings.environment
        try:
            if self.publishes:
                # Here and not above: only who asks for it waits for AWS's library to be read.
                from lakeward.monitoring.put_metrics import put_metrics

                sent = put_metrics(values, environment, at, self.settings.storage.region)
                logger.info("%s metrics sent to CloudWatch%s", sent, "; no line of them is written" if emf else "")
            elif emf:
                write_line(emf_line(values, environment, at, properties), emf)
        # ValueError: of botocore, for an address that is none.
        except (LakewardError, ValueError) as error:
            logger.warning("The metrics of this run were not sent. %s", error)


@contextmanager
def monitored(settings: Settings, *, publishes: bool = False) -> Iterator[Monitor]:
    """Report the run that happens in this block, however it ends."""
    monitor = Monitor(settings, publishes)
    try:
        yield monitor
    except BaseException:
        monitor.report(failed=True)
        raise
    monitor.report(failed=False)
