"""The page is self-contained, escapes what publishers wrote, and draws its charts to scale."""

import re

import duckdb
import pytest

from lakeward.quality.charts import box_plots
from lakeward.quality.figures import Figure
from lakeward.quality.page import render_page
from lakeward.quality.report import quality_report

HOSTILE = "<script>document.title='taken'</script>"


def test_the_page_asks_for_nothing_and_runs_nothing(lake: duckdb.DuckDBPyConnection) -> None:
    page = render_page(quality_report(lake, snapshot=3))
    assert not re.findall(r"(?:src|href|action)\s*=\s*[\"'](?!#|data:,)", page)
    assert not re.findall(r"https?://|@import|url\(|<script|\son\w+=", page)
    assert "default-src 'none'" in page


def test_published_values_are_escaped(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute("insert into quarantine_fact_rate select *, $reason from fact_rate limit 1", {"reason": HOSTILE})
    lake.execute("update fact_rate_enriched set stat_area_name = $name", {"name": HOSTILE})
    page = render_page(quality_report(lake))
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") == 2


def test_the_page_tells_where_every_figure_comes_from(lake: duckdb.DuckDBPyConnection) -> None:
    report = quality_report(lake)
    page = render_page(report)
    assert page.count('<p class="source">') == len(report.figures)
    assert (
        "one row: one published price of one provider group · payers&#39; in-network files · releases: 2025-07" in page
    )


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("select 1", "All 46 rules that could be checked hold."),
        ("update fact_rate set state = 'XX'", "1 error rule and 0 warning rules failed; 45 passed."),
        ("update fact_rate set billing_class = null", "0 error rules and 1 warning rule failed; 45 passed."),
    ],
)
def test_the_heading_tells_what_failed(lake: duckdb.DuckDBPyConnection, damage: str, said: str) -> None:
    lake.execute(damage)
    assert said in render_page(quality_report(lake))


def test_the_page_of_an_empty_lake_says_what_to_type() -> None:
    assert "`lakeward run rates` brings some in" in render_page(quality_report(duckdb.connect()))


def statistics(*rows: dict[str, object]) -> Figure:
    common = {
        "payer_slug": "peach-health",
        "year_month": "2025-07",
        "rate_unit": "usd",
        "billing_class": "both",
        "n": 9,
    }
    return Figure("rate_statistics", "Rates", "", "", (), (), tuple(common | row for row in rows))


def test_a_box_is_drawn_to_the_logarithmic_scale() -> None:
    (plot,) = box_plots(statistics({"min": 1.0, "p25": 10.0, "median": 100.0, "p75": 1000.0, "max": 10_000.0}))
    (box,) = plot.boxes
    steps = [box.lower - box.lowest, box.median - box.lower, box.upper - box.median, box.highest - box.upper]
    assert steps == pytest.approx([steps[0]] * 4, abs=0.2)
    assert [tick.label for tick in plot.ticks] == ["1", "10", "100", "1,000", "10,000"]


@pytest.mark.parametrize(
    "amounts",
    [(5.0, 5.0, 5.0), (0.02, 120.0, 68_420.52), (1.0, 1.0, 1.0), (20.0, 40.5, 80.0)],
    ids=["all-equal", "evry", "a-power-of-ten", "percent"],
)
def test_everything_lies_between_the_ends_of_the_axis(amounts: tuple[float, float, float]) -> None:
    low, middle, high = amounts
    (plot,) = box_plots(statistics({"min": low, "p25": middle, "median": middle, "p75": middle, "max": high}))
    (box,) = plot.boxes
    assert plot.ticks[0].place <= box.lowest <= box.median <= box.highest <= plot.ticks[-1].place
    assert len(plot.ticks) >= 2


def test_units_have_their_own_plots_and_zero_is_not_drawn() -> None:
    row = {"min": 1.0, "p25": 2.0, "median": 3.0, "p75": 4.0, "max": 5.0}
    plots = box_plots(statistics(row, row | {"rate_unit": "percent"}, row | {"rate_unit": "usd_per_day", "min": 0.0}))
    assert [plot.title for plot in plots] == ["Percent of billed charges", "US dollars"]
