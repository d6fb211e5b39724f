"""The Iceberg table of a lake in a bucket: on Ceph with a SQLite file, on an emulator with its Glue, the same rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest
from pyspark.sql import SparkSession

from lakeward.iceberg.catalogue import METADATA_PATH, IcebergCatalogue
from lakeward.iceberg.expire import expire
from lakeward.iceberg.opening import open_catalogue
from lakeward.iceberg.publish import follow
from lakeward.iceberg.snapshots import list_snapshots, snapshot_at
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT
from lakeward.publish.writer import publish_build
from lakeward.settings import IcebergSettings, StorageSettings

from ..conftest import unavailable
from ..emulator import running_emulator
from ..unit.publish.conftest import make_build
from .ceph import ACCESS_KEY, PACKAGES, SECRET_KEY, Ceph, missing_programs
from .iceberg_readers import READERS, Place, by_sail, hive_door, in_order
from .sail_engine import sail_session

DATABASE = "lakeward_development"


@dataclass(frozen=True)
class Bucket:
    """A service with the bucket ``lake``, and which catalogue goes with it."""

    place: Place
    settings: IcebergSettings

    @property
    def lake(self) -> Lake:
        """The lake in it."""
        return Lake.open(self.place.url, self.place.options)


@pytest.fixture(scope="module", params=["ceph", "glue"])
def bucket(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        # What other readers need to reach a service that is not AWS's own: pyarrow's files, and Sail's.
        environment.setenv("AWS_ALLOW_HTTP", "true")
        environment.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        if request.param == "glue":
            with running_emulator() as endpoint:
                environment.setenv("AWS_ENDPOINT_URL", endpoint)
                yield _with_lake(endpoint, IcebergSettings(catalog="glue"))
            return
        if missing_programs():
            unavailable(f"no {', '.join(missing_programs())}; `apt-get install {PACKAGES}` brings them")
        with TemporaryDirectory(prefix="ceph-") as folder, Ceph(Path(folder)) as ceph:
            environment.setenv("AWS_ENDPOINT_URL", ceph.endpoint)
            yield _with_lake(ceph.endpoint, IcebergSettings())


def _with_lake(endpoint: str, settings: IcebergSettings) -> Bucket:
    boto3.Session().client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket="lake")
    return Bucket(Place("s3://lake/some/prefix", StorageSettings(endpoint_url=endpoint)), settings)


@pytest.fixture(scope="module")
def commits(bucket: Bucket, tmp_path_factory: pytest.TempPathFactory) -> list[Snapshot]:
    """Two commits, each of all prices anew."""
    return [publish(bucket, seed, tmp_path_factory.mktemp(seed)) for seed in ("first", "second")]


def publish(bucket: Bucket, seed: str, folder: Path) -> Snapshot:
    transaction = bucket.lake.begin(seed)
    publish_build(
        make_build(folder / "build", 600, seed), transaction, COMPACT, Resources(10**9, 2, folder / "scratch")
    )
    return transaction.commit()


@pytest.fixture
def catalogue(bucket: Bucket) -> Iterator[IcebergCatalogue]:
    with open_catalogue(bucket.lake, bucket.settings, "development", "us-east-1") as opened:
        yield opened


@pytest.fixture
def table(bucket: Bucket, commits: list[Snapshot], catalogue: IcebergCatalogue) -> Any:
    assert follow(bucket.lake, catalogue).commit == commits[-1].number
    return catalogue.load()


@pytest.mark.parametrize("reader", READERS)
def test_reads_what_the_hive_door_shows(bucket: Bucket, commits: list[Snapshot], table: Any, reader: str) -> None:
    for commit in commits:
        rows, columns = hive_door(commit, bucket.place.options)
        assert len(rows) == 600
        snapshot_id = snapshot_at(table, commit.number).snapshot_id
        found = READERS[reader](table.metadata_location, bucket.place, snapshot_id)
        assert in_order(found, columns)[0] == rows


@pytest.fixture(scope="module")
def sail(bucket: Bucket) -> Iterator[SparkSession]:
    """Sail, started when the environment says where the bucket is."""
    assert bucket
    with sail_session() as (session, _):
        yield session


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_sail_reads_what_the_hive_door_shows(
    bucket: Bucket, commits: list[Snapshot], table: Any, sail: SparkSession
) -> None:
    rows, columns = hive_door(commits[-1], bucket.place.options)
    assert in_order(by_sail(sail, table.location()), columns)[0] == rows


def test_a_second_time_changes_nothing(bucket: Bucket, table: Any, catalogue: IcebergCatalogue) -> None:
    before = list(bucket.lake.storage.list(f"{METADATA_PATH}/"))
    done = follow(bucket.lake, catalogue)
    assert (done.commits, done.metadata_location) == ((), table.metadata_location)
    assert list(bucket.lake.storage.list(f"{METADATA_PATH}/")) == before


def test_another_machine_sees_the_same_table(
    bucket: Bucket, table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with open_catalogue(bucket.lake, bucket.settings, "development", "us-east-1") as other:
        assert follow(bucket.lake, other).metadata_location == table.metadata_location


def test_glue_names_the_newest_metadata_beside_the_hive_table(bucket: Bucket, table: Any) -> None:
    if bucket.settings.catalog != "glue":
        return
    glue = boto3.Session().client("glue", region_name="us-east-1")
    found = glue.get_table(DatabaseName=DATABASE, Name="fact_rate_enriched_iceberg")["Table"]
    assert found["Parameters"]["table_type"] == "ICEBERG"
    assert found["Parameters"]["metadata_location"] == table.metadata_location


def test_what_is_expired_goes_and_the_rest_is_read(
    bucket: Bucket, commits: list[Snapshot], table: Any, catalogue: IcebergCatalogue, tmp_path: Path
) -> None:
    third = publish(bucket, "third", tmp_path)
    follow(bucket.lake, catalogue)
    assert expire(bucket.lake, catalogue, keep_commits=1).commits == tuple(commit.number for commit in commits)
    newest = catalogue.load()
    assert newest is not None
    assert [each.commit for each in list_snapshots(newest)] == [third.number]
    rows, columns = hive_door(third, bucket.place.options)
    assert in_order(newest.scan().to_arrow(), columns)[0] == rows
