"""Where the catalogue is, and what is said when it cannot be used."""

from pathlib import Path

import pytest

from lakeward.errors import StorageFailed, UsageError
from lakeward.iceberg.opening import catalogue_file, has_table, open_catalogue
from lakeward.lake.commit import Lake
from lakeward.settings import IcebergSettings, StorageSettings


def test_in_a_folder_it_is_in_the_lake(lake: Lake) -> None:
    assert catalogue_file(lake, IcebergSettings()) == Path(lake.url) / "iceberg" / "catalog.db"
    assert not has_table(lake, IcebergSettings())


def test_for_a_bucket_it_is_where_programs_keep_their_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    files = {catalogue_file(Lake.open(url, StorageSettings()), IcebergSettings()) for url in ("s3://a/b", "s3://a/c")}
    assert len(files) == 2
    assert {file.parent for file in files} == {tmp_path / "lakeward" / "iceberg"}


def test_a_path_of_ones_own(lake: Lake, tmp_path: Path) -> None:
    chosen = tmp_path / "with space #1?.db"
    with open_catalogue(lake, IcebergSettings(catalog_path=str(chosen)), "development", "us-east-1") as catalogue:
        assert catalogue.name == "rates.fact_rate_enriched"
        assert catalogue.load() is None
    assert chosen.is_file()


def test_glue_takes_no_folder(lake: Lake) -> None:
    settings = IcebergSettings(catalog="glue")
    with pytest.raises(UsageError, match="takes a lake in S3"), open_catalogue(lake, settings, "staging", "us-east-1"):
        pass


def test_a_broken_file_says_what_to_do(lake: Lake, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all, but some text" * 100)
    settings = IcebergSettings(catalog_path=str(broken))
    with (
        pytest.raises(
            StorageFailed, match=r"broken.db' cannot be used\.\n  found: file is not a database\n.*delete it"
        ),
        open_catalogue(lake, settings, "development", "us-east-1"),
    ):
        pass


def test_a_folder_that_cannot_be_made(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = IcebergSettings(catalog_path=str(tmp_path / "file" / "catalog.db"))
    with pytest.raises(StorageFailed, match="exists"), open_catalogue(lake, settings, "development", "us-east-1"):
        pass
