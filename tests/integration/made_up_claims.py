"""Claims small enough to be run many times: two made-up samples with their code sets, and configurations of them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from lakeward.sample import generate_claims
from lakeward.sample.claims.code_files import write_code_files

CROSSWALK = "ssa_fips_county_crosswalk.csv"
CLAIMS_FILE = "DE1_0_2008_to_2010_Inpatient_Claims_Sample_{sample}.csv"
SUMMARY_FILE = "DE1_0_{year}_Beneficiary_Summary_File_Sample_{sample}.csv"


@dataclass(frozen=True)
class MadeUpClaims:
    """A folder of claims files beside a folder of geography, and the configuration that names both."""

    folder: Path

    @classmethod
    def write(cls, folder: Path, samples: int = 2, beneficiaries: int = 300) -> "MadeUpClaims":
        """Generate the samples and their code sets."""
        claims = cls(folder)
        generate_claims(claims.files, samples=samples, beneficiaries=beneficiaries)
        write_code_files(claims.files)
        return claims

    @property
    def files(self) -> Path:
        """Where the files of the samples are."""
        return self.folder / "claims"

    def copy_to(self, folder: Path) -> "MadeUpClaims":
        """Return the same claims in another folder, to be changed there."""
        shutil.copytree(self.folder, folder)
        return MadeUpClaims(folder)

    def claims_file(self, sample: int) -> Path:
        """Return the file of a sample's inpatient claims."""
        return self.files / CLAIMS_FILE.format(sample=sample)

    def summary_file(self, year: int, sample: int) -> Path:
        """Return the file of a sample's beneficiaries of one year."""
        return self.files / SUMMARY_FILE.format(year=year, sample=sample)

    def change_lines(self, path: Path, change: Callable[[list[str]], list[str]]) -> None:
        """Write a file anew with other lines; the first is its header."""
        lines = path.read_text(encoding="ascii").splitlines()
        path.write_text("\r\n".join(change(lines)) + "\r\n", encoding="ascii")

    def configuration(self, **sources: object) -> Path:
        """Write a configuration of the folder; ``sources`` are further keys of its ``sources:``."""
        path = self.folder / "lakeward.yaml"
        path.write_text(yaml.safe_dump({"sources": {"synpuf": [{"path": str(self.files)}], **sources}}))
        return path
