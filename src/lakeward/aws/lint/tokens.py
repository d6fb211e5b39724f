"""Tokens of Hive DDL and of Athena's SQL, read tolerantly: any text gives tokens, a broken one too.

In: the text of statements. Out: words, names in backquotes or double quotes, texts, numbers, marks and comments, each
with its line. ``{name}`` in a word is a place holder of whoever writes the statement, and part of the word.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["word", "name", "text", "number", "mark", "comment", "unterminated"]
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>--[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.|'')*')
    |(?P<name>`(?:[^`]|``)*`|"(?:[^"]|"")*")
    |(?P<number>\d+(?:\.\d+)?(?![\w$]))
    |(?P<word>(?:[\w$]|\{\{[^{}\n]*\}\}|\{[^{}\n]*\})+)
    |(?P<unterminated>['"`].*)
    |(?P<mark><>|!=|<=|>=|.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """One token: its kind, its meaning without quotes, and its 1-based line."""

    kind: Kind
    value: str
    line: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these words, in any case."""
        return self.kind == "word" and self.value.lower() in words

    def is_mark(self, *marks: str) -> bool:
        """Whether this is one of these marks."""
        return self.kind == "mark" and self.value in marks

    @property
    def names(self) -> bool:
        """Whether this can be the name of a table or column."""
        return self.kind in ("word", "name")


def tokens_of(text: str, first_line: int = 1) -> Iterator[Token]:
    """Yield the tokens of a text, comments too.

    Args:
        text: one or more statements.
        first_line: the line on which the text starts.
    """
    line = first_line
    for match in _TOKEN.finditer(text):
        kind, found = match.lastgroup, match[0]
        if kind != "space":
            yield Token(kind, _meaning(str(kind), found), line)  # type: ignore[arg-type]
        line += found.count("\n")


def statements_of(text: str, first_line: int = 1) -> Iterator[list[Token]]:
    """Yield the tokens of each statement, without comments and the semicolon."""
    statement: list[Token] = []
    for token in tokens_of(text, first_line):
        if token.is_mark(";"):
            yield statement
            statement = []
        elif token.kind != "comment":
            statement.append(token)
    yield statement


def _meaning(kind: str, found: str) -> str:
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", found[1:-1].replace("''", "'"), flags=re.DOTALL)
    if kind == "name":
        return found[1:-1].replace(found[0] * 2, found[0])
    return found
