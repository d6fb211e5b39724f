"""Metrics reach CloudWatch: an emulator says which, and its refusals come as one message."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse

from lakeward.errors import ResourceError
from lakeward.monitoring import put_metrics as module
from lakeward.monitoring.measure import measured
from lakeward.monitoring.metrics import BY_NAME
from lakeward.monitoring.put_metrics import METRICS_A_CALL, TRIES, VALUES_A_METRIC, data, put_metrics

from ...emulator import REGION, running_emulator

Make = Callable[..., dict[str, Any]]
Break = Callable[[int], list[str]]
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of an emulated CloudWatch on the loopback address."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with running_emulator() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", endpoint)
        client = boto3.client("cloudwatch", region_name=REGION)
        yield client
        client.close()


@pytest.fixture
def break_calls(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Make the next so many calls be answered as a busy service does; the calls that came are in the list."""

    def break_next(count: int) -> list[str]:
        calls: list[str] = []

        def answer(request: AWSRequest, **_: Any) -> AWSResponse | None:
            calls.append(request.url)
            busy = AWSResponse(request.url, 503, {}, _Body())
            return busy if len(calls) <= count else None

        def client(*arguments: Any, **named: Any) -> Any:
            made = original(*arguments, **named)
            made.meta.events.register_first("before-send.cloudwatch.PutMetricData", answer)
            return made

        original = module.aws_client
        monkeypatch.setattr(module, "aws_client", client)
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        return calls

    return break_next


class _Body(BytesIO):
    """The empty body of an answer."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def points(client: Any, name: str, environment: str = "production") -> list[dict[str, Any]]:
    """Return what the emulator has of a metric."""
    found: list[dict[str, Any]] = client.get_metric_statistics(
        Namespace="Lakeward",
        MetricName=name,
        Dimensions=[{"Name": "Environment", "Value": environment}],
        StartTime=AT - timedelta(minutes=5),
        EndTime=AT + timedelta(minutes=5),
        Period=300,
        Statistics=["SampleCount", "Sum", "Minimum", "Maximum"],
    )["Datapoints"]
    return found


def test_every_known_metric_is_sent_with_its_unit_at_the_end_of_the_run(cloudwatch: Any, make_record: Make) -> None:
    values = measured(make_record())
    assert put_metrics(values, "production", AT, REGION) == len(BY_NAME) - 1
    listed = cloudwatch.list_metrics(Namespace="Lakeward")["Metrics"]
    assert {metric["MetricName"] for metric in listed} == set(BY_NAME) - {"DataQualityScore"}
    assert {tuple(d.values()) for metric in listed for d in metric["Dimensions"]} == {("Environment", "production")}
    (rates,) = points(cloudwatch, "ChunkProcessingRate")
    assert (rates["SampleCount"], rates["Minimum"], rates["Maximum"]) == (2, 499.75, 4_000)
    for name in set(BY_NAME) - {"DataQualityScore"}:
        (point,) = points(cloudwatch, name)
        assert (point["Unit"], point["Timestamp"]) == (BY_NAME[name].unit, AT)
    assert points(cloudwatch, "DataQualityScore") == []
    assert points(cloudwatch, "ErrorCount", "staging") == []


def test_a_busy_service_is_asked_again_and_counts_once(cloudwatch: Any, break_calls: Break) -> None:
    calls = break_calls(TRIES - 1)
    assert put_metrics({"ErrorCount": 3}, "production", AT, REGION) == 1
    assert len(calls) == TRIES
    (point,) = points(cloudwatch, "ErrorCount")
    assert (point["SampleCount"], point["Sum"]) == (1, 3)


def test_a_service_that_stays_busy_is_given_up_with_what_to_do(cloudwatch: Any, break_calls: Break) -> None:
    calls = break_calls(10**6)
    with pytest.raises(ResourceError, match=r"(?s)would not take the metrics.*503.*runs --json"):
        put_metrics({"ErrorCount": 3}, "production", AT, REGION)
    assert len(calls) == TRIES
    assert points(cloudwatch, "ErrorCount") == []


def test_nobody_to_reach_is_one_message(cloudwatch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:1")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(ResourceError, match=r"(?s)Could not connect.*The run is not affected"):
        put_metrics({"ErrorCount": 3}, "production", AT, REGION)


def test_many_values_and_many_metrics_are_sent_in_parts(cloudwatch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [len(datum["Values"]) for datum in data({"ChunkInputRows": [1.0] * 200}, "production", AT)] == [150, 50]
    assert (METRICS_A_CALL, VALUES_A_METRIC) == (1000, 150)
    monkeypatch.setattr(module, "METRICS_A_CALL", 2)
    values: dict[str, float | list[float] | None] = {"ErrorCount": 1, "DataSize": 2, "PublishedBytes": 3}
    assert put_metrics(values, "production", AT, REGION) == 3
    assert [len(points(cloudwatch, name)) for name in values] == [1, 1, 1]
