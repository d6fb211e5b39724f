"""The gap page: where the counties are that are short of providers, the worst of them, and densities by state.

In: nothing. Out: figures; the page's script fills them from ``mart_provider_gap`` and ``mart_provider_density``.
"""

from lakeward.report.figure import ACCENT, COUNT, Figure, Spec, bar_colour, quantitative, ranked_bars, scale, tooltip
from lakeward.report.provider_queries import CERTAIN, COUNTY, DENSITY, GAP, NO_GAP, POSSIBLE, STATE

VERDICT_COLOURS = {NO_GAP: "#c3dde9", POSSIBLE: "#dd8f00", CERTAIN: "#a8206a"}
"""Light, middle and dark, so that they differ in grey too, and blue, yellow and red to any kind of sight."""
COUNTIES_RANKED = 25
LANDMARKS = 10
MAP_PIXELS = 600
OFF_MAP = ("AS", "GU", "MP", "PR", "VI")
"""Territories, for which the projection has no place; they stand in the other figures."""
CIRCLE_AREAS: list[Spec] = [
    {"expr": f"clamp({smallest} / length(data('rows')), {least}, {most})"}
    for smallest, least, most in ((9_000, 8, 70), (500_000, 900, 3_000))
]
"""Square pixels of the smallest and the largest circle: the fewer there are, the larger they may be."""
BESIDE = "4 + sqrt(scale('size', datum.residents) / PI)"
"""Where a name begins, so that it does not stand on its own circle."""
_COUNTY = {
    "place_name": ("County", "text"), "residents": ("Residents", "count"), "providers": ("Providers", "amount"),
    "possible": ("With open addresses", "amount"), "ratio": ("Residents per provider", "count"),
    "shortage": ("Short by", "text"), "rank": ("Rank", "count"), "spread": ("Rank over the three ways", "text"),
    "verdict": ("Verdict", "text"),
}  # fmt: skip
_TIPS = tooltip(
    ("place_name", "County"), ("verdict", "Verdict"), ("residents", "Residents", COUNT),
    ("providers", "Providers placed there", ",.2~f"), ("possible", "With open addresses", ",.2~f"),
    ("per_provider", "Residents per provider"), ("shortage", "Short by"), ("standing", "Rank"),
    ("spread", "Rank over the three ways"),
)  # fmt: skip
_COLOUR = {"field": "verdict", "type": "nominal", "scale": scale(VERDICT_COLOURS)}
_DENSITY = {
    "label": ("What", "text"), "density": ("People per 100,000 residents", "amount"), "people": ("People", "count"),
    "organizations": ("Organisations", "count"), "ratio": ("Residents per person", "count"),
}  # fmt: skip


def gap_figures() -> tuple[Figure, ...]:
    """Return the figures of the gaps, in order."""
    return (_map(), _worst())


def density_figures() -> tuple[Figure, ...]:
    """Return the figures of the densities, in order."""
    return (
        _bars("density-groups", "Specialties in one state", "Groups overlap, so they are never summed.", 200),
        _bars("density-states", "States in one specialty", "Covered states only; a state counts a person once.", 150),
    )


def _map() -> Figure:
    legend = {"orient": "top", "direction": "horizontal", "symbolType": "circle"}
    size = {
        "field": "residents",
        "type": "quantitative",
        "scale": {"range": CIRCLE_AREAS, "zero": True},
        "legend": legend | {"title": "Residents", "format": ",d", "tickCount": 3, "symbolFillColor": "#7f8f9a"},
    }
    circle: Spec = {
        "mark": {"type": "circle", "opacity": 0.92, "stroke": "#6f7f8b", "strokeWidth": 0.9},
        "encoding": {
            "size": size,
            "color": _COLOUR | {"legend": legend | {"title": "Verdict", "symbolSize": 140}},
            "tooltip": _TIPS,
        },
    }
    name: Spec = {
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": {"expr": BESIDE}, "fontSize": 11},
        "encoding": {"text": {"field": "landmark"}},
    }
    return Figure(
        key="gap-map",
        title="Covered counties by verdict",
        explanation=(
            "One circle a county, at its internal point, as large as its population. A gap is certain when no address "
            "whose county is open could fill it, and possible when one could. Counties that are not covered are not "
            "drawn; a few large ones are named to find the way."
        ),
        tables=(GAP, COUNTY),
        columns=_COUNTY,
        spec={
            "height": MAP_PIXELS,
            "projection": {"type": "albersUsa"},
            "encoding": {
                "longitude": {"field": "longitude", "type": "quantitative"},
                "latitude": {"field": "latitude", "type": "quantitative"},
            },
            "layer": [circle, name],
        },
        is_wide=True,
    )


def _worst() -> Figure:
    value = quantitative("short", "Providers short of the limit", ",.1~f", stack=None)
    bars = ranked_bars("label", value, _COLOUR | {"legend": {"title": "Verdict", "orient": "top"}}, _TIPS)
    mark = {"type": "text", "align": "left", "baseline": "middle", "dx": 6}
    # The text takes the axes and no more, as the colour would take its own.
    place = {channel: bars["encoding"][channel] for channel in ("x", "y")}
    return Figure(
        key="gap-worst",
        title="The worst counties by rank",
        explanation=(
            f"The {COUNTIES_RANKED} with the fewest providers per resident, 1 the worst of all covered counties. Bars "
            "say how many are missing to the limit, and the words beside them the verdict. The rank counts placed "
            "providers only."
        ),
        tables=(GAP,),
        columns=_COUNTY,
        spec={
            "height": bars["height"],
            "layer": [
                {"mark": bars["mark"] | {"cursor": "default"}, "encoding": bars["encoding"]},
                {"mark": mark, "encoding": place | {"text": {"field": "remark"}}},
            ],
        },
        is_wide=True,
    )


def _bars(key: str, title: str, explanation: str, label_width: int) -> Figure:
    tips = tooltip(
        ("label", "What"), ("density", "People per 100,000", ",.2f"), ("people", "People", COUNT),
        ("organizations", "Organisations", COUNT), ("per_provider", "Residents per person"),
    )  # fmt: skip
    value: Spec = quantitative("density", "People per 100,000 residents", ",.1~f")
    spec = ranked_bars("label", value, bar_colour(ACCENT), tips, label_width)
    return Figure(key, title, explanation, (DENSITY, STATE), _DENSITY, spec)
