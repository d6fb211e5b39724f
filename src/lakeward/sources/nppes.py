"""NPPES, the registry of all National Provider Identifiers: the npidata file becomes bronze rows.

Publisher: CMS (https://download.cms.gov/nppes/NPI_Files.html), public domain; a monthly file of everything (about
10 GB of CSV) and weekly files of what changed, in one layout. In: ``npidata_pfile_*.csv``, plain, gzip or the
publisher's zip. Out: ``nppes/npidata``, one row a record, 330 columns of text as published.

Hazards: version 2 of the layout (since 2025) renamed 'Provider Gender Code' to 'Provider Sex Code', and files of
2015 have no 'Certification Date': all three are accepted. Deactivated providers are blank but for NPI and date.
Stray lines are not UTF-8. Copies that were re-saved by a spreadsheet have other dates; staging rejects those rows.
"""

import re
from collections.abc import Iterator
from csv import reader as read_csv_lines
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources import table_rows
from lakeward.sources.landing import PROVENANCE_FIELDS, Extracted, Landing
from lakeward.sources.text_stream import Utf8Stream, open_text

DATASET = "npidata"
MEMBER = re.compile(r"^npidata_pfile_.*(?<!fileheader)\.csv$", re.IGNORECASE)
"""The one member of the publisher's zip that holds providers; the others are pl_, othername_, endpoint_ and headers."""

BATCH_BYTES = 4 << 20
TAXONOMY_SLOTS, OTHER_IDENTIFIER_SLOTS = 15, 50
_NAMED_IN_A_MESSAGE = 5


def column_name(header: str) -> str:
    """Return the bronze name of a column of the registry; version 1's gender code is named as version 2 names it.

    >>> column_name("Provider Business Mailing Address Country Code (If outside U.S.)")
    'provider_business_mailing_address_country_code_if_outside_u_s'
    >>> column_name("Provider Gender Code")
    'provider_sex_code'
    """
    name = table_rows.column_name(header)
    return "provider_sex_code" if name == "provider_gender_code" else name


def _address_headers(kind: str) -> list[str]:
    lines = [f"Provider {line} Line Business {kind} Address" for line in ("First", "Second")]
    parts = (
        "City Name",
        "State Name",
        "Postal Code",
        "Country Code (If outside U.S.)",
        "Telephone Number",
        "Fax Number",
    )
    return lines + [f"Provider Business {kind} Address {part}" for part in parts]


def _slot_headers(slots: int, *headers: str) -> list[str]:
    return [f"{header}_{slot}" for slot in range(1, slots + 1) for header in headers]


LAYOUT: tuple[str, ...] = (
    "NPI",
    "Entity Type Code",
    "Replacement NPI",
    "Employer Identification Number (EIN)",
    "Provider Organization Name (Legal Business Name)",
    "Provider Last Name (Legal Name)",
    "Provider First Name",
    "Provider Middle Name",
    "Provider Name Prefix Text",
    "Provider Name Suffix Text",
    "Provider Credential Text",
    "Provider Other Organization Name",
    "Provider Other Organization Name Type Code",
    "Provider Other Last Name",
    "Provider Other First Name",
    "Provider Other Middle Name",
    "Provider Other Name Prefix Text",
    "Provider Other Name Suffix Text",
    "Provider Other Credential Text",
    "Provider Other Last Name Type Code",
    *_address_headers("Mailing"),
    *_address_headers("Practice Location"),
    "Provider Enumeration Date",
    "Last Update Date",
    "NPI Deactivation Reason Code",
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    "Provider Sex Code",
    "Authorized Official Last Name",
    "Authorized Official First Name",
    "Authorized Official Middle Name",
    "Authorized Official Title or Position",
    "Authorized Official Telephone Number",
    *_slot_headers(
        TAXONOMY_SLOTS,
        "Healthcare Provider Taxonomy Code",
        "Provider License Number",
        "Provider License Number State Code",
        "Healthcare Provider Primary Taxonomy Switch",
    ),
    *_slot_headers(
        OTHER_IDENTIFIER_SLOTS,
        "Other Provider Identifier",
        "Other Provider Identifier Type Code",
        "Other Provider Identifier State",
        "Other Provider Identifier Issuer",
    ),
    "Is Sole Proprietor",
    "Is Organization Subpart",
    "Parent Organization LBN",
    "Parent Organization TIN",
    "Authorized Official Name Prefix Text",
    "Authorized Official Name Suffix Text",
    "Authorized Official Credential Text",
    *_slot_headers(TAXONOMY_SLOTS, "Healthcare Provider Taxonomy Group"),
    "Certification Date",
)
"""The 330 headers of version 2, in the publisher's order."""

COLUMNS: tuple[str, ...] = tuple(column_name(header) for header in LAYOUT)
_MAY_BE_ABSENT = frozenset({"certification_date"})

DATASETS: dict[str, pa.Schema] = {
    DATASET: pa.schema([*PROVENANCE_FIELDS, *(pa.field(name, pa.string()) for name in COLUMNS)])
}


def extract(path: Path, landing: Landing) -> Extracted:
    """Land one npidata file as ``nppes/npidata``: every record, every column, text as published, ``''`` as null.

    Args:
        path: a CSV of the registry, plain, ``.gz`` or ``.zip``; monthly or weekly, version 1 or 2 of the layout.
        landing: where the rows go.

    Returns:
        Records read and rows written, and under ``recoded_lines`` how many lines were not UTF-8. Reads the file
        once, in batches of a few thousand records.

    Raises:
        SourceSchemaChanged: the header lacks or adds columns of the layout.
        SourceUnreadable: a broken archive, a record of the wrong length, or a header without records.
    """
    writer = landing.writer(DATASET, DATASETS[DATASET])
    rows_in = 0
    with open_text(path, MEMBER) as stream:
        header = stream.readline()
        names = _bronze_names(path, header)
        for batch in _record_batches(path, stream, names):
            writer.write(_bronze_batch(batch, landing.file_id, rows_in))
            rows_in += batch.num_rows
        if _is_cut_off(header, stream.unended_line):
            raise _cut_off(path, "a record that does not end", len(names))
        notes = {"recoded_lines": stream.recoded_lines}
    if not rows_in:
        raise SourceUnreadable(path, "records below the header", "a header alone", "Give the data file of the release.")
    return Extracted(rows_in=rows_in, rows_out=writer.rows, notes=notes)


def _bronze_names(path: Path, header_line: bytes) -> list[str]:
    """Return the bronze name of each column of the file, in the file's order."""
    headers = next(read_csv_lines([header_line.decode("utf-8").rstrip("\r\n")]), [])
    names = [column_name(header) for header in headers]
    missing = [header for header in LAYOUT if column_name(header) not in {*names, *_MAY_BE_ABSENT}]
    repeated = {name for name in names if names.count(name) > 1}
    unexpected = [
        header for header, name in zip(headers, names, strict=True) if name not in COLUMNS or name in repeated
    ]
    if missing or unexpected:
        raise SourceSchemaChanged("nppes", path, _shortened(missing), _shortened(unexpected))
    return names


def _shortened(headers: list[str]) -> list[str]:
    more = len(headers) - _NAMED_IN_A_MESSAGE
    return headers if more <= 0 else [*headers[:_NAMED_IN_A_MESSAGE], f"and {more} more"]


def _record_batches(path: Path, stream: Utf8Stream, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Parse the records below the header; every value is text, and an empty one is null whether quoted or not."""
    wrong_lengths: list[tuple[int | None, int]] = []

    def refuse(row: csv.InvalidRow) -> str:
        wrong_lengths.append((row.number, row.actual_columns))
        return "error"

    try:
        reader = csv.open_csv(
            stream,
            read_options=csv.ReadOptions(column_names=names, block_size=BATCH_BYTES, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=refuse),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
        yield from reader
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return
        # The parser's own message quotes the record; ours gives its length only.
        found = f"one of {wrong_lengths[0][1]}" if wrong_lengths else "a record that does not end"
        raise _cut_off(path, found, len(names)) from None


def _is_cut_off(header: bytes, last_line: bytes) -> bool:
    """Tell whether a last line without end was cut inside its last field, which the parser takes for a whole record.

    The publisher quotes every field, so a whole line ends with a quote; in any file, quotes come in pairs.
    """
    is_all_quoted = header.startswith(b'"')
    return bool(last_line) and (last_line.count(b'"') % 2 == 1 or (is_all_quoted and not last_line.endswith(b'"')))


def _cut_off(path: Path, found: str, columns: int) -> SourceUnreadable:
    return SourceUnreadable(path, f"records of {columns} columns", found, "The file may be cut off: fetch it again.")


def _bronze_batch(batch: pa.RecordBatch, file_id: str, rows_before: int) -> pa.RecordBatch:
    """Put a batch into the order of the bronze schema, with its provenance; an absent column is null."""
    schema = DATASETS[DATASET]
    present = dict(zip(batch.schema.names, batch.columns, strict=True))
    absent = pa.nulls(batch.num_rows, pa.string())
    records = pa.array(range(rows_before + 1, rows_before + batch.num_rows + 1), pa.int64())
    columns = [pa.repeat(pa.scalar(file_id), batch.num_rows), records]
    columns += [present.get(name, absent) for name in COLUMNS]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
