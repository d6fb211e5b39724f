"""DE-SynPUF, CMS's synthetic Medicare claims of 2008-2010, and the code sets beside them become bronze rows.

Publisher: CMS, public domain; the people are made up. Twenty samples of about 66,700 inpatient claims and 116,000
beneficiaries a year each; one file of inpatient claims and three yearly beneficiary summaries a sample. In: one file,
plain, gzip or CMS's zip. Out: ``synpuf/inpatient_claim`` (81 columns), ``synpuf/beneficiary_summary`` (32 columns),
``synpuf/drg``, ``synpuf/icd9_description``; text as published.

Hazards: nothing inside a file says its sample or year, only its name does; copies are named ``….Copy.csv``; a second
segment of a claim repeats its number with most columns blank; people who died are absent from later summaries.
"""

import logging
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from lakeward.errors import LakewardError, UsageError
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.synpuf import code_tables
from lakeward.sources.synpuf.layout import INPATIENT, LAYOUTS, Layout
from lakeward.sources.synpuf.names import MEMBER, read_file_name
from lakeward.sources.synpuf.records import Records, read_header
from lakeward.sources.synpuf.selection import SynpufFile, choose_files, describe, is_of_sample
from lakeward.sources.synpuf.staging import stage_by_dlt
from lakeward.sources.text_stream import open_text

logger = logging.getLogger(__name__)

DATASETS: dict[str, pa.Schema] = {
    **{dataset: layout.schema for dataset, layout in LAYOUTS.items()},
    **code_tables.DATASETS,
}


def recognise(path: Path) -> str | None:
    """Return the dataset that a file holds, or None for any other file, such as outpatient or carrier claims.

    The name tells inpatient claims, summaries and ICD-9 descriptions, a header tells what was renamed. Reads the first
    line only.
    """
    return read_file_name(path).dataset or _dataset_of_header(path) or code_tables.recognise_table(path)


def extract(path: Path, landing: Landing, *, sample: int | None = None) -> Extracted:
    """Land one file of the release as published: every record, every column, ``''`` as null.

    Args:
        path: a file that `recognise` knows.
        landing: where the rows go.
        sample: the sample's number, for files whose names do not say it.

    Returns:
        Records read and rows written; of claims, the sum of the paid amounts.

    Raises:
        SourceSchemaChanged: the header lacks or adds a column of the codebook.
        SourceUnreadable: a broken archive, a record of the wrong length, no records, or none of these files.
        UsageError: neither name nor configuration says the sample, or the name of a summary does not say its year.
    """
    match recognise(path):
        case code_tables.DRG:
            return code_tables.extract_drg(path, landing)
        case code_tables.ICD9:
            return code_tables.extract_icd9(path, landing)
        case dataset if dataset in LAYOUTS:
            return _extract_people(path, landing, LAYOUTS[dataset], sample)
    raise UsageError(f"synpuf: '{path}' is no file of this source. Nothing was written. Leave it out.")


def select(paths: Iterable[tuple[Path, int | None]]) -> list[SynpufFile]:
    """Return which of a run's files to land, each with its dataset, sample and year.

    Args:
        paths: files, each with the sample that the configuration asks for, or None for all.

    Returns:
        The code sets, then claims and summaries by sample, kind and year. Left out, with a line in the log: files of
        another source or sample, and copies of a file that is used.

    Raises:
        UsageError: a file of which neither name nor configuration says the sample or year, or two files of one
            subject that differ.
    """
    files: dict[Path, SynpufFile] = {}
    for path, wanted in paths:
        file = describe(path, recognise(path), wanted)
        if file.dataset is None:
            logger.info("synpuf: '%s' is no file of this source and is left out", path.name)
        elif is_of_sample(file, wanted):
            files.setdefault(path, file)
    return choose_files(files.values())


def _extract_people(path: Path, landing: Landing, layout: Layout, sample: int | None) -> Extracted:
    file = describe(path, layout.dataset, sample)
    known = {"_sample_number": file.sample, "_summary_year": file.year}
    records = Records(path, layout, landing.file_id, known)
    rows = landing.adopt(layout.dataset, stage_by_dlt(path, records.batches(), layout, landing.staging))
    counts = records.counts
    return Extracted(
        rows_in=counts.rows,
        rows_out=rows,
        money_in=counts.money if layout is INPATIENT else None,
        money_out=counts.money if layout is INPATIENT else None,
        notes={"recoded_lines": counts.recoded_lines, "unended_lines": counts.unended_lines},
    )


def _dataset_of_header(path: Path) -> str | None:
    try:
        with open_text(path, MEMBER) as stream:
            header = read_header(stream)
    except LakewardError:
        return None
    return next((dataset for dataset, layout in LAYOUTS.items() if layout.resembles(header)), None)
