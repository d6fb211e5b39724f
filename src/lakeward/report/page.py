"""The claims report as one HTML file: charts, data, style and script inline; it opens anywhere, without a network.

In: the report's data. Out: HTML text. What publishers wrote is never trusted: the template escapes it, data travel as
JSON in which no markup can stand, charts are interpreted without ``eval``, and the page's own policy allows no request
and only the scripts whose checksums it names.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from lakeward.report import queries
from lakeward.report.abc_page import abc_figures
from lakeward.report.data import ReportData
from lakeward.report.figure import Figure
from lakeward.report.retention_page import SMALLEST_GROUP, STATES_SHOWN, retention_figures
from lakeward.report.revenue_page import BARS_OF_DRGS, revenue_figures
from lakeward.report.theme import THEMES

SCRIPTS = ("core.js", "abc.js", "retention.js", "revenue.js", "start.js")
LIBRARY = "window.vegaEmbed = vegaEmbed;"
"""What the page uses of the chart library; it is bundled with all that this needs."""
LIMITS = {
    "rest": queries.REST,
    "notStated": queries.NOT_STATED,
    "entities": queries.ENTITIES_SHOWN,
    "smallestGroup": SMALLEST_GROUP,
    "states": STATES_SHOWN,
    "drgs": BARS_OF_DRGS,
}


@dataclass(frozen=True)
class Page:
    """One page of the report: its name in the address, its heading, one sentence, its slicers and figures."""

    key: str
    title: str
    lead: str
    slicers: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]


def report_pages() -> tuple[Page, ...]:
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


def render_report(data: ReportData) -> str:
    """Write the report as HTML text, the same text for the same snapshot; about 1 MB of it is the chart library.

    Args:
        data: what :func:`lakeward.report.data.read_report_data` returned.
    """
    pages = report_pages()
    library, script = vl_convert.javascript_bundle(LIBRARY), _script()
    payload = {
        "datasets": data.datasets,
        "limits": LIMITS,
        "themes": THEMES,
        "specs": {figure.key: figure.as_vega() for page in pages for figure in page.figures},
        "columns": {figure.key: list(_columns(figure)) for page in pages for figure in page.figures},
    }
    return _template().render(
        data=data,
        pages=pages,
        style=Markup(_asset("page.css")),  # noqa: S704
        library=_inline(library),
        script=_inline(script),
        payload=as_inline_json(payload),
        policy=content_policy((library, script)),
    )


def as_inline_json(value: Any) -> Markup:
    """Return JSON that can stand in a ``<script>`` element: no character in it opens or closes markup."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704


def content_policy(scripts: Sequence[str]) -> str:
    """Return the page's policy: nothing is loaded, and only these scripts run."""
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _columns(figure: Figure) -> list[dict[str, str]]:
    return [{"field": name, "label": label, "kind": kind} for name, (label, kind) in figure.columns.items()]


def _inline(script: str) -> Markup:
    if "</script" in script.lower() or "<!--" in script:
        raise AssertionError("a script of the report would end its own element")
    return Markup(script)  # noqa: S704


def _script() -> str:
    return "(() => {\n" + "\n".join(_asset(name) for name in SCRIPTS) + "})();\n"


def _asset(name: str) -> str:
    return resources.files("lakeward.report").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("lakeward", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
