"""Small pieces of Markdown that the reference pages share."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; a cell may hold any text, line breaks become spaces and bars are escaped."""
    lines = [columns, ["---"] * len(columns), *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """Return a text as one table cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """Return a text as code."""
    return f"`{text}`"


def joined(parts: Iterable[str]) -> str:
    """Return the parts of a page, an empty line between them, a line break at the end."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def from_docstring(text: str) -> str:
    """Return a docstring as Markdown: literals in double backticks become code."""
    return text.replace("``", "`")
