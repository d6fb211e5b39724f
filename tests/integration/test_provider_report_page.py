"""The provider report in a real browser: it loads alone, shows what the marts say, and what was planted stays text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.errors import UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.reference.tables import published_tables
from lakeward.report import provider_queries
from lakeward.report.gap_page import VERDICT_COLOURS
from lakeward.report.page import render_report
from lakeward.report.provider_data import read_provider_data
from lakeward.report.provider_report import PROVIDERS
from lakeward.settings import StorageSettings

from .browser import Browser, browser
from .claims_report_lake import claims_lake
from .command_line import done, lakeward
from .loopback import loopback
from .provider_report_lake import provider_lake

NAME = "providers.html"
CIRCLES = "#gap-map .mark-symbol.role-mark path"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A lake of made-up counties; only to be read."""
    return provider_lake(tmp_path_factory.mktemp("providers"))


@pytest.fixture(scope="module")
def tables(made: Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables that were published."""
    with duckdb.connect(str(Path(made.lake.url).parent / "build.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def opened(
    chromium: str, made: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, list[str]]]:
    """The report, open in a browser, and what was asked of the server."""
    folder = tmp_path_factory.mktemp("served")
    (folder / NAME).write_text(html_of(made), encoding="utf-8")
    with loopback(folder) as (address, asked), browser(chromium, tmp_path_factory.mktemp("profile")) as page:
        page.open(f"{address}/{NAME}")
        yield page, asked


@pytest.fixture
def page(opened: tuple[Browser, list[str]]) -> Browser:
    """The report with nothing chosen."""
    opened[0].evaluate("document.querySelectorAll('[data-reset]').forEach((button) => button.click())")
    opened[0].settle()
    return opened[0]


def html_of(snapshot: Snapshot) -> str:
    """The report of a lake."""
    return render_report(PROVIDERS, read_provider_data(snapshot, StorageSettings()))


def circles(page: Browser) -> dict[str, int]:
    """How many circles there are of each colour."""
    fills = page.evaluate(f"[...document.querySelectorAll('{CIRCLES}')].map((path) => path.getAttribute('fill'))")
    return {verdict: fills.count(colour) for verdict, colour in VERDICT_COLOURS.items()} | {"all": len(fills)}


def verdicts(tables: duckdb.DuckDBPyConnection, where: str) -> dict[str, int]:
    """How many counties of each verdict the mart has that a map can show."""
    sql = (
        "select count(*) filter (where not is_gap), count(*) filter (where is_gap and not is_gap_certain),"
        " count(*) filter (where is_gap_certain), count(*)"
        " from mart_provider_gap join place using (county_fips)"
        f" where mart_provider_gap.state = 'GA' and latitude is not null and {where}"
    )
    return dict(zip((*VERDICT_COLOURS, "all"), tables.sql(sql).fetchall()[0], strict=True))


def column(page: Browser, figure: str, number: int) -> list[str]:
    """One column of a figure's table."""
    return page.text(f"#{figure}-table tbody tr > :nth-child({number})")


def test_everything_is_drawn_and_nothing_is_asked_of_the_network(
    page: Browser, opened: tuple[Browser, list[str]]
) -> None:
    for figure in (figure for part in PROVIDERS.pages for figure in part.figures):
        assert page.evaluate(f"document.querySelectorAll('#{figure.key} svg .role-mark path').length") > 0, figure.key
    assert circles(page)["all"] == 35
    places = page.evaluate(f"[...document.querySelectorAll('{CIRCLES}')].map((path) => path.getAttribute('transform'))")
    assert len(set(places)) == 35
    assert not any("NaN" in place or "Infinity" in place for place in places)
    assert page.console == []
    assert opened[1] == [f"/{NAME}"]


@pytest.mark.parametrize("discipline", ["primary_care", "dental", "mental_health"])
@pytest.mark.parametrize("basis", ["individuals", "all_registrations", "fractional"])
def test_circles_and_bars_are_those_of_the_mart(
    page: Browser, tables: duckdb.DuckDBPyConnection, discipline: str, basis: str
) -> None:
    page.choose("gap-discipline", discipline)
    page.choose("gap-basis", basis)
    where = f"discipline = '{discipline}' and denominator_basis = '{basis}'"
    assert circles(page) == verdicts(tables, where)
    worst = tables.sql(
        "select county_name || ', ' || state, rank_in_nation, is_gap_certain from mart_provider_gap"
        f" where {where} and coverage_status = 'covered' order by rank_in_nation, county_fips limit 25"
    ).fetchall()
    assert column(page, "gap-worst", 1) == [name for name, _, _ in worst]
    marked = [text for text in page.text("#gap-worst svg .mark-text.role-mark text") if text == "● certain gap"]
    assert len(marked) == sum(certain for _, _, certain in worst) > 0
    assert f"1. {worst[0][0]}" in page.text("#gap-worst svg .role-axis-label text")


def test_selectors_change_the_circles_and_reset_brings_them_back(page: Browser) -> None:
    first = circles(page)
    page.choose("gap-discipline", "mental_health")
    assert circles(page) != first
    page.choose("gap-state", "PR")
    assert column(page, "gap-worst", 1) == ["Adjuntas Municipio, PR"]
    assert page.evaluate("document.getElementById('gap-map-empty').hidden") is False
    page.evaluate("document.querySelector('[data-reset=gaps]').click()")
    page.settle()
    assert circles(page) == first


def test_facts_count_every_covered_county_and_say_who_is_not_drawn(
    page: Browser, tables: duckdb.DuckDBPyConnection
) -> None:
    counts = tables.sql(
        "select count(*), count(*) filter (where is_gap_certain),"
        " count(*) filter (where is_gap and not is_gap_certain), count(*) filter (where not is_gap)"
        " from mart_provider_gap where coverage_status = 'covered'"
        " and discipline = 'primary_care' and denominator_basis = 'individuals'"
    ).fetchall()[0]
    assert page.text("#gaps-facts .value") == [str(count) for count in (*counts, 5)]
    assert page.text("#gaps-facts .remark")[4] == "5: registry is an extract"
    assert page.text("#gap-map-rest") == [
        "Not drawn: 5 counties that are not covered, and 2 covered counties without a point on this map."
    ]


def test_a_tooltip_says_everything_of_a_county(page: Browser, tables: duckdb.DuckDBPyConnection) -> None:
    name, residents, providers, rank, worst, best = tables.sql(
        "select mart.county_name, mart.population, providers, rank_in_nation, rank_worst, rank_best"
        " from mart_provider_gap as mart join place using (county_fips) where latitude is not null"
        " and discipline = 'primary_care' and denominator_basis = 'individuals'"
        " and rank_worst < rank_best and mart.state = 'GA' order by mart.population desc limit 1"
    ).fetchall()[0]
    box = page.evaluate(
        f"(() => {{ const circle = document.querySelector('{CIRCLES}[aria-label*=\"{name},\"]');"
        " circle.scrollIntoView({block: 'center'});"
        " const b = circle.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    # A browser that has just begun may lose the first move.
    for beside in (60, 1, 0):
        page.settle()
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0] - beside, y=box[1])
    page.settle()
    labels = page.text("#vg-tooltip-element .key")
    said = dict(zip(labels, page.text("#vg-tooltip-element .value"), strict=True))
    assert said["County"] == f"{name}, GA"
    assert said["Residents"] == f"{residents:,}"
    assert said["Providers placed there"] == f"{providers:g}"
    assert said["Rank"] == f"{rank} of 37"
    assert said["Rank over the three ways"].startswith(f"{worst} to {best}, ")
    assert set(said) >= {"Verdict", "Residents per provider", "Short by", "With open addresses"}


def test_density_and_coverage_are_those_of_the_marts(page: Browser) -> None:
    assert column(page, "density-groups", 1) == ["Primary care", "Dental", "Urology"]
    assert column(page, "density-groups", 2) == ["35", "21", "0"]
    page.choose("density-state", "PR")
    page.choose("density-group", "dental")
    assert column(page, "density-groups", 3) == ["150", "90", "0"]
    assert column(page, "density-states", 1) == ["Georgia", "Puerto Rico"]
    assert page.text("#coverage-table tbody th") == ["Georgia", "Puerto Rico", "Alabama"]
    assert page.text("#coverage-table tbody td:nth-child(2)")[2] == "registry is an extract"
    assert page.text("#coverage-table tbody td:last-child") == ["8.0 %", "0.0 %", "25.0 %"]
    assert page.text("#coverage-rest") == ["Not listed: 1 state or territory of which nothing is loaded."]


def test_the_page_says_what_it_is_not_and_where_its_figures_come_from(page: Browser) -> None:
    assert page.text(".notes p") == [
        "Screening flag; registrations, not full-time equivalents; not a HRSA designation.",
        "This product uses the Census Bureau Data API but is not endorsed or certified by the Census Bureau.",
    ]
    sources = page.text(".source")
    assert len(sources) == 5
    assert "mart_provider_gap one row: county_fips, discipline, denominator_basis · 378 rows" in sources[0]
    for source in sources:
        assert "releases: registry to 2025-08-24, residents of 2023, ACS of 2022, gazetteer of 2024" in source
        assert "snapshot 1" in source


def test_planted_markup_is_inert(chromium: str, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    with loopback(served) as (address, asked), browser(chromium, tmp_path / "profile") as page:
        planted = f"</script><script>document.body.innerHTML=1</script><img src={address}/beacon onerror=alert(1)>"
        spoil = (
            f"update mart_provider_gap set county_name = '{planted}' || county_name;"
            f"update mart_state_profile set state_name = '{planted}' || state_name;"
            f"update mart_provider_density set specialty_group = '{planted}' || specialty_group;"
            f"update dim_county set gazetteer_vintage = '{planted}'"
        )
        (served / NAME).write_text(html_of(provider_lake(tmp_path / "made", spoil)), encoding="utf-8")
        page.open(f"{address}/{NAME}")
        assert circles(page)["all"] == 35
        assert column(page, "gap-worst", 1)[0].startswith(planted)
        assert page.evaluate("document.querySelectorAll('img').length") == 0
        assert page.evaluate("document.scripts.length") == 3
        assert page.text("h1") == ["Where providers are missing"]
        assert page.console == []
        assert asked == [f"/{NAME}"]


@pytest.mark.parametrize(
    ("changes", "drawn"),
    [
        pytest.param("update mart_provider_gap set coverage_status = 'registry_incomplete'", 0, id="nothing-covered"),
        pytest.param("delete from mart_provider_gap where county_fips <> '13021'", 1, id="one-county"),
    ],
)
def test_a_lake_of_few_counties_has_a_page_too(chromium: str, tmp_path: Path, changes: str, drawn: int) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / NAME).write_text(html_of(provider_lake(tmp_path / "made", changes)), encoding="utf-8")
    with loopback(served) as (address, _), browser(chromium, tmp_path / "profile") as page:
        page.open(f"{address}/{NAME}")
        assert circles(page)["all"] == drawn
        assert page.evaluate("document.getElementById('gap-map-empty').hidden") is (drawn > 0)
        places = page.evaluate(f"[...document.querySelectorAll('{CIRCLES}')].map((p) => p.getAttribute('transform'))")
        assert not any("NaN" in place or "Infinity" in place for place in places)
        assert page.console == []


def test_the_command_writes_the_page_and_a_lake_without_the_marts_is_told_what_to_run(
    made: Snapshot, tmp_path: Path
) -> None:
    finished = done("report", "providers", "--lake", made.lake.url, "--output", tmp_path / NAME, "--json")
    said = json.loads(finished.out)
    assert (said["bytes"], said["snapshot"]) == ((tmp_path / NAME).stat().st_size, 1)
    claims = claims_lake(tmp_path / "claims")
    refused = lakeward("report", "providers", "--lake", claims.lake.url, "--output", tmp_path / "none.html")
    assert "has no provider marts to report on" in refused.message
    assert "missing: mart_provider_gap, mart_provider_density" in refused.message
    assert "lakeward run providers" in refused.message
    assert "Traceback" not in refused.err
    assert not (tmp_path / "none.html").exists()


def test_an_empty_lake_has_no_provider_marts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no provider marts"):
        read_provider_data(Lake.open(str(tmp_path / "lake"), StorageSettings()).snapshot(), StorageSettings())


@pytest.mark.parametrize("name", provider_queries.TABLES)
def test_the_stand_ins_have_no_column_that_the_models_lack(tables: duckdb.DuckDBPyConnection, name: str) -> None:
    published = {table.name: {column.name for column in table.columns} for table in published_tables()}
    found: list[tuple[Any, ...]] = tables.sql(f"describe {name}").fetchall()
    assert {row[0] for row in found} <= published[name]
