"""The claims of the sample: two small samples of the DE-SynPUF and the code sets beside them.

In: the sample's directory and scale. Out: ``claims/…``; one summary of the second sample is named as a copy, as copies
of the real files are.
"""

from pathlib import Path

from lakeward.sample.claims.code_files import write_code_files
from lakeward.sample.claims.generator import generate_claims
from lakeward.sample.claims.layout import summary_name

FOLDER = "claims"
SAMPLES = 2
BENEFICIARIES = 1000
"""People in each sample at scale 1; about 573 claims come on them."""

COPIED = summary_name(2009, 2)


def write_claims(directory: Path, scale: int) -> dict[str, int]:
    """Write all files and return their number of records by path."""
    folder = directory / FOLDER
    rows = generate_claims(folder, SAMPLES, BENEFICIARIES * scale).rows
    copy = COPIED.replace(".csv", ".Copy.csv")
    (folder / COPIED).replace(folder / copy)
    rows[copy] = rows.pop(COPIED)
    return {f"{FOLDER}/{name}": count for name, count in (rows | write_code_files(folder)).items()}
