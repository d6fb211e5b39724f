"""One made-up lake of claims, and the Power BI project written from it."""

import shutil
from pathlib import Path

import pytest

from lakeward.lake.commit import Snapshot
from lakeward.publish.powerbi import write_project
from lakeward.settings import StorageSettings

from .stand_in import make_rows, publish_stand_in


@pytest.fixture(scope="session")
def claims_lake(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A lake with the tables of the claims domain."""
    return publish_stand_in(tmp_path_factory.mktemp("claims"), make_rows())


@pytest.fixture(scope="session")
def written(claims_lake: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, to be read only."""
    folder = tmp_path_factory.mktemp("powerbi") / "project"
    write_project(claims_lake, folder, StorageSettings(), data_folder=r"C:\claims\data")
    return folder


@pytest.fixture
def project(written: Path, tmp_path: Path) -> Path:
    """A copy of the project, to be damaged."""
    return Path(shutil.copytree(written, tmp_path / "project"))
