"""The code sets beside the claims in their publishers' layouts, with the codes that the sample uses.

In: a directory. Out: Table 5 of the FY 2010 inpatient rule (real numbers, titles in our own plain words) and the four
files of ICD-9-CM descriptions (our own words; codes that were split after 2010 are missing, as in the real files).
"""

from collections.abc import Iterator
from pathlib import Path

from lakeward.sample.compressed import output_file
from lakeward.sample.csv_files import write_delimited
from lakeward.sample.facts import table

DRG_FILE = "FY_2010_FR_Table_5.csv"
_DRG_HEADER = (
    "MS-DRG ", "FY 2010 Final Rule Post-Acute DRG", "FY 2010 Final Rule Special Pay DRG", "MDC", "TYPE", "MS-DRG Title",
    "Weights", "Geometric mean LOS", "Arithmetic mean LOS",
)  # fmt: skip
_NOTE = "Note: a small part of Table 5. Numbers are the publisher's, titles are plain words of the sample."
SHORT_CHARACTERS = 24
"""How much of a description the publisher's short form has room for."""
_DESCRIPTIONS = {"diagnosis": ("DX", 5), "procedure": ("SG", 4)}
"""How the publisher abbreviates a kind of code, and how wide its codes are."""


def write_code_files(folder: Path) -> dict[str, int]:
    """Write all files and return their number of codes by name."""
    written = {DRG_FILE: write_delimited(folder / DRG_FILE, _drg_rows(), line_end="\r\n") - 2}
    for kind, (letters, width) in _DESCRIPTIONS.items():
        for length, longest in (("LONG", None), ("SHORT", SHORT_CHARACTERS)):
            name = f"CMS32_DESC_{length}_{letters}.txt"
            lines = [f"{code:<{width}} {description[:longest].rstrip()}\r\n" for code, description in _described(kind)]
            with output_file(folder / name) as stream:
                stream.write("".join(lines).encode("latin-1"))
            written[name] = len(lines)
    return written


def _drg_rows() -> Iterator[tuple[str, ...]]:
    yield _DRG_HEADER
    for row in table("drg"):
        *published, _ = row.values()
        yield tuple(published)
    yield (_NOTE, *[""] * (len(_DRG_HEADER) - 1))


def _described(kind: str) -> list[tuple[str, str]]:
    return [
        (row["code"], row["description"]) for row in table("icd9") if row["code_type"] == kind and row["description"]
    ]
