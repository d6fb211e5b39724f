"""The revenue page: paid amounts by month, the run rate, and paid per member month, for all claims or one DRG.

In: nothing. Out: figures; the page's script fills them from ``mart_claims_revenue``, and for one DRG from the claims.
"""

from lakeward.report.figure import (
    ACCENT,
    COUNT,
    MONEY,
    SECOND,
    SHORT_MONEY,
    Figure,
    Spec,
    bar_colour,
    quantitative,
    ranked_bars,
    scale,
    tooltip,
)
from lakeward.report.queries import DRG, FACT, REVENUE

_BOTH = (REVENUE, FACT)
BARS_OF_DRGS = 15
_CALENDAR_YEAR = "paid in the calendar year"


def revenue_figures() -> tuple[Figure, ...]:
    """Return the figures of the page, in order."""
    return (_months(), _run_rate(), _per_member(), _years(), _drgs())


def _across(years_only: bool = False) -> Spec:
    axis = {"title": None, "format": "%b %Y", "labelAngle": 0, "labelOverlap": True, "grid": False}
    return {"field": "month", "type": "temporal", "axis": axis | ({"tickCount": "year"} if years_only else {})}


def _months() -> Figure:
    tips = tooltip(
        ("name", "Month"), ("paid", "Paid", "$,.2f"), ("claims", "Claims", COUNT), ("trailing", "Three months", MONEY),
        ("state", "Data"),
    )  # fmt: skip
    kinds = {"whole month": ACCENT, "partial data": "#b7cbd3"}
    bars: Spec = {
        "mark": {"type": "bar", "width": {"band": 0.8}},
        "encoding": {
            "y": quantitative("paid", "Paid amount a month", SHORT_MONEY),
            "color": {
                "field": "state",
                "type": "nominal",
                "scale": scale(kinds | {"average of three months": SECOND}),
                "legend": {"title": None, "orient": "top"},
            },
            "tooltip": tips,
        },
    }
    line: Spec = {
        "transform": [{"filter": "isValid(datum.average)"}, {"calculate": "'average of three months'", "as": "state"}],
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {"y": {"field": "average", "type": "quantitative"}, "color": {"field": "state"}},
    }
    across: Spec = {
        "field": "month",
        "type": "ordinal",
        "timeUnit": "yearmonth",
        "axis": {"title": None, "format": "%b %Y", "labelAngle": -40, "labelOverlap": True},
    }
    return Figure(
        key="revenue-months",
        title="Paid amounts by month (“MRR”)",
        explanation=(
            "By the month in which the stay began. These are amounts Medicare paid, not subscriptions: nothing recurs "
            "by contract. Months of 2007 hold only stays that ended in 2008, and months without members have no rate."
        ),
        tables=_BOTH,
        columns={
            "name": ("Month", "text"), "claims": ("Claims", "count"), "paid": ("Paid, USD", "cents"),
            "trailing": ("Three months, USD", "cents"), "runrate": ("Run rate, USD", "cents"),
            "state": ("Data", "text"),
        },
        spec={"height": 280, "encoding": {"x": across}, "layer": [bars, line]},
        is_wide=True,
    )  # fmt: skip


def _run_rate() -> Figure:
    tips = tooltip(("name", "Month"), ("measure", "Measure"), ("amount", "Amount", MONEY))
    colours = {"run rate: three months × 4": SECOND, _CALENDAR_YEAR: ACCENT}
    colour = {
        "field": "measure",
        "type": "nominal",
        "scale": scale(colours),
        "legend": {"title": None, "orient": "top"},
    }
    return Figure(
        key="revenue-runrate",
        title="Annual run rate (“ARR”) beside what was paid",
        explanation=(
            "The run rate takes the last three months times four; the calendar year is what was really paid. "
            "In DE-SynPUF claims thin out through 2010: that is how it was made, no trend, and nothing is forecast."
        ),
        tables=_BOTH,
        columns={"name": ("Month", "text"), "measure": ("Measure", "text"), "amount": ("Amount, USD", "cents")},
        spec={
            "height": 260,
            "encoding": {
                "x": _across(),
                "y": quantitative("amount", "US dollars a year", SHORT_MONEY),
                "color": colour,
                "tooltip": tips,
            },
            "layer": [
                {
                    "transform": [{"filter": f"datum.measure === '{_CALENDAR_YEAR}'"}],
                    "mark": {"type": "line", "strokeWidth": 2.5, "interpolate": "step-after"},
                },
                {
                    "transform": [{"filter": f"datum.measure !== '{_CALENDAR_YEAR}'"}],
                    "mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 28}},
                },
            ],
        },
    )


def _per_member() -> Figure:
    tips = tooltip(("name", "Month"), ("pmpm", "Paid per member month", "$,.2f"), ("members", "Member months", ",.0f"))
    return Figure(
        key="revenue-pmpm",
        title="Paid per member month (PMPM)",
        explanation="Member months are months with Part A, spread evenly over the months the person lived in the year.",
        tables=_BOTH,
        columns={
            "name": ("Month", "text"), "members": ("Member months", "count"), "pmpm": ("PMPM, USD", "cents"),
        },
        spec={
            "height": 260,
            "mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 28}, "color": ACCENT},
            "encoding": {"x": _across(), "y": quantitative("pmpm", "US dollars", "$,.2~f"), "tooltip": tips},
        },
    )  # fmt: skip


def _years() -> Figure:
    tips = tooltip(("name", "Month"), ("paid", "Paid", MONEY), ("change", "Against the year before, %", "+.1f"))
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return Figure(
        key="revenue-years",
        title="Year over year",
        explanation="The same month of each year. Months with partial data are left out.",
        tables=_BOTH,
        columns={"name": ("Month", "text"), "paid": ("Paid, USD", "cents"), "change": ("Year over year", "percent")},
        spec={
            "height": 300,
            "mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 30}},
            "encoding": {
                "x": {"field": "short", "type": "ordinal", "sort": months, "axis": {"title": None, "labelAngle": 0}},
                "y": quantitative("paid", "Paid amount a month", SHORT_MONEY),
                "color": {"field": "year", "type": "nominal", "legend": {"title": None, "orient": "top"}},
                "tooltip": tips,
            },
        },
    )


def _drgs() -> Figure:
    tips = tooltip(("label", "DRG"), ("paid", "Paid", "$,.2f"), ("claims", "Claims", COUNT))
    spec = ranked_bars("label", quantitative("paid", "Paid amount", SHORT_MONEY), bar_colour(ACCENT), tips)
    return Figure(
        key="revenue-drgs",
        title="DRGs behind the amount",
        explanation=f"The {BARS_OF_DRGS} highest of the time chosen, and the rest; click one to see its months above.",
        tables=(FACT, DRG),
        columns={"label": ("DRG", "text"), "claims": ("Claims", "count"), "paid": ("Paid, USD", "cents")},
        spec=spec,
    )
