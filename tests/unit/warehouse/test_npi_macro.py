"""The check digit in SQL agrees with Luhn's algorithm as it is usually written."""

from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lakeward

MACRO = Path(lakeward.__file__).parent / "warehouse" / "macros" / "npi.sql"


@pytest.fixture(scope="module")
def condition() -> str:
    return str(jinja2.Environment().from_string(MACRO.read_text()).module.npi_is_valid("npi"))  # type: ignore[attr-defined]


def is_valid(condition: str, npis: list[str | None]) -> list[bool]:
    published = "select unnest(?::varchar[]) as npi, generate_subscripts(?::varchar[], 1) as place"
    with duckdb.connect() as connection:
        rows = connection.execute(f"select {condition} from ({published}) order by place", [npis, npis]).fetchall()
    return [answer for (answer,) in rows]


def luhn(npi: str) -> bool:
    """Luhn over 80840 and the NPI, from the right, as the standard describes it."""
    digits = [int(digit) for digit in reversed("80840" + npi)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return npi[0] in "12" and (sum(digits[0::2]) + sum(doubled)) % 10 == 0


@pytest.mark.parametrize(
    ("npi", "valid"),
    [
        pytest.param("1234567893", True, id="the standard's example"),
        pytest.param("1234567890", False, id="wrong check digit"),
        pytest.param("1003000126", True, id="a real one"),
        pytest.param("2000000002", True, id="leading 2"),
        pytest.param("3000000001", False, id="leading 3"),
        pytest.param("123456789", False, id="nine digits"),
        pytest.param("12345678930", False, id="eleven digits"),
        pytest.param("123456789X", False, id="a letter"),
        pytest.param("1234567893.0", False, id="a float"),
        pytest.param(" 1234567893", False, id="a blank"),
        pytest.param("0", False, id="zero"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="null"),
    ],
)
def test_known_identifiers(condition: str, npi: str | None, valid: bool) -> None:
    assert is_valid(condition, [npi]) == [valid]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.from_regex(r"[0-9]{10}", fullmatch=True).filter(str.isascii), min_size=50, max_size=50))
def test_any_ten_digits_agree_with_luhn(condition: str, npis: list[str]) -> None:
    every_check_digit = [npi[:9] + str(digit) for npi in npis for digit in range(10)]
    assert is_valid(condition, every_check_digit) == [luhn(npi) for npi in every_check_digit]
