"""The specialties of the sample, in the column layout of the NUCC taxonomy but in our own plain words.

In: a directory. Out: ``taxonomy/nucc_taxonomy_250.csv`` with the codes that the sample's providers have.
"""

from pathlib import Path

from lakeward.sample.csv_files import write_delimited
from lakeward.sample.facts import table
from lakeward.sources.taxonomy import COLUMNS

FILE_NAME = "nucc_taxonomy_250.csv"
PEOPLE_PREFIXES = ("207", "208", "363", "367", "213", "225")


def write_taxonomy(directory: Path) -> dict[str, int]:
    """Write the code list and return its number of rows by path."""
    path = f"taxonomy/{FILE_NAME}"
    rows = [_row(row["code"], row["label"]) for row in sorted(table("taxonomy"), key=lambda row: row["code"])]
    write_delimited(directory / path, [tuple(COLUMNS), *rows])
    return {path: len(rows)}


def _row(code: str, label: str) -> tuple[str, ...]:
    is_person = code.startswith("1") or code.startswith(PEOPLE_PREFIXES)
    group = "People" if is_person else "Places and suppliers"
    note = "Plain words of the sample; not the wording of the code set's owner"
    return (code, group, label, "", f"{label}.", note, label, "Individual" if is_person else "Non-Individual")
