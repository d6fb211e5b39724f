"""A run tells what it measured: in its record always, as a line or to CloudWatch where that is asked for."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from ..emulator import running_emulator
from .command_line import done, lakeward, rows
from .lake_files import snapshot_of
from .small_market import SmallMarket

METRICS_OF_A_RUN_THAT_FOUND_NOTHING_NEW = {
    "PartitionsCreated", "PartitionCount", "DataQualityScore", "ErrorCount", "PublishedBytes", "DataSize",
    "MemoryUsedPercent",
}  # fmt: skip


@pytest.fixture
def cloudwatch() -> Iterator[dict[str, str]]:
    """The environment in which CloudWatch is an emulator on the loopback address; nothing was sent to it yet."""
    with running_emulator() as endpoint:
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        yield {"AWS_ENDPOINT_URL_CLOUDWATCH": endpoint, **keys}


def sent(cloudwatch: dict[str, str], environment: str = "staging") -> dict[str, list[float]]:
    """Return the values that were sent: of each metric their count, sum, least and greatest."""
    client = boto3.client(
        "cloudwatch",
        endpoint_url=cloudwatch["AWS_ENDPOINT_URL_CLOUDWATCH"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    dimensions = [{"Name": "Environment", "Value": environment}]
    names = [metric["MetricName"] for metric in client.list_metrics(Namespace="Lakeward")["Metrics"]]
    wanted = ("SampleCount", "Sum", "Minimum", "Maximum")
    now = datetime.now(UTC)
    found = {}
    for name in names:
        (point,) = client.get_metric_statistics(
            Namespace="Lakeward",
            MetricName=name,
            Dimensions=dimensions,
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=7200,
            Statistics=list(wanted),
        )["Datapoints"]
        found[name] = [point[statistic] for statistic in wanted]
    client.close()
    return found


def newest_run(lake: Path, **variables: str) -> dict[str, Any]:
    """Return the record of the newest run, as the command line shows it."""
    record: dict[str, Any] = done("runs", "--json", "--lake", lake, **variables).json[-1]
    return record


def sizes(lake: Path, *zones: str) -> int:
    """Return the bytes of the data files on the disk."""
    return sum(path.stat().st_size for zone in zones for path in (lake / zone).rglob("*") if path.is_file())


def test_metrics_of_a_first_run_are_what_its_lake_bears_out(july_lake: Path) -> None:
    record = newest_run(july_lake)
    metrics, stages = record["metrics"], {stage["name"]: stage for stage in record["stages"]}
    assert metrics["PublishedBytes"] == sizes(july_lake, "silver", "gold", "quarantine")
    assert metrics["DataSize"] == sizes(july_lake, "bronze", "silver", "gold", "quarantine")
    partitions = done("partitions", "--json", "--lake", july_lake).json
    assert metrics["PartitionsCreated"] == metrics["PartitionCount"] == len(partitions) > 0
    snapshot = snapshot_of(july_lake)
    rejected = [table for table in snapshot.tables() if table.startswith("quarantine/")]
    assert len(rejected) >= 3
    assert metrics["ErrorCount"] == sum(entry.rows for table in rejected for entry in snapshot.slices(table).values())
    published = [row for row in done("ledger", "--json", "--lake", july_lake).json if row["step"] == "publish"]
    assert metrics["ChunkOutputRows"][-1] == stages["publish"]["rows"] == sum(row["rows_out"] for row in published)
    (prices,) = rows(july_lake, "select count(*) as prices from fact_rate_enriched")
    assert prices["prices"] <= metrics["ChunkOutputRows"][1] <= metrics["ChunkInputRows"][1]
    assert metrics["MemoryUsedPercent"] == round(100 * record["peak_rss_bytes"] / record["memory_bytes"], 2)
    assert metrics["DataQualityScore"] is None


def test_a_new_month_counts_only_what_is_new(july_lake: Path, both_months_lake: Path) -> None:
    july, august = newest_run(july_lake)["metrics"], newest_run(both_months_lake)["metrics"]
    assert august["PartitionCount"] == july["PartitionCount"] + august["PartitionsCreated"]
    assert august["PartitionsCreated"] > 0
    written = sizes(both_months_lake, "silver", "gold", "quarantine") - sizes(july_lake, "silver", "gold", "quarantine")
    assert august["PublishedBytes"] == written


@pytest.mark.parametrize(("limit", "rung"), [("0", ["ErrorAlarm"]), ("100000", [])], ids=["none", "many"])
def test_runs_say_which_alarms_rang_by_the_limits_of_now(july_lake: Path, limit: str, rung: list[str]) -> None:
    record = newest_run(july_lake, LAKEWARD_MONITORING__ERRORS_MAX=limit)
    assert record["metrics"]["ErrorCount"] > 0
    assert [alarm["alarm"] for alarm in record["alarms"]] == rung
    shown = done("runs", "--lake", july_lake, LAKEWARD_MONITORING__ERRORS_MAX=limit).out
    assert ("ErrorAlarm" in shown) == bool(rung)


def test_a_run_that_is_monitored_is_counted_once(
    july_lake: Path, small_market: SmallMarket, cloudwatch: dict[str, str], tmp_path: Path
) -> None:
    lake, line = tmp_path / "lake", tmp_path / "metrics.log"
    shutil.copytree(july_lake, lake)
    configuration = small_market.configuration("july", name="monitored", monitoring={"emf": str(line)})
    options = ("--config", configuration, "--lake", lake, "--environment", "staging", "--quality-check")
    finished = done("run", *options, "--monitor", **cloudwatch)
    assert "7 metrics sent to CloudWatch; no line of them is written" in finished.err
    assert not line.exists()
    record, values = newest_run(lake), sent(cloudwatch)
    assert set(values) == METRICS_OF_A_RUN_THAT_FOUND_NOTHING_NEW
    assert {name: value[0] for name, value in values.items()} == dict.fromkeys(values, 1)
    assert {name: value[1] for name, value in values.items()} == {name: record["metrics"][name] for name in values}
    assert (record["outcome"], record["metrics"]["PartitionsCreated"]) == ("unchanged", 0)

    done("run", *options[:-1])
    (written,) = line.read_text().splitlines()
    document = json.loads(written)
    assert (document["Environment"], document["run_id"]) == ("staging", newest_run(lake)["run_id"])
    assert "DataQualityScore" not in document
    assert sent(cloudwatch) == values


def test_a_run_that_fails_is_an_error_in_the_log_and_keeps_its_message(
    small_market: SmallMarket, tmp_path: Path
) -> None:
    configuration = small_market.configuration_of(
        [{"path": str(tmp_path / "none.json"), "state": "AL"}], "failing", monitoring={"emf": "stderr"}
    )
    finished = lakeward("run", "--config", configuration, "--lake", tmp_path / "lake")
    assert finished.status in (2, 3)
    assert "none.json" in finished.message
    (line,) = [line for line in finished.err.splitlines() if line.startswith("{")]
    assert json.loads(line)["ErrorCount"] == 1
    assert "none.json" not in line


@pytest.mark.parametrize("lacking", ["service", "credentials"])
def test_a_run_whose_metrics_cannot_be_sent_is_done_all_the_same(
    july_lake: Path, small_market: SmallMarket, tmp_path: Path, lacking: str
) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(july_lake, lake)
    nowhere = {"AWS_ENDPOINT_URL_CLOUDWATCH": "http://127.0.0.1:1", "AWS_EC2_METADATA_DISABLED": "true"}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), "/dev/null")
    nobody = dict.fromkeys(keys, "") | files
    variables = nowhere | (keys if lacking == "service" else nobody)
    options = ("--config", small_market.configuration("july"), "--lake", lake, "--monitor")
    finished = done("run", *options, **variables)
    assert "The metrics of this run were not sent." in finished.err
    expected = "Could not connect to the endpoint" if lacking == "service" else "Unable to locate credentials"
    assert expected in finished.err
    assert "Nothing changed" in finished.out
    assert newest_run(lake)["outcome"] == "unchanged"


def test_a_forecast_sends_nothing(small_market: SmallMarket, cloudwatch: dict[str, str], tmp_path: Path) -> None:
    options = ("--config", small_market.configuration("july"), "--lake", tmp_path / "lake")
    done("run", *options, "--dry-run", "--monitor", "--environment", "staging", **cloudwatch)
    assert sent(cloudwatch) == {}


def test_a_validation_sends_its_score_and_nothing_else(
    july_lake: Path, cloudwatch: dict[str, str], tmp_path: Path
) -> None:
    options = ("--lake", july_lake, "--environment", "staging", "--monitor", "--json")
    finished = lakeward("validate", *options, "--output", tmp_path / "report.html", **cloudwatch)
    score = finished.json["score"]["value"]
    assert sent(cloudwatch) == {"DataQualityScore": [1, score, score, score]}
