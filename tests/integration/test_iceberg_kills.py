"""A process that ends without warning while the Iceberg table moves: readers see a whole commit, the next goes on."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyiceberg.table import StaticTable

from lakeward.iceberg.catalogue import HINT_PATH, METADATA_PATH
from lakeward.iceberg.opening import open_catalogue
from lakeward.iceberg.publish import follow
from lakeward.iceberg.snapshots import commit_of, list_snapshots
from lakeward.lake.commit import Lake
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT
from lakeward.publish.writer import publish_build
from lakeward.settings import IcebergSettings, StorageSettings

from ..unit.publish.conftest import make_build
from .iceberg_readers import hive_door, in_order

KILLED = 9
FOLLOW_AND_DIE = """
import os, sys
from lakeward.iceberg.opening import open_catalogue
from lakeward.iceberg.publish import follow
from lakeward.lake.commit import Lake
from lakeward.lake.local_storage import LocalStorage
from lakeward.settings import IcebergSettings, StorageSettings

left = int(sys.argv[2])
def dying(write):
    def write_and_die(*arguments):
        global left
        left -= 1
        if left == 0 and sys.argv[3] == "before":
            os._exit(9)
        done = write(*arguments)
        if left == 0:
            os._exit(9)
        return done
    return write_and_die
LocalStorage.write, LocalStorage.create = dying(LocalStorage.write), dying(LocalStorage.create)
lake = Lake.open(sys.argv[1], StorageSettings())
with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as catalogue:
    follow(lake, catalogue)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two commits, of which the Iceberg table has the first; metadata holds its place, so it is moved."""
    made = tmp_path_factory.mktemp("kills")
    lake = Lake.open(str(made / "lake"), StorageSettings())
    for seed in ("first", "second"):
        transaction = lake.begin(seed)
        publish_build(
            make_build(made / "build", 600, seed), transaction, COMPACT, Resources(10**9, 2, made / "scratch")
        )
        transaction.commit()
        if seed == "first":
            with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as catalogue:
                follow(lake, catalogue)
    shutil.move(made / "lake", made / "kept")
    return made


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("write", range(1, 6))
def test_killed_at_a_write(folder: Path, write: int, moment: str) -> None:
    place = folder / "lake"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder / "kept", place)
    arguments = [sys.executable, "-c", FOLLOW_AND_DIE, str(place), str(write), moment]
    assert subprocess.run(arguments, check=False).returncode in (KILLED, 0)
    lake = Lake.open(str(place), StorageSettings())
    hinted = lake.storage.read(HINT_PATH).decode()
    rows_by_commit = {number: hive_door(lake.snapshot(number)) for number in (1, 2)}
    seen = StaticTable.from_metadata(lake.url_for(f"{METADATA_PATH}/{hinted}.metadata.json"))
    rows, columns = rows_by_commit[commit_of(seen.current_snapshot())]
    assert in_order(seen.scan().to_arrow(), columns)[0] == rows
    with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as catalogue:
        assert follow(lake, catalogue).commit == 2
        table = catalogue.load()
    assert table is not None
    assert [each.commit for each in list_snapshots(table)] == [1, 2]
    assert len(table.metadata.snapshots) == 2
    assert in_order(table.scan().to_arrow(), columns)[0] == rows_by_commit[2][0]


def test_the_last_write_is_the_hint(folder: Path) -> None:
    place = folder / "lake"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder / "kept", place)
    statuses = [
        subprocess.run([sys.executable, "-c", FOLLOW_AND_DIE, str(place), str(write), "before"], check=False).returncode
        for write in (5, 99)
    ]
    # The kills above reach every write that there is: two manifests, their list, the metadata and the hint.
    assert statuses == [KILLED, 0]
