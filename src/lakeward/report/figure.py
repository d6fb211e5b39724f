"""A figure of a report: a Vega-Lite chart, what it says, and where it comes from.

In: nothing. Out: :class:`Figure`, and the small pieces of Vega-Lite that several figures share. A chart names its data
``rows``; the page hands it the rows of what is chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
MONEY, SHORT_MONEY, COUNT, PERCENT = "$,.0f", "$.3~s", ",.0f", ".1f"
ACCENT, SECOND, REST_COLOUR = "#0b7f9c", "#e08a1e", "#b9c6cf"
BAR_PIXELS = 21
CLASS_COLOURS = {"A": "#0b7f9c", "B": "#63b3c6", "C": "#b9c6cf", "N": "#d98c8c"}
OUTCOME_COLOURS = {
    "retained": "#0b7f9c",
    "lapsed": "#e08a1e",
    "died": "#5b6770",
    "disenrolled": "#93a3ad",
    "no summary year": "#bcc8cf",
    "censored": "#dde4e8",
}


@dataclass(frozen=True)
class Figure:
    """One chart of a page.

    Args:
        key: its place on the page, and the name by which the page's script hands it rows.
        title: what is seen.
        explanation: how to read it, and what was left out.
        tables: where the numbers come from.
        columns: field -> label and kind of its table, ``text`` or a number (``written`` in the script).
        spec: Vega-Lite without data and size.
        is_wide: takes the whole width of the page.
    """

    key: str
    title: str
    explanation: str
    tables: tuple[str, ...]
    columns: Mapping[str, tuple[str, str]]
    spec: Spec
    is_wide: bool = False

    def as_vega(self) -> Spec:
        """Return the complete Vega-Lite specification; its data, named ``rows``, come from the page."""
        frame = {
            "$schema": SCHEMA,
            "description": f"{self.title}. {self.explanation}",
            "width": "container",
            "data": {"name": "rows", "values": []},
        }
        return frame | self.spec


def quantitative(field: str, title: str | None, form: str, **more: Any) -> Spec:
    """Return a channel of numbers with its axis."""
    axis: Spec = {"title": title, "format": form, "tickCount": 5, "labelOverlap": True}
    axis |= {"tickMinStep": 1} if form == COUNT else {}
    return {"field": field, "type": "quantitative", "axis": axis} | more


def tooltip(*fields: tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """Return the lines of a tooltip from (field, title) or (field, title, number format)."""
    return [
        {"field": field[0], "title": field[1]}
        | ({"type": "quantitative", "format": field[2]} if len(field) > 2 else {"type": "nominal"})
        for field in fields
    ]


def scale(colours: Mapping[str, str]) -> Spec:
    """Return a colour scale with fixed meaning: the same word has the same colour whatever is chosen."""
    return {"domain": list(colours), "range": list(colours.values())}


def bar_colour(colour: str) -> Spec:
    """Return the colour of bars, and a pale one for those beside the one that is chosen."""
    return {"condition": {"test": "datum.pale", "value": REST_COLOUR}, "value": colour}


def ranked_bars(label: str, value: Spec, colour: Spec, tips: list[Spec], label_width: int = 250) -> Spec:
    """Return horizontal bars in the order of their rows, with the label of each in full on its tooltip."""
    return {
        # The page makes a number of it: so many pixels a row.
        "height": {"step": BAR_PIXELS},
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "cursor": "pointer", "height": {"band": 0.72}},
        "encoding": {
            "y": {
                "field": label,
                "type": "nominal",
                # By place, not as they come: a chart that gets other rows keeps the order of the first.
                "sort": {"field": "place", "op": "min"},
                "axis": {"title": None, "labelLimit": label_width, "ticks": False, "domain": False},
            },
            "x": value,
            "color": colour,
            "tooltip": tips,
        },
    }
