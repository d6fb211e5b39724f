"""Reads the DAX and M inside a model, as far as checking what they refer to needs it.

In: an expression. Out: its tokens, or what is wrong with its quotes and brackets; and the tables, columns, measures and
functions that it names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lakeward.publish.powerbi.grammar import unquoted

DAX_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|--[^\n]*)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<table>'(?:[^']|'')+')
    |(?P<field>\[(?:[^\]]|\]\])+\])
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    |(?P<open>\()|(?P<close>\))
    |(?P<operator>&&|\|\||<>|>=|<=|[-+*/^&=<>,{}])""",
    re.VERBOSE,
)
M_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<text>\#?"(?:[^"]|"")*")
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    |(?P<open>[({\[])|(?P<close>[)}\]])
    |(?P<operator>=>|<>|>=|<=|[-+*/&=<>,?@])""",
    re.VERBOSE,
)
PAIRS = {")": "(", "}": "{", "]": "["}

FUNCTIONS = frozenset(
    (
        "CALCULATE", "COUNT", "COUNTROWS", "DATESYTD", "DISTINCTCOUNT", "DIVIDE", "EDATE", "EOMONTH", "FALSE",
        "HASONEVALUE", "IF", "ISBLANK", "MAX", "MIN", "RELATED", "REMOVEFILTERS", "SAMEPERIODLASTYEAR",
        "SELECTEDVALUE", "SUM", "SUMMARIZE", "SUMX", "TRUE", "USERELATIONSHIP",
    )
)  # fmt: skip
"""The functions of our measures; another one is a slip until it is added here and to the tests' evaluator."""
WORDS = frozenset(("VAR", "RETURN", "NOT", "IN"))


@dataclass(frozen=True)
class Token:
    """A piece of an expression."""

    kind: str
    text: str


@dataclass(frozen=True)
class DaxReference:
    """A table, or a column of it; or a measure, which has no table here."""

    table: str
    name: str


def tokens(expression: str, pattern: re.Pattern[str]) -> list[Token]:
    """Return the pieces of an expression without its white space.

    Raises:
        ValueError: a piece that the language has not, a quote or bracket without its pair.
    """
    found, position, opened = [], 0, []
    while position < len(expression):
        piece = pattern.match(expression, position)
        if piece is None or piece.lastgroup is None:
            raise ValueError(f"'{expression[position : position + 20]}' cannot be read")
        position = piece.end()
        if piece.lastgroup == "open":
            opened.append(piece[0])
        elif piece.lastgroup == "close" and (not opened or opened.pop() != PAIRS[piece[0]]):
            raise ValueError(f"'{piece[0]}' closes nothing")
        if piece.lastgroup != "space":
            found.append(Token(piece.lastgroup, piece[0]))
    if opened:
        raise ValueError(f"'{opened[-1]}' is not closed")
    return found


def dax_references(expression: str) -> Iterator[DaxReference]:
    """Yield what a DAX expression refers to; a bare ``[name]`` as a measure, with no table.

    Raises:
        ValueError: the expression cannot be read, or names a function that is not known here.
    """
    parts = tokens(expression, DAX_TOKEN)
    variables = {after.text for word, after in pairwise(parts) if word.text == "VAR"}
    for index, token in enumerate(parts):
        before = parts[index - 1] if index else None
        after = parts[index + 1] if index + 1 < len(parts) else None
        if token.kind == "field":
            owned = before is not None and _is_table(before, variables)
            yield DaxReference(unquoted(before.text) if owned and before else "", token.text[1:-1].replace("]]", "]"))
        elif token.kind == "word" and after is not None and after.kind == "open":
            if token.text not in FUNCTIONS and token.text not in WORDS:
                raise ValueError(f"'{token.text}' is no function that is known here")
        elif _is_table(token, variables) and (after is None or after.kind != "field"):
            yield DaxReference(unquoted(token.text), "")


def _is_table(token: Token, variables: set[str]) -> bool:
    return token.kind == "table" or (token.kind == "word" and token.text not in WORDS | variables)


def m_texts(expression: str) -> list[str]:
    """Return the text literals of an M expression.

    Raises:
        ValueError: the expression cannot be read.
    """
    found = (token.text for token in tokens(expression, M_TOKEN) if token.kind == "text" and token.text[0] == '"')
    return [_m_unescaped(text[1:-1].replace('""', '"')) for text in found]


def m_words(expression: str) -> set[str]:
    """Return the identifiers of an M expression."""
    return {token.text for token in tokens(expression, M_TOKEN) if token.kind == "word"}


def _m_unescaped(text: str) -> str:
    plain = re.sub(r"#\(([0-9A-F]{4})\)", lambda found: chr(int(found[1], 16)), text)
    return plain.replace("#(#)", "#")
