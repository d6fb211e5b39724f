"""Which file of the registry a header belongs to, and in which layout.

In: the headers of a file. Out: a :class:`Match`: the dataset, the layout's name and the bronze name of each column. A
header that fits no layout is an error that names what is missing and what is new against the nearest one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lakeward.errors import SourceSchemaChanged
from lakeward.sources.landing import PROVENANCE_FIELDS
from lakeward.sources.nppes.columns import (
    COLUMNS,
    DEACTIVATION_LAYOUT,
    ENDPOINT_LAYOUT,
    LAYOUT,
    OTHER_NAME_LAYOUT,
    SECONDARY_PRACTICE_LOCATION_LAYOUT,
    column_name,
)

NPIDATA, DEACTIVATION = "npidata", "deactivation"
FIRST_COLUMNS = 41
SHORT_NAMES = {
    "npi": "npi",
    "entity_type_code": "entity_type_code",
    "organization_name": "provider_organization_name_legal_business_name",
    "last_name": "provider_last_name_legal_name",
    "first_name": "provider_first_name",
    "state": "provider_business_practice_location_address_state_name",
    "taxonomy_code": "healthcare_provider_taxonomy_code_1",
}
"""The seven columns of a tutorial's extract, and the published columns they hold."""

_NAMED_IN_A_MESSAGE = 5


@dataclass(frozen=True)
class Layout:
    """One way a file of the registry is laid out.

    ``headers`` are the published ones; ``renamed`` maps bronze names of the header to those of the dataset where they
    differ. A header with the name in ``marked_by`` is of this layout, not of another with the same columns.
    """

    dataset: str
    name: str
    headers: tuple[str, ...]
    renamed: dict[str, str] | None = None
    marked_by: str | None = None

    def names(self, headers: Sequence[str]) -> list[str]:
        """Return the bronze name of each header under this layout, whether it belongs here or not."""
        names = [column_name(header) for header in headers]
        return [self.renamed.get(name, name) for name in names] if self.renamed else names

    def difference(self, headers: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return which headers of the layout are missing, and which of the file are new or repeated."""
        names, expected = self.names(headers), dict(zip(self.names(self.headers), self.headers, strict=True))
        repeated = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
        missing = [header for name, header in expected.items() if name not in names]
        unexpected = [
            header for header, name in zip(headers, names, strict=True) if name not in expected or name in repeated
        ]
        return missing, unexpected

    def fits(self, headers: Sequence[str]) -> bool:
        """Whether a header is of this layout, in any order of its columns."""
        return self.difference(headers) == ([], []) and (self.marked_by is None or self.marked_by in headers)


@dataclass(frozen=True)
class Match:
    """What a header turned out to be: dataset, layout, and the bronze name of each column in the file's order."""

    dataset: str
    layout: str
    names: tuple[str, ...]


LAYOUTS: tuple[Layout, ...] = (
    Layout(NPIDATA, "v1", LAYOUT, marked_by="Provider Gender Code"),
    Layout(NPIDATA, "v2", LAYOUT),
    Layout(NPIDATA, "2015", LAYOUT[:-1]),
    Layout(NPIDATA, "first_41", LAYOUT[:FIRST_COLUMNS]),
    Layout(NPIDATA, "seven_columns", tuple(SHORT_NAMES), SHORT_NAMES),
    Layout("secondary_practice_location", "v2", SECONDARY_PRACTICE_LOCATION_LAYOUT),
    Layout("other_name", "v2", OTHER_NAME_LAYOUT),
    Layout("endpoint", "v2", ENDPOINT_LAYOUT),
    Layout(DEACTIVATION, "report", DEACTIVATION_LAYOUT, {"nppes_deactivation_date": "deactivation_date"}),
    Layout(DEACTIVATION, "report", ("NPI", "NPI Deactivation Date"), {"npi_deactivation_date": "deactivation_date"}),
)

NAMES: dict[str, re.Pattern[str]] = {
    dataset: re.compile(rf"^{start}.*\.(csv(\.gz)?|xlsx?|zip)$", re.IGNORECASE)
    for dataset, start in {
        NPIDATA: r"npidata_pfile_",
        "secondary_practice_location": r"pl_pfile_",
        "other_name": r"othername_pfile_",
        "endpoint": r"endpoint_pfile_",
        DEACTIVATION: r"(nppes[ _])?deactivated[ _]npi[ _]report",
    }.items()
}
"""How the publisher names the file of each dataset, alone, packed, or inside a dissemination archive."""

FILE_HEADER = re.compile(r"file_?header", re.IGNORECASE)
"""Files of the publisher that hold a header and nothing else; beside data they say nothing new."""


def _schema(*names: str) -> pa.Schema:
    return pa.schema([*PROVENANCE_FIELDS, *(pa.field(name, pa.string()) for name in names)])


def _dataset_names(dataset: str) -> tuple[str, ...]:
    layout = next(layout for layout in LAYOUTS if layout.dataset == dataset)
    return tuple(layout.names(layout.headers))


DELIMITED_DATASETS: dict[str, pa.Schema] = {
    NPIDATA: _schema(*COLUMNS, "layout", "file_as_of_date"),
    "secondary_practice_location": _schema(*_dataset_names("secondary_practice_location"), "file_as_of_date"),
    "other_name": _schema(*_dataset_names("other_name"), "file_as_of_date"),
    "endpoint": _schema(*_dataset_names("endpoint"), "file_as_of_date"),
    DEACTIVATION: _schema("npi", "deactivation_date", "report_date", "file_as_of_date"),
}
"""Bronze of every file of the registry that is a table: text as published, beside the file's own facts."""


def match_header(headers: Sequence[str], path: Path, name: str) -> Match:
    """Return what a header is.

    Args:
        headers: of the file, as published.
        path: for messages.
        name: of the file or of the archive's member; says which layout is nearest when none fits.

    Raises:
        SourceSchemaChanged: no layout fits, or one of another dataset than the name says; names what is missing and
            what is new against the nearest.
    """
    layout = find_layout(headers)
    if layout and dataset_of_name(name) in (None, layout.dataset):
        return Match(layout.dataset, layout.name, tuple(layout.names(headers)))
    missing, unexpected = _nearest(headers, name).difference(headers)
    raise SourceSchemaChanged("nppes", path, _shortened(missing), _shortened(unexpected))


def find_layout(headers: Sequence[str]) -> Layout | None:
    """Return the layout that a header is of, or None."""
    return next((layout for layout in LAYOUTS if layout.fits(headers)), None)


def dataset_of_name(name: str) -> str | None:
    """Return the dataset that a file's name says it holds; None for any other name and for header files."""
    if FILE_HEADER.search(name):
        return None
    return next((dataset for dataset, pattern in NAMES.items() if pattern.search(name)), None)


def share_of_registry(headers: Sequence[str]) -> float:
    """Return how much of a header is known to the registry's layouts: 0 for a file of another source."""
    known = {name for layout in LAYOUTS for name in layout.names(layout.headers)}
    return sum(column_name(header) in known for header in headers) / max(1, len(headers))


def _nearest(headers: Sequence[str], name: str) -> Layout:
    """Return the layout that leaves the fewest headers unknown, then the fewest missing; of a stranger, version 2."""
    dataset = dataset_of_name(name) or (None if share_of_registry(headers) else NPIDATA)

    def distance(layout: Layout) -> tuple[int, int]:
        missing, unexpected = layout.difference(headers)
        return len(unexpected), len(missing)

    return min((layout for layout in LAYOUTS if dataset in (None, layout.dataset)), key=distance)


def _shortened(headers: list[str]) -> list[str]:
    more = len(headers) - _NAMED_IN_A_MESSAGE
    return headers if more <= 0 else [*headers[:_NAMED_IN_A_MESSAGE], f"and {more} more"]
