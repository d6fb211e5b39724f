"""Rules for policies: who may do what, and that it goes over TLS."""

import re
from collections.abc import Iterator, Mapping

from lakeward.aws.lint.documents import Bucket, PolicyStatement, alternatives, mapping, text_of
from lakeward.aws.lint.material import Together
from lakeward.aws.lint.rule import Problem, rule
from lakeward.aws.lint.rules import sources

SCOPED_SERVICES = ("s3:", "glue:", "athena:", "kms:", "logs:", "dynamodb:", "sqs:", "sns:")
ONLY_ON_ALL = {
    "s3:listallmybuckets", "athena:listworkgroups", "athena:listdatacatalogs", "athena:listengineversions",
    "kms:listaliases", "kms:listkeys", "logs:describeloggroups", "kms:generaterandom",
}  # fmt: skip
ON_BUCKETS = {"s3:listbucket", "s3:getbucketlocation", "s3:listbucketmultipartuploads", "s3:listbucketversions"}
ON_OBJECTS = {
    "s3:getobject", "s3:putobject", "s3:deleteobject", "s3:getobjectversion", "s3:abortmultipartupload",
    "s3:listmultipartuploadparts", "s3:deleteobjectversion", "s3:putobjecttagging",
}  # fmt: skip


def _actions(node: PolicyStatement) -> list[str]:
    return [text_of(action) for action in alternatives(node.values.get("Action"))]


def _resources(node: PolicyStatement) -> list[str]:
    return [text_of(resource) for resource in alternatives(node.values.get("Resource"))]


def _allows(node: PolicyStatement) -> bool:
    return text_of(node.values.get("Effect")).lower() == "allow"


def _name(node: PolicyStatement) -> str:
    sid = text_of(node.values.get("Sid"))
    return " ".join(part for part in (node.resource.name, sid) if part) or "a statement"


def _is_key_policy(node: PolicyStatement) -> bool:
    """Whether this is the policy of a key, where `kms:*` for the account hands control to IAM and `*` is the key."""
    return node.resource.type == "AWS::KMS::Key" or "KeyPolicy" in node.trail


@rule(
    "LW-I01", PolicyStatement, "Every action of a service is allowed",
    why="`s3:*` also deletes buckets, changes policies and turns off what protects the lake.",
    fix="The actions that the role's commands call, by name: `lakeward aws template` prints three such roles.",
    source=sources.IAM,
)  # fmt: skip
def every_action(node: PolicyStatement) -> Iterator[Problem]:
    """Yield statements that allow `*` or `service:*`, or all but some actions."""
    if _allows(node) and not _is_key_policy(node):
        wide = [action for action in _actions(node) if action == "*" or action.endswith(":*")]
        if wide or "NotAction" in node.values:
            yield Problem(node.place, f"{_name(node)} allows {', '.join(wide) or 'all but some actions'}")


@rule(
    "LW-I02", PolicyStatement, "Every resource is allowed",
    why="The role reaches every bucket, table or workgroup of the account, those to come too.",
    fix="The ARNs of the lake's prefixes, its database and its workgroup.", source=sources.IAM,
)  # fmt: skip
def every_resource(node: PolicyStatement) -> Iterator[Problem]:
    """Yield statements over `*` whose actions could be held to something."""
    wide = [each for each in _resources(node) if each == "*" or re.fullmatch(r"arn:[^:]*:s3:::\*(/\*)?", each)]
    wide += [each for each in _resources(node) if each.endswith(":workgroup/*")]
    scoped = [a for a in _actions(node) if a.lower().startswith(SCOPED_SERVICES) and a.lower() not in ONLY_ON_ALL]
    if _allows(node) and wide and (scoped or "*" in _actions(node)) and not _is_key_policy(node):
        yield Problem(node.place, f"{_name(node)}: {', '.join(scoped[:3]) or '*'} on {wide[0]}")


@rule(
    "LW-I03", PolicyStatement, "Everybody is allowed",
    why="A principal `*` without a condition is anybody on the internet.",
    fix="Name the role, or hold it to the organisation or account by a condition.", source=sources.S3_SECURITY,
)  # fmt: skip
def everybody(node: PolicyStatement) -> Iterator[Problem]:
    """Yield statements that allow everybody without a condition."""
    principal = node.values.get("Principal")
    named = alternatives(principal.get("AWS")) if isinstance(principal, Mapping) else [principal]
    if _allows(node) and "*" in named and not node.values.get("Condition"):
        yield Problem(node.place, _name(node))


@rule(
    "LW-I04", PolicyStatement, "An action that does not go with its resource",
    why="`s3:ListBucket` is of a bucket, `s3:GetObject` of objects: on the other kind the statement allows nothing.",
    fix="`arn:aws:s3:::bucket` for the first, `arn:aws:s3:::bucket/prefix/*` for the second.", source=sources.IAM_S3,
)  # fmt: skip
def other_kind(node: PolicyStatement) -> Iterator[Problem]:
    """Yield allowed actions none of whose resources is of their kind."""
    resources = [each.partition(":::")[2] for each in _resources(node) if ":::" in each]
    objects, buckets = [r for r in resources if "/" in r], [r for r in resources if "/" not in r and r != "*"]
    if not _allows(node) or len(resources) < len(_resources(node)) or "*" in resources or not resources:
        return
    for action in _actions(node):
        if (action.lower() in ON_BUCKETS and not buckets) or (action.lower() in ON_OBJECTS and not objects):
            yield Problem(node.place, f"{_name(node)}: {action} on {(objects or buckets)[0]}")


@rule(
    "LW-I05", Together, "A bucket answers without TLS",
    why="Whoever is on the way can read what is asked and answered.",
    fix="A bucket policy that denies `s3:*` when `aws:SecureTransport` is false.", source=sources.S3_SECURITY,
)  # fmt: skip
def no_tls(together: Together) -> Iterator[Problem]:
    """Yield buckets of a template that no policy holds to TLS."""
    for bucket in together.of(Bucket):
        properties, resources = mapping(bucket.values.get("Properties")), mapping(bucket.document.get("Resources"))
        own = {f"${{{bucket.resource.name}}}", text_of(properties.get("BucketName"))} - {""}
        policies = [
            mapping(each.get("Properties")) for each in map(mapping, resources.values())
            if each.get("Type") == "AWS::S3::BucketPolicy"
        ]  # fmt: skip
        if not any(text_of(policy.get("Bucket")) in own and _denies_plain(policy) for policy in policies):
            yield Problem(bucket.place, bucket.resource.name)


def _denies_plain(policy: Mapping[str, object]) -> bool:
    for statement in map(mapping, alternatives(mapping(policy.get("PolicyDocument")).get("Statement"))):
        tests = mapping(mapping(statement.get("Condition")).get("Bool"))
        if statement.get("Effect") == "Deny" and str(tests.get("aws:SecureTransport")).lower() == "false":
            return True
    return False


@rule(
    "LW-I06", PolicyStatement, "Metrics of any name may be written", severity="warning",
    why="PutMetricData knows no resource: without a condition the role can write into every namespace, and its bill.",
    fix="A condition on `cloudwatch:namespace`.", source=sources.METRICS,
)  # fmt: skip
def any_namespace(node: PolicyStatement) -> Iterator[Problem]:
    """Yield statements that allow PutMetricData without its namespace."""
    held = "cloudwatch:namespace" in str(node.values.get("Condition", ""))
    if _allows(node) and "cloudwatch:PutMetricData" in _actions(node) and not held:
        yield Problem(node.place, _name(node))
