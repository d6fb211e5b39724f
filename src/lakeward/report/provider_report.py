"""The provider report: gaps, densities and coverage, on one page.

In: nothing. Out: :data:`PROVIDERS`, which :func:`lakeward.report.page.render_report` writes.
"""

from lakeward.report.gap_page import COUNTIES_RANKED, LANDMARKS, OFF_MAP, density_figures, gap_figures
from lakeward.report.page import Page, Report
from lakeward.report.provider_queries import CERTAIN, NO_GAP, POSSIBLE
from lakeward.sources.census.recording import ATTRIBUTION

STATEMENT = "screening flag; registrations, not full-time equivalents; not a HRSA designation"
"""What every row of ``mart_provider_gap`` says of itself."""

PROVIDERS = Report(
    template="providers.html",
    scripts=("core.js", "gaps.js", "start.js"),
    pages=(
        Page(
            "gaps",
            "Gaps by county",
            "Which counties have fewer registered providers than 42 CFR 5 calls a shortage, and how sure that is.",
            (("gap-discipline", "Discipline"), ("gap-basis", "Counted as"), ("gap-state", "State")),
            gap_figures(),
        ),
        Page(
            "density",
            "Density by state",
            "Active people with a practice address in the state against its residents; organisations stand beside.",
            (("density-state", "State of the left chart"), ("density-group", "Specialty of the right chart")),
            density_figures(),
        ),
    ),
    limits={
        "verdicts": {"certain": CERTAIN, "possible": POSSIBLE, "none": NO_GAP},
        "worst": COUNTIES_RANKED,
        "landmarks": LANDMARKS,
        "offMap": OFF_MAP,
    },
    notes=(STATEMENT, ATTRIBUTION),
)
