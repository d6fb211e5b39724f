"""Rules for partition projection: what Athena computes must be what the writer wrote."""

import gzip
import json
import math
import re
from collections.abc import Iterator

from lakeward.aws.lint.rule import Problem, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.tables import Table

TYPES = {"enum", "integer", "date", "injected"}
REQUIRED = {"enum": ("values",), "integer": ("range",), "date": ("range", "format"), "injected": ()}
PADDED = {"month", "mm", "day", "dd", "hour", "hh", "week"}
MOST_METADATA_BYTES, MOST_PARTITIONS = 1_000_000, 1_000_000
DYNAMIC = re.compile(r"[{}$]")


def setting(table: Table, key: str, name: str) -> str | None:
    """Return a projection property of a key, whatever the case in which the key is written."""
    wanted = f"projection.{key}.{name}".lower()
    return next((value for found, value in table.properties.items() if found.lower() == wanted), None)


def enum_values(table: Table, key: str) -> list[str]:
    """Return the values of an enum key as Athena reads them, spaces and all."""
    listed = setting(table, key, "values")
    return [] if listed is None else listed.split(",")


def kind_of(table: Table, key: str) -> str:
    """Return the type of projection of a key; empty when it has none."""
    return (setting(table, key, "type") or "").strip().lower()


def projected_keys(table: Table) -> list[str]:
    """Return the keys of a table that Athena computes; none when it looks them up."""
    return [key.name for key in table.keys] if table.is_projected else []


@rule(
    "LW-A10", Table, "A partition key has no projection",
    why="Projection is for all keys or none: every query of the table fails.",
    fix="Say `projection.<key>.type` for each key, or turn projection off and add partitions.",
    source=sources.PROJECTION_SETUP,
)  # fmt: skip
def not_all_projected(table: Table) -> Iterator[Problem]:
    """Yield keys without a type, types that are none, and types that lack what they need."""
    for key in projected_keys(table):
        kind = kind_of(table, key)
        place = table.at(f"projection.{key}.type" if kind else "projection.enabled")
        if not kind:
            yield Problem(place, f"`{key}` of {table.name} has no projection.{key}.type")
        elif kind not in TYPES:
            yield Problem(place, f"projection.{key}.type is '{kind}'")
        else:
            for name in REQUIRED[kind]:
                if not (setting(table, key, name) or "").strip():
                    yield Problem(place, f"`{key}` is {kind} and has no projection.{key}.{name}")


@rule(
    "LW-A11", Table, "A padded number is projected without its digits",
    why="Athena looks in `month=8` where the writer made `month=08`: no rows and no error.",
    fix="`projection.<key>.digits` = 2 (1 if nothing is padded, so that it is said), or one key of type date.",
    source=sources.PROJECTION_TYPES,
)  # fmt: skip
def no_digits(table: Table) -> Iterator[Problem]:
    """Yield integer keys that are parts of a date, or have a padded range, and do not say their digits."""
    for key in projected_keys(table):
        padded = key.lower() in PADDED or re.match(r"\s*0\d", setting(table, key, "range") or "")
        if kind_of(table, key) == "integer" and padded and not setting(table, key, "digits"):
            yield Problem(table.at(f"projection.{key}.range"), f"`{key}` runs over {setting(table, key, 'range')}")


@rule(
    "LW-P01", Table, "Space around a value of an enum",
    why="Spaces belong to the value, and a comma ends it: 'Atlanta, GA' is two values, the second ' GA'.",
    fix="No space after a comma; a value that has a comma cannot be an enum: partition by its code.",
    source=sources.PROJECTION_TYPES,
)  # fmt: skip
def space_in_enum(table: Table) -> Iterator[Problem]:
    """Yield enums with a value that starts or ends with a space, is empty, or is there twice."""
    for key in projected_keys(table):
        values = enum_values(table, key) if kind_of(table, key) == "enum" else []
        wrong = [value for value in values if value != value.strip() or not value]
        if wrong or len(set(values)) < len(values):
            shown = repr(wrong[0]) if wrong else "one value twice"
            yield Problem(table.at(f"projection.{key}.values"), f"`{key}` lists {shown}")


@rule(
    "LW-P02", Table, "The template of locations lacks a key, or its slash",
    why="Every key must be in `storage.location.template` and it must end with `/`, or every query fails. Without a "
        "template the folders must be named as Hive names them.",
    fix="`…/<key>=${<key>}/…/` with each key.", source=sources.PROJECTION_SETUP,
)  # fmt: skip
def template_lacks(table: Table) -> Iterator[Problem]:
    """Yield templates without one of the keys, with one that is none, or without a slash at the end."""
    template = table.properties.get("storage.location.template")
    if template is None or not table.is_projected:
        return
    place, named = table.at("storage.location.template"), {n.lower() for n in re.findall(r"\$\{(\w+)\}", template)}
    keys = {key.name.lower() for key in table.keys}
    for key in sorted(keys - named):
        yield Problem(place, f"the template has no ${{{key}}}")
    for key in sorted(named - keys):
        yield Problem(place, f"the template has ${{{key}}}, which is no partition key")
    if not template.endswith("/"):
        yield Problem(place, "the template does not end with /")


@rule(
    "LW-P03", Table, "An injected key that is no text",
    why="Only text can be injected, and every query must say the value of each such key with = or IN.",
    fix="Make the key `string`, or use another type of projection.", source=sources.PROJECTION_TYPES,
)  # fmt: skip
def injected_is_no_text(table: Table) -> Iterator[Problem]:
    """Yield injected keys of another type than text."""
    types = {key.name: key.data_type for key in table.keys}
    for key in projected_keys(table):
        if kind_of(table, key) == "injected" and types[key] not in ("string", "varchar", "char"):
            yield Problem(table.at(f"projection.{key}.type"), f"`{key}` is {types[key]}")


@rule(
    "LW-P04", Table, "Projection settings for what is no key",
    why="They do nothing; most often the name is misspelt, and the real key has none.",
    fix="Name the key as PARTITIONED BY does.", source=sources.PROJECTION_SETUP,
)  # fmt: skip
def settings_of_no_key(table: Table) -> Iterator[Problem]:
    """Yield names under ``projection.`` that are no partition key."""
    keys = {key.name.lower() for key in table.keys}
    for name in table.properties:
        parts = name.lower().split(".")
        if len(parts) == 3 and parts[0] == "projection" and parts[1] not in keys:
            yield Problem(table.at(name), f"{name} and `{parts[1]}` is no partition key of {table.name}")


@rule(
    "LW-P05", Table, "A range that cannot be read",
    why="A range is two values with a comma between them, the smaller first; anything else fails or finds nothing.",
    fix="`2020,2030`, or `2020-01,NOW` with its format.", source=sources.PROJECTION_TYPES,
)  # fmt: skip
def unreadable_range(table: Table) -> Iterator[Problem]:
    """Yield ranges that are not two values, or run backwards."""
    for key in projected_keys(table):
        written = setting(table, key, "range")
        if written is None or DYNAMIC.search(written):
            continue
        ends = [end.strip() for end in written.split(",")]
        numbers = [int(end) for end in ends if re.fullmatch(r"-?\d+", end)]
        is_integer = kind_of(table, key) == "integer"
        if len(ends) != 2 or not all(ends) or (is_integer and (len(numbers) != 2 or numbers[0] > numbers[1])):
            yield Problem(table.at(f"projection.{key}.range"), f"`{key}` runs over '{written}'")


@rule(
    "LW-A07", Table, "More partitions than there is room for",
    why="Projection makes every combination of its keys: Athena takes 1,000,000 partitions in one scan and about 1 MB "
        "of table properties, and plans slowly far below that. There is a limit: 10,000,000 partitions a table.",
    fix="Fewer keys, or partitions that are added, which are only those that exist.", source=sources.ATHENA_LIMITS,
)  # fmt: skip
def too_many_combinations(table: Table) -> Iterator[Problem]:
    """Yield tables whose keys combine to too many partitions, or whose properties are too big."""
    if not table.is_projected:
        return
    combinations = math.prod(_size(table, key) for key in projected_keys(table))
    if combinations > MOST_PARTITIONS:
        yield Problem(table.at("projection.enabled"), f"{table.name} has {combinations:,} combinations of its keys")
    size = len(gzip.compress(json.dumps(table.properties).encode()))
    if size > MOST_METADATA_BYTES:
        yield Problem(table.at("projection.enabled"), f"properties of {size:,} bytes, compressed")


def _size(table: Table, key: str) -> int:
    if kind_of(table, key) == "enum":
        return max(1, len(enum_values(table, key)))
    ends = [end.strip() for end in (setting(table, key, "range") or "").split(",")]
    if kind_of(table, key) == "integer" and len(ends) == 2 and all(re.fullmatch(r"-?\d+", end) for end in ends):
        interval = (setting(table, key, "interval") or "1").strip()
        return max(1, (int(ends[1]) - int(ends[0])) // (int(interval) if interval.isdigit() else 1) + 1)
    return 1
