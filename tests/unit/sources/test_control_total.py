"""The control total of landed rates: exact whatever the decimals, and blind to nulls."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.sources.control_total import control_total, holds_money


def landed(folder: Path, rates: list[float | None]) -> Path:
    path = folder / "price.parquet"
    pq.write_table(pa.table({"negotiated_rate": pa.array(rates, pa.float64())}), path)
    return path


@pytest.mark.parametrize(
    ("rates", "total"),
    [
        pytest.param([], "0", id="no rows"),
        pytest.param([None, 1.1, None], "1.1", id="nulls"),
        pytest.param([0.1] * 10, "1.0", id="tenths that doubles cannot hold"),
        pytest.param([264.90, -264.90, 0.01], "0.01", id="a reversal"),
        pytest.param([0.00001, 0.00002], "0.00003", id="more than four decimals"),
        pytest.param([9_999_999_999_999.99, 0.01], "10000000000000.00", id="a sentinel"),
        pytest.param([1e300], "1e300", id="beyond whole numbers"),
    ],
)
def test_the_total_is_exact(tmp_path: Path, rates: list[float | None], total: str) -> None:
    assert control_total(landed(tmp_path, rates)) == Decimal(total)


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=5), max_size=50))
def test_the_total_is_that_of_the_published_decimals(
    tmp_path_factory: pytest.TempPathFactory, rates: list[Decimal]
) -> None:
    folder = tmp_path_factory.mktemp("total")
    assert control_total(landed(folder, [float(rate) for rate in rates])) == sum(rates, Decimal(0))


def test_a_dataset_without_rates_is_told_apart(tmp_path: Path) -> None:
    pq.write_table(pa.table({"npi": ["1"]}), tmp_path / "provider.parquet")
    assert not holds_money(tmp_path / "provider.parquet")
    assert holds_money(landed(tmp_path, [1.0]))
