"""NPPES, the registry of all National Provider Identifiers: its files become bronze rows.

Publisher: CMS (https://download.cms.gov/nppes/NPI_Files.html), public domain; a monthly archive of everything (about
10 GB of CSV), weekly archives of what changed, in one layout, and a report of deactivated NPIs. In: the archive, or one
of its files, plain or gzip, the report as a book or CSV, or a recorded answer of the NPI Registry API; each is known by
its header, whatever its name. Out: ``nppes/<dataset>``, one row a record, text as published, ``''`` as null.

Hazards: version 2 of the layout (since 2025) renamed 'Provider Gender Code' to 'Provider Sex Code', and files of 2015
have no 'Certification Date'; extracts of the first 41 columns and of seven renamed ones circulate: ``layout`` tells
them apart. Deactivated providers are blank but for NPI and date. Stray lines are not UTF-8. Copies that were re-saved
by a spreadsheet or by pandas have other dates, or numbers with '.0'; they land as they are, and staging rejects those.
"""

import re
from pathlib import Path

import pyarrow as pa

from lakeward.errors import SourceUnreadable
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.nppes.answers import ANSWER_SCHEMA, REGISTRY_ANSWER, land_answer
from lakeward.sources.nppes.archive import Member, is_archive, is_book, member_bytes, registry_members
from lakeward.sources.nppes.columns import COLUMNS, LAYOUT, OTHER_IDENTIFIER_SLOTS, TAXONOMY_SLOTS, column_name
from lakeward.sources.nppes.deactivation import land_report
from lakeward.sources.nppes.delimited import LandedText, land_delimited
from lakeward.sources.nppes.layouts import DELIMITED_DATASETS, NPIDATA
from lakeward.sources.nppes.recognition import companions, date_in_name, is_answer, is_of_registry, recognise
from lakeward.sources.text_stream import open_text

__all__ = [
    "COLUMNS",
    "DATASET",
    "DATASETS",
    "LAYOUT",
    "MEMBER",
    "OTHER_IDENTIFIER_SLOTS",
    "REGISTRY_ANSWER",
    "TAXONOMY_SLOTS",
    "column_name",
    "companions",
    "date_in_name",
    "extract",
    "is_of_registry",
    "recognise",
]

DATASET = NPIDATA
MEMBER = re.compile(r"^npidata_pfile_.*(?<!fileheader)\.csv$", re.IGNORECASE)
"""The one member of the publisher's archive that holds providers."""

DATASETS: dict[str, pa.Schema] = {**DELIMITED_DATASETS, REGISTRY_ANSWER: ANSWER_SCHEMA}


def extract(path: Path, landing: Landing) -> Extracted:
    """Land one file of the registry, or all data files of one archive, each as its own dataset.

    Args:
        path: a dissemination ``.zip``, one CSV of it (plain or ``.gz``), a deactivation report, or a registry answer.
        landing: where the rows go; a dataset of the file may be empty.

    Returns:
        Records read and rows written over all datasets. Notes: ``recoded_lines`` that were not UTF-8, ``header_only``
        files that hold a known header and nothing else. Reads the file once, in blocks of some megabytes.

    Raises:
        SourceSchemaChanged: a header lacks or adds columns of the layout nearest to it.
        SourceUnreadable: a broken archive, two files of a kind in it, a record of the wrong length, or a data file
            with a header alone.
    """
    if is_archive(path):
        return _total(landing, [_land_member(path, member, landing) for member in registry_members(path)])
    if is_book(path.name):
        rows = land_report(path, path.name, path, landing)
        return _total(landing, [LandedText("deactivation", rows, 0)])
    if path.is_file() and path.stat().st_size and is_answer(path):
        with open_text(path) as stream:
            rows = land_answer(path, stream, landing)
        return _total(landing, [LandedText(REGISTRY_ANSWER, rows, 0)])
    with open_text(path) as stream:
        landed = land_delimited(path, path.name, stream, landing)
    return _total(landing, [_with_records(path, landed)])


def _land_member(path: Path, member: Member, landing: Landing) -> LandedText:
    if is_book(member.name):
        return LandedText(member.dataset, land_report(path, member.name, member_bytes(path, member), landing), 0)
    with open_text(path, re.compile(f"^{re.escape(member.name)}$")) as stream:
        landed = land_delimited(path, member.name, stream, landing)
    return _with_records(path, landed)


def _with_records(path: Path, landed: LandedText) -> LandedText:
    """Refuse a data file without records: it was cut, or it is the publisher's header file."""
    if landed.dataset == NPIDATA and not landed.rows:
        raise SourceUnreadable(path, "records below the header", "a header alone", "Give the data file of the release.")
    return landed


def _total(landing: Landing, landed: list[LandedText]) -> Extracted:
    return Extracted(
        rows_in=sum(text.rows for text in landed),
        rows_out=sum(landing.counts.values()),
        notes={
            "recoded_lines": sum(text.recoded_lines for text in landed),
            "header_only": sum(not text.rows for text in landed),
        },
    )
