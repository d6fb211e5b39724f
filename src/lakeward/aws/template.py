"""The template: everything that a lake needs in AWS, as one CloudFormation document.

In: the settings. Out: the document, or its YAML. It holds no name, address or secret of an account; what differs
between environments is a parameter. The same settings give the same text.
"""

from lakeward.aws.buckets import bucket_resources, key_arn
from lakeward.aws.catalogue import DATABASE_NAME, WORKGROUP_NAME, catalogue_resources
from lakeward.aws.cloudformation import Resource, Values, attribute, equals, ref, sub, to_yaml
from lakeward.aws.monitoring import monitoring_resources, subscription
from lakeward.aws.parameters import parameters
from lakeward.aws.roles import role_resources
from lakeward.monitoring.alarms import ALARMS
from lakeward.settings import Settings

MOST_BYTES = 51_200
"""CloudFormation takes a longer template from a bucket only, which would have to stand before the first stack."""


def resources() -> dict[str, Resource]:
    """Return every resource by its name, in the order in which they are printed."""
    monitoring = monitoring_resources()
    topic = {"AlarmTopic": monitoring.pop("AlarmTopic"), "AlarmSubscription": subscription()}
    return bucket_resources() | catalogue_resources() | role_resources() | topic | monitoring


def template_document(settings: Settings) -> Values:
    """Return the template in its JSON form."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Lakeward: a lake of public healthcare data in S3, with Athena, roles, alarms and a budget.",
        "Metadata": {"AWS::CloudFormation::Interface": {"ParameterGroups": _parameter_groups()}},
        "Parameters": parameters(settings),
        "Conditions": {
            "UsesKms": equals("Encryption", "aws:kms"),
            "Audits": equals("AuditDataEvents", "true"),
            "HasAlarmEmail": {"Fn::Not": [equals("AlarmEmail", "")]},
            "HasPipelinePrincipal": {"Fn::Not": [equals("PipelinePrincipalArn", "")]},
            "HasAnalystPrincipal": {"Fn::Not": [equals("AnalystPrincipalArn", "")]},
        },
        "Resources": {name: resource.as_values() for name, resource in resources().items()},
        "Outputs": _outputs(),
    }


def template_text(settings: Settings) -> str:
    """Return the template as YAML, with the reason of each resource above it."""
    head = (
        f"# Written by `lakeward aws template --environment {settings.environment}`; "
        "change the settings, not this file.\n"
    )
    return head + to_yaml(template_document(settings), {name: r.why for name, r in resources().items()})


def _parameter_groups() -> list[Values]:
    groups = {
        "Lake": ["Environment", "LakeBucketName", "LakePrefix", "Encryption"],
        "Who": ["PipelinePrincipalArn", "AnalystPrincipalArn", "AuditDataEvents"],
        "Limits": ["ScanLimitBytes", "MonthlyBudgetUsd"],
        "Alarms": [*(alarm.parameter for alarm in ALARMS), "AlarmEmail"],
        "How long": ["NoncurrentDays", "ResultDays", "LogDays"],
    }
    return [{"Label": {"default": label}, "Parameters": names} for label, names in groups.items()]


def _outputs() -> Values:
    shown = {
        "LakeUrl": ("What to write as `lake:` in lakeward.yaml.", sub("s3://${LakeBucketName}/${LakePrefix}")),
        "DatabaseName": ("The Glue database.", sub(DATABASE_NAME)),
        "WorkgroupName": ("The Athena workgroup.", sub(WORKGROUP_NAME)),
        "IngestRoleArn": ("The role of `lakeward extract`.", attribute("IngestRole", "Arn")),
        "TransformRoleArn": ("The role of `lakeward publish`.", attribute("TransformRole", "Arn")),
        "AnalystRoleArn": ("The role of who asks Athena.", attribute("AnalystRole", "Arn")),
        "AlarmTopicArn": ("Subscribe here to hear of alarms.", ref("AlarmTopic")),
    }
    values: Values = {name: {"Description": text, "Value": value} for name, (text, value) in shown.items()}
    key = {"Description": "What to write as `storage: {kms_key_id: …}`.", "Condition": "UsesKms", "Value": key_arn()}
    return values | {"KeyArn": key}
