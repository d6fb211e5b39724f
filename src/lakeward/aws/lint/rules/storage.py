"""Rules for lifecycle and tiering: no object that a query may read goes where queries cannot read it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lakeward.aws.hive_tables import HIVE_PREFIX
from lakeward.aws.lint.documents import READ_STATUS, LifecycleRule, Node, Tiering, alternatives, mapping, text_of
from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources

LEAST_DAYS = {"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}
MOST_DAYS = 730
UNREADABLE = {"GLACIER", "DEEP_ARCHIVE"}
COLD_AFTER_30 = {"STANDARD_IA", "ONEZONE_IA"}
BY_PRODUCTS = {
    "access", "access-logs", "archive", "archived", "athena-results", "audit", "backup", "backups", "cloudtrail",
    "inventory", "landing", "log", "logs", "query-results", "raw", "results", "temporary", "tmp", "trail",
}  # fmt: skip
TABLES = {"silver", "gold", "quarantine", "bronze", "_lakeward", HIVE_PREFIX}


def prefix_of(values: Mapping[str, Any]) -> str:
    """Return the prefix of a rule, wherever its form has it; empty when it is for the whole bucket."""
    inner: Any = values.get("Filter")
    while isinstance(inner, Mapping) and isinstance(inner.get("And"), Mapping):
        inner = inner["And"]
    found = values.get("Prefix") or (inner.get("Prefix") if isinstance(inner, Mapping) else None)
    return text_of(found)


def may_be_queried(node: Node, prefix: str) -> bool:
    """Whether a table may lie under a prefix: anywhere but where logs, results and archives are said to lie."""
    if _parts(prefix) & BY_PRODUCTS:
        return False
    return not (node.resource.type == "AWS::S3::Bucket" and not prefix and takes_by_products(node))


def takes_by_products(node: Node) -> bool:
    """Whether the bucket of a template is where logs go, or the results of Athena."""
    resources = mapping(node.document.get("Resources"))
    own_name = text_of(mapping(mapping(resources.get(node.resource.name)).get("Properties")).get("BucketName"))
    for inner in (mapping(mapping(other).get("Properties")) for other in resources.values()):
        target = text_of(mapping(inner.get("LoggingConfiguration")).get("DestinationBucketName"))
        results = str(inner.get("WorkGroupConfiguration", ""))
        if target and target in (f"${{{node.resource.name}}}", own_name):
            return True
        if own_name and f"s3://{own_name}/" in results:
            return True
    return False


def _parts(prefix: str) -> set[str]:
    return {part.lower() for part in re.split(r"[/${}]", prefix) if part}


def _number(value: Any) -> int | None:
    return int(value) if re.fullmatch(r"\d+", text_of(value).strip()) else None


def _tiers(node: Node) -> Iterator[tuple[str, int | None]]:
    for tier in map(mapping, alternatives(node.values.get("Tierings"))):
        yield text_of(tier.get("AccessTier")), _number(tier.get("Days"))


def _transitions(node: Node) -> Iterator[tuple[str, int | None]]:
    for name in ("Transitions", "Transition"):
        for step in map(mapping, alternatives(node.values.get(name))):
            yield text_of(step.get("StorageClass")), _number(step.get("Days", step.get("TransitionInDays")))


@rule(
    "LW-A02", Tiering, "Archive tiers earlier than S3 takes them",
    why="ARCHIVE_ACCESS needs 90 days or more, DEEP_ARCHIVE_ACCESS 180, neither more than 730: the call is refused as "
        "InvalidArgument, and nothing of it is set.",
    fix="No archive tier where queries read; at least 90 and 180 days elsewhere.", source=sources.TIERING,
)  # fmt: skip
def tier_too_early(node: Tiering) -> Iterator[Problem]:
    """Yield tiers whose days are out of bounds, or which do not exist."""
    for tier, days in _tiers(node):
        least = LEAST_DAYS.get(tier)
        if least is None:
            yield Problem(node.place, f"'{tier}' is no archive tier")
        elif days is not None and not least <= days <= MOST_DAYS:
            yield Problem(node.place, f"{tier} after {days} days; {least} to {MOST_DAYS} are taken")


@rule(
    "LW-A03", LifecycleRule, "Objects that queries read go where queries skip them",
    why="Athena passes over objects in Glacier and in archive tiers without a word: answers about the past are too "
        "small. What was archived also needs hours to come back, and files below 128 KB do not move at all.",
    fix="Expire what no commit needs any more, and leave the prefix of tables where it is; INTELLIGENT_TIERING without "
        "archive tiers, or GLACIER_IR, stay readable.",
    source=sources.ATHENA_GLACIER,
)  # fmt: skip
def moved_out_of_reach(node: LifecycleRule) -> Iterator[Problem]:
    """Yield transitions of a prefix that may hold tables to a class that must be restored first."""
    prefix = prefix_of(node.values)
    if node.values.get("Status") in READ_STATUS and may_be_queried(node, prefix):
        for storage_class, days in _transitions(node):
            if storage_class in UNREADABLE:
                yield Problem(node.place, f"'{prefix or 'everything'}' to {storage_class} after {days} days")


@check("LW-A03", Tiering)
def archived_out_of_reach(node: Tiering) -> Iterator[Problem]:
    """Yield archive tiers for a prefix that may hold tables."""
    prefix = prefix_of(node.values)
    if may_be_queried(node, prefix):
        for tier, _ in _tiers(node):
            yield Problem(node.place, f"'{prefix or 'everything'}' to the tier {tier}")


@rule(
    "LW-L01", LifecycleRule, "To Infrequent Access before 30 days", severity="warning",
    why="These classes bill 30 days at least and each read; S3 long refused earlier transitions.",
    fix="30 days or more, or INTELLIGENT_TIERING.", source=sources.LIFECYCLE,
)  # fmt: skip
def cold_too_early(node: LifecycleRule) -> Iterator[Problem]:
    """Yield transitions to an Infrequent Access class in less than 30 days."""
    for storage_class, days in _transitions(node):
        if storage_class in COLD_AFTER_30 and days is not None and days < 30:
            yield Problem(node.place, f"{storage_class} after {days} days")


@rule(
    "LW-L02", LifecycleRule, "Tables are deleted by age",
    why="The age of a file says nothing of whether the current commit needs it: a table that did not change for so "
        "long loses rows.",
    fix="Let `lakeward` sweep what no commit needs; expire noncurrent versions only.",
    source=sources.LIFECYCLE_VERSIONS,
)  # fmt: skip
def deleted_by_age(node: LifecycleRule) -> Iterator[Problem]:
    """Yield expiries of a zone of the lake."""
    prefix = prefix_of(node.values)
    expires = "ExpirationInDays" in node.values or "Days" in mapping(node.values.get("Expiration"))
    if expires and _parts(prefix) & TABLES and not _parts(prefix) & BY_PRODUCTS:
        yield Problem(node.place, f"'{prefix}' expires")


@rule(
    "LW-L03", LifecycleRule, "Transitions that are out of order",
    why="S3 takes each later class only after an earlier one; the whole configuration is refused.",
    fix="IA before Glacier before Deep Archive, each after more days.", source=sources.LIFECYCLE,
)  # fmt: skip
def out_of_order(node: LifecycleRule) -> Iterator[Problem]:
    """Yield transitions to a colder class before a warmer one."""
    order = ["STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]
    known = [(days, order.index(name)) for name, days in _transitions(node) if name in order and days is not None]
    coldness = [place for _, place in sorted(known)]
    if coldness != sorted(coldness):
        yield Problem(node.place, ", ".join(f"{order[place]} after {days} days" for days, place in sorted(known)))
