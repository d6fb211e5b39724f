"""The key of an address in SQL agrees with the rule written in Python, and tells no two addresses alike that differ."""

import hashlib
import re

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakeward.geocode import address_key_sql

Parts = tuple[str | None, str | None, str | None, str | None]

typed = st.one_of(st.none(), st.text(alphabet="aA1 |?\t\nÉßİ𝔸 -", max_size=9))


def keys(addresses: list[Parts]) -> list[str | None]:
    with duckdb.connect() as connection:
        connection.execute(
            "create table place (number bigint, address_1 varchar, city varchar, state varchar, postal_code varchar)"
        )
        rows = [(number, *address) for number, address in enumerate(addresses)]
        connection.executemany("insert into place values (?, ?, ?, ?, ?)", rows)
        found = connection.sql(f"select {address_key_sql()} from place order by number").fetchall()
    return [key for (key,) in found]


def normal(text: str | None) -> str:
    """One part as it counts: ASCII capitals, one blank between words."""
    return re.sub(" +", " ", re.sub("[^ -~]+", "?", text or "")).strip(" ").upper()


def expected(address: Parts) -> str | None:
    street, city, state, postal_code = address
    if street is None:
        return None
    text = "|".join([normal(street), normal(city), normal(state), normal(postal_code)[:5]])
    return hashlib.md5(text.encode()).hexdigest()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(typed, typed, typed, typed), min_size=1, max_size=20))
@example([("", None, None, None)])
@example([("1 Main St", "Atlanta", "GA", "303011234"), (" 1  MAIN st", "ATLANTA ", "ga", "30301-9999")])
def test_agrees_with_the_rule(addresses: list[Parts]) -> None:
    assert keys(addresses) == [expected(address) for address in addresses]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (("1 Main St", "Atlanta", "GA", "30301"), ("1 MAIN  ST ", "atlanta", "ga", "303011234"), True),
        (("1 Main St", "Atlanta", "GA", "30301"), ("1 Main St", "Atlanta", "GA", "30302"), False),
        (("1 Main St", "Atlanta", "GA", "30301"), ("1 Main St", "Atlanta", "AL", "30301"), False),
        (("1 Main St", "Atlanta", "GA", "30301"), ("1 Main St", "Macon", "GA", "30301"), False),
        (("1 Main St", "Atlanta", "GA", "30301"), ("11 Main St", "Atlanta", "GA", "30301"), False),
        (("1 Main", "St", "GA", "30301"), ("1 Main St", None, "GA", "30301"), False),
    ],
    ids=["case, blanks, ZIP+4", "ZIP", "state", "city", "house", "a word in another part"],
)
def test_what_counts(one: Parts, other: Parts, alike: bool) -> None:
    first, second = keys([one, other])
    assert (first == second) is alike
