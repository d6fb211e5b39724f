"""The ledger's rule: what balances, what does not, and that a row survives being written and read."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.errors import DataCheckFailed
from lakeward.lake.ledger import LEDGER_COLUMNS, LedgerRow, require_balance

ROW = LedgerRow(
    step="fact",
    slice="example.ga.2025-08",
    table="fact_rate",
    rows_in=10,
    rows_exploded=5,
    rows_out=12,
    rows_quarantined=2,
    rows_merged=1,
    keys_in=4,
    keys_out=4,
    money_in=Decimal("100.00"),
    money_out=Decimal("90.00"),
    money_quarantined=Decimal("10.00"),
)


def test_a_step_that_accounts_for_everything_balances() -> None:
    assert ROW.balanced
    require_balance([ROW])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"rows_out": 11}, id="a row lost"),
        pytest.param({"rows_out": 13}, id="a row multiplied"),
        pytest.param({"keys_out": 3}, id="a key lost"),
        pytest.param({"money_out": Decimal("90.01")}, id="a cent too many"),
        pytest.param({"money_out": Decimal("89.99")}, id="a cent lost"),
    ],
)
def test_a_loss_fails_and_is_named(change: dict[str, int | Decimal]) -> None:
    wrong = replace(ROW, **change)  # type: ignore[arg-type]
    assert not wrong.balanced
    with pytest.raises(DataCheckFailed, match=r"fact example\.ga\.2025-08 fact_rate"):
        require_balance([ROW, wrong])


def test_half_cents_of_rounding_are_no_loss_and_no_cover_for_one() -> None:
    assert replace(ROW, money_out=Decimal("90.004")).balanced
    assert not replace(ROW, money_out=Decimal("90.0101")).balanced


def test_a_step_without_money_or_keys_balances_on_rows_alone() -> None:
    assert replace(ROW, money_in=None, keys_in=None).balanced


def test_the_record_has_the_columns_of_the_contract_first() -> None:
    assert list(ROW.as_record()) == list(LEDGER_COLUMNS)


@given(
    rows=st.integers(0, 10**12),
    money=st.decimals(min_value=-(10**15), max_value=10**15, places=4) | st.none(),
    keys=st.integers(0, 10**12) | st.none(),
)
def test_a_row_survives_being_written_and_read(rows: int, money: Decimal | None, keys: int | None) -> None:
    row = replace(ROW, rows_in=rows, money_in=money, keys_in=keys)
    assert LedgerRow.from_record(row.as_record()) == row
