"""The retention page: of those admitted in a year, who was admitted again the next, who was not, and who could not be.

In: nothing. Out: figures; the page's script fills them from ``mart_claims_retention``.
"""

from lakeward.report.figure import (
    ACCENT,
    COUNT,
    OUTCOME_COLOURS,
    SECOND,
    Figure,
    Spec,
    quantitative,
    ranked_bars,
    scale,
    tooltip,
)
from lakeward.report.queries import RETENTION

SMALLEST_GROUP = 30
"""A rate of fewer exposed people than this says little and is not drawn."""
STATES_SHOWN = 15
_RATES = {
    "label": ("Group", "text"),
    "exposed": ("Exposed", "count"),
    "lapsed": ("Lapsed", "count"),
    "churn": ("Lapse rate", "percent"),
}
_MISSING = f"Groups of fewer than {SMALLEST_GROUP} exposed people are not drawn."


def retention_figures() -> tuple[Figure, ...]:
    """Return the figures of the page, in order."""
    return (
        _outcomes(),
        _rates(),
        _lapse(
            "retention-states", "Lapse rate by state", f"The {STATES_SHOWN} with most exposed people. {_MISSING}", 110
        ),
        _lapse("retention-groups", "Lapse rate by age and sex", f"Age at the end of the year. {_MISSING}", 150),
    )


def _outcomes() -> Figure:
    tips = tooltip(
        ("cohort", "Admitted in"), ("outcome", "Outcome"), ("people", "People", COUNT), ("share", "Share, %", ".1f")
    )
    return Figure(
        key="retention-outcomes",
        title="What became of those admitted in a year",
        explanation=(
            "Everyone with a claim in the year, in exactly one outcome. The last year has no next one in the data: "
            "its people are censored, neither kept nor lost."
        ),
        tables=(RETENTION,),
        columns={
            "cohort": ("Admitted in", "text"), "outcome": ("Outcome", "text"), "people": ("People", "count"),
            "share": ("Share", "percent"),
        },
        spec={
            "height": 300,
            "mark": {"type": "bar", "width": {"band": 0.62}},
            "encoding": {
                "x": {"field": "cohort", "type": "ordinal", "axis": {"title": "Admitted in", "labelAngle": 0}},
                "y": quantitative("people", "People", COUNT, stack="zero"),
                "color": {
                    "field": "outcome",
                    "type": "nominal",
                    "scale": scale(OUTCOME_COLOURS),
                    "legend": {"title": None, "orient": "top", "columns": 3},
                },
                "order": {"field": "place", "type": "quantitative"},
                "tooltip": tips,
            },
        },
    )  # fmt: skip


def _rates() -> Figure:
    tips = tooltip(
        ("cohort", "Admitted in"), ("measure", "Measure"), ("rate", "Rate, %", ".1f"), ("exposed", "Exposed", COUNT)
    )
    across: Spec = {"field": "cohort", "type": "ordinal", "axis": {"title": "Admitted in", "labelAngle": 0}}
    upward = quantitative("rate", "Share of the exposed (%)", COUNT, scale={"domain": [0, 100]})
    colours = {"Admitted again": ACCENT, "Lapsed": SECOND}
    colour = {
        "field": "measure",
        "type": "nominal",
        "scale": scale(colours),
        "legend": {"title": None, "orient": "top"},
    }
    return Figure(
        key="retention-rates",
        title="Admitted again, or lapsed",
        explanation=(
            "Of those still exposed: alive, enrolled the whole next year and known to it. "
            "A year whose next one is not in the data has no rate. In DE-SynPUF claims thin out through 2010, "
            "which raises the lapse after 2009."
        ),
        tables=(RETENTION,),
        columns={
            "cohort": ("Admitted in", "text"), "measure": ("Measure", "text"), "exposed": ("Exposed", "count"),
            "rate": ("Rate", "percent"),
        },
        spec={
            "height": 300,
            "encoding": {"x": across, "y": upward, "color": colour},
            "layer": [
                {"mark": {"type": "line", "strokeWidth": 2.5}},
                {"mark": {"type": "point", "filled": True, "size": 90}, "encoding": {"tooltip": tips}},
                {
                    "mark": {"type": "text", "dy": -13, "fontWeight": 600},
                    "encoding": {"text": {"field": "rate", "type": "quantitative", "format": ".1f"}},
                },
            ],
        },
    )  # fmt: skip


def _lapse(key: str, title: str, explanation: str, label_width: int) -> Figure:
    tips = tooltip(
        ("label", "Group"), ("churn", "Lapse rate, %", ".1f"), ("lapsed", "Lapsed", COUNT),
        ("exposed", "Exposed", COUNT),
    )  # fmt: skip
    value = quantitative("churn", "Lapsed, share of the exposed (%)", COUNT, scale={"domain": [0, 100]})
    spec = ranked_bars("label", value, {"value": SECOND}, tips, label_width)
    return Figure(key, title, explanation, (RETENTION,), _RATES, spec)
