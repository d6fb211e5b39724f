"""Household income of the sample's counties, as data.census.gov exports a table of the American Community Survey.

In: a directory. Out: ``census/ACSST5Y2023.S1901-Data.csv``: the export's 131 columns with their names, the publisher's
figures where the fact table has them, and its mark ``(X)`` where it has none.
"""

from pathlib import Path

from lakeward.sample.csv_files import write_delimited
from lakeward.sample.facts import Row, table

FILE_NAME = "ACSST5Y2023.S1901-Data.csv"
NOT_HERE = "(X)"
"""What the publisher writes where a figure does not apply; the sample also where it leaves one out."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COUNTY_PREFIX = "0500000US"
_GROUPS = ("Households", "Families", "Married-couple families", "Nonfamily households")
_LINES = (
    "Total", "Total!!Less than $10,000", "Total!!$10,000 to $14,999", "Total!!$15,000 to $24,999",
    "Total!!$25,000 to $34,999", "Total!!$35,000 to $49,999", "Total!!$50,000 to $74,999", "Total!!$75,000 to $99,999",
    "Total!!$100,000 to $149,999", "Total!!$150,000 to $199,999", "Total!!$200,000 or more", "Median income (dollars)",
    "Mean income (dollars)", "PERCENT ALLOCATED!!Household income in the past 12 months",
    "PERCENT ALLOCATED!!Family income in the past 12 months",
    "PERCENT ALLOCATED!!Nonfamily income in the past 12 months",
)  # fmt: skip
_KINDS = {"E": "Estimate", "M": "Margin of Error"}
_FIGURES = {"S1901_C01_001": "households", "S1901_C01_012": "median_income", "S1901_C01_013": "mean_income"}


def write_census(directory: Path) -> dict[str, int]:
    """Write the export and return its number of counties by path."""
    path = f"census/{FILE_NAME}"
    names, labels = zip(*_columns(), strict=True)
    counties = [_county(row, names) for row in table("household_income")]
    # The publisher ends every line with a comma; a last empty cell would be written in quotes.
    rows = [("GEO_ID", "NAME", *names), ("Geography", "Geographic Area Name", *labels), *counties]
    write_delimited(directory / path, rows, quote_all=True, line_end=",\n", title=_BYTE_ORDER_MARK)
    return {path: len(counties)}


def _columns() -> list[tuple[str, str]]:
    """Return each variable of the table and its label."""
    return [
        (f"S1901_C{group:02d}_{line:03d}{kind}", f"{word}!!{title}!!{label}")
        for group, title in enumerate(_GROUPS, start=1)
        for line, label in enumerate(_LINES, start=1)
        for kind, word in _KINDS.items()
    ]


def _county(row: Row, names: tuple[str, ...]) -> tuple[str, ...]:
    known = {f"{variable}E": row[name] for variable, name in _FIGURES.items()}
    known |= {f"{variable}M": row[f"{name}_margin"] for variable, name in _FIGURES.items()}
    return (f"{_COUNTY_PREFIX}{row['fips']}", row["name"], *(known.get(name, NOT_HERE) for name in names))
