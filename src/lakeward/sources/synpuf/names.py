"""What the name of a DE-SynPUF file says: its kind, its sample and, of a summary, its year.

In: a path. Out: :class:`FileName`. Nothing inside the files says the sample or the year, so the name must; of a zip
that was renamed, the name of its one CSV is asked.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from lakeward.sources.synpuf.layout import INPATIENT, SUMMARY

FIRST_YEAR, LAST_YEAR = 2008, 2010
SUMMARY_YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
MEMBER = re.compile(r"\.csv$", re.IGNORECASE)
"""The data file in one of CMS's zips."""

_INPATIENT = re.compile(r"inpatient[_ ]claims", re.IGNORECASE)
_SUMMARY = re.compile(r"beneficiary[_ ]summary", re.IGNORECASE)
_SAMPLE = re.compile(r"sample[_ ]?0*(\d+)(?!\d)", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")


@dataclass(frozen=True)
class FileName:
    """What a name says; ``None`` where it says nothing.

    ``dataset`` is ``inpatient_claim`` or ``beneficiary_summary``; ``year`` is that of a summary.
    """

    dataset: str | None
    sample: int | None
    year: int | None


def read_file_name(path: Path) -> FileName:
    """Read the name of a file and, where it leaves something open, that of the one CSV inside a zip.

    Example:
        >>> read_file_name(Path("DE1_0_2008_Beneficiary_Summary_File_Sample_20.csv.gz"))
        FileName(dataset='beneficiary_summary', sample=20, year=2008)
        >>> read_file_name(Path("DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.Copy.csv"))
        FileName(dataset='inpatient_claim', sample=1, year=None)
    """
    outer = _read(path.name)
    if outer.sample is not None and (outer.year is not None or outer.dataset == INPATIENT.dataset):
        return outer
    inner = _read(member) if (member := _only_member(path)) else FileName(None, None, None)
    return FileName(
        outer.dataset or inner.dataset,
        outer.sample if outer.sample is not None else inner.sample,
        outer.year if outer.year is not None else inner.year,
    )


def _read(name: str) -> FileName:
    kinds = ((_INPATIENT, INPATIENT.dataset), (_SUMMARY, SUMMARY.dataset))
    dataset = next((dataset for pattern, dataset in kinds if pattern.search(name)), None)
    sample, years = _SAMPLE.search(name), set(_YEAR.findall(name))
    has_year = dataset != INPATIENT.dataset and len(years) == 1
    return FileName(dataset, int(sample.group(1)) if sample else None, int(years.pop()) if has_year else None)


def _only_member(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if MEMBER.search(name)]
    except (zipfile.BadZipFile, OSError):
        return None
    return re.split(r"[/\\]", names[0])[-1] if len(names) == 1 else None
