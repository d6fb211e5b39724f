"""Which files of a folder a run takes: one a sample, kind and year, whatever else lies there."""

import gzip
import logging
from pathlib import Path

import pytest
from tests.unit.sources.synpuf.conftest import CLAIM, claims_file, summary_file

from lakeward.errors import UsageError
from lakeward.extract import extract
from lakeward.lake.commit import Lake
from lakeward.settings import Sources, StorageSettings, SynpufFiles
from lakeward.sources import synpuf
from lakeward.sources.inputs import find_inputs
from lakeward.sources.registry import registered_files

SUMMARY = "DE1_0_{year}_Beneficiary_Summary_File_Sample_{sample}.csv"
CLAIMS = "DE1_0_2008_to_2010_Inpatient_Claims_Sample_{sample}.csv"


def sample_folder(folder: Path, *samples: int) -> Path:
    for sample in samples:
        claims_file(folder, {**CLAIM, "CLM_ID": f"{sample}"}, name=CLAIMS.format(sample=sample))
        for year in (2008, 2009, 2010):
            person = {"DESYNPUF_ID": f"{sample}-{year}"}
            summary_file(folder, person, name=SUMMARY.format(year=year, sample=sample))
    return folder


def chosen(folder: Path, sample: int | None = None) -> list[str]:
    return [file.path.name for file in synpuf.select((path, sample) for path in sorted(folder.iterdir()))]


def test_all_samples_are_taken_or_the_one_that_is_asked_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = sample_folder(tmp_path, 1, 2, 20)
    assert len(chosen(folder)) == 12
    caplog.set_level(logging.INFO)
    assert set(chosen(folder, 2)) == {
        CLAIMS.format(sample=2),
        *(SUMMARY.format(year=y, sample=2) for y in (2008, 2009, 2010)),
    }
    assert "Sample_20.csv' is of sample 20 and is left out (sample: 2)" in caplog.text


def test_code_sets_are_of_every_sample_and_other_files_of_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sample_folder(tmp_path, 1)
    (tmp_path / "CMS32_DESC_LONG_DX.txt").write_text("0010  Cholera\n")
    (tmp_path / "table5.csv").write_text("MS-DRG ,MDC,Weights\n001,PRE,24.8\n")
    (tmp_path / "README.txt").write_text("see cms.gov\n")
    (tmp_path / "outpatient.csv").write_text('"DESYNPUF_ID","CLM_ID","NCH_BENE_PTB_DDCTBL_AMT"\n')
    found = chosen(tmp_path, 1)
    assert found[:2] == ["CMS32_DESC_LONG_DX.txt", "table5.csv"]
    assert len(found) == 6
    for name in ("README.txt", "outpatient.csv"):
        assert f"'{name}' is no file of this source and is left out" in caplog.text


@pytest.mark.parametrize("copy", ["copy", "gzip", "lines ended by LF"])
def test_a_sample_that_stands_there_twice_is_taken_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, copy: str
) -> None:
    folder = sample_folder(tmp_path, 1)
    name = CLAIMS.format(sample=1)
    content = (folder / name).read_bytes()
    other = {
        "copy": (name.replace(".csv", ".Copy.csv"), content),
        "gzip": (f"{name}.gz", gzip.compress(content)),
        "lines ended by LF": (name.replace(".csv", " (1).csv"), content.replace(b"\r\n", b"\n")),
    }[copy]
    (folder / other[0]).write_bytes(other[1])
    assert chosen(folder).count(name) == 1
    assert len(chosen(folder)) == 4
    assert f"'{name}' and '{other[0]}' are the same; the first is used" in caplog.text


def test_two_files_of_one_subject_that_differ_are_refused_by_name(tmp_path: Path) -> None:
    folder = sample_folder(tmp_path, 1)
    summary_file(
        folder, {"DESYNPUF_ID": "OTHER"}, name=SUMMARY.format(year=2009, sample=1).replace(".csv", ".Copy.csv")
    )
    with pytest.raises(UsageError) as raised:
        chosen(folder)
    message = str(raised.value)
    assert "the beneficiary summary of 2009 of sample 1" in message
    assert SUMMARY.format(year=2009, sample=1) in message
    assert "Sample_1.Copy.csv" in message


def test_a_missing_year_and_missing_claims_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = sample_folder(tmp_path, 1, 2)
    (folder / SUMMARY.format(year=2010, sample=1)).unlink()
    (folder / SUMMARY.format(year=2008, sample=1)).unlink()
    (folder / CLAIMS.format(sample=2)).unlink()
    chosen(folder)
    assert "sample 1 has no beneficiary summary of 2008, 2010" in caplog.text
    assert "sample 2 has no inpatient claims" in caplog.text
    assert "sample 2 has no beneficiary summary" not in caplog.text


def extracted_files(lake: Lake, folder: Path, scratch: Path, *samples: int | None) -> tuple[int, set[str]]:
    """Extract a folder, named once for each sample; return how many files landed, and the names in the register."""
    sources = Sources(synpuf=tuple(SynpufFiles(path=str(folder), sample=sample) for sample in samples))
    rows, ids = extract(lake, "run", find_inputs(sources, folder), scratch)
    names = registered_files(lake.snapshot())
    return len(rows), {names[file_id].name for file_id in ids}


def test_a_folder_lands_once(tmp_path: Path) -> None:
    folder = tmp_path / "claims"
    folder.mkdir()
    sample_folder(folder, 1, 2)
    lake = Lake.open(str(tmp_path / "lake"), StorageSettings())
    landed, names = extracted_files(lake, folder, tmp_path / "scratch", 1)
    assert (landed, len(names)) == (4, 4)
    landed, names = extracted_files(lake, folder, tmp_path / "scratch", 1, 2)
    assert (landed, len(names)) == (4, 8)
    assert extracted_files(lake, folder, tmp_path / "scratch", None) == (0, names)


def test_the_register_says_what_each_file_is(tmp_path: Path) -> None:
    folder = tmp_path / "claims"
    folder.mkdir()
    sample_folder(folder, 3)
    lake = Lake.open(str(tmp_path / "lake"), StorageSettings())
    extracted_files(lake, folder, tmp_path / "scratch", None)
    attributes = {file.name: file.attributes for file in registered_files(lake.snapshot()).values()}
    assert attributes[CLAIMS.format(sample=3)] == {"dataset": "inpatient_claim", "sample_number": 3}
    assert attributes[SUMMARY.format(year=2009, sample=3)] == {
        "dataset": "beneficiary_summary",
        "sample_number": 3,
        "summary_year": 2009,
    }


def test_a_file_that_was_renamed_is_read_anew(tmp_path: Path) -> None:
    folder = tmp_path / "claims"
    folder.mkdir()
    path = summary_file(folder, name=SUMMARY.format(year=2008, sample=1))
    lake = Lake.open(str(tmp_path / "lake"), StorageSettings())
    assert extracted_files(lake, folder, tmp_path / "scratch", None)[0] == 1
    path.rename(folder / SUMMARY.format(year=2009, sample=1))
    assert extracted_files(lake, folder, tmp_path / "scratch", None)[0] == 1
    (registered,) = registered_files(lake.snapshot()).values()
    assert registered.attributes["summary_year"] == 2009


def test_the_same_bytes_under_two_subjects_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "claims"
    folder.mkdir()
    summary_file(folder, name=SUMMARY.format(year=2008, sample=1))
    summary_file(folder, name=SUMMARY.format(year=2009, sample=1))
    lake = Lake.open(str(tmp_path / "lake"), StorageSettings())
    with pytest.raises(UsageError, match="the same bytes") as raised:
        extracted_files(lake, folder, tmp_path / "scratch", None)
    assert SUMMARY.format(year=2008, sample=1) in str(raised.value)
    assert SUMMARY.format(year=2009, sample=1) in str(raised.value)
