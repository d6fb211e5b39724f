"""Writes made-up files of the registry as CMS does, and lands them, for the tests beside this module."""

import csv
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.sources import nppes
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.nppes.columns import ENDPOINT_LAYOUT, OTHER_NAME_LAYOUT, SECONDARY_PRACTICE_LOCATION_LAYOUT

SPAN = "20250407-20250413"
HEADERS: dict[str, Sequence[str]] = {
    "npidata": nppes.LAYOUT,
    "pl": SECONDARY_PRACTICE_LOCATION_LAYOUT,
    "othername": OTHER_NAME_LAYOUT,
    "endpoint": ENDPOINT_LAYOUT,
}
"""By the start of the publisher's file name."""


def table(path: Path, headers: Sequence[str], *records: Mapping[str, str], encoding: str = "utf-8") -> Path:
    """Write records as CMS does: every field quoted, empty ones too."""
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows([record.get(header, "") for header in headers] for record in records)
    return path


def release(folder: Path, span: str = SPAN, **records: Sequence[Mapping[str, str]]) -> list[Path]:
    """Write the files of a release into a folder: ``npidata=[…]``, ``pl=[…]``, ``othername=[…]``, ``endpoint=[…]``."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        table(folder / f"{start}_pfile_{span}.csv", HEADERS[start], *rows) for start, rows in sorted(records.items())
    ]


def archive(path: Path, files: Sequence[Path], **more: bytes) -> Path:
    """Zip files under their own names, and more members given by name (``name=b"…"``)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file, file.name)
        for name, content in more.items():
            packed.writestr(name, content)
    return path


def land(path: Path, staging: Path) -> tuple[Extracted, dict[str, pa.Table]]:
    """Land a file and return what was said of it and its datasets."""
    with Landing(path, staging) as landing:
        extracted = nppes.extract(path, landing)
    return extracted, {name: pq.read_table(parquet) for name, parquet in landing.files().items()}
