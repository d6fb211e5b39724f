"""Which DE-SynPUF files of a run are used: one a sample, kind and year, and the code sets.

In: the files that a run was given, with the sample that the configuration asks for. Out: the files to land, each with
what the register keeps of it: ``dataset``, ``sample_number`` and, of a summary, ``summary_year``. What is left out and
what is missing is logged by name; nothing is decided by the order in which files were found.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lakeward.errors import UsageError
from lakeward.sources.landing import file_sha256
from lakeward.sources.registry import Attributes
from lakeward.sources.synpuf.layout import INPATIENT, SUMMARY
from lakeward.sources.synpuf.names import MEMBER, SUMMARY_YEARS, read_file_name
from lakeward.sources.text_stream import BLOCK_BYTES, open_text

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SynpufFile:
    """One file and what is known of it as a whole; ``dataset`` is None for a file of another source."""

    path: Path
    dataset: str | None
    sample: int | None = None
    year: int | None = None

    @property
    def holds_people(self) -> bool:
        """Whether the file is claims or a summary, which belong to a sample, and no code set."""
        return self.dataset in (INPATIENT.dataset, SUMMARY.dataset)

    @property
    def attributes(self) -> Attributes:
        """What the register keeps of the file."""
        known = {"dataset": self.dataset, "sample_number": self.sample, "summary_year": self.year}
        return {name: value for name, value in known.items() if value is not None}

    @property
    def subject(self) -> str:
        """What the file is of, for messages."""
        year = f" of {self.year}" if self.year is not None else ""
        kind = "inpatient claims" if self.dataset == INPATIENT.dataset else "beneficiary summary"
        return f"the {kind}{year} of sample {self.sample}"


def describe(path: Path, dataset: str | None, wanted: int | None) -> SynpufFile:
    """Return what is known of a file by its name and, where that says no sample, by the configuration.

    Raises:
        UsageError: nothing says the sample, or the name of a summary does not say its year.
    """
    if dataset not in (INPATIENT.dataset, SUMMARY.dataset):
        return SynpufFile(path, dataset)
    name = read_file_name(path)
    sample = name.sample if name.sample is not None else wanted
    if sample is None:
        raise UsageError(
            f"synpuf: nothing says which sample '{path.name}' is of.\n"
            "Nothing was written. Name it as CMS does (…_Sample_1.csv), or set `sample:` of its sources.synpuf."
        )
    if dataset == INPATIENT.dataset:
        return SynpufFile(path, dataset, sample)
    if name.year is None:
        raise UsageError(
            f"synpuf: the name of '{path.name}' does not say the year of the summary.\n"
            "Nothing was written. Name it as CMS does: DE1_0_2008_Beneficiary_Summary_File_Sample_1.csv."
        )
    return SynpufFile(path, dataset, sample, name.year)


def choose_files(files: Iterable[SynpufFile]) -> list[SynpufFile]:
    """Return the files to land, sorted by sample, kind and year; of several with the same content, one.

    Raises:
        UsageError: two files are of the same subject and differ, or of two subjects and the same; names both.
    """
    by_subject: dict[tuple[object, ...], list[SynpufFile]] = defaultdict(list)
    chosen = []
    for file in files:
        if file.holds_people:
            by_subject[file.sample, file.dataset, file.year or 0].append(file)
        else:
            chosen.append(file)
    people = [_one_of(by_subject[subject]) for subject in sorted(by_subject, key=str)]
    _refuse_one_file_as_two(people)
    _warn_of_gaps(people)
    return chosen + people


def is_of_sample(file: SynpufFile, wanted: int | None) -> bool:
    """Whether a file is of the sample that the configuration asks for; code sets are of every sample."""
    if wanted is None or not file.holds_people or file.sample == wanted:
        return True
    logger.info("synpuf: '%s' is of sample %s and is left out (sample: %s)", file.path.name, file.sample, wanted)
    return False


def content_sha256(path: Path) -> str:
    """Return the sha256 of a file's text, whatever it is packed in and however its lines end; reads it once."""
    digest = hashlib.sha256()
    with open_text(path, MEMBER) as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block.replace(b"\r", b""))
    return digest.hexdigest()


def _one_of(files: list[SynpufFile]) -> SynpufFile:
    """Return the file with the plainest name; the others must have its content."""
    used, *others = sorted(files, key=lambda file: (len(file.path.name), file.path.name, str(file.path)))
    if not others:
        return used
    content = content_sha256(used.path)
    for other in others:
        if content_sha256(other.path) != content:
            raise UsageError(
                f"synpuf: two files are {used.subject}, and their content differs.\n"
                f"  '{used.path.name}' and '{other.path.name}'\n"
                "Nothing was written. Keep the right one in the folder, or name it by `path:`."
            )
        logger.warning("synpuf: '%s' and '%s' are the same; the first is used", used.path.name, other.path.name)
    return used


def _refuse_one_file_as_two(people: list[SynpufFile]) -> None:
    """Refuse the same bytes under two names that mean different samples or years: one of the names is wrong."""
    by_size: dict[int, list[SynpufFile]] = defaultdict(list)
    for file in people:
        if file.path.is_file():
            by_size[file.path.stat().st_size].append(file)
    for alike in by_size.values():
        seen: dict[str, SynpufFile] = {}
        for file in alike if len(alike) > 1 else ():
            other = seen.setdefault(file_sha256(file.path), file)
            if other is not file:
                raise UsageError(
                    f"synpuf: one file is given as {other.subject} and as {file.subject}.\n"
                    f"  '{other.path.name}' and '{file.path.name}' are the same bytes\n"
                    "Nothing was written. Fetch the one that is misnamed again."
                )


def _warn_of_gaps(people: list[SynpufFile]) -> None:
    for sample in sorted({file.sample for file in people if file.sample is not None}):
        of_sample = [file for file in people if file.sample == sample]
        years = {file.year for file in of_sample if file.dataset == SUMMARY.dataset}
        missing = [str(year) for year in SUMMARY_YEARS if year not in years]
        if missing:
            logger.warning(
                "synpuf: sample %s has no beneficiary summary of %s; its people have no such year",
                sample,
                ", ".join(missing),
            )
        if all(file.dataset != INPATIENT.dataset for file in of_sample):
            logger.warning("synpuf: sample %s has no inpatient claims", sample)
