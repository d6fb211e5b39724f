"""The American Community Survey's 5-year figures by state and county become bronze rows.

Publisher: US Census Bureau, https://api.census.gov, a key is free and needed; public domain, attribution asked for.
Cadence: one release a year, each over five years; the year is pinned, never "the newest". In: a recording of the API's
answers, a single answer, or a table that data.census.gov exported. Out: ``census/acs5``, one row a geography and
variable, values as published.

Hazards: the API answers errors with status 200, in HTML, or with a redirect; missing figures are negative numbers
(-666666666) there and marks ((X), N, -, **) in exports; rows come in no order; an export does not say its year inside;
Connecticut has planning regions from 2022 on.
"""

from itertools import count
from pathlib import Path

import pyarrow as pa

from lakeward.errors import SourceUnreadable
from lakeward.settings import CensusSource
from lakeward.sources.census.answers import NoAnswer, parse_answer
from lakeward.sources.census.api import download
from lakeward.sources.census.files import describe, open_tables, shape_of
from lakeward.sources.census.recording import ATTRIBUTION
from lakeward.sources.census.values import ACS5, SCHEMA, batches, is_variable
from lakeward.sources.census.variables import asked_id, calls
from lakeward.sources.landing import Extracted, Landing

__all__ = [
    "ATTRIBUTION",
    "DATASET",
    "DATASETS",
    "ask",
    "asked_id",
    "calls",
    "describe",
    "extract",
    "recognise",
    "refusal",
]

DATASET = ACS5
DATASETS: dict[str, pa.Schema] = {ACS5: SCHEMA}


def ask(service: CensusSource, directory: Path) -> Path:
    """Ask the API for the figures of a year; return the recording of its answers.

    Args:
        service: year, key and address; ``recording`` names the file to write, if any.
        directory: takes the recording otherwise.

    Raises:
        AnswerRefused: the API gave no figures; says what it gave and what to do.
    """
    target = Path(service.recording) if service.recording else directory / f"census-acs5-{service.year}.json.gz"
    return download(target, service.year, service.key, service.base_url)


def recognise(path: Path) -> str | None:
    """Return the dataset that a file holds, or None for any other file. Reads the first line only."""
    return DATASET if shape_of(path) else None


def refusal(text: str) -> str | None:
    """Return what an API's page or words say instead of figures, or None for any other text."""
    try:
        parse_answer(text)
    except NoAnswer as error:
        return error.found if error.reason in ("key_missing", "key_invalid", "request_refused") else None
    return None


def extract(path: Path, landing: Landing, *, year: int | None = None) -> Extracted:
    """Land one file as ``census/acs5``: of every geography every variable, as published, ``''`` as null.

    Args:
        path: a recording, an answer of the API or an export; plain, gzip or zip.
        landing: where the rows go. ``_source_record`` counts the geographies of the file.
        year: of the release, for files that do not say it.

    Returns:
        Figures read and rows written; the note ``geographies``.

    Raises:
        SourceUnreadable: cut off, rows of unequal length, another geography than states and counties, or no rows.
        SourceSchemaChanged: columns that are neither a variable nor say where a row is.
        UsageError: nothing says the year.
    """
    release = int(describe(path, year)["acs_year"] or 0)
    writer = landing.writer(DATASET, SCHEMA)
    geographies = cells = 0
    with open_tables(path) as tables:
        for table in tables:
            width = sum(is_variable(name) for name in table.header)
            numbers = count(geographies + 1)
            rows = (row for row, _ in zip(table.rows, numbers, strict=False))
            for batch in batches(path, landing.file_id, release, table.header, rows, geographies + 1):
                writer.write(batch)
            read = next(numbers) - geographies - 1
            geographies, cells = geographies + read, cells + read * width
    if not geographies:
        raise SourceUnreadable(path, "rows of figures below the header", "none", "Fetch the answer or the table again.")
    return Extracted(rows_in=cells, rows_out=writer.rows, notes={"geographies": geographies})
