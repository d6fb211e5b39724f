"""The plan of a deployment: what a stack would hold, told without a call and without credentials.

In: the settings, a stack's name, values of parameters. Out: a :class:`Plan`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeward.aws.parameters import parameters
from lakeward.aws.template import MOST_BYTES, resources, template_text
from lakeward.errors import ResourceError, UsageError
from lakeward.settings import Settings


@dataclass(frozen=True)
class Change:
    """One resource that a deployment adds, modifies or removes."""

    action: str
    resource: str
    type: str
    why: str
    replaces: bool = False


@dataclass(frozen=True)
class Plan:
    """What would be deployed: the template, the value of each parameter, and the resources that those values make."""

    stack: str
    region: str
    template: str
    values: dict[str, str | None]
    changes: tuple[Change, ...]

    @property
    def missing(self) -> list[str]:
        """Parameters that have no value yet."""
        return [name for name, value in self.values.items() if value is None]


def plan_deployment(settings: Settings, stack: str, given: Mapping[str, str]) -> Plan:
    """Say what a first deployment would create; calls nothing and needs no credentials.

    Args:
        settings: whose environment, lake and storage give the defaults.
        stack: name of the stack.
        given: values of parameters, instead of their defaults.

    Raises:
        UsageError: there is no such parameter, or it does not take the value.
    """
    declared = parameters(settings)
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise UsageError(
            f"The template has no parameter '{unknown[0]}'. Nothing was deployed. Parameters: {', '.join(declared)}."
        )
    if given.get("Environment", settings.environment) != settings.environment:
        raise UsageError(
            "Parameter Environment alone would leave the other parameters as they are for "
            f"{settings.environment}. Nothing was deployed. Say --environment {given['Environment']}."
        )
    values = {name: given.get(name, _as_text(declared[name].get("Default"))) for name in declared}
    for name, value in values.items():
        _require_allowed(name, value, declared[name])
    text = template_text(settings)
    size = len(text.encode())
    if size > MOST_BYTES:
        raise ResourceError(
            f"The template has {size:,} bytes; CloudFormation takes {MOST_BYTES:,}. Nothing was deployed."
        )
    return Plan(stack, settings.storage.region, text, values, tuple(_created(values)))


def _created(values: Mapping[str, str | None]) -> Iterator[Change]:
    holds = {
        "UsesKms": values["Encryption"] == "aws:kms",
        "Audits": values["AuditDataEvents"] == "true",
        "HasAlarmEmail": bool(values["AlarmEmail"]),
    }
    for name, resource in resources().items():
        if resource.condition is None or holds[resource.condition]:
            yield Change("Add", name, resource.type, resource.why)


def _as_text(value: object) -> str | None:
    return None if value is None else str(value)


def _require_allowed(name: str, value: str | None, declared: Mapping[str, Any]) -> None:
    if value is None:
        return
    problem = _problem(value, declared)
    if problem:
        raise UsageError(f"Parameter {name} cannot be '{value}'.\n  expected: {problem}\nNothing was deployed.")


def _problem(value: str, declared: Mapping[str, Any]) -> str | None:
    allowed = declared.get("AllowedValues")
    if allowed and value not in allowed:
        return f"one of {', '.join(allowed)}"
    if declared["Type"] == "Number" and not (value.isdigit() and int(value) >= declared["MinValue"]):
        return f"a whole number of {declared['MinValue']} or more"
    shortest, longest = declared.get("MinLength", 0), declared.get("MaxLength", 4096)
    if not shortest <= len(value) <= longest:
        return f"{shortest} to {longest} characters"
    pattern = declared.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, value):
        return f"text like {pattern}"
    return None
