"""Alarms, dashboard, budget and workgroup of the template: on metrics that there are, missing data read rightly."""

import json
from typing import Any

import pytest

from lakeward.monitoring.metrics import BY_NAME, DIMENSION, METRICS, NAMESPACE

UNITS = {"Count", "Count/Second", "Percent", "Bytes"}
METRICS_OF_THE_DOCUMENTS = {
    "ChunkProcessingRate", "ChunkInputRows", "ChunkOutputRows", "PartitionsCreated", "DataQualityScore", "ErrorCount",
}  # fmt: skip


@pytest.mark.parametrize(
    ("alarm", "metric", "comparison", "threshold"),
    [
        ("ErrorAlarm", "ErrorCount", "GreaterThanThreshold", 10),
        ("SlowAlarm", "ChunkProcessingRate", "LessThanThreshold", 100),
        ("MemoryAlarm", "MemoryUsedPercent", "GreaterThanThreshold", 80),
    ],
)
def test_alarm(stack: Any, alarm: str, metric: str, comparison: str, threshold: int) -> None:
    properties = stack().resources[alarm]["Properties"]
    assert (properties["MetricName"], properties["ComparisonOperator"], properties["Threshold"]) == (
        metric, comparison, threshold,
    )  # fmt: skip
    assert properties["TreatMissingData"] == "notBreaching"
    assert properties["Unit"] == BY_NAME[metric].unit
    assert properties["Namespace"] == NAMESPACE
    assert properties["Dimensions"] == [{"Name": DIMENSION, "Value": "production"}]
    assert properties["AlarmActions"] == ["AlarmTopic"]


def test_metrics_of_the_documents_are_known_with_real_units() -> None:
    assert set(BY_NAME) >= METRICS_OF_THE_DOCUMENTS
    assert {metric.unit for metric in METRICS} <= UNITS
    assert BY_NAME["PublishedBytes"].unit == "Bytes"


def test_dashboard_shows_every_metric_and_no_two_widgets_overlap(stack: Any) -> None:
    widgets = json.loads(stack().resources["Dashboard"]["Properties"]["DashboardBody"])["widgets"]
    shown = [widget["properties"]["metrics"][0] for widget in widgets]
    assert {metric[1] for metric in shown if metric[0] == NAMESPACE} == set(BY_NAME)
    assert all(metric[2:] == [DIMENSION, "production"] for metric in shown if metric[0] == NAMESPACE)
    cells = [
        (x, y) for w in widgets for x in range(w["x"], w["x"] + w["width"]) for y in range(w["y"], w["y"] + w["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


def test_workgroup_enforces_a_limit_and_encrypted_results(stack: Any) -> None:
    plain, with_key = (
        stack(ScanLimitBytes="20000000", Encryption=encryption).resources["Workgroup"]["Properties"]
        for encryption in ("AES256", "aws:kms")
    )
    configuration = plain["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == "20000000"
    results = configuration["ResultConfiguration"]
    assert results["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    with_key_results = with_key["WorkGroupConfiguration"]["ResultConfiguration"]
    assert with_key_results["EncryptionConfiguration"] == {"EncryptionOption": "SSE_KMS", "KmsKey": "LakeKey.Arn"}


def test_budget_counts_services_and_reports_to_the_topic(stack: Any) -> None:
    properties = stack(MonthlyBudgetUsd="7").resources["Budget"]["Properties"]
    assert properties["Budget"]["BudgetLimit"] == {"Amount": "7", "Unit": "USD"}
    assert "Amazon Athena" in properties["Budget"]["CostFilters"]["Service"]
    told = [s["Address"] for n in properties["NotificationsWithSubscribers"] for s in n["Subscribers"]]
    assert told == ["AlarmTopic", "AlarmTopic"]
    (statement,) = stack().statements("AlarmTopicPolicy")
    assert "budgets.amazonaws.com" in statement["Principal"]["Service"]


def test_mail_is_sent_only_where_an_address_is_given(stack: Any) -> None:
    assert "AlarmSubscription" not in stack().resources
    subscription = stack(AlarmEmail="lake@example.org").resources["AlarmSubscription"]["Properties"]
    assert subscription["Endpoint"] == "lake@example.org"
