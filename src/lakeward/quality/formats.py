"""Formats of codes as SQL conditions: billing codes by their type, NPIs with their check digit.

In: the name of a column. Out: a DuckDB condition that is true of a value in the right form. Nulls give null.
"""

from collections.abc import Iterable

CODE_PATTERNS: dict[str, str | None] = {
    "CPT": "[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]",
    "HCPCS": "[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]",
    "CDT": "D[0-9]{4}",
    "ICD": "[0-9A-Z]{3}[.]?[0-9A-Z]{0,4}",
    "MS-DRG": "[0-9]{1,3}",
    "R-DRG": "[0-9]{1,4}(-[0-9])?",
    "S-DRG": "[0-9]{1,4}(-[0-9])?",
    "APS-DRG": "[0-9]{1,4}(-[0-9])?",
    "AP-DRG": "[0-9]{1,3}",
    "APR-DRG": "[0-9]{1,3}(-?[0-9])?",
    "APC": "[0-9]{1,5}",
    "NDC": "[0-9*]{10,11}|[0-9*]{4,5}-[0-9*]{3,4}-[0-9*]{1,2}",
    "HIPPS": "[0-9A-Z]{5}",
    "RC": "[0-9]{3,4}",
    "EAPG": "[0-9]{1,5}",
    "LOCAL": None,
    "CSTM-ALL": None,
}
"""Billing code types of the CMS schema (v1.3 and later) and the form of their codes; ``None``: the payer's own.

CPT is level I of HCPCS and payers file either under either, so the two share a form. ``CSTM-00`` means all codes of the
type.
"""


def text_list(values: Iterable[str]) -> str:
    """Return values as the inside of an SQL ``in (...)``, sorted."""
    return ", ".join(f"'{value}'" for value in sorted(values))


def code_has_its_form(code_type: str = "code_type", code: str = "code") -> str:
    """Return the condition that a billing code has the form of its type; types without a form always have it."""
    cases = " ".join(
        f"when '{name}' then regexp_full_match({code}, '{pattern}')"
        for name, pattern in CODE_PATTERNS.items()
        if pattern is not None
    )
    return f"({code} = 'CSTM-00' or case {code_type} {cases} else true end)"


def npi_has_its_form(npi: str = "npi") -> str:
    """Return the condition that an NPI is ten digits beginning with 1 or 2."""
    return f"regexp_full_match({npi}, '[12][0-9]{{9}}')"


def npi_check_digit_holds(npi: str = "npi") -> str:
    """Return the condition that the Luhn sum over ``80840`` and the NPI ends in 0 (45 CFR 162.406, ISO 7812).

    Digits 1, 3, 5, 7, 9 from the left count twice, less 9 when above 9; the prefix adds 24. True of text that is
    no NPI at all, which is the concern of :func:`npi_has_its_form`.
    """
    digits = [f"cast(substr({npi}, {place}, 1) as int)" for place in range(1, 11)]
    doubled = [f"(2 * {digit} - case when {digit} > 4 then 9 else 0 end)" for digit in digits[0::2]]
    total = " + ".join(["24", *doubled, *digits[1::2]])
    return f"case when {npi_has_its_form(npi)} then ({total}) % 10 = 0 else true end"
