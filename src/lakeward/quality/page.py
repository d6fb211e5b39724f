"""The quality report as one self-contained HTML page: no script, no request, every value escaped.

In: a report. Out: HTML text with its own style and small SVG charts, light and dark, fit to be forwarded or printed.
"""

from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from lakeward.quality.charts import CHART_WIDTH, LABEL_WIDTH, RIGHT_MARGIN, box_plots
from lakeward.quality.figures import written
from lakeward.quality.report import QualityReport
from lakeward.quality.rule import FORMULA, POINTS

GOOD_SCORE, FAIR_SCORE = 90, 70
MOST_ROWS = 200
"""A table longer than this is cut on the page and says so; the JSON report has all rows."""


def render_page(report: QualityReport) -> str:
    """Write the report as an HTML page.

    Values come from publishers' files and are not trusted: autoescape is on, and the page's own policy forbids
    scripts and requests.
    """
    sections = [(name, list(figures)) for name, figures in groupby(report.figures, key=lambda figure: figure.section)]
    return _template().render(
        report=report,
        sections=sections,
        formula=FORMULA,
        points=POINTS,
        grade=_grade(report.score.value),
        facts=_headline(report),
        passed=[rule for rule in report.rules if rule.status == "pass"],
        unchecked=[rule for rule in report.rules if rule.status == "not checked"],
        most_rows=MOST_ROWS,
        chart={"width": CHART_WIDTH, "left": LABEL_WIDTH, "right": CHART_WIDTH - RIGHT_MARGIN},
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("lakeward", "quality"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["written"] = written
    environment.filters["anchor"] = lambda text: str(text).lower().replace(" ", "-")
    environment.globals["box_plots"] = box_plots
    return environment.get_template("report.html")


def _grade(score: int | None) -> str:
    if score is None:
        return "none"
    return "good" if score >= GOOD_SCORE else "fair" if score >= FAIR_SCORE else "poor"


def _headline(report: QualityReport) -> list[tuple[str, str, str]]:
    """Return the facts under the title as (label, value, remark); only those that the lake can answer."""
    releases, facts = report.figure("releases"), []
    if releases is not None:
        prices = sum(row["facts"] for row in releases.rows)
        payers = {row["payer_slug"] for row in releases.rows}
        months = sorted({row["year_month"] for row in releases.rows if row["year_month"]})
        span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}" if months else "month unknown"
        facts.append(("Prices", f"{prices:,}", f"{_counted(len(payers), 'payer')}, {span}"))
        rejected = [row["quarantined"] for row in releases.rows if row["quarantined"] is not None]
        if rejected:
            total = sum(rejected)
            part = written(total / (total + prices) if total + prices else None, "share")
            facts.append(("Rejected", f"{total:,}", f"{part} of published prices"))
    facts += _share_facts(report)
    return facts


def _share_facts(report: QualityReport) -> list[tuple[str, str, str]]:
    wanted: tuple[tuple[str, str, str, str], ...] = (
        ("completeness", "npi", "With a provider", "prices with a primary NPI"),
        ("completeness", "stat_area_code", "Placed", "prices in a statistical area"),
        ("completeness", "rate_to_medicare_ratio", "Comparable", "prices against Medicare"),
    )
    facts: list[tuple[str, str, str]] = []
    for key, column, label, remark in wanted:
        figure = report.figure(key)
        rows: Any = figure.rows if figure else ()
        facts += [(label, written(row["share"], "share"), remark) for row in rows if row["column"] == column]
    return facts


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
