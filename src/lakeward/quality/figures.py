"""The shape of everything the report shows: a figure is a small table with its source.

In: rows that the measuring modules aggregate in SQL. Out: figures that the text, JSON and HTML renderers share, so
that the three can never disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "count", "share", "number", "status"]


@dataclass(frozen=True)
class Column:
    """One column of a figure.

    Args:
        name: the key of the value in each row, stable in the JSON report.
        label: what a reader sees.
        kind: how the value is written: ``share`` is a fraction of one shown as percent, ``number`` has two decimals.
    """

    name: str
    label: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Source:
    """Where a figure comes from: table, what one of its rows is, publisher, and the releases it holds."""

    table: str
    grain: str
    publisher: str
    releases: str

    def as_dict(self) -> dict[str, str]:
        """Return the source for the JSON report."""
        return {
            "table": self.table,
            "grain": self.grain,
            "publisher": self.publisher,
            "releases": self.releases,
        }


@dataclass(frozen=True)
class Figure:
    """One table of the report.

    Args:
        key: stable name in the JSON report, snake case.
        section: the heading it stands under.
        title: one line above the table.
        explanation: what is counted, in a sentence.
        sources: the tables it is computed from.
        columns: what is shown; a row may hold further keys, which only the JSON report carries.
        rows: the values; ``None`` is unknown.
    """

    key: str
    section: str
    title: str
    explanation: str
    sources: tuple[Source, ...]
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the figure for the JSON report; its key is its name there."""
        return {
            "title": self.title,
            "explanation": self.explanation,
            "sources": [source.as_dict() for source in self.sources],
            "rows": [dict(row) for row in self.rows],
        }


def share(part: int, whole: int) -> float | None:
    """Return ``part`` of ``whole`` as a fraction of one, to six decimals; ``None`` when there is no whole."""
    return round(part / whole, 6) if whole else None


def written(value: object, kind: Kind) -> str:
    """Write one value for a reader: ``1,234``, ``12.3 %``, ``1.25``; unknown is a dash."""
    if value is None:
        return "–"
    if kind == "count":
        return f"{value:,}"
    if kind == "share" and isinstance(value, float | int):
        return _percent(value)
    if kind == "number" and isinstance(value, float | int):
        return f"{value:.2g}" if 0 < abs(value) < 0.005 else f"{value:,.2f}"
    return str(value)


def _percent(value: float) -> str:
    """Write a share so that 'almost all' never reads as all, nor 'almost none' as none."""
    if 0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= value < 1:
        return "> 99.9 %"
    return f"{value * 100:.1f} %"
