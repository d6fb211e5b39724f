"""What an answer cost, measured: the engine's own log of every read, matched with what the footers say.

In: a connection that has answered a query while its reads were logged. Out: :class:`Cost`.
"""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import duckdb
import pyarrow as pa

from lakeward.lake.commit import Lake
from lakeward.publish.sql import quoted

LOCAL_READS = (
    "select path, pos as start, pos + bytes as stop from duckdb_logs_parsed('FileSystem') "
    "where op = 'READ' and path like '%.parquet'"
)
HTTP_READS = (
    "select request.url, regexp_extract(request.headers['Range'], '(\\d+)-(\\d+)', ['start', 'stop']) as range "
    "from duckdb_logs_parsed('HTTP') where request.type = 'GET' and request.headers['Range'] is not null"
)
ROW_GROUPS = """
    with chunk as (
        select file_name, row_group_id, coalesce(dictionary_page_offset, data_page_offset) as start,
            coalesce(dictionary_page_offset, data_page_offset) + total_compressed_size as stop
        from parquet_metadata([{files}])
    ),
    touched as (
        select distinct file_name, row_group_id
        from chunk join read on read.path = chunk.file_name and read.start < chunk.stop and read.stop > chunk.start
    )
    select
        (select count(distinct file_name) from touched),
        (select count(*) from touched),
        (select count(*) from (select distinct file_name, row_group_id from chunk))
"""
BYTES_AND_RANGES = """
    select sum(stop - start), count(*) filter (where start is distinct from before)
    from (select *, lag(stop) over (partition by path order by start, stop) as before from read)
"""


@dataclass(frozen=True)
class Cost:
    """What an answer took.

    ``files`` and ``row_groups`` are those of which column data was read; ``row_groups_of_files`` those that the opened
    files have. Footers count as bytes but not as row groups. ``requests`` are HTTP requests for a bucket, and for a
    folder the contiguous ranges that were read. ``seconds`` are those of the answer alone; bytes and requests are also
    those of naming the tables, which opens one file of each. The lake's own records, which tell the files, are not
    counted.
    """

    seconds: float
    rows: int
    files: int
    files_of_tables: int
    row_groups: int
    row_groups_of_files: int
    bytes: int
    requests: int


def log_reads(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Let a connection log every read from now on."""
    kind = "HTTP" if _is_bucket(lake) else "FileSystem"
    connection.execute(f"call enable_logging('{kind}')")


def measured_cost(
    connection: duckdb.DuckDBPyConnection, lake: Lake, seconds: float, rows: int, files_of_tables: int
) -> Cost:
    """Return what the logged reads add up to.

    Args:
        connection: has named the tables and answered one query since :func:`log_reads`.
        lake: what it read.
        seconds: how long the answer took.
        rows: how many rows it has.
        files_of_tables: how many files the tables of the query have.
    """
    requests = 0
    if _is_bucket(lake):
        (requests,) = _numbers(connection, "select count(*) from duckdb_logs where type = 'HTTP'")
        connection.register("reads", _http_reads(connection, lake))
        connection.execute("create temp table read as from reads")
    else:
        connection.execute(f"create temp table read as {LOCAL_READS}")
    paths = [path for (path,) in connection.sql("select distinct path from read order by path").fetchall()]
    if not paths:
        return Cost(seconds, rows, 0, files_of_tables, 0, 0, 0, requests)
    listed = ", ".join(quoted(path) for path in paths)
    files, groups, all_groups = _numbers(connection, ROW_GROUPS.format(files=listed))
    total, ranges = _numbers(connection, BYTES_AND_RANGES)
    return Cost(seconds, rows, files, files_of_tables, groups, all_groups, total, requests or ranges)


def _http_reads(connection: duckdb.DuckDBPyConnection, lake: Lake) -> pa.Table:
    bucket = urlsplit(lake.url).netloc
    found = connection.sql(HTTP_READS).fetchall()
    return pa.table(
        {
            "path": pa.array([_address(url, bucket) for url, _ in found], pa.string()),
            "start": pa.array([int(asked["start"]) for _, asked in found], pa.int64()),
            "stop": pa.array([int(asked["stop"]) + 1 for _, asked in found], pa.int64()),
        }
    )


def _address(url: str, bucket: str) -> str:
    """Return the ``s3://`` address of a request, whether the bucket stands in its host or in its path."""
    parts = urlsplit(url)
    key = unquote(parts.path).lstrip("/")
    return f"s3://{bucket}/" + (key if parts.netloc.startswith(f"{bucket}.") else key.removeprefix(f"{bucket}/"))


def _is_bucket(lake: Lake) -> bool:
    return lake.url.startswith("s3://")


def _numbers(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    return tuple(int(number or 0) for number in connection.sql(sql).fetchone() or ())
