"""Snippets: what a document with code in it, or a Python program, says to AWS.

In: Markdown, or Python. Out: the blocks of a document; from Python the texts of statements, the mappings that are
given to a call or a name, and the calls. Nothing is run: what is only known at run time stays ``{name}``.
"""

import ast
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lakeward.aws.lint.rule import Place, Problem
from lakeward.aws.lint.yaml_text import Located

_FENCE = re.compile(r"^(?P<fence>```+|~~~+)(?P<language>[\w-]*)[^\n]*\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.M | re.S)
STATEMENT = re.compile(
    r"^\s*(create\s+(external\s+)?table\s+(if\s+not\s+exists\s+)?[`\"\w.{}]+\s*\(|create\s+(or\s+replace\s+)?view\s"
    r"|alter\s+table\s|select\s.*\sfrom\s|with\s+\w+\s+as\s*\(|msck\s+repair\s)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a document: its language, its text, and the line on which the text starts."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Prose:
    """A document without its blocks; the lines stay where they were."""

    place: Place
    text: str


@dataclass(frozen=True)
class Program:
    """A Python program."""

    place: Place
    tree: ast.Module

    def at(self, node: ast.expr | ast.stmt) -> Place:
        """Return where a part of the program stands."""
        return self.place.at(self.place.line + node.lineno - 1)


def blocks_of(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a Markdown document."""
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start("body")) + 1
        yield Block(match["language"].lower(), match["body"], line)


def prose_of(text: str) -> str:
    """Return a document with nothing in its blocks."""
    return _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)


def parse_python(text: str) -> ast.Module | None:
    """Return the tree of a program, or None when it is none."""
    try:
        return ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError):
        return None


def lines_where(prose: Prose, is_meant: Callable[[str], object]) -> Iterator[Problem]:
    """Yield the lines of a document that a rule is about."""
    for number, line in enumerate(prose.text.splitlines(), 1):
        if is_meant(line):
            yield Problem(prose.place.at(number), line.strip(" -*#"))


def calls_in(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Yield the calls of methods with these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node


def columns_in(node: ast.AST) -> set[str]:
    """Return the columns that an expression over frames names."""
    return {text_in(call.args[0]) for call in calls_in(node, "col") if call.args}


def statements_in(tree: ast.Module, first_line: int) -> Iterator[tuple[str, int]]:
    """Yield the texts of a program that are statements of SQL, and where they start."""
    for node in _outermost_texts(tree):
        text = text_in(node)
        if STATEMENT.match(text):
            yield text, first_line + node.lineno - 1


def mappings_in(tree: ast.Module, first_line: int) -> Iterator[Located]:
    """Yield the mappings of a program that stand alone, and the named arguments of each call as one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.Return) and isinstance(node.value, ast.Dict | ast.List):
            value = value_in(node.value, first_line)
            yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, Located))
        elif isinstance(node, ast.Call) and any(keyword.arg for keyword in node.keywords):
            found = Located({k.arg: value_in(k.value, first_line) for k in node.keywords if k.arg})
            found.line = first_line + node.lineno - 1
            yield found


def value_in(node: ast.expr, first_line: int) -> Any:
    """Return what an expression is, as far as it can be seen; the rest is ``{name}``."""
    if isinstance(node, ast.Dict):
        found = Located({
            text_in(key): value_in(value, first_line)
            for key, value in zip(node.keys, node.values, strict=True) if key is not None
        })  # fmt: skip
        found.line = first_line + node.lineno - 1
        return found
    if isinstance(node, ast.List | ast.Tuple):
        return [value_in(each, first_line) for each in node.elts]
    if isinstance(node, ast.Constant):
        return node.value
    return text_in(node)


def text_in(node: ast.expr) -> str:
    """Return the text that an expression makes, with ``{name}`` where a value goes in."""
    if isinstance(node, ast.Constant):
        return "" if isinstance(node.value, bytes) else str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_in(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return text_in(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_in(node.left) + text_in(node.right)
    if isinstance(node, ast.Attribute):
        return f"{{{node.attr}}}"
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return f"{{{text_in(node.slice)}}}"
    return f"{{{node.id}}}" if isinstance(node, ast.Name) else "{value}"


def _outermost_texts(node: ast.AST) -> Iterator[ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
            yield child
        else:
            yield from _outermost_texts(child)
