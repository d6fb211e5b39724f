"""What a file's name says, however the copy was named."""

import zipfile
from pathlib import Path

import pytest

from lakeward.sources.synpuf.names import FileName, read_file_name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv", ("inpatient_claim", 1, None)),
        ("DE1_0_2008_to_2010_Inpatient_Claims_Sample_20.csv.gz", ("inpatient_claim", 20, None)),
        ("DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.Copy.csv", ("inpatient_claim", 1, None)),
        ("de1_0_2008_to_2010_inpatient_claims_sample_7.zip", ("inpatient_claim", 7, None)),
        ("DE1_0_2010_Beneficiary_Summary_File_Sample_3.csv", ("beneficiary_summary", 3, 2010)),
        ("DE1_0_2009_Beneficiary_Summary_File_Sample_20.Copy.csv", ("beneficiary_summary", 20, 2009)),
        ("DE1_0_2008_to_2010_Inpatient_Claims.csv", ("inpatient_claim", None, None)),
        ("Beneficiary_Summary_2008_2009.csv", ("beneficiary_summary", None, None)),
        ("claims.csv", (None, None, None)),
        ("DE1_0_2008_to_2010_Outpatient_Claims_Sample_1.csv", (None, 1, None)),
    ],
)
def test_the_name_says_kind_sample_and_year(name: str, says: tuple[str | None, int | None, int | None]) -> None:
    assert read_file_name(Path("folder_of_sample_9") / name) == FileName(*says)


def test_a_renamed_zip_is_known_by_its_member(tmp_path: Path) -> None:
    path = tmp_path / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/DE1_0_2008_Beneficiary_Summary_File_Sample_4.csv", "x")
    assert read_file_name(path) == FileName("beneficiary_summary", 4, 2008)


def test_what_is_no_zip_says_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "download.zip"
    path.write_bytes(b"no archive")
    assert read_file_name(path) == FileName(None, None, None)
