"""YAML and JSON: mappings that know their line, and short functions of CloudFormation in their JSON form."""

from typing import Any

import yaml


class Located(dict[str, Any]):
    """A mapping that knows the line on which it starts."""

    line = 1


def read_documents(text: str, first_line: int = 1) -> list[Any]:
    """Read YAML or JSON; a mapping knows its line, a short function becomes its JSON form.

    Raises:
        yaml.YAMLError: the text is neither.
    """

    class Loader(_Loader):
        pass

    Loader.first_line = first_line
    return list(yaml.load_all(text, Loader=Loader))


class _Loader(yaml.SafeLoader):
    first_line = 1


def _construct_text(loader: _Loader, node: yaml.ScalarNode) -> Any:
    # A date such as the version of a policy stays what is written.
    return loader.construct_scalar(node)


def _construct_mapping(loader: _Loader, node: yaml.MappingNode) -> Located:
    values = Located((str(name), value) for name, value in loader.construct_mapping(node, deep=True).items())
    values.line = loader.first_line + node.start_mark.line
    return values


def _construct_function(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    value = loader.construct_scalar(node)
    return {name: value.split(".", 1) if suffix == "GetAtt" else value}


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _construct_text)
_Loader.add_multi_constructor("!", _construct_function)
