"""Writes the whole sample: everything that a run needs, in the publishers' own formats.

In: a directory and a scale. Out: price files, provider registry, Census figures, Medicare files, geography,
specialties, claims, and a ``lakeward.yaml`` that names them. The same call writes the same bytes; memory does not grow
with the scale.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lakeward.errors import UsageError
from lakeward.sample.census import write_census
from lakeward.sample.claims.folder import write_claims
from lakeward.sample.configuration import READ_ME, configuration_text
from lakeward.sample.geography import write_geography
from lakeward.sample.medicare import write_medicare
from lakeward.sample.price_file import PRICE_FILES, PriceFileCounts
from lakeward.sample.price_files import write_price_file
from lakeward.sample.providers.folder import write_providers
from lakeward.sample.taxonomy import write_taxonomy

PRICE_FOLDER = "price-files"


@dataclass
class SampleSummary:
    """What was written: price files by name, and the rows of the other files by path below ``directory``.

    A file in an archive has the archive's path, a colon and its own name. ``registry_planted`` counts the bad records
    of the registry, by defect.
    """

    directory: Path
    scale: int
    price_files: dict[str, PriceFileCounts] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    registry_planted: dict[str, int] = field(default_factory=dict)

    @property
    def prices(self) -> int:
        """Negotiated prices as published, in all price files."""
        return sum(counts.prices for counts in self.price_files.values())

    @property
    def claims(self) -> int:
        """Rows of inpatient claims, second segments included, in all samples of them."""
        return sum(rows for path, rows in self.rows.items() if "Inpatient_Claims" in path)

    @property
    def registrations(self) -> int:
        """Records of the provider registry, in the monthly file and the weekly ones."""
        return sum(rows for path, rows in self.rows.items() if ":npidata_pfile" in path)

    @property
    def planted(self) -> dict[str, int]:
        """Bad rows planted on purpose, by defect, in all price files."""
        total: Counter[str] = Counter()
        for counts in self.price_files.values():
            total.update(counts.planted)
        return dict(sorted(total.items()))


def generate(directory: Path, scale: int = 1) -> SampleSummary:
    """Write the sample; files of an earlier call are overwritten, others are left alone.

    Args:
        directory: made if missing; ``lakeward run --config <directory>/lakeward.yaml`` runs what it holds.
        scale: how many times the market of about 400 organisations and 72,000 prices is repeated, with other people;
            and how many times 2,000 beneficiaries with about 1,150 claims. The other providers of Georgia are as many
            as its people need, whatever the scale.

    Returns:
        What was written, with the number of each planted defect.

    Raises:
        UsageError: ``scale`` is below 1, or ``directory`` is a file.
    """
    if scale < 1:
        raise UsageError(f"--scale takes a whole number from 1 up, not {scale}. Nothing was written.")
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"'{directory}' is a file; name a directory for the sample. Nothing was written.")
    summary = SampleSummary(directory, scale)
    for file in PRICE_FILES:
        summary.price_files[file.name] = write_price_file(file, directory / PRICE_FOLDER / file.name, scale)
    registry = write_providers(directory, scale)
    summary.rows |= registry.rows
    summary.registry_planted |= registry.planted
    summary.rows |= write_medicare(directory)
    summary.rows |= write_geography(directory)
    summary.rows |= write_census(directory)
    summary.rows |= write_taxonomy(directory)
    summary.rows |= write_claims(directory, scale)
    (directory / "lakeward.yaml").write_text(configuration_text(PRICE_FOLDER), encoding="utf-8", newline="\n")
    (directory / "READ-ME.txt").write_text(READ_ME, encoding="utf-8", newline="\n")
    return summary
