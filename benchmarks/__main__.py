"""Runs the benchmarks and writes ``benchmarks/results.md``: ``python -m benchmarks --scale 1 --rounds 3``.

In: which parts to run and how large. Out: one Markdown page with the machine, the versions and a table a part; parts
that are not run keep what the page said of them.
"""

import argparse
import importlib.metadata
import os
import platform
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.bucket import bucket_text
from benchmarks.claims import GROWTH, claims_text
from benchmarks.line import HARDEST_PRICES, line_text, run_line
from benchmarks.nppes import ROWS, nppes_text
from benchmarks.reader import reader_text
from benchmarks.writer import writer_text

RESULTS = Path(__file__).with_name("results.md")
PACKAGES = (
    "duckdb",
    "polars",
    "pyarrow",
    "msgspec",
    "isal",
    "dbt-core",
    "dbt-duckdb",
    "cms-mrf-extractor",
    "ijson",
    "dlt",
    "pandas",
)
HEADING = """# Benchmarks

One command wrote this page: `make benchmark`. Each row is a whole process: CPU is user and system time, peak is the
resident memory of the process and its children, sampled from outside. Peers ran in turn, figures are medians. Absolute
times belong to the machine and its hour; ratios are what can be compared.
"""
PARTS: dict[str, tuple[str, Callable[[Path, argparse.Namespace], str]]] = {
    "reader": ("Price-file readers", lambda folder, chosen: reader_text(folder, chosen.scale, chosen.rounds)),
    "writer": ("Partition writers", lambda folder, chosen: writer_text(folder, chosen.scale, chosen.rounds)),
    "line": ("From file to published table", lambda folder, chosen: _line(folder, chosen.scale)),
    "nppes": ("The registry to Parquet", lambda folder, chosen: _nppes(folder, chosen.scale, chosen.rounds)),
    "bucket": ("A lake in a bucket", lambda folder, chosen: bucket_text(folder, chosen.scale, chosen.rounds)),
    "claims": ("Claims to five marts", lambda folder, chosen: _claims(folder, chosen.scale, chosen.rounds)),
}


def main() -> None:
    """Run the chosen parts and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="size of the inputs; 1 takes about an hour on two cores"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run, separated by commas")
    chosen = parser.parse_args()
    sections = _sections(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for part in chosen.only.split(","):
        title, run = PARTS[part]
        with tempfile.TemporaryDirectory(prefix="lakeward-benchmark-") as folder:
            sections[title] = f"Scale {chosen.scale:g}.\n\n{run(Path(folder), chosen)}"
    ordered = [f"## {title}\n\n{sections[title].strip()}\n" for title, _ in PARTS.values() if title in sections]
    RESULTS.write_text("\n".join([HEADING, _machine(), *ordered]), encoding="utf-8")


def _line(folder: Path, scale: float) -> str:
    return line_text(run_line(folder, int(HARDEST_PRICES * scale)))


def _nppes(folder: Path, scale: float, rounds: int) -> str:
    return nppes_text(folder, int(ROWS * scale), rounds)


def _claims(folder: Path, scale: float, rounds: int) -> str:
    return claims_text(folder, rounds, [samples for samples in GROWTH if samples <= GROWTH[-1] * scale])


def _machine() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB, {system}. Versions: {versions}.\n"


def _sections(page: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


if __name__ == "__main__":
    main()
