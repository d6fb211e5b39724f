"""Run records: what each run did and measured, its ledger and its log, kept in the lake under ``_lakeward/runs/``.

In: the lake, and what the stages report. Out: one JSON document and one log file a run. A record is written when
the run starts and again when it ends, so that a run that was killed stays visible as ``interrupted``.
"""

import json
import logging
import os
import platform
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from lakeward import __version__
from lakeward.errors import UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.lake.extent import Extent
from lakeward.lake.ledger import LedgerRow
from lakeward.memory import PeakMemory
from lakeward.monitoring.measure import measured

RUNS = "_lakeward/runs"


@dataclass
class Stage:
    """One stage of a run: its name, how long it took, how many rows it wrote, and read, if it read any."""

    name: str
    seconds: float
    rows: int
    rows_in: int | None = None

    @property
    def rows_per_second(self) -> float:
        """Rows written each second."""
        return self.rows / self.seconds if self.seconds else 0.0


@dataclass
class Run:
    """The record of one run; a context manager that writes itself into the lake at its start and end.

    ``outcome`` is ``running``, ``published``, ``landed``, ``built``, ``unchanged`` or ``failed``. ``written`` is what
    the run published anew, ``standing`` what the lake holds after it; ``None`` where the run did not come to it.
    """

    lake: Lake
    command: str
    memory_bytes: int
    run_id: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}")
    outcome: str = "running"
    error: str | None = None
    stages: list[Stage] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    commit: int | None = None
    environment: str = "development"
    written: Extent | None = None
    standing: Extent | None = None
    quality_score: int | None = None

    def __post_init__(self) -> None:
        self.memory = PeakMemory()
        self._started, self._ended, self._peak = time.time(), 0.0, 0
        self._log = _LogOfRun()

    def stage(self, name: str) -> "StageTimer":
        """Time one stage: ``with run.stage("extract") as stage: stage.count(rows)``."""
        return StageTimer(self, name)

    @property
    def peak_rss_bytes(self) -> int:
        """The highest resident memory so far; once the run has ended, that of the run."""
        return self._peak or self.memory.peak_bytes

    def end_at(self, snapshot: Snapshot) -> None:
        """Say which commit the lake is at when the run is done, and how much that holds."""
        self.commit, self.standing = snapshot.number, Extent.of_snapshot(snapshot)
        if self.outcome == "unchanged":
            self.written = Extent()

    def add_quality(self, score: int | None) -> None:
        """Put the score of a quality report that was made right after the run into its record."""
        self.quality_score = score
        self._save()

    def record(self) -> dict[str, Any]:
        """Return the record as plain values, its metrics among them."""
        record = self._record()
        return record | {"metrics": None if self.outcome == "running" else measured(record)}

    def _record(self) -> dict[str, Any]:
        ended = self._ended or time.time()
        return {
            "run_id": self.run_id,
            "command": self.command,
            "environment": self.environment,
            "outcome": self.outcome,
            "error": self.error,
            "started_at": datetime.fromtimestamp(self._started, UTC).isoformat(timespec="seconds"),
            "ended_at": None if self.outcome == "running" else _utc(ended),
            "seconds": round(ended - self._started, 3),
            "memory_bytes": self.memory_bytes,
            "peak_rss_bytes": self.peak_rss_bytes,
            "commit": self.commit,
            "written": self.written and self.written.as_record(),
            "standing": self.standing and self.standing.as_record(),
            "quality_score": self.quality_score,
            "lakeward_version": __version__,
            "process_id": os.getpid(),
            "machine": platform.node(),
            "stages": [
                {
                    "name": s.name,
                    "seconds": round(s.seconds, 3),
                    "rows_in": s.rows_in,
                    "rows": s.rows,
                    "rows_per_second": round(s.rows_per_second),
                }
                for s in self.stages
            ],
            "ledger": [row.as_record() for row in self.ledger],
        }

    def __enter__(self) -> Self:
        self.memory.__enter__()
        logging.getLogger("lakeward").addHandler(self._log)
        self._save()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.memory.__exit__(kind, error, trace)
        logging.getLogger("lakeward").removeHandler(self._log)
        self._ended, self._peak = time.time(), self.memory.peak_bytes
        if error is not None:
            self.outcome, self.error = "failed", f"{type(error).__name__}: {error}"
        self._save()

    def _save(self) -> None:
        document = json.dumps(self.record(), indent=1) + "\n"
        self.lake.storage.write(f"{RUNS}/{self.run_id}.json", document.encode())
        if self.outcome != "running":
            self.lake.storage.write(f"{RUNS}/{self.run_id}.log", self._log.text().encode())


def unwatched(run: Run) -> None:
    """Watch a run by doing nothing."""


class StageTimer:
    """Times one stage of a run; its ledger rows get the run's id and the peak memory up to then."""

    def __init__(self, run: Run, name: str) -> None:
        self.run, self.name = run, name
        self.rows = 0
        self.rows_in: int | None = None

    def count(self, rows: Iterable[LedgerRow]) -> None:
        """Add what rows of the ledger say went into the stage and came out of it."""
        for row in rows:
            self.rows, self.rows_in = self.rows + row.rows_out, (self.rows_in or 0) + row.rows_in

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        self._rows_before = len(self.run.ledger)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.run.stages.append(Stage(self.name, time.perf_counter() - self._started, self.rows, self.rows_in))
        self.run.ledger[self._rows_before :] = [
            replace(row, run_id=self.run.run_id, peak_rss_bytes=self.run.memory.peak_bytes)
            for row in self.run.ledger[self._rows_before :]
        ]


class _LogOfRun(logging.Handler):
    """Keeps the run's log lines until the run ends."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def text(self) -> str:
        return "".join(f"{line}\n" for line in self._lines)


def read_runs(lake: Lake) -> list[dict[str, Any]]:
    """Return the records of all runs, oldest first; one that never ended is ``interrupted`` unless it still goes on.

    Only its own machine can tell whether it does; elsewhere it stays ``running``.
    """
    names = sorted(name for name in lake.storage.list(f"{RUNS}/") if name.endswith(".json"))
    records = [json.loads(lake.storage.read(name)) for name in names]
    for record in records:
        if record["outcome"] == "running" and _is_here(record) and not _is_alive(record["process_id"]):
            record["outcome"] = "interrupted"
    return records


def read_ledger(lake: Lake, run_id: str | None = None) -> list[LedgerRow]:
    """Return the ledger of one run, or of the lake as it stands: the newest row of each step, slice and table.

    Raises:
        UsageError: there is no such run.
    """
    records = read_runs(lake)
    if run_id is not None:
        records = [record for record in records if record["run_id"] == run_id]
        if not records:
            raise UsageError(f"There is no run '{run_id}'. `lakeward runs` lists them.")
    else:
        records = [record for record in records if record["outcome"] not in ("failed", "interrupted")]
    newest: dict[tuple[str, str, str], LedgerRow] = {}
    for record in records:
        for values in record["ledger"]:
            row = LedgerRow.from_record(values)
            newest[row.step, row.slice, row.table] = row
    return list(newest.values())


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _is_here(record: dict[str, Any]) -> bool:
    return bool(record.get("machine", platform.node()) == platform.node())


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
