"""The counted-value quartiles are the ones that a full list would give."""

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeward.quality.statistics import distribution_sql

AMOUNTS = st.lists(
    st.integers(min_value=1, max_value=5_000_000).map(lambda cents: cents / 100), min_size=1, max_size=60
)


@settings(max_examples=40, deadline=None)
@given(AMOUNTS)
def test_quartiles_are_linear_interpolations_of_the_sorted_amounts(amounts: list[float]) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table price as select 'usd' as unit, unnest($amounts) as amount", {"amounts": amounts}
        )
        row = connection.execute(distribution_sql("price", ("unit",), "amount")).fetchone()
    expected = [len(amounts), min(amounts), *np.percentile(amounts, [25, 50, 75]), max(amounts)]
    assert row is not None
    assert list(row[1:]) == pytest.approx(expected, abs=1e-5)


def test_groups_stand_apart_and_nulls_are_left_out() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table price as select * from (values ('usd', 10.0), ('usd', 30.0), ('usd', null), "
            "('percent', 40.5), (null, 7.0)) as t(unit, amount)"
        )
        rows = connection.execute(distribution_sql("price", ("unit",), "amount")).fetchall()
    assert rows == [
        ("percent", 1, 40.5, 40.5, 40.5, 40.5, 40.5),
        ("usd", 2, 10.0, 15.0, 20.0, 25.0, 30.0),
        (None, 1, 7.0, 7.0, 7.0, 7.0, 7.0),
    ]
