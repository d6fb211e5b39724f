"""Alarms, dashboard, budget and workgroup of the template: on metrics that there are, missing data read rightly."""

import json
from typing import Any

import pytest

from lakeward.monitoring.alarms import ALARMS, Alarm
from lakeward.monitoring.metrics import BY_NAME, DIMENSION, METRICS, NAMESPACE
from lakeward.settings import MonitoringSettings

UNITS = {"Count", "Count/Second", "Percent", "Bytes"}
METRICS_OF_THE_DOCUMENTS = {
    "ChunkProcessingRate", "ChunkInputRows", "ChunkOutputRows", "PartitionsCreated", "DataQualityScore", "ErrorCount",
    "PartitionCount", "DataSize",
}  # fmt: skip


LIMITS = {"ErrorsMax": 10, "RowsPerSecondMin": 100, "MemoryPercentMax": 80}


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_alarm_of_the_template_is_the_rule_that_warns_after_a_run(stack: Any, alarm: Alarm) -> None:
    properties = stack().resources[alarm.name]["Properties"]
    assert properties["Threshold"] == LIMITS[alarm.parameter] == alarm.limit(MonitoringSettings())
    assert (properties["MetricName"], properties["ComparisonOperator"]) == (alarm.metric.name, alarm.comparison)
    assert (properties["Statistic"], properties["Unit"]) == (alarm.metric.statistic, alarm.metric.unit)
    assert (properties["Period"], properties["EvaluationPeriods"], properties["DatapointsToAlarm"]) == (300, 1, 1)
    assert properties["TreatMissingData"] == "notBreaching"
    assert properties["Namespace"] == NAMESPACE
    assert properties["Dimensions"] == [{"Name": DIMENSION, "Value": "production"}]
    assert properties["AlarmActions"] == ["AlarmTopic"]


def test_template_has_no_other_alarm(stack: Any) -> None:
    assert set(stack().of_type("AWS::CloudWatch::Alarm")) == {alarm.name for alarm in ALARMS}


def test_limits_of_the_settings_are_defaults_of_the_template(monkeypatch: pytest.MonkeyPatch, stack: Any) -> None:
    monkeypatch.setenv("LAKEWARD_MONITORING__ERRORS_MAX", "5000")
    assert stack().resources["ErrorAlarm"]["Properties"]["Threshold"] == 5000
    assert stack(ErrorsMax="7").resources["ErrorAlarm"]["Properties"]["Threshold"] == "7"


def test_dashboard_draws_the_limit_of_each_alarm_as_a_number(stack: Any) -> None:
    widgets = json.loads(stack().resources["Dashboard"]["Properties"]["DashboardBody"])["widgets"]
    drawn = {
        (widget["properties"]["metrics"][0][1], line["label"], line["value"])
        for widget in widgets
        for line in widget["properties"].get("annotations", {}).get("horizontal", [])
    }
    assert drawn == {(alarm.metric.name, alarm.name, LIMITS[alarm.parameter]) for alarm in ALARMS}


def test_metrics_of_the_documents_are_known_with_real_units() -> None:
    assert set(BY_NAME) >= METRICS_OF_THE_DOCUMENTS
    assert {metric.unit for metric in METRICS} <= UNITS
    assert {BY_NAME[name].unit for name in ("PublishedBytes", "DataSize")} == {"Bytes"}


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
