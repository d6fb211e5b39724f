"""What the cases are made of: definitions, templates and policies that nothing is wrong with, but for what is given."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A rule, the defect, the file's name, the text with the defect and the text without; other files beside both."""

    rule: str
    defect: str
    file: str
    wrong: str
    right: str
    beside: tuple[tuple[str, str], ...] = ()


def table(
    columns: str = "fact_uid string, negotiated_rate double",
    keys: str = "payer_slug string, month string",
    properties: dict[str, str] | None = None,
    location: str = "s3://lake/gold/rates/",
    start: str = "CREATE EXTERNAL TABLE",
) -> str:
    """Return a definition that nothing is wrong with, but for what is given."""
    listed = ", ".join(f"'{name}' = '{value}'" for name, value in (properties or {"classification": "parquet"}).items())
    by = f"PARTITIONED BY ({keys})\n" if keys else ""
    return f"{start} rates (\n{columns}\n)\n{by}STORED AS PARQUET\nLOCATION '{location}'\nTBLPROPERTIES ({listed});\n"


def projected(**changes: str) -> str:
    """Return a definition with a projection of both keys; a change to nothing leaves a property out."""
    properties = {
        "projection.enabled": "true",
        "projection.payer_slug.type": "enum",
        "projection.payer_slug.values": "acme,globex",
        "projection.month.type": "integer",
        "projection.month.range": "1,12",
        "projection.month.digits": "2",
    }
    for name, value in changes.items():
        properties[name.replace("__", ".")] = value
    return table(keys="payer_slug string, month int", properties={n: v for n, v in properties.items() if v})


def added(*partitions: str, guard: str = "IF NOT EXISTS ") -> str:
    """Return a statement that adds partitions."""
    return f"ALTER TABLE rates ADD {guard}" + "\n".join(f"PARTITION ({values})" for values in partitions) + ";\n"


def bucket(name: str = "Lake", **changes: Any) -> dict[str, Any]:
    """Return a bucket that nothing is wrong with, but for what is given."""
    properties = {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "LifecycleConfiguration": {
            "Rules": [
                {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
                {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
            ]
        },
        "VersioningConfiguration": {"Status": "Enabled"},
        **changes,
    }  # fmt: skip
    return {"Type": "AWS::S3::Bucket", "Properties": {k: v for k, v in properties.items() if v is not None}}


TLS = {
    "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}  # fmt: skip


def template(tls: bool = True, **resources: dict[str, Any]) -> str:
    """Return a template of resources, with a policy that holds each bucket to TLS."""
    policies = {
        f"{name}Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": name}, "PolicyDocument": {"Statement": [TLS] if tls else []}},
        }
        for name, resource in resources.items()
        if resource["Type"] == "AWS::S3::Bucket"
    }
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {**resources, **policies}}, indent=1)


def lifecycle(prefix: str = "gold/", **actions: Any) -> str:
    """Return a lifecycle of one rule."""
    rule = {"ID": "one", "Status": "Enabled", "Filter": {"Prefix": prefix}, **actions}
    return json.dumps({"Rules": [rule]}, indent=1)


def moves(*steps: tuple[int, str]) -> list[dict[str, Any]]:
    """Return transitions."""
    return [{"Days": days, "StorageClass": name} for days, name in steps]


def policy(action: Any, resource: Any, **more: Any) -> str:
    """Return a policy of one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1)


TO_GLACIER = {
    "Rules": [
        {
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
            "Transitions": [{"TransitionInDays": 90, "StorageClass": "GLACIER"}],
        }
    ]
}


def workgroup(**changes: Any) -> str:
    """Return a workgroup that nothing is wrong with, but for what is given."""
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10**10,
        "ResultConfiguration": {
            "OutputLocation": "s3://results/", "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        },
        **changes,
    }  # fmt: skip
    properties = {"Name": "lake", "WorkGroupConfiguration": configuration}
    return template(Analysts={"Type": "AWS::Athena::WorkGroup", "Properties": properties})


def alarm(**changes: Any) -> str:
    """Return an alarm that nothing is wrong with, but for what is given."""
    values = {
        "Namespace": "Lakeward", "MetricName": "ErrorCount", "Unit": "Count", "Threshold": 10,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching", **changes,
    }  # fmt: skip
    return json.dumps({k: v for k, v in values.items() if v is not None})


def datum(**changes: Any) -> str:
    """Return a call that sends one value, but for what is given."""
    return json.dumps({"MetricData": [{"MetricName": "ErrorCount", "Value": 3, "Unit": "Count", **changes}]})


def crawler(exclusions: list[str], behaviour: str = "CRAWL_NEW_FOLDERS_ONLY") -> str:
    """Return a crawler."""
    target = {"Path": "s3://lake/gold/", "Exclusions": exclusions}
    return json.dumps({"Targets": {"S3Targets": [target]}, "RecrawlPolicy": {"RecrawlBehavior": behaviour}})


PAYER, MONTH = "payer_slug = 'acme'", "month = '08'"
LONG = added(*[f"payer_slug = 'payer-{number:060}', month = '08'" for number in range(3_000)])
WORKGROUP = {"Analysts": json.loads(workgroup())["Resources"]["Analysts"]}
READ_GOLD = "arn:aws:s3:::lake/gold/*"
EMBEDDED = {"_aws": {"CloudWatchMetrics": [{"Namespace": "x", "Dimensions": [["Environment"]],
                                            "Metrics": [{"Name": "Rows"}]}]}}  # fmt: skip
