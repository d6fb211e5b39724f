"""The Power BI project of the real Samples: it holds together, its money is the files', its measures are the marts'."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakeward.publish.powerbi.check import check_project

from ..unit.publish.powerbi.dax import Filters
from ..unit.publish.powerbi.measure_sql import SQL, Model, filters, opened
from .command_line import done
from .made_once import made_once

CONTEXTS: tuple[dict[str, Any], ...] = (
    {"kind": "facility", "per": "2009"},
    {"y": 2009},
    {"y": 2010, "m": "March", "mdc": "05"},
)


@pytest.fixture(scope="module")
def project(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of a lake of all that is in the folder of the real claims."""
    crosswalk = real_data / "geo" / "ssa_fips_county_crosswalk.csv"
    sources = {"synpuf": [{"path": str(real_data / "claims")}], "geography": {"path": str(crosswalk)}}
    configuration = tmp_path_factory.mktemp("powerbi") / "lakeward.yaml"
    configuration.write_text(yaml.safe_dump({"sources": sources}))

    def make(folder: Path) -> None:
        done("run", "claims", "--config", configuration, "--lake", folder / "lake", "--memory", "1GB")

    lake = made_once(tmp_path_factory, "real-claims-lake", make) / "lake"
    done("powerbi", "--lake", lake, "--output", configuration.parent / "project")
    return configuration.parent / "project"


@pytest.fixture(scope="module")
def model(project: Path) -> Model:
    """Its measures, in DAX and SQL."""
    return opened(project)


def test_the_project_holds_together(project: Path) -> None:
    assert check_project(project) == []


def test_the_money_is_that_of_the_file(model: Model) -> None:
    sample = Filters({("fact_inpatient_claim", "sample_number"): (lambda value: value == 1,)})
    assert model.dax.measure("Paid amounts", sample) == Decimal("639260180.00")
    assert model.dax.measure("Claims", sample) == 66_705
    assert model.dax.measure("Claim segments", sample) == 66_773
    negative = model.sql.execute("select count(*) from f where sample_number = 1 and paid_amount_usd < 0").fetchone()
    assert negative == (55,)


def test_every_claim_has_a_month(model: Model) -> None:
    assert model.dax.measure("Paid amounts outside the months") == 0


@pytest.mark.parametrize("context", CONTEXTS, ids=["Pareto", "a year", "a category in a month"])
def test_dax_and_sql_agree(model: Model, context: dict[str, Any]) -> None:
    for name in SQL:
        found, expected = model.dax.measure(name, filters(context)), model.expected(name, context)
        assert (found is None) == (expected is None), name
        if expected is not None:
            assert float(found) == pytest.approx(float(expected), rel=1e-9, abs=1e-9), name


def test_run_rates_are_those_of_the_mart(model: Model) -> None:
    rows = model.sql.execute(
        "select service_month, paid_amount_usd, arr_run_rate_usd, prior_year_paid_usd, pmpm_usd "
        "from mart_claims_revenue where service_month >= date '2007-12-01' order by 1"
    ).fetchall()
    assert len(rows) >= 37
    for month, paid, pace, prior, per_member in rows:
        one = Filters({("dim_date", "year_month"): (lambda value, month=month: value == f"{month:%Y-%m}",)})
        assert model.dax.measure("MRR (paid amounts)", one) == paid
        assert model.dax.measure("ARR run rate (paid amounts)", one) == pace
        assert model.dax.measure("Paid amounts prior year", one) == prior
        assert model.dax.measure("PMPM (paid amounts)", one) == (
            None if per_member is None else pytest.approx(per_member, abs=1e-5)
        )


def test_drg_figures_are_those_of_the_mart(model: Model) -> None:
    rows = model.sql.execute(
        "select drg_code, sum(claim_count), sum(paid_amount_usd), "
        "sum(paid_amount_usd)::double / nullif(sum(case_mix_weight), 0)::double "
        "from mart_claims_drg where drg_code <> 'not stated' group by 1 order by 3 desc limit 5"
    ).fetchall()
    for drg, claims, paid, per_weight in rows:
        one = Filters({("dim_drg", "drg_code"): (lambda value, drg=drg: value == drg,)})
        assert model.dax.measure("Claims", one) == claims
        assert model.dax.measure("Paid amounts", one) == paid
        found = model.dax.measure("Paid amounts per relative weight", one)
        assert found == (None if per_weight is None else pytest.approx(per_weight, rel=1e-9))
