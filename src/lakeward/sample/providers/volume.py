"""A registry file of any size, for measurements: the publisher's layout at the publisher's width.

In: a directory and a number of rows. Out: one npidata file. Rows are made some thousand at a time, so memory does not
grow with the file; the first batches of a larger file are those of a smaller one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lakeward.errors import UsageError
from lakeward.sample.compressed import output_file
from lakeward.sample.draws import Weighted, below
from lakeward.sample.facts import table
from lakeward.sample.identifiers import SERIALS
from lakeward.sample.places import places
from lakeward.sample.providers.columns import ROWS_PER_BATCH, registry_lines
from lakeward.sample.providers.lines import header_line
from lakeward.sample.providers.people import FIRST_SERIAL, Providers, registered
from lakeward.sources.nppes import LAYOUT

FILE_NAME = "npidata_pfile_20050523-20250810.csv"
MOST_ROWS = SERIALS - FIRST_SERIAL
_ORGANISATION_PERCENT = 23


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """What was written."""

    path: Path
    rows: int
    size: int


def generate_registry(directory: Path, rows: int = 100_000, *, name: str = FILE_NAME) -> RegistryFile:
    """Write one made-up npidata file; a file of that name is overwritten.

    Args:
        directory: made if missing.
        rows: records, up to 50 million; 10 GB hold about 8.4 million.
        name: the file's name; one that ends in ``.gz`` is packed. A weekly file is ``rows=34_000`` under the name of a
            week.

    Returns:
        The path, the rows and the bytes. A gigabyte takes some seven seconds and less than 200 MB of memory.

    Raises:
        UsageError: ``rows`` is out of range, or ``directory`` is a file.

    Example:
        >>> generate_registry(Path("/tmp/registry"), rows=1_000).rows  # doctest: +SKIP
        1000
    """
    if not 1 <= rows <= MOST_ROWS:
        raise UsageError(f"A made-up registry has 1 to {MOST_ROWS} rows, not {rows}. Nothing was written.")
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"'{directory}' is a file; name a directory for the registry. Nothing was written.")
    path = directory / name
    with output_file(path, fast=True) as stream:
        stream.write(header_line(LAYOUT))
        for providers in _batches(rows):
            for lines in registry_lines(providers):
                stream.write(lines)
    return RegistryFile(path, rows, path.stat().st_size)


def _batches(rows: int) -> Iterator[Providers]:
    """Specialties about as often as in the registry: one in four is an organisation."""
    weights = Weighted.of([_weight(row["kind"]) for row in table("taxonomy")])
    for first in range(0, rows, ROWS_PER_BATCH):
        serials = FIRST_SERIAL + np.arange(first, min(first + ROWS_PER_BATCH, rows), dtype=np.uint64)
        yield registered(
            serials, below(len(places()), "volume place", serials), weights.draw("volume specialty", serials)
        )


def _weight(kind: str) -> int:
    organisations = sum(row["kind"] == "organisation" for row in table("taxonomy"))
    people = len(table("taxonomy")) - organisations
    is_organisation = kind == "organisation"
    return _ORGANISATION_PERCENT * people if is_organisation else (100 - _ORGANISATION_PERCENT) * organisations
