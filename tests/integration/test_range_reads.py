"""What a query reads of a lake in a bucket, by the store's own log: row groups and columns it needs, and as it says.

The store is Ceph. What must be read is told by the footers of the files, which another library reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import boto3
import duckdb
import pyarrow.parquet as pq
import pytest

from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish import parquet_files
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT
from lakeward.publish.query import Cost, query
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings
from lakeward.sizes import format_size

from ..conftest import unavailable
from .ceph import ACCESS_KEY, PACKAGES, SECRET_KEY, Ceph, Request, missing_programs
from .command_line import done

LAKE = "s3://lake/ranges"
TABLE = "gold/rates/fact_rate_enriched"
ROWS, GROUP_ROWS = 160_000, 20_000
END_OF_FILE_BYTES = 16_384
"""What the engine reads to find a footer, whose length it does not know."""
NODE = {
    "resource_type": "model",
    "name": "fact_rate_enriched",
    "database": "build",
    "relation_name": '"build"."main"."fact_rate_enriched"',
    "config": {"meta": {"domain": "rates", "zone": "gold", "slice": "release", "key": ["fact_uid"]}},
}
FACTS = f"""
    create table fact_rate_enriched as
    select md5(i::varchar) as fact_uid, 'acme.ga.2025-06' as release_id, 'acme' as payer_slug,
        case when i % 4 > 0 then 'GA' end as state, 'professional' as billing_class, '2025-06' as year_month,
        lpad((i % 400)::varchar, 5, '0') as code, 'Set ' || (i % 400) // 100 as procedure_set,
        'Class ' || (i % 400) // 20 as procedure_class, '207Q00000X' as primary_taxonomy_code,
        'Area & one, GA' as stat_area_name, md5((i % 900)::varchar) as pg_uid,
        (hash(i) % 10000000) / 100.0 as negotiated_rate, (hash(i, 1) % 10000000) / 100.0 as medicare_rate
    from range({ROWS}) t(i)
"""
QUERIES = {
    "everything": "select sum(hash(f)) from fact_rate_enriched f",
    "one column": "select sum(negotiated_rate) from fact_rate_enriched",
    "one state": "select sum(negotiated_rate) from fact_rate_enriched where state = 'GA'",
    "one code": "select sum(negotiated_rate) from fact_rate_enriched where procedure_set = 'Set 2' and code = '00250'",
    "one code of a state": "select median(negotiated_rate) from fact_rate_enriched "
    "where state = 'GA' and procedure_set = 'Set 0' and code = '00007'",
    "no code": "select count(*) from fact_rate_enriched where procedure_set = 'Set 9'",
    "a join": "select count(*) from fact_rate_enriched a join fact_rate_enriched b using (fact_uid) "
    "where a.procedure_set = 'Set 1' and b.procedure_set = 'Set 1' and a.state = 'GA'",
}


@dataclass(frozen=True)
class Bucket:
    """A store with the lake in it."""

    ceph: Ceph
    settings: StorageSettings
    snapshot: Snapshot

    def reads(self, sql: str) -> tuple[Cost, list[Request]]:
        """Answer a query; return what it says that it took, and what the store logged of data files meanwhile."""
        before = len(self.ceph.access_log())
        cost = query(self.snapshot, sql, self.settings, explain=True).cost
        assert cost is not None
        return cost, data_requests(self.ceph.access_log()[before:])

    def chunk_bytes(self, columns: set[str], where: dict[str, str] | None = None, state: str = "") -> int:
        """Return the bytes of some columns in the row groups that the footers' bounds do not rule out."""
        total = 0
        for file in self.snapshot.files(TABLE):
            if state and file.partition["state"] != state:
                continue
            metadata = pq.read_metadata(BytesIO(self.snapshot.lake.storage.read(file.path)))
            for number in range(metadata.num_row_groups):
                group = metadata.row_group(number)
                chunks = {c.path_in_schema: c for c in (group.column(i) for i in range(group.num_columns))}
                bounds = {name: chunks[name].statistics for name in where or {}}
                if all(bounds[name].min <= value <= bounds[name].max for name, value in (where or {}).items()):
                    total += sum(chunks[name].total_compressed_size for name in columns)
        return total


def data_requests(requests: list[Request]) -> list[Request]:
    """Return the requests for data files, without those for the lake's own records."""
    return [request for request in requests if request.path.endswith(".parquet")]


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    """Prices of two partitions, of which one has six row groups and the other two, on Ceph."""
    if missing_programs():
        unavailable(f"no {', '.join(missing_programs())}; `apt-get install {PACKAGES}` brings them")
    with (
        TemporaryDirectory(prefix="ceph-") as folder,
        TemporaryDirectory() as scratch,
        pytest.MonkeyPatch.context() as patch,
        Ceph(Path(folder)) as ceph,
    ):
        for name, value in variables().items():
            patch.setenv(name, value)
        patch.setattr(parquet_files, "ROW_GROUP_ROWS", GROUP_ROWS)
        client = boto3.Session(ACCESS_KEY, SECRET_KEY).client("s3", endpoint_url=ceph.endpoint, region_name="us-east-1")
        client.create_bucket(Bucket="lake")
        settings = StorageSettings(endpoint_url=ceph.endpoint)
        yield Bucket(ceph, settings, published(settings, Path(scratch)))


def variables() -> dict[str, str]:
    """Return the variables of a process that may use the store."""
    return {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}


def published(settings: StorageSettings, scratch: Path) -> Snapshot:
    """Publish the prices."""
    with duckdb.connect(str(scratch / "build.duckdb")) as connection:
        connection.execute(FACTS)
    built = SimpleNamespace(database=scratch / "build.duckdb", manifest={"nodes": {"model.lakeward.fact": NODE}})
    transaction = Lake.open(LAKE, settings).begin("run")
    publish_build(built, transaction, COMPACT, Resources(2 * 10**9, 2, scratch))
    return transaction.commit()


@pytest.mark.parametrize("name", QUERIES)
def test_explain_says_what_the_store_logged(bucket: Bucket, name: str) -> None:
    cost, requests = bucket.reads(QUERIES[name])
    assert {request.method for request in requests} <= {"HEAD", "GET"}
    assert {request.status for request in requests} <= {200, 206}
    assert cost.bytes == sum(request.bytes for request in requests if request.method == "GET") > 0
    assert cost.requests == len(requests) > 0


def test_the_whole_table_is_all_its_bytes(bucket: Bucket) -> None:
    cost, _ = bucket.reads(QUERIES["everything"])
    assert (cost.files, cost.row_groups, cost.row_groups_of_files) == (2, 8, 8)
    assert cost.bytes >= 0.95 * sum(file.bytes for file in bucket.snapshot.files(TABLE))


def test_one_column_of_all(bucket: Bucket) -> None:
    cost, _ = bucket.reads(QUERIES["one column"])
    needed = bucket.chunk_bytes({"negotiated_rate"})
    assert cost.row_groups == 8
    assert needed <= cost.bytes <= 1.5 * needed
    assert cost.bytes < 0.5 * sum(file.bytes for file in bucket.snapshot.files(TABLE))


def test_a_partition_leaves_other_files_alone(bucket: Bucket) -> None:
    cost, requests = bucket.reads(QUERIES["one state"])
    needed = bucket.chunk_bytes({"negotiated_rate"}, state="GA")
    assert (cost.files, cost.files_of_tables, cost.row_groups) == (1, 2, 6)
    assert {("/state=GA/" in request.path) for request in requests if request.method == "GET"} == {True}
    assert needed <= cost.bytes <= 1.5 * needed


def test_a_value_that_rows_are_sorted_by_leaves_other_row_groups_alone(bucket: Bucket) -> None:
    cost, _ = bucket.reads(QUERIES["one code of a state"])
    bounds = {"procedure_set": "Set 0", "code": "00007"}
    needed = bucket.chunk_bytes({"procedure_set", "code", "negotiated_rate"}, bounds, "GA")
    assert cost.row_groups < 3
    assert needed > 0
    assert cost.bytes <= 1.5 * needed


def test_a_value_that_no_row_has_takes_footers_alone(bucket: Bucket) -> None:
    cost, requests = bucket.reads(QUERIES["no code"])
    gets = [request for request in requests if request.method == "GET"]
    assert len(gets) <= 3
    assert cost.bytes <= len(gets) * END_OF_FILE_BYTES


def test_the_command_says_it_too(bucket: Bucket) -> None:
    before = len(bucket.ceph.access_log())
    found = done(
        "query", QUERIES["one code"], "--lake", LAKE, "--explain",
        LAKEWARD_STORAGE__ENDPOINT_URL=bucket.ceph.endpoint, **variables(),
    )  # fmt: skip
    requests = data_requests(bucket.ceph.access_log()[before:])
    read = sum(request.bytes for request in requests if request.method == "GET")
    assert f"{format_size(read)}" in found.err
    assert f"{len(requests)} requests" in found.err
