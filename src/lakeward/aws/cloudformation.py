"""CloudFormation documents: the intrinsic functions, a resource with its reason, and the YAML of a template.

In Python a function is its JSON form, such as ``{"Fn::Sub": "…"}``; in YAML it is the short form, ``!Sub …``. Both
ways are here, so that a template that was printed can be read back and compared.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Values = dict[str, Any]
"""A part of a template in its JSON form."""

NO_VALUE = {"Ref": "AWS::NoValue"}
LINE_WIDTH = 116
_QUOTED_NAME = re.compile(r"!(Ref|GetAtt) '([\w.:]+)'")


def ref(name: str) -> Values:
    """Return the value of a parameter, or the name of a resource."""
    return {"Ref": name}


def sub(text: str) -> Values:
    """Return text in which ``${Name}`` and ``${Name.Attribute}`` are filled in."""
    return {"Fn::Sub": text}


def attribute(resource: str, name: str) -> Values:
    """Return an attribute of a resource."""
    return {"Fn::GetAtt": [resource, name]}


def when(condition: str, then: Any, otherwise: Any = None) -> Values:
    """Return one of two values by a condition; nothing at all where the second is not given."""
    return {"Fn::If": [condition, then, NO_VALUE if otherwise is None else otherwise]}


def equals(parameter: str, value: str) -> Values:
    """Return the condition that a parameter has a value."""
    return {"Fn::Equals": [ref(parameter), value]}


@dataclass(frozen=True)
class Resource:
    """One resource of a template.

    Args:
        type: such as ``AWS::S3::Bucket``.
        why: one sentence, printed above it and shown by ``lakeward aws deploy --dry-run``.
        properties: as CloudFormation takes them.
        condition: the condition under which there is one.
        depends_on: resources that must stand before it, where no function says so.
        holds_data: it outlives its stack, unless the stack failed while it was first made.
    """

    type: str
    why: str
    properties: Values
    condition: str | None = None
    depends_on: tuple[str, ...] = ()
    holds_data: bool = field(default=False)

    def as_values(self) -> Values:
        """Return the resource as it stands in a template."""
        values: Values = {"Type": self.type}
        if self.condition:
            values["Condition"] = self.condition
        if self.depends_on:
            values["DependsOn"] = list(self.depends_on)
        if self.holds_data:
            values |= {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
        return values | {"Properties": self.properties}


def to_yaml(document: Mapping[str, Any], comments: Mapping[str, str] | None = None) -> str:
    """Return a template as YAML: sections in their order, short functions, a comment above each resource.

    Args:
        document: the template.
        comments: what to write above a resource, by its name.
    """
    parts = []
    for section, content in document.items():
        if section in ("Parameters", "Resources"):
            entries = [_entry(name, values, (comments or {}).get(name)) for name, values in content.items()]
            parts.append(f"{section}:\n" + "\n".join(entries))
        else:
            parts.append(_dump({section: content}))
    return "\n".join(parts)


def from_yaml(text: str) -> Values:
    """Read a template; short functions become their JSON form."""
    loaded: Values = yaml.load(text, Loader=_TemplateLoader)  # noqa: S506 - a SafeLoader with functions added
    return loaded


def _entry(name: str, values: Any, comment: str | None) -> str:
    lines = _dump({name: values}).splitlines()
    above = textwrap.wrap(comment or "", LINE_WIDTH, initial_indent="# ", subsequent_indent="# ")
    return "\n".join(f"  {line}" if line else "" for line in [*above, *lines]) + "\n"


def _dump(values: Any) -> str:
    text = yaml.dump(values, Dumper=_TemplateDumper, sort_keys=False, allow_unicode=True, width=LINE_WIDTH)
    # The emitter quotes whatever has a tag; names need no quotes and read better without.
    return _QUOTED_NAME.sub(r"!\1 \2", text)


class _TemplateDumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        # CloudFormation reads anchors, people do not: a value used twice is written twice.
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class _TemplateLoader(yaml.SafeLoader):
    pass


def _represent_mapping(dumper: yaml.SafeDumper, values: Values) -> yaml.Node:
    if len(values) == 1:
        (name, value), *_ = values.items()
        if name == "Ref" or name.startswith("Fn::"):
            return _represent_function(dumper, f"!{name.removeprefix('Fn::')}", value)
    return dumper.represent_mapping("tag:yaml.org,2002:map", values.items(), flow_style=False)


def _represent_function(dumper: yaml.SafeDumper, tag: str, value: Any) -> yaml.Node:
    if tag == "!GetAtt":
        return dumper.represent_scalar(tag, ".".join(value))
    if isinstance(value, list):
        return dumper.represent_sequence(tag, value)
    return dumper.represent_scalar(tag, value, style="|" if "\n" in value else None)


def _construct_function(loader: Any, suffix: str, node: yaml.Node) -> Values:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    value = loader.construct_scalar(node)
    return {name: value.split(".", 1) if suffix == "GetAtt" else value}


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_TemplateDumper.add_representer(dict, _represent_mapping)
_TemplateDumper.add_representer(str, _represent_text)
_TemplateLoader.add_multi_constructor("!", _construct_function)
