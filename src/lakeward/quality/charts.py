"""The geometry of the page's charts: numbers in, places on a drawing out; the template draws them as SVG.

In: rows of a distribution figure. Out: box plots on one logarithmic axis, in a drawing of fixed width.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakeward.quality.figures import Figure, written

CHART_WIDTH, LABEL_WIDTH, RIGHT_MARGIN = 1040, 330, 30
ROW_HEIGHT, AXIS_HEIGHT = 30, 26
MOST_BOXES = 24
LONGEST_NAME = 22
DECADES_WITH_FEW_TICKS = 3


@dataclass(frozen=True)
class Box:
    """One row of a box plot: places of lowest, quartiles and highest, from the left edge."""

    label: str
    middle: float
    lowest: float
    lower: float
    median: float
    upper: float
    highest: float
    spoken: str


@dataclass(frozen=True)
class Tick:
    """One mark of the axis."""

    place: float
    label: str


@dataclass(frozen=True)
class BoxPlot:
    """A box plot ready to draw; ``reference`` is the place of a value to compare with, such as 1.00 x Medicare."""

    title: str
    height: int
    boxes: tuple[Box, ...]
    ticks: tuple[Tick, ...]
    reference: float | None
    omitted: int


def box_plots(figure: Figure) -> list[BoxPlot]:
    """Return the box plots of a distribution figure; one for each unit, since units never share an axis."""
    if figure.key == "ratio_distribution":
        return _one_plot("Multiple of the Medicare amount", figure.rows, ("benchmark_type",), reference=1.0)
    if figure.key != "rate_statistics":
        return []
    plots = []
    names = {"usd": "US dollars", "usd_per_day": "US dollars a day", "percent": "Percent of billed charges"}
    for unit in sorted({str(row["rate_unit"]) for row in figure.rows}, key=lambda unit: (unit not in names, unit)):
        rows = [row for row in figure.rows if str(row["rate_unit"]) == unit]
        plots += _one_plot(names.get(unit, unit), rows, ("payer_slug", "year_month", "billing_class"))
    return plots


def _one_plot(
    title: str, rows: Sequence[Mapping[str, Any]], labels: tuple[str, ...], reference: float | None = None
) -> list[BoxPlot]:
    drawable = [row for row in rows if row["min"] is not None and row["min"] > 0 and math.isfinite(row["max"])]
    if not drawable:
        return []
    shown = drawable[:MOST_BOXES]
    extremes = [row[end] for row in shown for end in ("min", "max")] + ([reference] if reference else [])
    marks = _marks(min(extremes), max(extremes))
    first, last = math.log10(marks[0]), math.log10(marks[-1])

    def place(value: float) -> float:
        inside = CHART_WIDTH - LABEL_WIDTH - RIGHT_MARGIN
        return round(LABEL_WIDTH + (math.log10(value) - first) / (last - first) * inside, 1)

    boxes = tuple(_box(row, number, labels, place) for number, row in enumerate(shown))
    ticks = tuple(Tick(place(mark), f"{mark:,.10g}") for mark in marks)
    height = len(boxes) * ROW_HEIGHT + AXIS_HEIGHT
    return [BoxPlot(title, height, boxes, ticks, place(reference) if reference else None, len(drawable) - len(shown))]


def _marks(lowest: float, highest: float) -> list[float]:
    """Return the marks of a logarithmic axis that holds both values: 1, 2, 5, 10, ..., or powers of ten when long."""
    first, last = math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) + 1
    steps = (1, 2, 5) if last - first <= DECADES_WITH_FEW_TICKS + 1 else (1,)
    marks = [step * 10.0**power for power in range(first - 1, last + 1) for step in steps]
    below, above = [mark for mark in marks if mark <= lowest], [mark for mark in marks if mark >= highest]
    start, end = below[-1], above[0]
    if start == end:
        start = below[-2]
    return [mark for mark in marks if start <= mark <= end]


def _box(row: Mapping[str, Any], number: int, labels: tuple[str, ...], place: Callable[[float], float]) -> Box:
    label = " · ".join(_shortened(str(row[name] or "unknown")) for name in labels)
    half = f"{written(row['p25'], 'number')} and {written(row['p75'], 'number')}"
    spoken = f"{label}: median {written(row['median'], 'number')}, half of {row['n']:,} prices between {half}"
    return Box(
        label=label,
        middle=number * ROW_HEIGHT + ROW_HEIGHT / 2,
        lowest=place(row["min"]),
        lower=place(row["p25"]),
        median=place(row["median"]),
        upper=place(row["p75"]),
        highest=place(row["max"]),
        spoken=spoken,
    )


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
