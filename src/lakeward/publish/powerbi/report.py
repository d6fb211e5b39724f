"""The report: pages on Pareto classes, retention and revenue, and a page of detail that a DRG drills through to.

In: nothing but the names of the model's columns and measures. Out: file name -> JSON value, the folder ``definition``
of a PBIR report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lakeward.publish.powerbi.measures import ABC, FACT, MEASURES, RETENTION
from lakeward.publish.powerbi.names import hex_name
from lakeward.publish.powerbi.visuals import SCHEMAS, Field, Json, Place, Visual, text_box

WIDTH, HEIGHT, MARGIN = 1280, 720, 16
SLICER_TOP, SLICER_HEIGHT = 64, 56
CARD_TOP, CARD_HEIGHT = 128, 96
CHART_TOP = 232

SHOWN_ENTITIES = 50
"""More bars than that nobody reads; the cumulative share is of all."""

TABLE_OF = {measure.name: measure.table for measure in MEASURES}

YEAR, MONTH, MONTH_START = (Field("dim_date", name) for name in ("year", "month_name", "month_start_date"))
FACILITY, STATE = Field("dim_facility", "facility_id"), Field("dim_facility", "state_code")
DRG = Field("dim_drg", "drg_title")
DRG_LEVELS = (Field("dim_drg", "mdc_code"), DRG, FACILITY)
"""From major diagnostic category to DRG to hospital, by the arrows of the chart."""


def measure(name: str) -> Field:
    """Return a measure as a field.

    Raises:
        KeyError: the model has no such measure.
    """
    return Field(TABLE_OF[name], name, is_measure=True)


@dataclass(frozen=True)
class Page:
    """One page: what it says at the top, its visuals, and the field it is drilled through to by, if any."""

    title: str
    text: str
    visuals: Sequence[Visual]
    drilled_by: Field | None = None

    @property
    def name(self) -> str:
        """The name of its folder."""
        return hex_name("page", self.title)

    def files(self) -> dict[str, Json]:
        """Return the page's files by their paths below ``pages``."""
        header = Place(MARGIN, 8, WIDTH - 2 * MARGIN, SLICER_TOP - MARGIN)
        contents = [text_box(f"About {self.title}", self.text, header, self.name, 0)]
        contents += [visual.as_json(self.name, order) for order, visual in enumerate(self.visuals, start=1)]
        visuals = {f"{self.name}/visuals/{content['name']}/visual.json": content for content in contents}
        return {f"{self.name}/page.json": self._page()} | visuals

    def _page(self) -> Json:
        page: Json = {
            "$schema": f"{SCHEMAS}/page/2.1.0/schema.json",
            "name": self.name,
            "displayName": self.title,
            "displayOption": "FitToPage",
            "height": HEIGHT,
            "width": WIDTH,
        }
        if self.drilled_by:
            field, drill = self.drilled_by.expression, hex_name("drill", self.title)
            bound = {"name": f"p{drill}", "boundFilter": drill, "fieldExpr": field}
            drilled = {"name": drill, "field": field, "type": "Categorical", "howCreated": "Drillthrough"}
            page["filterConfig"] = {"filters": [drilled]}
            page["pageBinding"] = {"name": f"b{drill}", "type": "Drillthrough", "parameters": [bound]}
            page |= {"type": "Drillthrough", "visibility": "HiddenInViewMode"}
        return page


def report_files() -> dict[str, Any]:
    """Return the files of the report's folder ``definition``, by their paths in it."""
    pages = report_pages()
    files: dict[str, Any] = {
        "version.json": {"$schema": f"{SCHEMAS}/versionMetadata/1.0.0/schema.json", "version": "2.0.0"},
        "report.json": {
            "$schema": f"{SCHEMAS}/report/3.3.0/schema.json",
            # No theme of ours: one that names a theme file must carry it, and Desktop has its own.
            "themeCollection": {},
            "settings": {"useStylableVisualContainerHeader": True, "defaultDrillFilterOtherVisuals": True},
        },
        "pages/pages.json": {
            "$schema": f"{SCHEMAS}/pagesMetadata/1.1.0/schema.json",
            "pageOrder": [page.name for page in pages],
            "activePageName": pages[0].name,
        },
    }
    for page in pages:
        files |= {f"pages/{path}": content for path, content in page.files().items()}
    return files


def report_pages() -> tuple[Page, ...]:
    """Return the pages in their order."""
    return _abc(), _retention(), _revenue(), _drg_detail()


def _abc() -> Page:
    kind, period, item = Field(ABC, "entity_type"), Field(ABC, "period"), Field(ABC, "entity_name")
    paid, chosen = measure("ABC paid amounts"), measure("Paid amounts")
    both = [measure("ABC share of paid amounts"), measure("ABC share of entities")]
    return Page(
        "Pareto classes",
        "Which DRGs, hospitals or beneficiaries make up the paid amounts: A below 80 % of the cumulative share "
        "before the item, B below 95 %, C the rest, N where the total is not positive. From mart_claims_abc by entity "
        "and period; the chart of DRGs below is from the claims and follows year, month and hospital.",
        (
            *_slicers((("Entity", kind, "drg"), ("Period", period, "all"), ("Year of service", YEAR, None),
                       ("Month of service", MONTH, None), ("Hospital", FACILITY, None))),
            *_cards(("ABC entities", "ABC paid amounts", "Paid amounts", "Claims", "Case mix index")),
            Visual("lineClusteredColumnComboChart", "The first 50 and their cumulative share", _box(0, 0, 2, 2),
                   {"Category": [item], "Y": [paid], "Y2": [measure("ABC cumulative share of paid amounts")]},
                   (paid, True), at_most=(Field(ABC, "rank_number"), SHOWN_ENTITIES)),
            Visual("clusteredColumnChart", "Classes: share of paid amounts and of entities", _box(1, 0, 2, 2),
                   {"Category": [Field(ABC, "abc_class")], "Y": both}, (Field(ABC, "abc_class"), False)),
            Visual("barChart", "Paid amounts by category, DRG and hospital", _box(0, 1, 1, 2),
                   {"Category": DRG_LEVELS, "Y": [chosen]}, (chosen, True)),
        ),
    )  # fmt: skip


def _retention() -> Page:
    churn, retained = measure("Churn rate"), measure("Retention rate")
    members = measure("Beneficiaries in cohort")
    readmitted = measure("Readmission rate")
    return Page(
        "Retention and readmission",
        "Beneficiaries with a claim in a year, and what became of them in the next (mart_claims_retention). Churn is "
        "lapsed over lapsed and retained; the last year of the data is censored. Readmission is an admission for any "
        "cause within 30 days (mart_claims_readmission), without risk adjustment.",
        (
            *_slicers((("Year", YEAR, None), ("State", Field(RETENTION, "state_code"), None),
                       ("Hospital", FACILITY, None))),
            *_cards(("Churn rate", "Retention rate", "Exposed beneficiaries", "Readmission rate", "Index stays")),
            Visual("lineChart", "Churn and retention by cohort year", _box(0, 0, 2, 2),
                   {"Category": [YEAR], "Y": [churn, retained]}, (YEAR, False)),
            Visual("clusteredColumnChart", "Beneficiaries by outcome", _box(1, 0, 2, 2),
                   {"Category": [Field(RETENTION, "outcome")], "Y": [members]}, (members, True)),
            Visual("clusteredColumnChart", "Churn by age", _box(0, 1, 2, 2),
                   {"Category": [Field(RETENTION, "age_band")], "Y": [churn]}, (Field(RETENTION, "age_band"), False)),
            Visual("lineChart", "Readmission by month of discharge", _box(1, 1, 2, 2),
                   {"Category": [MONTH_START], "Y": [readmitted]}, (MONTH_START, False)),
        ),
    )  # fmt: skip


def _revenue() -> Page:
    paid, run_rate = measure("Paid amounts"), measure("ARR run rate (paid amounts)")
    prior, per_member = measure("Paid amounts prior year"), measure("PMPM (paid amounts)")
    return Page(
        "Paid amounts by month",
        "Paid amounts of synthetic claims; run rates are arithmetic on them, not revenue and no forecast. The months "
        "of 2007 are partial. PMPM divides by months of hospital insurance and does not follow the hospital.",
        (
            *_slicers((("Year", YEAR, None), ("Month", MONTH, None), ("Hospital", FACILITY, None),
                       ("State", STATE, None))),
            *_cards(("Paid amounts", "MRR (paid amounts)", "ARR run rate (paid amounts)", "PMPM (paid amounts)",
                     "Paid amounts year over year")),
            Visual("lineChart", "Paid amounts and run rate by month", _box(0, 0, 2, 2),
                   {"Category": [MONTH_START], "Y": [paid, run_rate]}, (MONTH_START, False)),
            Visual("clusteredColumnChart", "Paid amounts by year, and the year before", _box(1, 0, 2, 2),
                   {"Category": [YEAR], "Y": [paid, prior]}, (YEAR, False)),
            Visual("lineChart", "PMPM (paid amounts) by month", _box(0, 1, 2, 2),
                   {"Category": [MONTH_START], "Y": [per_member]}, (MONTH_START, False)),
            Visual("barChart", "Paid amounts by category, DRG and hospital", _box(1, 1, 2, 2),
                   {"Category": DRG_LEVELS, "Y": [paid]}, (paid, True)),
        ),
    )  # fmt: skip


def _drg_detail() -> Page:
    paid = measure("Paid amounts")
    shown = ("Claims", "Paid amounts", "Average paid amounts per claim", "Average length of stay days",
             "Average utilisation days", "Paid amounts per relative weight")  # fmt: skip
    names = ("drg_code", "drg_title", "mdc_code", "relative_weight")
    columns = [*(Field("dim_drg", name) for name in names), FACILITY, STATE]
    return Page(
        "DRG detail",
        f"Each hospital of one DRG: right-click a DRG in a chart, then drill through. From {FACT} by dim_drg and "
        "dim_facility.",
        (
            *_slicers((("Year", YEAR, None), ("Month", MONTH, None), ("State", STATE, None))),
            Visual("tableEx", "Hospitals of the DRG", _box(0, 0, 1, 1),
                   {"Values": [*columns, *(measure(name) for name in shown)]}, (paid, True)),
        ),
        drilled_by=DRG,
    )  # fmt: skip


def _slicers(fields: Sequence[tuple[str, Field, str | None]]) -> list[Visual]:
    width = (WIDTH - MARGIN) // len(fields)
    return [
        Visual(
            "slicer", title, Place(MARGIN + index * width, SLICER_TOP, width - MARGIN, SLICER_HEIGHT),
            {"Values": [field]}, chosen=chosen,
        )
        for index, (title, field, chosen) in enumerate(fields)
    ]  # fmt: skip


def _cards(names: Sequence[str]) -> list[Visual]:
    width = (WIDTH - MARGIN) // len(names)
    return [
        Visual(
            "card", f"{name}, in the selection", Place(MARGIN + index * width, CARD_TOP, width - MARGIN, CARD_HEIGHT),
            {"Values": [measure(name)]},
        )
        for index, name in enumerate(names)
    ]  # fmt: skip


def _box(column: int, row: int, columns: int, rows: int) -> Place:
    """Return a cell of a grid below the cards."""
    width, height = (WIDTH - MARGIN) // columns, (HEIGHT - CHART_TOP) // rows
    return Place(MARGIN + column * width, CHART_TOP + row * height, width - MARGIN, height - MARGIN)
