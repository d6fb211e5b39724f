"""The claims report in a real browser: it loads alone, what was planted stays text, and its slicers add up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.lake.commit import Lake
from lakeward.report.claims_report import CLAIMS
from lakeward.report.data import read_report_data
from lakeward.report.page import render_report
from lakeward.settings import StorageSettings

from .browser import Browser, browser
from .claims_report_lake import claims_lake
from .loopback import loopback

PAGES = ("abc", "retention", "revenue")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str], Path]]:
    """A folder served over HTTP, and the paths that were asked for."""
    folder = tmp_path_factory.mktemp("served")
    with loopback(folder) as (address, asked):
        yield address, asked, folder


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the made-up claims: ``lake`` and, to ask what is expected, ``build.duckdb``."""
    folder = tmp_path_factory.mktemp("claims")
    claims_lake(folder)
    return folder


@pytest.fixture(scope="module")
def page(
    chromium: str, served: tuple[str, list[str], Path], tables: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """The report of the made-up claims, open in a browser."""
    address, _, folder = served
    snapshot = Lake.open(str(tables / "lake"), StorageSettings()).snapshot()
    (folder / "claims.html").write_text(
        render_report(CLAIMS, read_report_data(snapshot, StorageSettings())), encoding="utf-8"
    )
    with browser(chromium, tmp_path_factory.mktemp("profile")) as opened:
        opened.open(f"{address}/claims.html")
        yield opened


def answer(tables: Path, sql: str) -> tuple[Any, ...]:
    """Ask the made-up tables themselves."""
    with duckdb.connect(str(tables / "build.duckdb"), read_only=True) as connection:
        found = connection.sql(sql).fetchone()
    assert found is not None
    return found


def shown(page: Browser, name: str) -> None:
    """Turn to a page, with nothing chosen."""
    page.evaluate(f"location.hash = '{name}'")
    page.settle()
    page.evaluate(f"document.querySelectorAll('#{name} [data-reset]').forEach((button) => button.click())")
    page.settle()


def facts(page: Browser, key: str) -> dict[str, str]:
    """The figures on top of a page: label -> value and remark."""
    labels, values = page.text(f"#{key} dt"), page.text(f"#{key} dd")
    return dict(zip(labels, values, strict=True))


def column(page: Browser, figure: str, number: int) -> list[str]:
    """One column of a figure's table."""
    return page.text(f"#{figure}-table tbody tr > :nth-child({number})")


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("$", "").replace(",", "").replace("−", "-").replace(" %", ""))


def test_every_figure_is_drawn_and_nothing_is_asked_of_the_network(
    page: Browser, served: tuple[str, list[str], Path]
) -> None:
    for part in CLAIMS.pages:
        shown(page, part.key)
        visible = page.evaluate(
            "[...document.querySelectorAll('.page')].filter((p) => p.offsetParent).map((p) => p.id)"
        )
        assert visible == [part.key]
        for figure in part.figures:
            marks = page.evaluate(f"document.querySelectorAll('#{figure.key} svg .mark-group path').length")
            assert marks > 0, figure.key
            assert page.evaluate(f"document.querySelector('#{figure.key} svg').clientWidth") > 300, figure.key
    assert page.console == []
    assert [path for path in served[1] if "beacon" not in path and "planted" not in path] == ["/claims.html"]


@pytest.mark.parametrize("entity", ["drg", "facility", "beneficiary"])
@pytest.mark.parametrize("year", ["all", "2007", "2009"])
def test_abc_shows_the_totals_and_classes_of_its_mart(page: Browser, tables: Path, entity: str, year: str) -> None:
    shown(page, "abc")
    page.choose("abc-entity", entity)
    page.choose("abc-year", year)
    where = f"from mart_claims_abc where entity_type = '{entity}' and period = '{year}'"
    paid, entities, first = answer(
        tables, f"select sum(paid_amount_usd), count(*), count(*) filter (where abc_class = 'A') {where}"
    )
    seen = facts(page, "abc-facts")
    assert f"{paid:,.2f}" in seen["Paid amount"]
    assert page.text("#abc-facts .value")[1:3] == [f"{entities:,}", f"{first:,}"]
    assert sum(map(number, page.text("#abc-classes tr:not(:last-child) > td:nth-child(5)"))) == pytest.approx(
        float(paid)
    )


def test_abc_of_a_month_follows_the_rule_of_the_mart(page: Browser, tables: Path) -> None:
    shown(page, "abc")
    page.choose("abc-year", "2009")
    page.choose("abc-month", "03")
    with duckdb.connect(str(tables / "build.duckdb"), read_only=True) as connection:
        rows = connection.sql(
            "select drg_code, sum(paid_amount_usd) from line where service_month = date '2009-03-01' group by 1"
        ).fetchall()
    rows.sort(key=lambda row: (-row[1], row[0]))
    positive, before, classes = sum(paid for _, paid in rows if paid > 0), 0, []
    for _, paid in rows:
        classes.append(
            "N" if paid <= 0 else "A" if before * 100 < 80 * positive else "B" if before * 100 < 95 * positive else "C"
        )
        before += max(paid, 0)
    assert {"A", "B", "C"} <= set(classes)
    expected = {name: str(classes.count(name)) for name in "ABCN" if name in classes} | {"All": str(len(rows))}
    found = dict(zip(page.text("#abc-classes tbody th"), page.text("#abc-classes tbody td:nth-child(2)"), strict=True))
    assert found == expected
    assert column(page, "abc-ranking", 3) == classes[:25]


def test_drill_adds_up_at_every_level(page: Browser, tables: Path) -> None:
    shown(page, "abc")
    code, mdc = answer(
        tables, "select drg_code, mdc_code from mart_claims_drg where mdc_code = '04' order by 1 limit 1"
    )
    steps = {
        "drill-year": ("2009", "service_year = 2009"),
        "drill-mdc": (mdc, f"mdc_code = '{mdc}'"),
        "drill-drg": (code, f"drg_code = '{code}'"),
        "drill-state": ("GA", "facility_state_code = 'GA'"),
    }
    conditions = []
    for slicer, (value, condition) in steps.items():
        page.choose(slicer, value)
        conditions.append(condition)
        paid, claims = answer(
            tables,
            f"select sum(paid_amount_usd), sum(claim_count) from mart_claims_drg where {' and '.join(conditions)}",
        )
        assert sum(map(number, column(page, "drill-level", 3))) == pytest.approx(float(paid))
        assert sum(map(number, column(page, "drill-states", 3))) == pytest.approx(float(paid))
        assert page.text("#drill-facts .value")[1] == f"{claims:,}"
    assert page.text("#drill-crumbs")[0].endswith(f"› {code} TITLE OF DRG {code} W CC")


def test_a_click_on_a_bar_drills(page: Browser) -> None:
    shown(page, "abc")
    first = column(page, "drill-level", 1)[0]
    # Dispatched as the mouse does; the chart finds the bar under it.
    box = page.evaluate(
        "(() => { const bar = document.querySelector('#drill-level .mark-rect.role-mark path');"
        " bar.scrollIntoView({block: 'center'}); const b = bar.getBoundingClientRect(); return [b.x + 9, b.y + 5]; })()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)
    page.settle()
    assert page.text("#drill-crumbs")[0] == f"All categories › {first}"


def test_retention_counts_and_rates_are_those_of_the_mart(page: Browser, tables: Path) -> None:
    shown(page, "retention")
    for slicer, value in (("ret-state", "GA"), ("ret-sex", "female"), ("ret-year", "2009")):
        page.choose(slicer, value)
    people, kept, lapsed = answer(
        tables,
        "select count(*), count(*) filter (where outcome = 'retained'), count(*) filter (where outcome = 'lapsed')"
        " from mart_claims_retention where state_code = 'GA' and sex = 'female' and cohort_year = 2009",
    )
    seen = [number(text) for text in page.text("#retention-facts .value")[:4]]
    exposed = kept + lapsed
    assert seen[:2] == [people, exposed]
    # Shown to a tenth; a half may be rounded either way.
    assert seen[2:] == pytest.approx([100 * kept / exposed, 100 * lapsed / exposed], abs=0.0501)
    assert sum(map(number, column(page, "retention-outcomes", 3))) == people
    assert "2010" not in column(page, "retention-rates", 1)


def test_revenue_is_the_mart_and_one_drg_follows_its_rules(page: Browser, tables: Path) -> None:
    shown(page, "revenue")
    paid, rate = answer(
        tables, "select sum(paid_amount_usd), max_by(arr_run_rate_usd, service_month) from mart_claims_revenue"
    )
    assert f"{paid:,.2f}" in facts(page, "revenue-facts")["Paid amount"]
    assert number(column(page, "revenue-months", 5)[-1]) == float(rate)
    code, paid = answer(tables, "select drg_code, sum(paid_amount_usd) from line group by 1 order by 2 desc limit 1")
    page.choose("rev-drg", code)
    (last_three,) = answer(
        tables,
        f"select sum(paid_amount_usd) from line where drg_code = '{code}' and service_month >= date '2010-10-01'",
    )
    assert sum(map(number, column(page, "revenue-months", 3))) == pytest.approx(float(paid))
    assert number(column(page, "revenue-months", 5)[-1]) == float(last_three * 4)


def test_planted_markup_is_inert(chromium: str, served: tuple[str, list[str], Path], tmp_path: Path) -> None:
    address, asked, folder = served
    planted = f"</script><script>document.body.innerHTML=1</script><img src={address}/beacon onerror=alert(1)>"
    spoil = (
        f"update mart_claims_drg set drg_title = '{planted}', facility_id = facility_id || '{planted}';"
        f"update mart_claims_abc set entity_name = '{planted}' || entity_name, entity_id = entity_id || '{planted}';"
        f"update mart_claims_retention set state_code = '{planted}', age_band = '{planted}'"
    )
    snapshot = claims_lake(tmp_path / "lake", more_changes=spoil)
    text = render_report(CLAIMS, read_report_data(snapshot, StorageSettings()))
    (folder / "planted.html").write_text(text, encoding="utf-8")
    with browser(chromium, tmp_path / "profile") as opened:
        for name in PAGES:
            opened.open(f"{address}/planted.html#{name}")
            assert opened.evaluate("document.querySelectorAll('img').length") == 0
            assert opened.evaluate("document.scripts.length") == 3
            assert opened.text("h1") == ["Inpatient claims"]
            assert opened.console == []
    assert "/beacon" not in asked


def test_a_lake_of_2007_alone_says_that_there_is_nothing_to_draw(
    chromium: str, served: tuple[str, list[str], Path], tmp_path: Path
) -> None:
    address, _, folder = served
    snapshot = claims_lake(tmp_path / "lake", changes="delete from fact_inpatient_claim where service_year >= 2008")
    text = render_report(CLAIMS, read_report_data(snapshot, StorageSettings()))
    (folder / "planted-2007.html").write_text(text, encoding="utf-8")
    with browser(chromium, tmp_path / "profile") as opened:
        opened.open(f"{address}/planted-2007.html#retention")
        empty = "[...document.querySelectorAll('#retention .empty')].filter((e) => e.offsetParent).length"
        assert opened.evaluate(empty) == 4
        opened.evaluate("location.hash = 'revenue'")
        opened.settle()
        assert column(opened, "revenue-months", 1) == ["Nov 2007", "Dec 2007"]
        assert set(column(opened, "revenue-months", 6)) == {"partial data"}
        assert opened.console == []
