"""Records of made-up runs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

Record = dict[str, Any]
NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())


def made_up(**changes: Any) -> Record:
    """Return the record of a run that published, with changes; ``at`` is the seconds after noon when it ended."""
    at = datetime.fromtimestamp(NOON + changes.pop("at", 0), UTC).isoformat(timespec="seconds")
    record: Record = {
        "run_id": "20260302T115500Z-0000",
        "outcome": "published",
        "environment": "production",
        "ended_at": at,
        "memory_bytes": 4_000_000_000,
        "peak_rss_bytes": 1_000_000_000,
        "stages": [
            {"name": "extract", "seconds": 5.0, "rows_in": 21_000, "rows": 20_000},
            {"name": "plan", "seconds": 3.0, "rows_in": None, "rows": 0},
            {"name": "build", "seconds": 40.0, "rows_in": 20_000, "rows": 19_990},
        ],
        "ledger": [{"rows_quarantined": 7}, {"rows_quarantined": 3}],
        "written": {"bytes": 5_000, "partitions": 2},
        "standing": {"bytes": 9_000, "partitions": 6},
        "quality_score": None,
    }
    return record | changes


@pytest.fixture
def make_record() -> Callable[..., Record]:
    """The function that makes a record."""
    return made_up
