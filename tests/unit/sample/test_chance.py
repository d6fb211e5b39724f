"""Chance and identifiers: literal vectors, so that another machine, version or refactoring cannot move a rate."""

import pytest

from lakeward.sample.chance import between, draw, happens, pick
from lakeward.sample.identifiers import made_up_ein, made_up_npi, npi_check_digit, with_bad_check_digit


def test_draws_are_fixed_for_ever() -> None:
    assert (draw("a"), draw("a", 1)) == (4681665781835383343, 1697009112794260910)


def test_between_holds_its_bounds_and_reaches_both() -> None:
    assert {between(3, 5, "x", number) for number in range(100)} == {3, 4, 5}


def test_happens_about_as_often_as_told() -> None:
    assert 150 < sum(happens(20, "y", number) for number in range(1000)) < 250


def test_pick_takes_one_of_the_options() -> None:
    assert {pick("abc", "z", number) for number in range(100)} == set("abc")


@pytest.mark.parametrize(
    ("first_nine", "digit"), [("123456789", "3"), ("100300012", "6")], ids=["published-example", "real-form"]
)
def test_check_digit_of_known_npis(first_nine: str, digit: str) -> None:
    assert npi_check_digit(first_nine) == digit


def test_made_up_npis_differ_start_with_2_and_pass_the_check() -> None:
    npis = [made_up_npi(serial) for serial in range(20_000)]
    assert len(set(npis)) == len(npis)
    assert all(npi[0] == "2" and len(npi) == 10 and npi[9] == npi_check_digit(npi[:9]) for npi in npis)


def test_a_bad_check_digit_is_bad() -> None:
    spoiled = with_bad_check_digit("1234567893")
    assert (spoiled[:9], spoiled[9]) == ("123456789", "4")


def test_made_up_employer_numbers_start_with_00() -> None:
    assert made_up_ein(42) == "00-0000042"
