"""YAML and JSON of AWS: what kinds of things a document holds, wherever in it they stand, each with its line.

In: a CloudFormation template, or what a call of the API takes (lifecycle, tiering, policy, crawler, metrics). Out: the
things that rules look at. A thing is known by the fields that it has, so the same rules serve templates and calls.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeward.aws.lint.rule import Place
from lakeward.aws.lint.tables import ColumnDefinition, Table

READ_STATUS = ("Enabled", "enabled")


@dataclass(frozen=True)
class Resource:
    """A resource of a template: its name and type; both empty outside a template."""

    name: str = ""
    type: str = ""


@dataclass(frozen=True)
class Node:
    """A mapping in a document.

    Args:
        place: where it starts.
        values: what it holds; functions of CloudFormation in their JSON form.
        trail: the names that lead to it.
        resource: the resource that it is in.
        document: the whole document.
    """

    place: Place
    values: Mapping[str, Any]
    trail: tuple[str, ...] = ()
    resource: Resource = field(default=Resource())
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Tiering(Node):
    """The archive tiers of an Intelligent-Tiering configuration."""


class LifecycleRule(Node):
    """One rule of a bucket's lifecycle."""


class PolicyStatement(Node):
    """One statement of a policy."""


class Crawler(Node):
    """A crawler of Glue."""


class Datum(Node):
    """One value of a metric, as PutMetricData takes it."""


class Alarm(Node):
    """An alarm on one metric."""


class EmbeddedMetrics(Node):
    """A log line in the embedded metric format."""


class Batch(Node):
    """A call that takes a list which has a limit."""


class Bucket(Node):
    """A bucket of a template."""


class WorkGroup(Node):
    """A workgroup of a template."""


class LogGroup(Node):
    """A log group of a template."""


RESOURCES: dict[str, type[Node]] = {
    "AWS::S3::Bucket": Bucket,
    "AWS::Athena::WorkGroup": WorkGroup,
    "AWS::Logs::LogGroup": LogGroup,
}
LIFECYCLE_ACTIONS = {
    "Transitions", "Transition", "Expiration", "ExpirationInDays", "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload",
}  # fmt: skip


def text_of(value: Any) -> str:
    """Return a value as text; what a function would fill in stays ``${Name}``."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, inner),) = value.items()
        if name == "Ref":
            return f"${{{inner}}}"
        if name == "Fn::Sub":
            return str(inner[0] if isinstance(inner, list) else inner)
        if name == "Fn::GetAtt":
            return "${" + (".".join(map(str, inner)) if isinstance(inner, list) else str(inner)) + "}"
        if name == "Fn::Join" and isinstance(inner, list) and len(inner) == 2 and isinstance(inner[1], list):
            return str(inner[0]).join(text_of(part) for part in inner[1])
    return "" if value is None else str(value)


def alternatives(value: Any) -> list[Any]:
    """Return a value as a list; both values of a condition, without the one that is none."""
    if isinstance(value, list):
        return [each for item in value for each in alternatives(item)]
    if isinstance(value, Mapping) and set(value) == {"Fn::If"}:
        return [each for item in value["Fn::If"][1:] for each in alternatives(item)]
    return [] if value is None or value == {"Ref": "AWS::NoValue"} else [value]


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a value that should be a mapping; an empty one where it is something else."""
    return value if isinstance(value, Mapping) else {}


def flag(value: Any) -> bool:
    """Return a truth as JSON, YAML and CloudFormation write it."""
    return str(value).lower() == "true"


def things_of(document: Any, file: str) -> Iterator[Node | Table]:
    """Yield every thing that a document holds."""
    root = document if isinstance(document, Mapping) else {}
    for node in _mappings(document, file, (), Resource(), root, set()):
        for kind in _kinds(node):
            if kind is Table:
                yield _glue_table(node)
            else:
                yield kind(node.place, node.values, node.trail, node.resource, node.document)


def _mappings(
    value: Any, file: str, trail: tuple[str, ...], resource: Resource, root: Mapping[str, Any], seen: set[int]
) -> Iterator[Node]:
    """Yield every mapping in a value; what several places use by its name is yielded once."""
    if isinstance(value, Mapping | list):
        if id(value) in seen:
            return
        seen.add(id(value))
    if isinstance(value, Mapping):
        if len(trail) == 2 and trail[0] == "Resources":
            resource = Resource(trail[1], str(value.get("Type", "")))
        yield Node(Place(file, getattr(value, "line", 1)), value, trail, resource, root)
        for name, inner in value.items():
            yield from _mappings(inner, file, (*trail, str(name)), resource, root, seen)
    elif isinstance(value, list):
        for inner in value:
            yield from _mappings(inner, file, trail, resource, root, seen)


def _kinds(node: Node) -> Iterator[type[Any]]:
    values, kind = node.values, text_of(node.values.get("Type"))
    if "Properties" in values and kind in RESOURCES:
        yield RESOURCES[kind]
    if "Tierings" in values:
        yield Tiering
    if "Status" in values and LIFECYCLE_ACTIONS & set(values):
        yield LifecycleRule
    if "Effect" in values and ({"Action", "NotAction"} & set(values)):
        yield PolicyStatement
    if isinstance(values.get("Targets"), Mapping) and "S3Targets" in values["Targets"]:
        yield Crawler
    if "MetricName" in values and "ComparisonOperator" in values:
        yield Alarm
    elif "MetricName" in values and ({"Value", "Values", "StatisticValues"} & set(values)):
        yield Datum
    if isinstance(values.get("_aws"), Mapping) and "CloudWatchMetrics" in values["_aws"]:
        yield EmbeddedMetrics
    if {"MetricData", "PartitionInputList", "PartitionsToDelete"} & set(values):
        yield Batch
    if isinstance(values.get("StorageDescriptor"), Mapping) and "Columns" in values["StorageDescriptor"]:
        yield Table


def _glue_table(node: Node) -> Table:
    storage, line = node.values["StorageDescriptor"], node.place.line
    parameters = node.values.get("Parameters")
    properties = {str(k): text_of(v) for k, v in parameters.items()} if isinstance(parameters, Mapping) else {}
    return Table(
        node.place,
        name=text_of(node.values.get("Name")),
        columns=_columns(storage.get("Columns"), line),
        keys=_columns(node.values.get("PartitionKeys"), line),
        location=text_of(storage.get("Location")) or None,
        properties=properties,
        external=True,
        in_glue=True,
    )


def _columns(listed: Any, line: int) -> list[ColumnDefinition]:
    columns = [column for column in alternatives(listed) if isinstance(column, Mapping)]
    return [
        ColumnDefinition(text_of(c.get("Name")), text_of(c.get("Type")).lower(), getattr(c, "line", line))
        for c in columns
    ]
