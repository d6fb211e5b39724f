"""The quality page in a real browser: it loads without a request, and what a publisher wrote stays text."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from lakeward.quality.page import render_page
from lakeward.quality.report import quality_report

from .loopback import loopback

SMALL_LAKE = Path(__file__).parents[1] / "fixtures" / "quality" / "small_lake.sql"
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--enable-logging=stderr"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=2000"),
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A folder served over HTTP, and the paths that were asked for."""
    with loopback(tmp_path) as served:
        yield served


def hostile_page(beacon: str) -> str:
    """The page of a lake into which a publisher planted markup that would call home and rewrite the page."""
    planted = f"<script>document.body.innerHTML='taken'</script><img src='{beacon}/beacon' onerror='alert(1)'>"
    with duckdb.connect() as lake:
        lake.execute(SMALL_LAKE.read_text(encoding="utf-8"))
        lake.execute("insert into quarantine_fact_rate select *, $planted from fact_rate limit 1", {"planted": planted})
        lake.execute("update fact_rate_enriched set stat_area_name = $planted", {"planted": planted})
        lake.execute("update fact_rate set payer_slug = $planted where fact_uid like '%1'", {"planted": planted})
        return render_page(quality_report(lake, snapshot=3))


def test_the_page_loads_alone_and_planted_markup_is_inert(
    chromium: str, server: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = server
    (tmp_path / "report.html").write_text(hostile_page(address), encoding="utf-8")
    arguments = [chromium, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"{address}/report.html"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=True)
    assert asked == ["/report.html"]
    assert "CONSOLE" not in done.stderr
    assert "<h1>Data quality report</h1>" in done.stdout
    assert "&lt;script&gt;document.body.innerHTML" in done.stdout
    assert "<script" not in done.stdout
    assert "<img" not in done.stdout
