"""One door or the other, the same rows: pyiceberg, Polars, DuckDB and Sail read what the Hive door shows.

Partition columns are not in the data files: each reader has to take them from the table's own list of files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from lakeward.iceberg.opening import open_catalogue
from lakeward.iceberg.publish import follow
from lakeward.iceberg.snapshots import TableSnapshot, list_snapshots
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.catalog import open_catalog
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT, DEEP, Layout
from lakeward.publish.partition import PartitionSpec
from lakeward.publish.writer import ENRICHED, publish_build
from lakeward.settings import IcebergSettings

from ..unit.publish.conftest import make_build
from .iceberg_readers import READERS, Place, by_sail, duckdb_with_iceberg, hive_door, in_order
from .sail_engine import sail_session

# Values with slashes, percent signs, commas, ampersands and colons, and null, all in paths.
ODD = Layout("custom", PartitionSpec(("procedure_set", "procedure_class", "state")), ("code",))
LAYOUTS = {"compact": COMPACT, "deep": DEEP, "odd": ODD}


@dataclass(frozen=True)
class Published:
    """A lake of two commits and its Iceberg table."""

    place: Place
    commits: tuple[Snapshot, Snapshot]
    snapshots: tuple[TableSnapshot, ...]
    metadata: str
    location: str


@pytest.fixture(scope="module", params=LAYOUTS)
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp(request.param)
    return publish_twice(Place(str(folder / "lake")), folder, LAYOUTS[request.param])


def publish_twice(place: Place, folder: Path, layout: Layout) -> Published:
    """Make a lake of two commits, the second of which replaces every price, and its table."""
    lake = Lake.open(place.url, place.options)
    commits = []
    for seed in ("first", "second"):
        transaction = lake.begin(seed)
        build, resources = make_build(folder / "build", 600, seed), Resources(10**9, 2, folder / "scratch")
        publish_build(build, transaction, layout, resources)
        commits.append(transaction.commit())
    with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as catalogue:
        follow(lake, catalogue)
        table = catalogue.load()
    assert table is not None
    first, second = commits
    return Published(place, (first, second), tuple(list_snapshots(table)), table.metadata_location, table.location())


@pytest.mark.parametrize("reader", READERS)
def test_reads_what_the_hive_door_shows(published: Published, reader: str) -> None:
    rows, columns = hive_door(published.commits[-1], published.place.options)
    assert len(rows) == 600
    assert in_order(READERS[reader](published.metadata, published.place), columns)[0] == rows


@pytest.mark.parametrize("reader", READERS)
def test_travels_to_the_commit_before(published: Published, reader: str) -> None:
    rows, columns = hive_door(published.commits[0], published.place.options)
    found = READERS[reader](published.metadata, published.place, published.snapshots[0].snapshot_id)
    assert in_order(found, columns)[0] == rows


CONDITIONS = ("state is null", "procedure_class = 'Office/outpatient 100%'", "billing_class = 'professional'")


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_on_a_partition_column_finds_its_rows(published: Published, condition: str) -> None:
    count = f"select count(*) from {{}} where {condition}"
    with open_catalog(published.commits[-1], published.place.options) as catalog:
        wanted = catalog.sql(count.format("fact_rate_enriched")).fetchone()
    assert wanted not in ((0,), (600,))
    with duckdb_with_iceberg(published.place) as connection:
        assert connection.sql(count.format(f"iceberg_scan('{published.metadata}')")).fetchone() == wanted


def test_duckdb_finds_the_newest_by_the_folder(published: Published) -> None:
    with duckdb_with_iceberg(published.place) as connection:
        found = connection.sql(f"select fact_uid from iceberg_scan('{published.location}')").fetchall()
    uids = {row[0] for row in found}
    rows, columns = hive_door(published.commits[-1], published.place.options)
    assert uids == {row[columns.index("fact_uid")] for row in rows}


@pytest.fixture(scope="module")
def sail() -> Iterator[SparkSession]:
    with sail_session() as (session, _):
        yield session


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_sail_reads_what_the_hive_door_shows(published: Published, sail: SparkSession) -> None:
    if any("%" in file.path for file in published.commits[-1].files(ENRICHED)):
        # Sail 0.7.2 escapes a `%` in a file's name once more, and finds no such file.
        with pytest.raises(PySparkException, match="%25"):
            by_sail(sail, published.location)
        return
    for number, commit in enumerate(published.commits):
        rows, columns = hive_door(commit, published.place.options)
        found = by_sail(sail, published.location, published.snapshots[number].snapshot_id)
        assert in_order(found, columns)[0] == rows
