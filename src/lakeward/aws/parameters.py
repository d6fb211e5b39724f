"""The parameters of the template, and what each environment gives them.

In: the settings of a lake. Out: the ``Parameters`` of the template with this environment's defaults.
"""

import re
from dataclasses import dataclass
from typing import Literal

from lakeward.aws.cloudformation import Values
from lakeward.monitoring.alarms import ALARMS, PERIOD_SECONDS
from lakeward.settings import Settings

LONGEST_BUCKET_NAME = 63 - len("-athena-results")
"""The names of the other buckets are made from the lake's, and a bucket's name has at most 63 characters."""
BUCKET_NAME = r"^[a-z0-9][a-z0-9-]+[a-z0-9]$"
"""Without dots, which S3 allows: they break TLS to the bucket's own host name."""
PREFIX = r"^([A-Za-z0-9._-]+/)*$"
SMALLEST_SCAN_LIMIT = 10_000_000
"""Athena bills at least 10 MB a query and takes no lower limit."""


@dataclass(frozen=True)
class EnvironmentDefaults:
    """What differs between environments."""

    scan_limit_bytes: int
    noncurrent_days: int
    result_days: int
    log_days: int
    monthly_budget_usd: int
    audit_data_events: Literal["true", "false"]


DEFAULTS = {
    "development": EnvironmentDefaults(10_000_000_000, 7, 3, 30, 25, "false"),
    "staging": EnvironmentDefaults(100_000_000_000, 14, 7, 90, 100, "true"),
    "production": EnvironmentDefaults(1_000_000_000_000, 30, 14, 365, 500, "true"),
}


def parameters(settings: Settings) -> Values:
    """Return the parameters, with defaults of the settings' environment, bucket, prefix and encryption."""
    defaults = DEFAULTS[settings.environment]
    bucket, prefix = bucket_and_prefix(settings.lake)
    storage = settings.storage
    return {
        "Environment": _text("What this stack is for.", settings.environment, allowed=list(DEFAULTS)),
        "LakeBucketName": _text(
            "Bucket of the lake. Two more are named after it: -logs and -athena-results.",
            bucket, pattern=BUCKET_NAME, lengths=(3, LONGEST_BUCKET_NAME),
        ),
        "LakePrefix": _text("Folder of the lake in its bucket, with a slash at its end; may be empty.", prefix,
                            pattern=PREFIX),
        "Encryption": _text("AES256 for keys of S3 itself; aws:kms makes a key, whose every use is logged.",
                            storage.encryption, allowed=["AES256", "aws:kms"]),
        "AuditDataEvents": _text("Record each read and write of an object in CloudTrail; billed by the event.",
                                 defaults.audit_data_events, allowed=["true", "false"]),
        "ScanLimitBytes": _number("Athena stops a query that would read more bytes than this.",
                                  defaults.scan_limit_bytes, SMALLEST_SCAN_LIMIT),
        "NoncurrentDays": _number("Days that a deleted or replaced object can still be brought back.",
                                  defaults.noncurrent_days),
        "ResultDays": _number("Days that Athena's results are kept.", defaults.result_days),
        "LogDays": _number("Days that access logs and the audit trail are kept.", defaults.log_days),
        "MonthlyBudgetUsd": _number("Monthly spending on the services used here that is worth a message, in USD.",
                                    defaults.monthly_budget_usd),
        **{alarm.parameter: _number(f"Limit of {alarm.name}: {alarm.metric.name}, {alarm.metric.statistic.lower()} of "
                                    f"{PERIOD_SECONDS // 60} minutes.", alarm.limit(settings.monitoring), 0)
           for alarm in ALARMS},
        "AlarmEmail": _text("Address that alarms and the budget write to; empty for none.", "",
                            pattern=r"^([^@\s]+@[^@\s]+)?$"),
        "PipelinePrincipalArn": _text(
            "Who may take the ingest and transform roles; empty for this account, by its own IAM policies.", "",
            pattern=r"^(arn:[a-z-]+:iam::.+)?$",
        ),
        "AnalystPrincipalArn": _text(
            "Who may take the analyst role; empty for this account, by its own IAM policies.", "",
            pattern=r"^(arn:[a-z-]+:iam::.+)?$",
        ),
    }  # fmt: skip


def bucket_and_prefix(lake: str) -> tuple[str | None, str]:
    """Return a lake's bucket and its prefix with a slash at the end; no bucket for a lake in a folder."""
    found = re.fullmatch(r"s3://([^/]+)/?(.*)", lake)
    if not found:
        return None, ""
    prefix = found[2].strip("/")
    return found[1], f"{prefix}/" if prefix else ""


def _text(
    description: str,
    default: str | None,
    *,
    allowed: list[str] | None = None,
    pattern: str | None = None,
    lengths: tuple[int, int] | None = None,
) -> Values:
    values: Values = {"Type": "String", "Description": description}
    if default is not None:
        values["Default"] = default
    if allowed:
        values["AllowedValues"] = allowed
    if lengths:
        values |= {"MinLength": lengths[0], "MaxLength": lengths[1]}
    if pattern:
        values["AllowedPattern"] = pattern
    return values


def _number(description: str, default: int, least: int = 1) -> Values:
    return {"Type": "Number", "Description": description, "Default": default, "MinValue": least}
