"""The parts of the reports: columns, data that cannot become markup, the policy, and valid charts."""

import base64
import hashlib
import json
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from lakeward.report.claims_report import CLAIMS
from lakeward.report.data import columnar
from lakeward.report.figure import Figure
from lakeward.report.page import as_inline_json, content_policy
from lakeward.report.provider_report import PROVIDERS

PAGES = (*CLAIMS.pages, *PROVIDERS.pages)
FIGURES = [figure for page in PAGES for figure in page.figures]


def test_text_and_dates_stand_once_and_amounts_keep_their_cents() -> None:
    table = pa.table(
        {
            "state": ["GA", None, "GA"],
            "month": [date(2008, 1, 1), date(2008, 2, 1), date(2008, 1, 1)],
            "paid": pa.array([Decimal("12.50"), Decimal("-3.00"), None], pa.decimal128(14, 2)),
            "count": [1, 2, 3],
            "is_partial": [True, False, None],
        }
    )
    assert columnar(table) == {
        "state": {"levels": ["GA"], "codes": [0, -1, 0]},
        "month": {"levels": ["2008-01-01", "2008-02-01"], "codes": [0, 1, 0]},
        "paid": [12.5, -3, None],
        "count": [1, 2, 3],
        "is_partial": [True, False, None],
    }


def test_a_table_without_rows_keeps_its_columns() -> None:
    empty = pa.schema([("state", pa.string()), ("paid", pa.decimal128(14, 2))]).empty_table()
    assert columnar(empty) == {"state": {"levels": [], "codes": []}, "paid": []}


@given(st.text())
def test_data_cannot_become_markup_and_come_back_as_they_were(text: str) -> None:
    written = as_inline_json({"title": text + "</script><!--"})
    assert not set("<>&\u2028\u2029") & set(str(written))
    assert json.loads(str(written))["title"] == text + "</script><!--"


def test_the_policy_allows_these_scripts_and_no_request() -> None:
    digest = base64.b64encode(hashlib.sha256(b"one").digest()).decode()
    policy = content_policy(("one", "two"))
    assert policy.startswith("default-src 'none'; ")
    assert f"'sha256-{digest}'" in policy
    assert "eval" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.key)
def test_every_chart_compiles_and_says_what_it_is(figure: Figure, capfd: pytest.CaptureFixture[str]) -> None:
    spec = figure.as_vega() | {"width": 400}
    row = {field: 1 if kind != "text" else "x" for field, (_, kind) in figure.columns.items()}
    spec["data"] = {"name": "rows", "values": [row | {"month": 1.2e12, "class": "A", "id": "1"}]}
    compiled = vl_convert.vegalite_to_vega(spec)
    assert compiled["description"].startswith(figure.title)
    assert compiled["marks"]
    assert "WARN" not in capfd.readouterr().err


def test_figures_have_names_of_their_own() -> None:
    keys = [figure.key for figure in FIGURES] + [key for page in PAGES for key, _ in page.slicers]
    assert len(keys) == len(set(keys))
