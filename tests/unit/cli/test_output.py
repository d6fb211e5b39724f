"""How values stand in printed tables."""

from decimal import Decimal

import pytest

from lakeward.cli.output import as_text, print_table


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        pytest.param(None, "n", "", id="null is nothing"),
        pytest.param(True, "is_index", "yes", id="a boolean is a word"),
        pytest.param(639260180, "rows", "639,260,180", id="thousands are separated"),
        pytest.param(Decimal("639260180.00"), "paid_amount_usd", "639,260,180.00", id="money keeps its cents"),
        pytest.param(2008, "cohort_year", "2008", id="a year is no amount"),
        pytest.param(2008, "year", "2008", id="a year by itself"),
        pytest.param(2008, "claims_a_year_before", "2,008", id="a count with the word in its name is an amount"),
        pytest.param("2008", "n", "2008", id="text stays"),
    ],
)
def test_a_value_as_text(value: object, column: str, text: str) -> None:
    assert as_text(value, column) == text


def test_a_table_prints_years_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("service_year", "claims"), [(2008, 27_678)])
    assert "2008   27,678" in capsys.readouterr().out
