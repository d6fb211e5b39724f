"""The buckets of the template: what is switched on, what nobody may do, what is deleted when, and where logs go."""

import json
from typing import Any

import pytest

BUCKETS = ("LakeBucket", "ResultsBucket", "LogBucket")


@pytest.mark.parametrize("bucket", BUCKETS)
def test_bucket_is_private_encrypted_and_owned(stack: Any, bucket: str) -> None:
    properties = stack().resources[bucket]["Properties"]
    assert properties["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True,
    }  # fmt: skip
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert _encryption(properties) == {"SSEAlgorithm": "AES256"}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_bucket_refuses_whatever_comes_without_tls(stack: Any, bucket: str) -> None:
    filled = stack()
    name = filled.resources[bucket]["Properties"]["BucketName"]
    policy = next(p for p in filled.of_type("AWS::S3::BucketPolicy").values() if p["Bucket"] == name)
    (denial,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Sid"] == "OnlyOverTls"]
    assert denial["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    assert (denial["Effect"], denial["Principal"], denial["Action"]) == ("Deny", "*", "s3:*")
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("bucket", ["LakeBucket", "ResultsBucket"])
def test_key_is_the_default_with_kms_and_asked_for_once_a_bucket(stack: Any, bucket: str) -> None:
    properties = stack(Encryption="aws:kms").resources[bucket]["Properties"]
    assert _encryption(properties) == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "LakeKey.Arn"}
    assert properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["BucketKeyEnabled"] is True


def test_logs_keep_the_encryption_that_log_delivery_can_write(stack: Any) -> None:
    assert _encryption(stack(Encryption="aws:kms").resources["LogBucket"]["Properties"])["SSEAlgorithm"] == "AES256"


def test_key_is_made_only_where_it_is_used(stack: Any) -> None:
    assert "LakeKey" not in stack().resources
    assert stack(Encryption="aws:kms").resources["LakeKey"]["Properties"]["EnableKeyRotation"] is True


def test_no_object_is_moved_to_another_class_and_none_of_the_lake_expires(stack: Any) -> None:
    buckets = stack().of_type("AWS::S3::Bucket")
    assert "Transition" not in json.dumps(buckets)
    assert "Tiering" not in json.dumps(buckets)
    assert not any("ExpirationInDays" in rule for rule in _rules(buckets["LakeBucket"]))


@pytest.mark.parametrize("bucket", BUCKETS)
def test_unfinished_uploads_end(stack: Any, bucket: str) -> None:
    rules = _rules(stack().resources[bucket]["Properties"])
    assert [r["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] for r in rules if len(r) == 3][:1] == [2]


def test_versions_results_and_logs_end_when_their_parameters_say(stack: Any) -> None:
    buckets = stack(NoncurrentDays="11", ResultDays="12", LogDays="13").of_type("AWS::S3::Bucket")
    assert {rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in _rules(buckets["LakeBucket"])[1:]} == {
        "11"
    }
    assert [rule["ExpirationInDays"] for rule in _rules(buckets["ResultsBucket"])[1:]] == ["12"]
    assert [rule["ExpirationInDays"] for rule in _rules(buckets["LogBucket"])[1:]] == ["13"]
    assert buckets["LakeBucket"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_no_log_writes_a_log(stack: Any) -> None:
    filled = stack()
    buckets = filled.of_type("AWS::S3::Bucket")
    assert "LoggingConfiguration" not in buckets["LogBucket"]
    for name in ("LakeBucket", "ResultsBucket"):
        assert buckets[name]["LoggingConfiguration"]["DestinationBucketName"] == "health-lake-logs"
        assert filled.resources[name]["DependsOn"] == ["LogBucketPolicy"]
    (selector,) = filled.resources["DataEventTrail"]["Properties"]["AdvancedEventSelectors"]
    (objects,) = [f["StartsWith"] for f in selector["FieldSelectors"] if f["Field"] == "resources.ARN"]
    assert objects == ["arn:aws:s3:::health-lake/", "arn:aws:s3:::health-lake-athena-results/"]


def test_results_and_logs_lie_in_no_prefix_of_a_table(stack: Any) -> None:
    filled = stack()
    results = filled.resources["Workgroup"]["Properties"]["WorkGroupConfiguration"]["ResultConfiguration"]
    assert results["OutputLocation"] == "s3://health-lake-athena-results/"
    assert len({bucket["BucketName"] for bucket in filled.of_type("AWS::S3::Bucket").values()}) == 3


def test_longest_name_leaves_room_for_the_buckets_named_after_it(stack: Any) -> None:
    longest = stack().document["Parameters"]["LakeBucketName"]["MaxLength"]
    names = [b["BucketName"] for b in stack(LakeBucketName="b" * longest).of_type("AWS::S3::Bucket").values()]
    assert max(map(len, names)) == 63


def test_trail_may_write_where_it_writes(stack: Any) -> None:
    filled = stack()
    trail = filled.resources["DataEventTrail"]["Properties"]
    (write,) = [s for s in filled.statements("LogBucketPolicy") if s["Sid"] == "TrailWrites"]
    folder = f"arn:aws:s3:::{trail['S3BucketName']}/{trail['S3KeyPrefix']}/AWSLogs/111122223333/*"
    assert write["Resource"] == folder
    assert write["Condition"]["StringEquals"]["aws:SourceArn"].endswith(f":trail/{trail['TrailName']}")


def test_trail_is_a_choice(stack: Any) -> None:
    assert "DataEventTrail" not in stack(AuditDataEvents="false").resources


def _encryption(bucket: dict[str, Any]) -> dict[str, str]:
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    found: dict[str, str] = rule["ServerSideEncryptionByDefault"]
    return found


def _rules(bucket: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bucket["LifecycleConfiguration"]["Rules"]
    return found
