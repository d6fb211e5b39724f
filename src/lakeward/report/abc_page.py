"""The ABC page: which DRGs, facilities and people most of the money goes to, and a drill into the places of one DRG.

In: nothing. Out: figures; the page's script fills them from ``mart_claims_abc`` and ``mart_claims_drg``.
"""

from typing import Any

from lakeward.report.figure import (
    ACCENT,
    CLASS_COLOURS,
    COUNT,
    MONEY,
    PERCENT,
    SHORT_MONEY,
    Figure,
    Spec,
    bar_colour,
    quantitative,
    ranked_bars,
    scale,
    tooltip,
)
from lakeward.report.queries import ABC, DRG, DRGS_NAMED, ENTITIES_SHOWN, FACILITIES_NAMED, FACILITIES_OF_DRG, FACT

AMOUNTS = {"claims": ("Claims", "count"), "paid": ("Paid, USD", "cents")}
_CLASS = {"field": "class", "type": "nominal", "scale": scale(CLASS_COLOURS)}


def abc_figures() -> tuple[Figure, ...]:
    """Return the figures of the page, in order."""
    return (_ranking(), _curve(), _next_level(), _states())


def _ranking() -> Figure:
    tips = tooltip(
        ("label", "What"), ("rank", "Rank", COUNT), ("class", "Class"), ("paid", "Paid", "$,.2f"),
        ("claims", "Claims", COUNT), ("share", "Share, %", ".2f"), ("cumulative", "Cumulative, %", ".2f"),
    )  # fmt: skip
    colour = _CLASS | {"legend": {"title": "Class", "orient": "top"}}
    return Figure(
        key="abc-ranking",
        title="Where most of the money goes",
        explanation=f"The {ENTITIES_SHOWN} highest by paid amount; the classes count every one. Click a DRG to drill.",
        tables=(ABC, FACT),
        columns={
            "rank": ("Rank", "count"), "label": ("What", "text"), "class": ("Class", "text"), **AMOUNTS,
            "share": ("Share", "percent"), "cumulative": ("Cumulative", "percent"),
        },
        spec=ranked_bars("label", quantitative("paid", "Paid amount", SHORT_MONEY), colour, tips),
    )  # fmt: skip


def _curve() -> Figure:
    tips = tooltip(
        ("rank", "Rank", COUNT), ("entities", "Of all, %", PERCENT),
        ("cumulative", "Of the positive total, %", ".2f"), ("class", "Class"),
    )  # fmt: skip
    across: Spec = quantitative("entities", "Share of all, highest first (%)", COUNT, scale={"domain": [0, 100]})
    upward: Spec = quantitative("cumulative", "Share of the paid amount (%)", COUNT, scale={"domain": [0, 100]})
    limits: list[dict[str, Any]] = [{"limit": 80, "name": "A below 80 %"}, {"limit": 95, "name": "B below 95 %"}]
    limit = {"field": "limit", "type": "quantitative"}
    return Figure(
        key="abc-curve",
        title="How concentrated it is",
        explanation="Cumulative share of the positive total, highest first. The curve is thinned; classes are not.",
        tables=(ABC, FACT),
        columns={
            "rank": ("Rank", "count"), "entities": ("Of all", "percent"), "cumulative": ("Cumulative", "percent"),
            "class": ("Class", "text"),
        },
        spec={
            "height": 296,
            "layer": [
                {
                    "data": {"values": limits},
                    "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#8496a3"},
                    "encoding": {"y": limit},
                },
                {
                    "data": {"values": limits},
                    "mark": {"type": "text", "align": "left", "dx": 8, "dy": -7, "color": "#748591", "x": 0},
                    "encoding": {"y": limit, "text": {"field": "name"}},
                },
                {
                    "mark": {"type": "line", "strokeWidth": 2, "color": ACCENT},
                    "encoding": {"x": across, "y": upward, "order": {"field": "rank"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 26},
                    "encoding": {"x": across, "y": upward, "color": _CLASS | {"legend": None}, "tooltip": tips},
                },
            ],
        },
    )  # fmt: skip


def _next_level() -> Figure:
    return Figure(
        key="drill-level",
        title="Drill-down",
        explanation=(
            "Major category, then DRG, then facility: a click goes one level down. The "
            f"{DRGS_NAMED} DRGs and {FACILITIES_NAMED} facilities with the highest paid amounts are named, and the "
            f"{FACILITIES_OF_DRG} highest facilities of each such DRG; the others are one rest, so that bars add up. "
            "At most 20 bars are drawn, the rest is said below."
        ),
        tables=(DRG,),
        columns={"label": ("What", "text"), **AMOUNTS, "average": ("Paid per claim, USD", "money")},
        spec=_place_bars("label"),
    )


def _states() -> Figure:
    return Figure(
        key="drill-states",
        title="By state of the facility",
        explanation="What is chosen above, by state; the state is that in the facility's number. At most 20 are drawn.",
        tables=(DRG,),
        columns={"label": ("State", "text"), **AMOUNTS, "average": ("Paid per claim, USD", "money")},
        spec=_place_bars("label", 110),
    )


def _place_bars(label: str, label_width: int = 250) -> Spec:
    tips = tooltip(
        ("label", "What"), ("paid", "Paid", "$,.2f"), ("claims", "Claims", COUNT), ("average", "Paid per claim", MONEY),
    )  # fmt: skip
    value = quantitative("paid", "Paid amount", SHORT_MONEY)
    return ranked_bars(label, value, bar_colour(ACCENT), tips, label_width)
