"""Rules for the buckets of a template."""

from collections.abc import Iterator, Mapping
from typing import Any

from lakeward.aws.lint.documents import Bucket, LogGroup, alternatives, flag, mapping, text_of
from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources

PUBLIC_ACCESS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _properties(node: Bucket | LogGroup) -> Mapping[str, Any]:
    return mapping(node.values.get("Properties"))


def _part(node: Bucket, name: str) -> Mapping[str, Any]:
    return mapping(_properties(node).get(name))


def _rules(node: Bucket) -> list[Mapping[str, Any]]:
    listed = alternatives(_part(node, "LifecycleConfiguration").get("Rules"))
    return [each for each in listed if isinstance(each, Mapping)]


@rule(
    "LW-A34", Bucket, "Logs go to what they log, or to a group that is another service's",
    why="A bucket that logs into itself logs the writing of its logs, without end. `/aws/glue/…` belongs to jobs of "
        "Glue; nothing else writes there.",
    fix="A bucket of its own for logs, and a log group under your own name.", source=sources.LOG_DELIVERY,
)  # fmt: skip
def log_loop(node: Bucket) -> Iterator[Problem]:
    """Yield buckets whose access logs go into themselves; that is also what no destination means."""
    properties = _properties(node)
    if "LoggingConfiguration" in properties:
        target = text_of(_part(node, "LoggingConfiguration").get("DestinationBucketName"))
        if target in ("", f"${{{node.resource.name}}}", text_of(properties.get("BucketName"))):
            yield Problem(node.place, f"{node.resource.name} logs into itself")


@check("LW-A34", LogGroup)
def group_of_another_service(node: LogGroup) -> Iterator[Problem]:
    """Yield log groups with the name of a service that the template has nothing of."""
    name = text_of(_properties(node).get("LogGroupName"))
    if name.startswith("/aws/glue/") and "AWS::Glue::Job" not in _types(node):
        yield Problem(node.place, f"{name}, with no job of Glue")


def _types(node: LogGroup) -> set[str]:
    return {str(mapping(each).get("Type")) for each in mapping(node.document.get("Resources")).values()}


@rule(
    "LW-B01", Bucket, "Public access is not blocked",
    why="One policy or ACL written by mistake opens the bucket to everybody.",
    fix="All four settings of PublicAccessBlockConfiguration: true.", source=sources.PUBLIC_ACCESS,
)  # fmt: skip
def not_blocked(node: Bucket) -> Iterator[Problem]:
    """Yield buckets without one of the four settings."""
    open_ones = [name for name in PUBLIC_ACCESS if not flag(_part(node, "PublicAccessBlockConfiguration").get(name))]
    if open_ones:
        yield Problem(node.place, f"{node.resource.name}: {', '.join(open_ones)}")


@rule(
    "LW-B02", Bucket, "Objects may belong to who wrote them", severity="warning",
    why="With ACLs, an object of another account is not the bucket owner's, and policies of the bucket do not hold.",
    fix="OwnershipControls with BucketOwnerEnforced.", source=sources.OWNERSHIP,
)  # fmt: skip
def not_owned(node: Bucket) -> Iterator[Problem]:
    """Yield buckets that do not say BucketOwnerEnforced."""
    rules = alternatives(_part(node, "OwnershipControls").get("Rules"))
    if not any(isinstance(each, Mapping) and each.get("ObjectOwnership") == "BucketOwnerEnforced" for each in rules):
        yield Problem(node.place, node.resource.name)


@rule(
    "LW-B03", Bucket, "The encryption is not said", severity="warning",
    why="S3 encrypts every new object with keys of its own since 2023; a key that you control, or a check that nobody "
        "chose another way, needs it said.",
    fix="BucketEncryption with AES256, or aws:kms and its key.", source=sources.S3_SECURITY,
)  # fmt: skip
def encryption_not_said(node: Bucket) -> Iterator[Problem]:
    """Yield buckets without a default encryption."""
    if not _part(node, "BucketEncryption").get("ServerSideEncryptionConfiguration"):
        yield Problem(node.place, node.resource.name)


@rule(
    "LW-B04", Bucket, "Each object asks the key for itself", severity="warning",
    why="Without a bucket key every read and write of an object is a billed request to KMS.",
    fix="BucketKeyEnabled: true.", source=sources.BUCKET_KEY,
)  # fmt: skip
def no_bucket_key(node: Bucket) -> Iterator[Problem]:
    """Yield buckets encrypted by KMS, surely or by a condition, without a bucket key."""
    for each in alternatives(_part(node, "BucketEncryption").get("ServerSideEncryptionConfiguration")):
        if not isinstance(each, Mapping):
            continue
        default = each.get("ServerSideEncryptionByDefault")
        uses_key = isinstance(default, Mapping) and alternatives(default.get("KMSMasterKeyID"))
        if uses_key and not any(flag(value) for value in alternatives(each.get("BucketKeyEnabled"))):
            yield Problem(node.place, node.resource.name)


@rule(
    "LW-B05", Bucket, "Unfinished uploads stay for ever", severity="warning",
    why="The parts of an upload that was broken off are billed and shown nowhere.",
    fix="A lifecycle rule with AbortIncompleteMultipartUpload.", source=sources.LIFECYCLE_VERSIONS,
)  # fmt: skip
def unfinished_uploads(node: Bucket) -> Iterator[Problem]:
    """Yield buckets where no rule ends them."""
    if not any("AbortIncompleteMultipartUpload" in each for each in _rules(node)):
        yield Problem(node.place, node.resource.name)


@rule(
    "LW-B06", Bucket, "Old versions stay for ever", severity="warning",
    why="A versioned bucket keeps all that was overwritten or deleted, and bills it.",
    fix="A lifecycle rule with NoncurrentVersionExpiration.", source=sources.LIFECYCLE_VERSIONS,
)  # fmt: skip
def old_versions(node: Bucket) -> Iterator[Problem]:
    """Yield versioned buckets where no rule ends noncurrent versions."""
    versioned = _part(node, "VersioningConfiguration").get("Status") == "Enabled"
    ends = {"NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays"}
    if versioned and not any(ends & set(each) for each in _rules(node)):
        yield Problem(node.place, node.resource.name)
