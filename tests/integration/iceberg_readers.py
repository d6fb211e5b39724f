"""The Iceberg table as others read it, each with its own program and none of Lakeward's: rows that can be compared."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import duckdb_extensions
import polars as pl
import pyarrow as pa
from pyiceberg.table import StaticTable
from pyspark.sql import SparkSession

from lakeward.lake.commit import Snapshot
from lakeward.publish.bucket import Bucket, BucketReader
from lakeward.publish.catalog import open_catalog
from lakeward.settings import StorageSettings

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Place:
    """Where a lake is, as each reader wants to be told; credentials come from the environment.

    Args:
        options: of the lake's storage.
        url: of the lake.
    """

    url: str
    options: StorageSettings = field(default_factory=StorageSettings)

    @property
    def file_options(self) -> dict[str, str]:
        """The properties that pyiceberg and Polars take."""
        endpoint = self.options.endpoint_url
        return {"s3.endpoint": endpoint, "s3.region": self.options.region} if endpoint else {}


def hive_door(snapshot: Snapshot, options: StorageSettings | None = None) -> tuple[Rows, list[str]]:
    """Return the rows of a commit as ``lakeward query`` reads them, and the columns."""
    with open_catalog(snapshot, options or StorageSettings()) as catalog:
        return in_order(catalog.sql("select * from fact_rate_enriched").to_arrow_table())


def in_order(table: pa.Table, columns: list[str] | None = None) -> tuple[Rows, list[str]]:
    """Return rows that can be compared, whatever order and types of text a reader has, and the columns."""
    names = columns or sorted(table.column_names)
    with duckdb.connect() as connection:
        connection.register("found", table)
        listed = ", ".join(f'"{name}"' for name in names)
        return connection.sql(f"select {listed} from found order by all").fetchall(), names


def by_pyiceberg(metadata: str, place: Place, snapshot_id: int | None = None) -> pa.Table:
    """Read with pyiceberg and its own files."""
    return StaticTable.from_metadata(metadata, place.file_options).scan(snapshot_id=snapshot_id).to_arrow()


def by_polars(metadata: str, place: Place, snapshot_id: int | None = None) -> pa.Table:
    """Read with Polars' own reader, which does not ask pyiceberg for rows."""
    # Polars may plan with a package of its own, which is not here, and says so each time.
    os.environ["POLARS_ICEBERG_PLANNER"] = "pyiceberg"
    scan = pl.scan_iceberg(
        StaticTable.from_metadata(metadata, place.file_options), snapshot_id=snapshot_id, reader_override="native"
    )
    return scan.collect().to_arrow()


def by_duckdb(metadata: str, place: Place, snapshot_id: int | None = None) -> pa.Table:
    """Read with DuckDB's ``iceberg_scan``."""
    with duckdb_with_iceberg(place) as connection:
        version = f", snapshot_from_id = {snapshot_id}" if snapshot_id else ""
        return connection.sql(f"select * from iceberg_scan('{metadata}'{version})").to_arrow_table()


@contextmanager
def duckdb_with_iceberg(place: Place) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB with its extensions for Iceberg, and with credentials for a bucket."""
    with duckdb.connect() as connection:
        for extension in ("avro", "iceberg"):
            duckdb_extensions.import_extension(extension, con=connection)
        connection.execute("set autoinstall_known_extensions = false")
        bucket = Bucket.of(place.url, place.options)
        if bucket:
            BucketReader(bucket).prepare(connection)
        connection.execute("load avro; load iceberg")
        yield connection


def by_sail(session: SparkSession, location: str, snapshot_id: int | None = None) -> pa.Table:
    """Read with Sail, from the table's folder."""
    reader = session.read.format("iceberg")
    if snapshot_id:
        reader = reader.option("snapshotId", str(snapshot_id))
    return reader.load(location).toArrow()


READERS = {"pyiceberg": by_pyiceberg, "polars": by_polars, "duckdb": by_duckdb}
