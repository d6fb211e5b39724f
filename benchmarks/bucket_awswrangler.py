"""Writes a table to a bucket with ``awswrangler.s3.to_parquet`` and partitions; a peer of the benchmark.

Runs in an environment of its own, ``build/awswrangler``, which ``make benchmark`` sets up: it takes older libraries
than Lakeward. A null in a key becomes the partition of nulls, because the peer leaves such rows out.

Usage: build/awswrangler/bin/python bucket_awswrangler.py FILE S3_URL KEYS [SORT_COLUMNS]
"""

import json
import sys
import time

import awswrangler as wr
import pandas as pd

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def main() -> None:
    """Read the table into memory, then write it; print the seconds of the second step."""
    source, target, *lists = sys.argv[1:]
    keys, order = ([name for name in names.split(",") if name] for names in (*lists, "")[:2])
    table = pd.read_parquet(source)
    table[keys] = table[keys].fillna(NULL_PARTITION)
    started = time.perf_counter()
    if order:
        table = table.sort_values(order, na_position="first", ignore_index=True)
    wr.s3.to_parquet(table, target, dataset=True, partition_cols=keys)
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
