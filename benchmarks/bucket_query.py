"""What a pruned query reads of a bucket: Lakeward, DuckDB and Polars over the same files, by the store's own log.

In: the lake that the publishing benchmark left in the bucket. Out: bytes and requests of each, beside the bytes of the
columns in the row groups that the footers' bounds do not rule out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from io import BytesIO
from urllib.parse import urlsplit

import duckdb
import polars as pl
import pyarrow.parquet as pq

from benchmarks.object_store import BUCKET, Store
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.query import query

TABLE = "gold/rates/fact_rate_enriched"
HEADER = "| query | reader | bytes | of what is needed | requests |\n|---|---|---:|---:|---:|"


@dataclass(frozen=True)
class Question:
    """A query, with the columns of the files that it needs and the values that they and the partitions must have."""

    name: str
    columns: tuple[str, ...]
    partition: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    @property
    def where(self) -> dict[str, str]:
        """All that is asked for."""
        return self.partition | self.values

    def sql(self, relation: str) -> str:
        """Return the query over a relation of DuckDB."""
        wanted = " and ".join(f"{name} = '{value}'" for name, value in self.where.items()) or "true"
        return f"select sum(negotiated_rate) from {relation} where {wanted}"

    def polars(self, rows: pl.LazyFrame) -> pl.DataFrame:
        """Answer the query with Polars."""
        wanted = [pl.col(name) == value for name, value in self.where.items()]
        return (rows.filter(*wanted) if wanted else rows).select(pl.col("negotiated_rate").sum()).collect()

    def needed_bytes(self, snapshot: Snapshot) -> int:
        """Return the bytes of the columns in the row groups that may hold such rows."""
        total = 0
        for file in snapshot.files(TABLE):
            if any(file.partition[name] != value for name, value in self.partition.items()):
                continue
            metadata = pq.read_metadata(BytesIO(snapshot.lake.storage.read(file.path)))
            for group in map(metadata.row_group, range(metadata.num_row_groups)):
                chunks = {c.path_in_schema: c for c in map(group.column, range(group.num_columns))}
                bounds = {name: chunks[name].statistics for name in self.values}
                if all(bounds[name].min <= value <= bounds[name].max for name, value in self.values.items()):
                    total += sum(chunks[name].total_compressed_size for name in self.columns)
        return total


QUESTIONS = (
    Question("one column of all", ("negotiated_rate",)),
    Question("one class of bills", ("negotiated_rate",), {"billing_class": "institutional"}),
    Question(
        "one code of a class",
        ("negotiated_rate", "procedure_set", "code"),
        {"billing_class": "professional"},
        {"procedure_set": "Set 3", "code": "01301"},
    ),
)


def query_text(store: Store, lake: str) -> str:
    """Ask every question of every reader and return the answers' cost as Markdown."""
    url = f"s3://{BUCKET}/{lake}"
    snapshot = Lake.open(url, store.settings).snapshot()
    files = f"{url}/{TABLE}/**/*.parquet"
    lines = [HEADER]
    for question in QUESTIONS:
        needed = question.needed_bytes(snapshot)
        readers: dict[str, Callable[[Question], object]] = {
            "lakeward": lambda asked: query(Lake.open(url, store.settings).snapshot(), asked.sql("fact_rate_enriched"),
                                            store.settings).rows,
            "duckdb": lambda asked: _duckdb(store).sql(
                asked.sql(f"read_parquet('{files}', hive_partitioning = true)")).fetchall(),
            "polars": lambda asked: asked.polars(
                pl.scan_parquet(files, hive_partitioning=True, storage_options=_options(store))),
        }  # fmt: skip
        for name, read in readers.items():
            requests = store.requests_of(lambda read=read, asked=question: read(asked))  # type: ignore[misc]
            sent = sum(request.bytes for request in requests if request.method == "GET")
            lines.append(f"| {question.name} | {name} | {sent:,} | {sent / needed:.2f} | {len(requests)} |")
    return "\n".join(lines) + "\n"


def _duckdb(store: Store) -> duckdb.DuckDBPyConnection:
    package = resources.files("duckdb_extension_httpfs")
    connection = duckdb.connect()
    connection.execute(f"load '{package}/extensions/v{duckdb.__version__}/httpfs.duckdb_extension'")
    keys = [store.variables[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    connection.execute(
        "create secret (type s3, key_id ?, secret ?, endpoint ?, url_style 'path', use_ssl false)",
        [*keys, urlsplit(store.ceph.endpoint).netloc],
    )
    return connection


def _options(store: Store) -> dict[str, str]:
    return {name.lower(): value for name, value in store.variables.items()} | {"aws_allow_http": "true"}
