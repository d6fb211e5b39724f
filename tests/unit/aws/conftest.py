"""The template with its parameters filled in, as CloudFormation would fill them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from lakeward.aws.parameters import parameters
from lakeward.aws.template import template_document
from lakeward.config import load_settings

Values = dict[str, Any]
PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
}
NOTHING = object()


class Stack:
    """Resources of the template with every function carried out; ``GetAtt`` gives ``<resource>.<attribute>``."""

    def __init__(self, environment: str = "production", lake: str = "s3://health-lake/prices", **given: str) -> None:
        settings = load_settings(None, {"lake": lake}, environment)[0]
        self.document = template_document(settings)
        defaults = {name: declared.get("Default") for name, declared in parameters(settings).items()}
        self.values = PSEUDO | defaults | given
        self.conditions = {name: self.fill(test) for name, test in self.document["Conditions"].items()}
        self.resources = {
            name: self.fill(resource)
            for name, resource in self.document["Resources"].items()
            if self.conditions.get(resource.get("Condition"), True)
        }

    def of_type(self, kind: str) -> dict[str, Values]:
        """Return the properties of the resources of a type."""
        return {name: r["Properties"] for name, r in self.resources.items() if r["Type"] == kind}

    def statements(self, name: str) -> list[Values]:
        """Return the statements of a role or of a policy."""
        properties = self.resources[name]["Properties"]
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        return [statement for document in documents for statement in document["Statement"]]

    def fill(self, value: Any) -> Any:
        """Carry out the functions in a part of the template."""
        if isinstance(value, list):
            return [item for item in map(self.fill, value) if item is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (name := next(iter(value))) in FUNCTIONS:
            return FUNCTIONS[name](self, value[name])
        return {key: item for key, part in value.items() if (item := self.fill(part)) is not NOTHING}

    def ref(self, name: str) -> Any:
        """Return what ``Ref`` gives: a parameter's value, or the name of a resource."""
        if name == "AWS::NoValue":
            return NOTHING
        if name in self.values:
            return self.values[name]
        resource = self.document["Resources"][name]
        return self.fill(resource["Properties"].get("BucketName", name))

    def chosen(self, parts: list[Any]) -> Any:
        """Return what ``Fn::If`` gives."""
        return self.fill(parts[1] if self.conditions[parts[0]] else parts[2])

    def text(self, pattern: str) -> str:
        """Return what ``Fn::Sub`` gives."""
        return re.sub(r"\$\{([\w:]+)\}", lambda match: str(self.ref(match[1])), pattern)


FUNCTIONS: dict[str, Callable[[Stack, Any], Any]] = {
    "Ref": Stack.ref,
    "Fn::Sub": Stack.text,
    "Fn::If": Stack.chosen,
    "Fn::GetAtt": lambda stack, parts: ".".join(parts),
    "Fn::Equals": lambda stack, parts: stack.fill(parts[0]) == stack.fill(parts[1]),
    "Fn::Not": lambda stack, parts: not stack.fill(parts[0]),
}


@pytest.fixture(scope="session")
def stack() -> type[Stack]:
    """The class that fills the template in."""
    return Stack
