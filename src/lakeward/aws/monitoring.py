"""What tells when something is wrong: alarms on a run's metrics, their topic, the dashboard, budget and audit trail.

A lake is built by a batch job, so most of the time there is no data at all: that is no alarm, and it ends one.
"""

import json
import re
from typing import Any

from lakeward.aws.buckets import ARN, LAKE_NAME, LOGS, RESULTS_NAME
from lakeward.aws.catalogue import WORKGROUP_NAME
from lakeward.aws.cloudformation import Resource, Values, ref, sub
from lakeward.aws.roles import LOG_GROUP_NAME
from lakeward.monitoring.alarms import ALARMS, MISSING_DATA, PERIOD_SECONDS, Alarm
from lakeward.monitoring.metrics import BY_NAME, DIMENSION, METRICS, NAMESPACE

LIMIT_COLOUR = "#d62728"
WIDGETS_A_ROW, WIDGET_WIDTH, WIDGET_HEIGHT = 3, 8, 6
BUDGETED_SERVICES = (
    "Amazon Simple Storage Service", "Amazon Athena", "AWS Glue", "AmazonCloudWatch", "AWS CloudTrail",
    "AWS Key Management Service",
)  # fmt: skip


def monitoring_resources() -> dict[str, Resource]:
    """Return topic, alarms, dashboard, budget, log group and trail."""
    return {
        "AlarmTopic": _topic(),
        "AlarmTopicPolicy": _topic_policy(),
        **{alarm.name: _alarm(alarm) for alarm in ALARMS},
        "Dashboard": _dashboard(),
        "Budget": _budget(),
        "LogGroup": Resource(
            "AWS::Logs::LogGroup", "Where the scheduler sends what a run writes to stderr.",
            {"LogGroupName": sub(LOG_GROUP_NAME), "RetentionInDays": 90}, holds_data=True,
        ),
        "DataEventTrail": _trail(),
    }  # fmt: skip


def _topic() -> Resource:
    # Without a key: CloudWatch and Budgets cannot use the key that AWS manages, and a message names no data.
    properties = {"DisplayName": sub("Lakeward ${Environment}")}
    return Resource("AWS::SNS::Topic", "Where alarms and the budget report.", properties)


def _topic_policy() -> Resource:
    statement = {
        "Sid": "AlarmsAndBudgetOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]},
        "Action": "sns:Publish",
        "Resource": ref("AlarmTopic"),
        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    }
    properties = {
        "Topics": [ref("AlarmTopic")],
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    return Resource("AWS::SNS::TopicPolicy", "Only alarms and budgets of this account may report.", properties)


def subscription() -> Resource:
    """Return the subscription of the address that alarms write to."""
    properties = {"TopicArn": ref("AlarmTopic"), "Protocol": "email", "Endpoint": ref("AlarmEmail")}
    why = "Sends what is reported by e-mail; the address must confirm once."
    return Resource("AWS::SNS::Subscription", why, properties, condition="HasAlarmEmail")


def _alarm(alarm: Alarm) -> Resource:
    properties = {
        "AlarmDescription": alarm.why,
        "Namespace": NAMESPACE,
        "MetricName": alarm.metric.name,
        "Dimensions": [{"Name": DIMENSION, "Value": ref("Environment")}],
        "Statistic": alarm.metric.statistic,
        "Unit": alarm.metric.unit,
        "Period": PERIOD_SECONDS,
        "EvaluationPeriods": alarm.periods,
        "DatapointsToAlarm": alarm.breaches,
        "ComparisonOperator": alarm.comparison,
        "Threshold": ref(alarm.parameter),
        "TreatMissingData": MISSING_DATA,
        "AlarmActions": [ref("AlarmTopic")],
    }
    return Resource("AWS::CloudWatch::Alarm", alarm.why, properties)


def _dashboard() -> Resource:
    widgets = [_run_widget(metric.name) for metric in METRICS] + [_athena_widget()]
    for number, widget in enumerate(widgets):
        row, place = divmod(number, WIDGETS_A_ROW)
        widget |= {"x": place * WIDGET_WIDTH, "y": row * WIDGET_HEIGHT, "width": WIDGET_WIDTH, "height": WIDGET_HEIGHT}
    properties = {
        "DashboardName": sub("lakeward-${Environment}"),
        "DashboardBody": sub('{"widgets": [\n' + ",\n".join(map(_widget_text, widgets)) + "\n]}"),
    }
    return Resource("AWS::CloudWatch::Dashboard", "The metrics of each run, and what Athena read.", properties)


def _run_widget(name: str) -> Values:
    metric = BY_NAME[name]
    widget = _widget(f"{name}: {metric.text}", [NAMESPACE, name, DIMENSION, "${Environment}"], metric.statistic)
    limits = [_limit(alarm) for alarm in ALARMS if alarm.metric is metric]
    if limits:
        widget["properties"]["annotations"] = {"horizontal": limits}
    return widget


def _limit(alarm: Alarm) -> Values:
    return {"label": alarm.name, "value": f"${{{alarm.parameter}}}", "color": LIMIT_COLOUR}


def _widget_text(widget: Values) -> str:
    # A limit is a number once its parameter is filled in, and so stands without the quotes of the text that it is here.
    return re.sub(r'"value": "(\$\{\w+\})"', r'"value": \1', json.dumps(widget))


def _athena_widget() -> Values:
    metric = ["AWS/Athena", "ProcessedBytes", "WorkGroup", WORKGROUP_NAME]
    return _widget("Bytes that Athena read.", metric, "Sum")


def _widget(title: str, metric: list[str], statistic: str) -> Values:
    properties: Values = {
        "title": title,
        "region": "${AWS::Region}",
        "metrics": [metric],
        "stat": statistic,
        "period": PERIOD_SECONDS,
    }
    return {"type": "metric", "properties": properties}


def _budget() -> Resource:
    # By service and not by tag: a cost tag counts nothing until somebody activates it in the billing console.
    properties = {
        "Budget": {
            "BudgetName": sub("lakeward-${Environment}"),
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": ref("MonthlyBudgetUsd"), "Unit": "USD"},
            "CostFilters": {"Service": list(BUDGETED_SERVICES)},
        },
        "NotificationsWithSubscribers": [_notification("ACTUAL", 80), _notification("FORECASTED", 100)],
    }
    why = "Writes when the services used here, in the whole account, cost more than planned. It stops nothing."
    return Resource("AWS::Budgets::Budget", why, properties, depends_on=("AlarmTopicPolicy",))


def _notification(kind: str, percent: int) -> Values:
    return {
        "Notification": {
            "NotificationType": kind,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": percent,
            "ThresholdType": "PERCENTAGE",
        },
        "Subscribers": [{"SubscriptionType": "SNS", "Address": ref("AlarmTopic")}],
    }


def _trail() -> Resource:
    selected: list[Any] = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        # Never the log bucket: writing the trail would be an event of the trail.
        {"Field": "resources.ARN", "StartsWith": [sub(f"{ARN}{LAKE_NAME}/"), sub(f"{ARN}{RESULTS_NAME}/")]},
    ]
    properties = {
        "TrailName": sub("lakeward-${Environment}"),
        "IsLogging": True,
        "S3BucketName": ref(LOGS),
        "S3KeyPrefix": "trail",
        "EnableLogFileValidation": True,
        "IncludeGlobalServiceEvents": False,
        "IsMultiRegionTrail": False,
        "AdvancedEventSelectors": [{"Name": "Objects of the lake and of results", "FieldSelectors": selected}],
    }
    why = "Who read and wrote which object; CloudTrail leaves these events out unless it is asked."
    return Resource("AWS::CloudTrail::Trail", why, properties, "Audits", ("LogBucketPolicy",))
