"""Code forms and the NPI check digit, against cases and against an implementation of the standard's words."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeward.quality import formats


def holds(condition: str, **values: str | None) -> bool | None:
    columns = ", ".join(f"${name} as {name}" for name in values)
    with duckdb.connect() as connection:
        row = connection.execute(f"select {condition} from (select {columns})", values).fetchone()
    assert row is not None
    return row[0]


def luhn(digits: str) -> bool:
    """ISO 7812: from the right, every second digit doubled, digits of the products added."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        product = int(digit) * (2 if place % 2 else 1)
        total += sum(int(figure) for figure in str(product))
    return total % 10 == 0


@settings(deadline=None)
@given(st.from_regex(r"\A[12][0-9]{9}\Z"))
def test_the_check_digit_is_luhn_over_the_card_prefix(npi: str) -> None:
    assert holds(formats.npi_check_digit_holds(), npi=npi) == luhn("80840" + npi)


@pytest.mark.parametrize(
    ("npi", "form", "check_digit"),
    [
        ("1234567893", True, True),
        ("1003000126", True, True),
        ("1234567890", True, False),
        ("3234567893", False, True),
        ("123456789", False, True),
        ("12345678931", False, True),
        ("123456789x", False, True),
        ("0", False, True),
        (" 1234567893", False, True),
    ],
)
def test_form_and_check_digit_are_two_questions(npi: str, form: bool, check_digit: bool) -> None:
    assert holds(formats.npi_has_its_form(), npi=npi) is form
    assert holds(formats.npi_check_digit_holds(), npi=npi) is check_digit


@pytest.mark.parametrize(
    ("code_type", "code", "good"),
    [
        ("CPT", "99213", True),
        ("CPT", "0101T", True),
        ("CPT", "9921", False),
        ("CPT", "G0283", True),
        ("HCPCS", "G0283", True),
        ("HCPCS", "99213", True),
        ("HCPCS", "g0283", False),
        ("CDT", "D0120", True),
        ("CDT", "00120", False),
        ("MS-DRG", "470", True),
        ("MS-DRG", "0470", False),
        ("APR-DRG", "139-2", True),
        ("RC", "0450", True),
        ("RC", "450", True),
        ("RC", "45", False),
        ("NDC", "00002-1433-80", True),
        ("NDC", "00002143380", True),
        ("NDC", "2143380", False),
        ("ICD", "E11.9", True),
        ("HIPPS", "1AA11", True),
        ("APC", "5072", True),
        ("EAPG", "00485", True),
        ("LOCAL", "anything at all", True),
        ("CSTM-ALL", "CSTM-00", True),
        ("CPT", "CSTM-00", True),
        ("DRG", "whatever", True),
    ],
)
def test_a_code_has_the_form_of_its_type(code_type: str, code: str, good: bool) -> None:
    assert holds(formats.code_has_its_form(), code_type=code_type, code=code) is good


def test_nothing_is_neither_right_nor_wrong() -> None:
    assert holds(formats.npi_has_its_form(), npi=None) is None
