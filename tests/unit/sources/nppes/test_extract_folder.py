"""A folder of registry files through the extract stage: each file once, other sources left out, renamed files anew."""

import logging
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.unit.sources.nppes.registry_files import SPAN, archive, release, table

from lakeward.errors import SourceSchemaChanged
from lakeward.extract import extract
from lakeward.lake.commit import Lake
from lakeward.settings import SourcePath, Sources, StorageSettings
from lakeward.sources.inputs import find_inputs

PROVIDERS = [{"NPI": "1234567893"}, {"NPI": "1003000126"}]
OTHER_NAMES = [{"NPI": "1003000126", "Provider Other Organization Name": "CLINIC"}]


class Run:
    """A lake and the runs that extract into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake.open(str(folder / "lake"), StorageSettings())
        self.count = 0

    def extract(self, path: Path) -> int:
        """Extract a path of the registry; return how many files landed."""
        self.count += 1
        scratch = self.folder / f"scratch-{self.count}"
        sources = Sources(nppes=(SourcePath(path=str(path)),))
        return len(extract(self.lake, f"run-{self.count}", find_inputs(sources, self.folder), scratch)[0])

    def rows(self, dataset: str) -> int:
        """Return the rows of a dataset in the lake."""
        slices = self.lake.snapshot().slices(f"bronze/nppes/{dataset}").values()
        files = [self.folder / "lake" / file.path for entry in slices for file in entry.files]
        return sum(pq.read_metadata(file).num_rows for file in files)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_a_folder_lands_each_registry_file_once_and_no_other(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "files"
    release(folder, npidata=PROVIDERS, othername=OTHER_NAMES)
    (folder / "nucc_taxonomy_240.csv").write_text("Code,Grouping,Classification,Specialization\n")
    assert run.extract(folder) == 2
    assert (run.rows("npidata"), run.rows("other_name")) == (2, 1)
    assert "'nucc_taxonomy_240.csv' is no file of this source and is left out" in caplog.text
    assert run.extract(folder) == 0


def test_an_archive_is_one_file_of_several_datasets(run: Run, tmp_path: Path) -> None:
    files = release(tmp_path / "files", npidata=PROVIDERS, othername=OTHER_NAMES, pl=[])
    assert run.extract(archive(tmp_path / "NPPES_Data_Dissemination_June_2025_V2.zip", files)) == 1
    assert (run.rows("npidata"), run.rows("other_name"), run.rows("secondary_practice_location")) == (2, 1, 0)


def test_a_file_that_got_another_date_is_read_anew(run: Run, tmp_path: Path) -> None:
    (data,) = release(tmp_path / "files", npidata=PROVIDERS)
    assert run.extract(data) == 1
    renamed = data.rename(data.with_name("npidata_pfile_20250407-20250420.csv"))
    assert run.extract(renamed) == 1
    assert run.rows("npidata") == 2


def test_a_header_that_changed_stops_the_run_in_a_folder_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    changed = ["NPI Number", "Provider Other Organization Name", "Provider Other Organization Name Type Code"]
    table(tmp_path / "files" / f"othername_pfile_{SPAN}.csv", changed, {"NPI Number": "1234567893"})
    with pytest.raises(SourceSchemaChanged, match=r"missing: \['NPI'\]   unexpected: \['NPI Number'\]"):
        run.extract(tmp_path / "files")
    assert run.rows("other_name") == 0
