"""DE-SynPUF, CMS's synthetic Medicare claims of 2008-2010, and the code sets beside them become bronze rows.

Publisher: CMS, public domain; the people are made up. Twenty samples of about 66,700 inpatient claims and 116,000
beneficiaries a year each; one file of inpatient claims and three yearly beneficiary summaries a sample. In: one file,
plain, gzip or CMS's zip. Out: ``synpuf/inpatient_claim`` (81 columns), ``synpuf/beneficiary_summary`` (32 columns),
``synpuf/drg``, ``synpuf/icd9_description``; text as published.

Hazards: nothing inside a file says its sample or year, only its name does; copies are named ``….Copy.csv``; a second
segment of a claim repeats its number with most columns blank; people who died are absent from later summaries.
"""

from pathlib import Path

import pyarrow as pa

from lakeward.errors import LakewardError, UsageError
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.synpuf import code_tables
from lakeward.sources.synpuf.layout import INPATIENT, LAYOUTS, SUMMARY, Layout
from lakeward.sources.synpuf.names import MEMBER, read_file_name
from lakeward.sources.synpuf.records import Records, read_header
from lakeward.sources.text_stream import open_text

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


def _extract_people(path: Path, landing: Landing, layout: Layout, sample: int | None) -> Extracted:
    records = Records(path, layout, landing.file_id, _known(path, layout, sample))
    writer = landing.writer(layout.dataset, layout.schema)
    for batch in records.batches():
        writer.write(batch)
    counts = records.counts
    return Extracted(
        rows_in=counts.rows,
        rows_out=writer.rows,
        money_in=counts.money if layout is INPATIENT else None,
        money_out=counts.money if layout is INPATIENT else None,
        notes={"recoded_lines": counts.recoded_lines, "unended_lines": counts.unended_lines},
    )


def _known(path: Path, layout: Layout, sample: int | None) -> dict[str, int]:
    """Return what is known of a file as a whole: its sample and, of a summary, its year."""
    name = read_file_name(path)
    number = name.sample if name.sample is not None else sample
    if number is None:
        raise UsageError(
            f"synpuf: nothing says which sample '{path.name}' is of.\n"
            "Nothing was written. Name it as CMS does (…_Sample_1.csv), or set `sample:` of its sources.synpuf."
        )
    if layout is not SUMMARY:
        return {"_sample_number": number}
    if name.year is None:
        raise UsageError(
            f"synpuf: the name of '{path.name}' does not say the year of the summary.\n"
            "Nothing was written. Name it as CMS does: DE1_0_2008_Beneficiary_Summary_File_Sample_1.csv."
        )
    return {"_sample_number": number, "_summary_year": name.year}


def _dataset_of_header(path: Path) -> str | None:
    try:
        with open_text(path, MEMBER) as stream:
            header = read_header(stream)
    except LakewardError:
        return None
    return next((dataset for dataset, layout in LAYOUTS.items() if layout.resembles(header)), None)
