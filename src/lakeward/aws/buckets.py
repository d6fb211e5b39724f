"""The buckets: the lake, Athena's results, and the logs of both; with their policies and the key.

Nothing here ever moves an object of the lake to another storage class. Athena skips what lies in Glacier without a
word, and files below 128 KB do not move anyway; what is not needed any more is deleted instead.
"""

from typing import Any

from lakeward.aws.cloudformation import Resource, Values, attribute, ref, sub, when
from lakeward.lake.commit import COMMITS

LAKE, RESULTS, LOGS = "LakeBucket", "ResultsBucket", "LogBucket"
LAKE_NAME, RESULTS_NAME, LOGS_NAME = "${LakeBucketName}", "${LakeBucketName}-athena-results", "${LakeBucketName}-logs"
ARN = "arn:${AWS::Partition}:s3:::"
TRAIL_ARN = "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/lakeward-${Environment}"
DAYS_OF_UPLOAD = 2
"""A multipart upload that old belongs to no run that still goes on."""


def bucket_resources() -> dict[str, Resource]:
    """Return buckets, bucket policies and the key, the ones that others need first."""
    return {
        "LakeKey": _key(),
        LOGS: _bucket(
            "Access logs and the audit trail. It has no log of its own, so that no log writes a log.",
            LOGS_NAME, _own_key_encryption(), [_expiry("logs-end", "LogDays")], versioned=True,
        ),
        "LogBucketPolicy": _policy(LOGS, LOGS_NAME, _log_delivery()),
        LAKE: _bucket(
            "The lake: every zone and its commits. Objects are never moved to a storage class that queries skip.",
            LAKE_NAME, _chosen_encryption(), [_noncurrent_expiry()], versioned=True, log_prefix="access/lake/",
        ),
        "LakeBucketPolicy": _policy(LAKE, LAKE_NAME, [*_encrypted_as_chosen(), _commits_are_created_once()]),
        RESULTS: _bucket(
            "What Athena answers, apart from every table, and gone after some days.",
            RESULTS_NAME, _chosen_encryption(), [_expiry("results-end", "ResultDays")],
            versioned=False, log_prefix="access/results/",
        ),
        "ResultsBucketPolicy": _policy(RESULTS, RESULTS_NAME, []),
    }  # fmt: skip


def _bucket(
    why: str, name: str, encryption: Values, rules: list[Values], *, versioned: bool, log_prefix: str | None = None
) -> Resource:
    properties: Values = {
        "BucketName": sub(name),
        "BucketEncryption": encryption,
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "LifecycleConfiguration": {"Rules": [_no_unfinished_uploads(), *rules]},
    }
    if versioned:
        properties["VersioningConfiguration"] = {"Status": "Enabled"}
    if log_prefix:
        properties["LoggingConfiguration"] = {"DestinationBucketName": ref(LOGS), "LogFilePrefix": log_prefix}
    # The log bucket must accept logs before a bucket may send them.
    depends_on = ("LogBucketPolicy",) if log_prefix else ()
    return Resource("AWS::S3::Bucket", why, properties, depends_on=depends_on, holds_data=True)


def _own_key_encryption() -> Values:
    # Server access logs can only be delivered to a bucket that S3 encrypts with its own keys.
    return _encryption({"SSEAlgorithm": "AES256"})


def _chosen_encryption() -> Values:
    rule = _encryption({"SSEAlgorithm": ref("Encryption"), "KMSMasterKeyID": when("UsesKms", key_arn())})
    rule["ServerSideEncryptionConfiguration"][0]["BucketKeyEnabled"] = when("UsesKms", True)
    return rule


def _encryption(default: Values) -> Values:
    return {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]}


def key_arn() -> Values:
    """Return the key; there is one only where ``UsesKms`` holds."""
    return attribute("LakeKey", "Arn")


def _no_unfinished_uploads() -> Values:
    return {
        "Id": "unfinished-uploads-end",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": DAYS_OF_UPLOAD},
    }


def _noncurrent_expiry() -> Values:
    return {
        "Id": "noncurrent-versions-end",
        "Status": "Enabled",
        "NoncurrentVersionExpiration": {"NoncurrentDays": ref("NoncurrentDays")},
        "ExpiredObjectDeleteMarker": True,
    }


def _expiry(name: str, days: str) -> Values:
    return {
        "Id": name,
        "Status": "Enabled",
        "ExpirationInDays": ref(days),
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }


def _policy(bucket: str, name: str, statements: list[Any]) -> Resource:
    everything = [sub(f"{ARN}{name}"), sub(f"{ARN}{name}/*")]
    only_tls = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": everything,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    properties = {
        "Bucket": ref(bucket),
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [only_tls, *statements]},
    }
    return Resource("AWS::S3::BucketPolicy", f"What nobody may do to {bucket}, whatever their role.", properties)


def _encrypted_as_chosen() -> list[Values]:
    objects, way = f"{ARN}{LAKE_NAME}/*", "s3:x-amz-server-side-encryption"
    key = f"{way}-aws-kms-key-id"
    # Parts of a multipart upload come without the header, so its absence is no reason to deny: the default holds then.
    other_way = {"StringNotEquals": {way: ref("Encryption")}, "Null": {way: "false"}}
    other_key = {"ArnNotEquals": {key: key_arn()}, "Null": {key: "false"}}
    # Asked for aws:kms without a key, S3 takes a key of its own and not the bucket's.
    no_key = {"StringEquals": {way: "aws:kms"}, "Null": {key: "true"}}
    return [
        _no_put("NoOtherEncryption", objects, other_way),
        when("UsesKms", _no_put("NoOtherKey", objects, other_key)),
        when("UsesKms", _no_put("NoUnnamedKey", objects, no_key)),
    ]


def _commits_are_created_once() -> Values:
    commits = f"{ARN}{LAKE_NAME}/${{LakePrefix}}{COMMITS}/*"
    return _no_put("CommitsAreCreatedNeverOverwritten", commits, {"Null": {"s3:if-none-match": "true"}})


def _no_put(name: str, objects: str, condition: Values) -> Values:
    return {
        "Sid": name,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": sub(objects),
        "Condition": condition,
    }


def _log_delivery() -> list[Any]:
    source = {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}
    lake_or_results = {"ArnLike": {"aws:SourceArn": [sub(f"{ARN}{LAKE_NAME}"), sub(f"{ARN}{RESULTS_NAME}")]}}
    trail = {"aws:SourceArn": sub(TRAIL_ARN)}
    return [
        {
            "Sid": "AccessLogsOfTheOtherBuckets",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": sub(f"{ARN}{LOGS_NAME}/access/*"),
            "Condition": lake_or_results | source,
        },
        {
            "Sid": "TrailLooksAtTheBucket",
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": sub(f"{ARN}{LOGS_NAME}"),
            "Condition": {"StringEquals": trail},
        },
        {
            "Sid": "TrailWrites",
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": sub(f"{ARN}{LOGS_NAME}/trail/AWSLogs/${{AWS::AccountId}}/*"),
            "Condition": {"StringEquals": trail | {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]


def _key() -> Resource:
    account = {
        "Sid": "ThisAccountByItsIamPolicies",
        "Effect": "Allow",
        "Principal": {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    properties = {
        "Description": sub("Objects of the lake ${LakeBucketName}"),
        "EnableKeyRotation": True,
        "KeyPolicy": {"Version": "2012-10-17", "Statement": [account]},
    }
    why = "The key of the lake's objects, when encryption is aws:kms."
    return Resource("AWS::KMS::Key", why, properties, condition="UsesKms", holds_data=True)
