"""The claims report: the pages of ABC, retention and revenue.

In: nothing. Out: :data:`CLAIMS`, which :func:`lakeward.report.page.render_report` writes.
"""

from lakeward.report import queries
from lakeward.report.abc_page import abc_figures
from lakeward.report.page import Page, Report
from lakeward.report.retention_page import SMALLEST_GROUP, STATES_SHOWN, retention_figures
from lakeward.report.revenue_page import BARS_OF_DRGS, revenue_figures

LIMITS = {
    "rest": queries.REST,
    "notStated": queries.NOT_STATED,
    "entities": queries.ENTITIES_SHOWN,
    "smallestGroup": SMALLEST_GROUP,
    "states": STATES_SHOWN,
    "drgs": BARS_OF_DRGS,
}


def _pages() -> tuple[Page, ...]:
    """Return the three pages, in order."""
    return (
        Page(
            "abc", "ABC analysis",
            "Which DRGs, facilities and people take most of the paid amount: A is what comes before 80 % of the "
            "positive total, B before 95 %, C the rest; N was paid nothing in sum or was reversed.",
            (("abc-entity", "Rank"), ("abc-year", "Year"), ("abc-month", "Month (DRG only)")), abc_figures(),
        ),
        Page(
            "retention", "Retention",
            "A lapse is a year without an admission by someone who was alive and enrolled. That is often good health "
            "and not a lost customer: it measures use of hospitals.",
            (("ret-year", "Admitted in"), ("ret-state", "State of residence"), ("ret-facility", "Last facility"),
             ("ret-age", "Age"), ("ret-sex", "Sex")), retention_figures(),
        ),
        Page(
            "revenue", "Revenue",
            "Paid amounts by month, the annual run rate and what was paid per member month. Every amount is what "
            "Medicare paid, reversals included.",
            (("rev-year", "Year"), ("rev-month", "Month of the year"), ("rev-drg", "DRG")), revenue_figures(),
        ),
    )  # fmt: skip


CLAIMS = Report(
    template="claims.html",
    scripts=("core.js", "abc.js", "retention.js", "revenue.js", "claims.js", "start.js"),
    pages=_pages(),
    limits=LIMITS,
)
