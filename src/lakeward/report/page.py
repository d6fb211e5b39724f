"""A report as one HTML file: charts, data, style and script inline; it opens anywhere, without a network.

In: what a report is made of, and its data. Out: HTML text. What publishers wrote is never trusted: the template escapes
it, data travel as JSON in which no markup can stand, charts are interpreted without ``eval``, and the page's own policy
allows no request and only the scripts whose checksums it names.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lakeward.report.data import ReportData
from lakeward.report.figure import Figure
from lakeward.report.theme import THEMES

LIBRARY = "window.vegaEmbed = vegaEmbed;"
"""What the page uses of the chart library; it is bundled with all that this needs."""


@dataclass(frozen=True)
class Page:
    """One page of the report: its name in the address, its heading, one sentence, its slicers and figures."""

    key: str
    title: str
    lead: str
    slicers: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Report:
    """What a report is made of, but for its data.

    Args:
        template: its HTML, in this package.
        scripts: its JavaScript, in the order in which it runs; what is shared comes first and last.
        pages: what it shows.
        limits: numbers and words that its scripts have in common with its queries.
        notes: sentences that must stand where its figures are.
    """

    template: str
    scripts: tuple[str, ...]
    pages: tuple[Page, ...]
    limits: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def render_report(report: Report, data: ReportData) -> str:
    """Write a report as HTML text, the same text for the same snapshot; about 1 MB of it is the chart library.

    Args:
        report: what it is made of.
        data: what was read for it from the lake.
    """
    library, script = vl_convert.javascript_bundle(LIBRARY), _script(report)
    figures = [figure for page in report.pages for figure in page.figures]
    payload = {
        "datasets": data.datasets,
        "limits": report.limits,
        "themes": THEMES,
        "specs": {figure.key: figure.as_vega() for figure in figures},
        "columns": {figure.key: list(_columns(figure)) for figure in figures},
    }
    return (
        _environment()
        .get_template(report.template)
        .render(
            data=data,
            pages=report.pages,
            notes=report.notes,
            style=Markup(_asset("page.css")),  # noqa: S704
            library=_inline(library),
            script=_inline(script),
            payload=as_inline_json(payload),
            policy=content_policy((library, script)),
        )
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


def _script(report: Report) -> str:
    return "(() => {\n" + "\n".join(_asset(name) for name in report.scripts) + "})();\n"


def _asset(name: str) -> str:
    return resources.files("lakeward.report").joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("lakeward", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
