"""Bringing finished files into a bucket: the lake's storage and a plain parallel multipart upload, in turn, on Ceph.

In: files of bytes that cannot be compressed. Out: bytes a second of each. The plain upload is ``boto3`` with its own
defaults, one call a file, all files at once.
"""

import json
import os
import statistics
import sys
from functools import partial
from pathlib import Path

from benchmarks.measure import Measured, in_turn, measure
from benchmarks.object_store import BUCKET, Store

FILES = 4
FILE_BYTES = 64 * 2**20
HEADER = "| upload | n | wall s (least-most) | MB a second | CPU s | peak MB |\n|---|---:|---:|---:|---:|---:|"

_LAKEWARD = """
import json, sys, time
from pathlib import Path
from lakeward.lake.storage import open_storage
from lakeward.settings import StorageSettings
files = sorted(Path(sys.argv[1]).iterdir())
storage = open_storage(sys.argv[2], StorageSettings())
started = time.perf_counter()
storage.add_files([(file, file.name) for file in files])
print(json.dumps({"seconds": time.perf_counter() - started}))
"""
_PLAIN = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import boto3
files = sorted(Path(sys.argv[1]).iterdir())
bucket, _, prefix = sys.argv[2].removeprefix("s3://").partition("/")
client = boto3.client("s3")
started = time.perf_counter()
with ThreadPoolExecutor(len(files)) as pool:
    list(pool.map(lambda file: client.upload_file(str(file), bucket, f"{prefix}/{file.name}"), files))
print(json.dumps({"seconds": time.perf_counter() - started}))
"""
UPLOADS = {"lakeward": _LAKEWARD, "boto3, files and parts in parallel": _PLAIN}


def upload_text(store: Store, folder: Path, scale: float, rounds: int) -> str:
    """Run the comparison and return it as Markdown."""
    files = folder / "finished"
    files.mkdir()
    for number in range(FILES):
        (files / f"part-{number}.parquet").write_bytes(os.urandom(int(FILE_BYTES * min(scale, 1))))
    total = sum(file.stat().st_size for file in files.iterdir())
    found = in_turn({name: partial(_run, store, files, script) for name, script in UPLOADS.items()}, rounds)
    ours, plain = (statistics.median(_seconds(run) for run in runs) for runs in found.values())
    lines = [
        f"{FILES} files, {total / 1e6:,.0f} MB in all. Lakeward reaches {plain / ours:.0%} of the plain upload.",
        "",
        HEADER,
    ]
    return "\n".join([*lines, *(_line(name, runs, total) for name, runs in found.items())]) + "\n"


def _run(store: Store, files: Path, script: str) -> Measured:
    store.clear("upload/")
    return measure([sys.executable, "-c", script, str(files), f"s3://{BUCKET}/upload"], files)


def _seconds(run: Measured) -> float:
    return float(json.loads(run.output.splitlines()[-1])["seconds"])


def _line(name: str, runs: list[Measured], total: int) -> str:
    seconds = [_seconds(run) for run in runs]
    median = statistics.median(seconds)
    cpu, peak = (statistics.median(getattr(run, figure) for run in runs) for figure in ("cpu_seconds", "peak_bytes"))
    return (
        f"| {name} | {len(runs)} | {median:.2f} ({min(seconds):.2f}-{max(seconds):.2f}) | {total / 1e6 / median:,.0f} "
        f"| {cpu:.1f} | {peak / 1e6:,.0f} |"
    )
