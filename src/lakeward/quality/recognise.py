"""What kind of file a path is, told by its content: first bytes, root keys, columns of the header.

In: a path. Out: a :class:`Kind`. Reads at most the first megabyte after unpacking. The name says nothing, but of
DE-SynPUF files: their ICD-9 descriptions have no header, and their claims are told by name before the header is judged.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.errors import LakewardError, SourceUnreadable
from lakeward.quality.unpacked import JSON_NAME, first_bytes
from lakeward.sources import census, geography, medicare, nppes, synpuf, taxonomy
from lakeward.sources.text_stream import open_text

HEAD_BYTES = 1 << 20
KNOWN = (
    "an in-network price file, a table of contents, an allowed-amounts file, a flat rates or providers Parquet, NPPES, "
    "a Medicare fee schedule, a geography file, the NUCC taxonomy or its crosswalk, "
    "Census figures or a SynPUF file"
)
ROOT_KEYS = {
    "in_network": "mrf",
    "provider_references": "mrf",
    "reporting_structure": "contents",
    "out_of_network": "allowed_amounts",
    "provider_groups": "provider_reference",
}
"""The key at the root of a JSON file that tells what the file is, in the order they are looked for."""

RECOGNISERS: dict[str, ModuleType] = {
    "taxonomy": taxonomy,
    "synpuf": synpuf,
    "medicare": medicare,
    "geography": geography,
    "census": census,
}
"""Sources that know their tables by the header, in the order they are asked; NPPES is asked before them."""

_KEY_OR_STRUCTURE = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]', re.DOTALL)
_YAML_START = re.compile(r"(---|[a-z_]+:)\s")


@dataclass(frozen=True)
class Kind:
    """A kind of file: the source that reads it and the dataset or shape inside that source."""

    source: str
    dataset: str | None = None


def recognise(path: Path) -> Kind:
    """Tell what a file is.

    Raises:
        SourceUnreadable: nothing there, a folder, an empty or broken file, XML or YAML, or none of the kinds known.
    """
    if not path.is_file():
        what = "a folder" if path.is_dir() else "nothing"
        raise SourceUnreadable(path, "a file", what, "Name one file.")
    with path.open("rb") as stream:
        magic = stream.read(4)
    if not magic:
        raise SourceUnreadable(path, "a file with content", "0 bytes", "Fetch it again.")
    if magic == b"PAR1":
        return _parquet_kind(path)
    if not _is_book_or_archive_of_tables(path):
        head = first_bytes(path, HEAD_BYTES).decode("utf-8", errors="replace").lstrip()
        if head.startswith(("{", "[")):
            return _json_kind(path, head)
        _refuse_markup(path, head)
    return _table_kind(path)


def _is_book_or_archive_of_tables(path: Path) -> bool:
    """Tell Excel books and zips without JSON, whose first bytes are no text, from what has a text at its start."""
    if path.suffix.lower() in (".xls", ".xlsx"):
        return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return not any(JSON_NAME.search(name) for name in archive.namelist())


def _json_kind(path: Path, head: str) -> Kind:
    if census.recognise(path):
        return Kind("census", census.DATASET)
    if head.startswith("["):
        raise SourceUnreadable(path, "a JSON object at the root", "a list", "Ask the publisher for the file itself.")
    keys = _root_keys(head)
    for key, source in ROOT_KEYS.items():
        if key in keys:
            return Kind(source)
    if nppes.recognise(path):
        return Kind("nppes", nppes.REGISTRY_ANSWER)
    raise SourceUnreadable(
        path,
        f"one of the root keys {', '.join(ROOT_KEYS)}",
        f"{', '.join(keys[:12]) or 'no key'}",
        "Is it a price file?",
    )


def _root_keys(head: str) -> list[str]:
    """Return the keys at the root of an object, as far as the text goes."""
    keys, depth = [], 0
    for found in _KEY_OR_STRUCTURE.finditer(head):
        mark = found.group(0)
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
        elif depth == 1 and found.group(2):
            keys.append(found.group(1))
    return keys


def _refuse_markup(path: Path, head: str) -> None:
    if refusal := census.refusal(head):
        raise SourceUnreadable(path, "figures", f"a refusal of the Census API: {refusal}", "Ask the API again.")
    if head.startswith("<"):
        raise SourceUnreadable(
            path, "a JSON price file, or a table", "XML or HTML", "Ask the publisher for the JSON form."
        )
    if _YAML_START.match(head):
        raise SourceUnreadable(path, "a JSON price file, or a table", "YAML", "Ask the publisher for the JSON form.")


def _parquet_kind(path: Path) -> Kind:
    try:
        columns = set(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceUnreadable(path, "a whole Parquet file", f"a broken one ({error})", "Fetch it again.") from None
    if {"negotiated_rate", "billing_code"} <= columns:
        return Kind("flat_rates", "rate")
    if {"provider_group_id", "npi"} <= columns:
        return Kind("flat_rates", "provider")
    raise SourceUnreadable(
        path, "a flat rates or providers Parquet", f"columns {', '.join(sorted(columns)[:8])}", "See `lakeward.yaml`."
    )


def _table_kind(path: Path) -> Kind:
    registry = nppes.recognise(path)
    if registry or nppes.is_of_registry(path):
        return Kind("nppes", registry or nppes.DATASET)
    if {"code", "classification", "specialization"} <= set(_header(path)):
        return Kind("taxonomy", taxonomy.DATASET)
    for source, module in RECOGNISERS.items():
        dataset = module.recognise(path)
        if dataset:
            return Kind(source, dataset)
    raise SourceUnreadable(path, KNOWN, "columns of none of them", "Check that the file is the one you meant.")


def _header(path: Path) -> list[str]:
    """Return the names of the first line of delimited text, ``[]`` for a book or an archive of several files."""
    if path.suffix.lower() in (".xls", ".xlsx"):
        return []
    try:
        with open_text(path, nppes.MEMBER if zipfile.is_zipfile(path) else None) as stream:
            line = stream.readline().decode("utf-8")
    except LakewardError:
        return []
    return [nppes.column_name(cell) for cell in line.split(",")]
