"""What dbt's own connection to DuckDB needs to read a lake in a bucket: a plugin of dbt-duckdb.

In: the variables of this process that say where the bucket is; none for a lake in a folder. Out: every connection that
dbt opens can read it. dbt reopens its engine between two models when memory is short, and a build may take longer than
temporary credentials live: both are met here, at the engine's opening and at each model's.
"""

from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from lakeward.publish.bucket import BucketReader, bucket_of_process


class Plugin(BasePlugin):
    """The plugin that the project's profile names; does nothing for a lake in a folder."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        bucket = bucket_of_process()
        self._reader = BucketReader(bucket) if bucket else None

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        if self._reader:
            self._reader.prepare(conn)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        if self._reader:
            self._reader.renew(cursor)
