"""Every measure, as its DAX stands in the files, gives what plain SQL over the same Parquet gives."""

from pathlib import Path
from typing import Any

import pytest

from .dax import Filters
from .measure_sql import SQL, Model, filters, opened

CONTEXTS: dict[str, dict[str, Any]] = {
    "everything": {},
    "a year": {"y": 2009},
    "the first months": {"y": 2007},
    "a month": {"y": 2009, "m": "February"},
    "a hospital": {"fac": "F1"},
    "a category in a year": {"mdc": "01", "y": 2008},
    "a hospital in a month": {"fac": "F2", "y": 2010, "m": "March"},
    "one kind": {"kind": "drg"},
    "one kind, period and class": {"kind": "facility", "per": "2009", "cls": "A"},
    "nothing": {"fac": "none such", "y": 1999, "kind": "none such"},
}


@pytest.fixture(scope="module")
def model(written: Path) -> Model:
    return opened(written)


def test_every_measure_has_its_sql(model: Model) -> None:
    assert set(model.dax.measures) == set(SQL)


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("name", SQL)
def test_dax_and_sql_agree(model: Model, name: str, context: dict[str, Any]) -> None:
    found, expected = model.dax.measure(name, filters(context)), model.expected(name, context)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert float(found) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in SQL if name != "Paid amounts outside the months"])
def test_every_measure_has_a_value_somewhere(model: Model, name: str) -> None:
    """Otherwise the comparison above would compare nothing with nothing."""
    found = [model.expected(name, context) for context in CONTEXTS.values()]
    assert len({value for value in found if value is not None}) > 1


def test_the_last_month_of_the_year_is_the_monthly_rate(model: Model) -> None:
    december = Filters({("dim_date", "year_month"): (lambda value: value == "2009-12",)})
    year = Filters({("dim_date", "year"): (lambda value: value == 2009,)})
    assert model.dax.measure("MRR (paid amounts)", year) == model.dax.measure("Paid amounts", december)


def test_a_diagnosis_reaches_its_claims(model: Model) -> None:
    only = Filters({("dim_diagnosis", "diagnosis_code"): (lambda value: value == "421",)})
    expected = model.sql.execute(
        "select sum(paid_amount_usd) from f where claim_key in "
        "(select claim_key from bridge_claim_diagnosis where diagnosis_code = '421')"
    ).fetchone()
    assert expected is not None
    assert model.dax.measure("Paid amounts of claims with the diagnosis", only) == expected[0]
    assert model.dax.measure("Paid amounts", only) == model.dax.measure("Paid amounts")


def test_the_operating_physician_takes_the_place_of_the_attending_one(model: Model) -> None:
    only = Filters({("dim_physician", "physician_npi"): (lambda value: value == "P1",)})
    for name, column in (("Paid amounts", "attending"), ("Paid amounts by operating physician", "operating")):
        expected = model.sql.execute(f"select sum(paid_amount_usd) from f where {column}_npi = 'P1'").fetchone()
        assert expected is not None
        assert model.dax.measure(name, only) == expected[0]
