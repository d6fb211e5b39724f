"""Writes a JSON document of any size while it is being made.

In: nested members whose long arrays are iterators. Out: text pieces, pretty-printed or compact; nothing but the
element at hand is held in memory.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

INDENT = 2


@dataclass(frozen=True, slots=True)
class Members:
    """An object whose members are written one after the other; a value may be an iterator (an array) or ``Members``."""

    pairs: tuple[tuple[str, object], ...]


def json_pieces(value: object, *, pretty: bool, depth: int = 0) -> Iterator[str]:
    """Yield the text of a value; iterators are consumed one element at a time."""
    inner, outer = _break(pretty, depth + 1), _break(pretty, depth)
    if isinstance(value, Members):
        colon = ": " if pretty else ":"
        for position, (name, member) in enumerate(value.pairs):
            yield ("," if position else "{") + inner + json.dumps(name) + colon
            yield from json_pieces(member, pretty=pretty, depth=depth + 1)
        yield outer + "}"
    elif isinstance(value, Iterator):
        separator = "["
        for element in value:
            yield separator + inner
            yield from json_pieces(element, pretty=pretty, depth=depth + 1)
            separator = ","
        yield (outer if separator == "," else "[") + "]"
    elif pretty:
        yield json.dumps(value, indent=INDENT).replace("\n", outer)
    else:
        yield json.dumps(value, separators=(",", ":"))


def _break(pretty: bool, depth: int) -> str:
    return "\n" + " " * INDENT * depth if pretty else ""
