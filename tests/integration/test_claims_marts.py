"""Every claims mart over the complete real Sample 1 agrees, row by row, with an independent computation of it."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from .claims_recomputation import Recomputation
from .real_claims import built_claims

PAID = Decimal("639260180.00")
CLAIMS = 66_705
MARTS = ("mart_claims_revenue", "mart_claims_drg", "mart_claims_readmission")


@pytest.fixture(scope="module")
def tables(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    database = built_claims(real_data, tmp_path_factory)
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        yield connection


@pytest.fixture(scope="module")
def expected(real_data: Path) -> Recomputation:
    return Recomputation(real_data / "claims", [1])


def rows(connection: duckdb.DuckDBPyConnection, columns: str, table: str) -> list[tuple[Any, ...]]:
    return connection.sql(f"select {columns} from {table}").fetchall()


def differing(found: dict[Any, Any], expected: dict[Any, Any]) -> list[Any]:
    """Return keys that only one side has, or has with other values; an empty side fails the test that calls."""
    assert expected
    keys = found.keys() | expected.keys()
    return [key for key in keys if key not in found or key not in expected or found[key] != expected[key]][:5]


def test_the_money_of_the_file_is_in_every_mart(tables: duckdb.DuckDBPyConnection, expected: Recomputation) -> None:
    assert Decimal(int(expected.claims.paid.sum())) / 100 == PAID
    for mart in MARTS:
        assert rows(tables, "sum(paid_amount_usd)", mart) == [(PAID,)]
    by_entity = "(select entity_type, sum(paid_amount_usd) as paid, sum(claim_count) as claims from mart_claims_abc "
    by_entity += "where period = 'all' group by entity_type)"
    assert set(rows(tables, "paid, claims", by_entity)) == {(PAID, CLAIMS)}
    by_year = by_entity.replace("= 'all'", "<> 'all'")
    assert set(rows(tables, "paid, claims", by_year)) == {(PAID, CLAIMS)}
    before = int(expected.claims[expected.claims.year < 2008].paid.sum())
    cohorts = rows(tables, "sum(paid_amount_usd)", "mart_claims_retention")
    assert cohorts == [(PAID - Decimal(before) / 100,)]


def test_a_claim_of_two_segments_is_counted_once(tables: duckdb.DuckDBPyConnection, expected: Recomputation) -> None:
    for mart in ("mart_claims_revenue", "mart_claims_drg"):
        assert rows(tables, "sum(claim_count)", mart) == [(CLAIMS,)]
    without_claim = rows(tables, "sum(paid_amount_usd) > 0, count(*)", "mart_claims_drg where claim_count = 0")
    cells = expected.claims.groupby(["year", "drg", "facility"]).segment.min()
    assert without_claim == [(True, int((cells > 1).sum()))]


def test_abc_classes(tables: duckdb.DuckDBPyConnection, expected: Recomputation) -> None:
    columns = "entity_type, period, entity_id, paid_amount_usd, rank_number, abc_class, cumulative_before_pct"
    found = {row[:3]: row[3:] for row in rows(tables, columns, "mart_claims_abc")}
    computed = expected.abc()
    exact = {key: (int(paid * 100), rank, name) for key, (paid, rank, name, _) in found.items()}
    assert differing(exact, {key: row[:3] for key, row in computed.items()}) == []
    assert [key for key, row in found.items() if row[3] != pytest.approx(computed[key][3], abs=1e-6)] == []


def test_class_a_holds_four_fifths(tables: duckdb.DuckDBPyConnection) -> None:
    shares = rows(
        tables,
        "entity_type, period, sum(share_pct) filter (abc_class = 'A'), sum(share_pct)",
        "mart_claims_abc group by all",
    )
    assert len(shares) == 15
    for _, _, share_of_a, whole in shares:
        assert share_of_a >= 80 - 1e-3
        assert whole == pytest.approx(100, abs=0.05)


def test_retention(tables: duckdb.DuckDBPyConnection, expected: Recomputation) -> None:
    columns = "beneficiary_id, cohort_year, outcome, next_year_claim_count, paid_amount_usd, index_facility_id"
    found = {
        row[:2]: (row[2], row[3], int(row[4] * 100), row[5]) for row in rows(tables, columns, "mart_claims_retention")
    }
    assert differing(found, expected.retention()) == []
    assert Counter((year, row[0]) for (_, year), row in found.items()) == {
        (2008, "retained"): 3_443, (2008, "lapsed"): 7_070, (2008, "disenrolled"): 4_964, (2008, "died"): 384,
        (2009, "retained"): 1_586, (2009, "lapsed"): 9_636, (2009, "disenrolled"): 7_145, (2009, "died"): 464,
        (2010, "censored"): 11_715,
    }  # fmt: skip


def test_revenue(tables: duckdb.DuckDBPyConnection, expected: Recomputation) -> None:
    names = {
        "claim_count": "claims", "beneficiary_count": "people", "paid_amount_usd": "paid",
        "provider_payment_usd": "provider_payment", "member_months": "member_months", "arr_run_rate_usd": "run_rate",
        "prior_year_paid_usd": "year_before", "year_over_year_pct": "change_pct", "year_to_date_paid_usd": "to_date",
        "calendar_year_paid_usd": "year_total",
    }  # fmt: skip
    computed = expected.revenue()
    found = tables.sql("select * from mart_claims_revenue order by service_month").df()
    found.index = pd.PeriodIndex(found.service_month, freq="M")
    assert list(found.index) == list(computed.index)
    for column, name in names.items():
        scale = 100 if column.endswith("usd") else 1
        values = found[column].astype(float) * scale
        pd.testing.assert_series_equal(values, computed[name].astype(float), check_names=False, rtol=1e-9, atol=1e-4)
    per_member = computed.paid / 100 / computed.member_months
    pd.testing.assert_series_equal(found.pmpm_usd, per_member, check_names=False, rtol=1e-7, check_freq=False)
    assert list(found.index[found.is_partial_month].astype(str)) == ["2007-11", "2007-12"]


def test_drg_cells(tables: duckdb.DuckDBPyConnection, expected: Recomputation) -> None:
    weighed = "dim_drg where relative_weight is not null"
    weights = {code: float(weight) for code, weight in rows(tables, "drg_code, relative_weight", weighed)}
    columns = "service_year, drg_code, facility_id, claim_count, stay_count, beneficiary_count, paid_amount_usd, "
    columns += "length_of_stay_days, utilization_days, coalesce(case_mix_weight, -1)"
    found = {
        row[:3]: (*row[3:6], int(row[6] * 100), *row[7:9], float(row[9]))
        for row in rows(tables, columns, "mart_claims_drg")
    }
    computed = {
        (int(year), drg, facility): (
            *(int(value) for value in values[:-1]),
            -1.0 if pd.isna(values[-1]) else round(values[-1], 4),
        )
        for (year, drg, facility), *values in expected.drg(weights).itertuples(name=None)
    }
    assert differing(found, computed) == []


def test_averages_are_sums_over_counts(tables: duckdb.DuckDBPyConnection) -> None:
    wrong = rows(
        tables,
        "count(*)",
        "mart_claims_drg where abs(average_paid_usd * claim_count - paid_amount_usd) > 0.01 "
        "or abs(paid_per_weight_usd * case_mix_weight - paid_amount_usd) > 0.01",
    )
    assert wrong == [(0,)]


def test_readmission(tables: duckdb.DuckDBPyConnection, expected: Recomputation) -> None:
    columns = "stay_id, is_index, exclusion_reason, next_stay_id, days_to_next_admission, is_readmission_30_days, "
    columns += "is_readmission, paid_amount_usd"
    found = {row[0]: (*row[1:7], int(row[7] * 100)) for row in rows(tables, columns, "mart_claims_readmission")}
    assert differing(found, expected.readmission()) == []
    assert Counter(row[1] for row in found.values()) == {None: 64_051, "last_30_days": 310, "died_in_stay": 4}
    assert sum(row[4] for row in found.values()) == 6_195


def test_every_step_of_the_ledger_balances(tables: duckdb.DuckDBPyConnection) -> None:
    ledger = rows(
        tables, "table_name, slice, rows_out, keys_out, money_in - money_out, balanced", "int_claims_marts__ledger"
    )
    assert {row[:2]: row[2:] for row in ledger} == {
        ("mart_claims_abc", "drg"): (739, CLAIMS, 0, True),
        ("mart_claims_abc", "facility"): (2_675, CLAIMS, 0, True),
        ("mart_claims_abc", "beneficiary"): (37_780, CLAIMS, 0, True),
        ("mart_claims_retention", "cohort 2008"): (15_861, 27_678, 0, True),
        ("mart_claims_retention", "cohort 2009"): (18_831, 25_231, 0, True),
        ("mart_claims_retention", "cohort 2010"): (11_715, 13_572, 0, True),
        ("mart_claims_revenue", "whole"): (38, CLAIMS, 0, True),
        ("mart_claims_drg", "whole"): (64_120, CLAIMS, 0, True),
        ("mart_claims_readmission", "whole"): (64_365, 64_365, 0, True),
    }
