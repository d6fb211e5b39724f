"""What a run measured: real values, and nothing where nothing is known."""

from collections.abc import Callable
from typing import Any

import pytest

from lakeward.monitoring.measure import measured
from lakeward.monitoring.metrics import BY_NAME, known_values

Make = Callable[..., dict[str, Any]]


def test_a_run_that_published_has_a_value_a_chunk_and_one_of_each_other_metric(make_record: Make) -> None:
    assert measured(make_record(quality_score=98)) == {
        "ChunkProcessingRate": [4_000.0, 499.75],
        "ChunkInputRows": [21_000, 20_000],
        "ChunkOutputRows": [20_000, 19_990],
        "PartitionsCreated": 2,
        "PartitionCount": 6,
        "DataQualityScore": 98,
        "ErrorCount": 10,
        "PublishedBytes": 5_000,
        "DataSize": 9_000,
        "MemoryUsedPercent": 25.0,
    }


@pytest.mark.parametrize(
    ("changes", "unknown"),
    [
        pytest.param({}, {"DataQualityScore"}, id="no-quality-report"),
        pytest.param(
            {"written": None}, {"PartitionsCreated", "PublishedBytes", "DataQualityScore"}, id="not-published"
        ),
        pytest.param({"standing": None}, {"PartitionCount", "DataSize", "DataQualityScore"}, id="lake-not-read-again"),
        pytest.param(
            {"stages": []},
            {"ChunkProcessingRate", "ChunkInputRows", "ChunkOutputRows", "DataQualityScore"},
            id="failed-before-any-stage",
        ),
    ],
)
def test_what_is_not_known_is_not_sent(make_record: Make, changes: dict[str, Any], unknown: set[str]) -> None:
    values = measured(make_record(**changes))
    assert {name for name, value in values.items() if value is None} == unknown
    assert set(known_values(values)) == set(BY_NAME) - unknown


def test_a_zero_that_was_measured_is_sent(make_record: Make) -> None:
    values = measured(make_record(ledger=[], written={"bytes": 0, "partitions": 0}, quality_score=0))
    assert {name for name, found in known_values(values).items() if found == [0]} == {
        "PartitionsCreated", "PublishedBytes", "ErrorCount", "DataQualityScore",
    }  # fmt: skip


def test_a_run_that_failed_is_an_error_even_if_no_row_was_rejected(make_record: Make) -> None:
    assert measured(make_record(ledger=[], outcome="failed"))["ErrorCount"] == 1
    assert measured(make_record(outcome="failed"))["ErrorCount"] == 11


@pytest.mark.parametrize(
    ("rows", "seconds", "rate"),
    [(10_000, 200.0, [50.0]), (9_999, 200.0, None), (10_000, 0.0, None)],
    ids=["worth-a-rate", "too-few-rows", "took-no-time"],
)
def test_only_many_rows_have_a_rate(make_record: Make, rows: int, seconds: float, rate: list[float] | None) -> None:
    stage = {"name": "build", "seconds": seconds, "rows_in": rows, "rows": rows}
    assert measured(make_record(stages=[stage]))["ChunkProcessingRate"] == rate


def test_a_stage_that_found_nothing_to_do_is_no_chunk(make_record: Make) -> None:
    stages = [{"name": "extract", "seconds": 1.0, "rows_in": 0, "rows": 0}]
    assert measured(make_record(stages=stages))["ChunkInputRows"] is None


def test_the_record_of_an_older_version_is_read(make_record: Make) -> None:
    record = make_record()
    for name in ("written", "standing", "quality_score", "environment"):
        record.pop(name)
    record["stages"] = [{"name": "build", "seconds": 40.0, "rows": 19_990, "rows_per_second": 500}]
    assert {name for name, value in measured(record).items() if value is not None} == {
        "ErrorCount", "MemoryUsedPercent",
    }  # fmt: skip
