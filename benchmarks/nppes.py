"""The registry file to Parquet: Lakeward, DuckDB, Polars and pyarrow, in turn, with two threads each.

All four write zstd Parquet of text columns from the same CSV. Lakeward's figures include the sha256 of the file, the
check of every line's encoding, and the two columns of provenance that a run needs; the others write the 330 columns.
The texts that landed must be the same in all, or the comparison stops. A weekly file is landed beside the monthly one.

Usage: python -m benchmarks.nppes [--rows 1000000] [--rounds 3] [--large-rows 9000000 --memory 2GB]
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.measure import Measured, in_turn, measure, medians
from benchmarks.nppes_file import write_registry_file
from lakeward.sources.nppes import COLUMNS, LAYOUT

ROWS, WEEKLY_ROWS = 1_000_000, 34_000
"""An eighth of a monthly file, and a weekly file of usual size."""

LAKEWARD = "Lakeward"
PEERS = {
    "DuckDB": """
import duckdb, sys
source, target = sys.argv[1:]
connection = duckdb.connect(config={"threads": 2})
rows = f"from read_csv('{source}', all_varchar=true)"
connection.execute(f"copy ({rows}) to '{target}' (format parquet, compression zstd)")
""",
    "Polars": """
import os, sys
os.environ["POLARS_MAX_THREADS"] = "2"
import polars
source, target = sys.argv[1:]
polars.scan_csv(source, infer_schema=False).sink_parquet(target, compression="zstd")
""",
    "pyarrow": """
import csv as text, sys
import pyarrow, pyarrow.parquet
from pyarrow import csv
source, target = sys.argv[1:]
pyarrow.set_cpu_count(2)
with open(source, newline="") as stream:
    names = next(text.reader(stream))
options = csv.ConvertOptions(
    column_types=dict.fromkeys(names, pyarrow.string()), null_values=[""], strings_can_be_null=True
)
parsing = csv.ParseOptions(newlines_in_values=True)
with csv.open_csv(
    source, read_options=csv.ReadOptions(block_size=16 << 20), convert_options=options, parse_options=parsing
) as batches, pyarrow.parquet.ParquetWriter(target, batches.schema, compression="zstd") as writer:
    for batch in batches:
        writer.write_batch(batch)
""",
}
LAND = """
import sys
from pathlib import Path
from lakeward.sources import nppes
from lakeward.sources.landing import Landing
source, target = map(Path, sys.argv[1:])
with Landing(source, target.with_suffix("")) as landing:
    nppes.extract(source, landing)
landing.files()["npidata"].rename(target)
"""
RUN = """
lake: {folder}/lake
sources:
  nppes: [{{path: '{path}'}}]
"""
HEADER = "| contender | n | CPU s (least-most) | wall s | MB of CSV a second | peak MB | CSV : Parquet |"
RULE = "|---|---:|---:|---:|---:|---:|---:|"


def nppes_text(folder: Path, rows: int = ROWS, rounds: int = 3) -> str:
    """Run the comparison and return it as a Markdown section."""
    monthly, weekly = folder / "npidata_pfile_20050523-20250608.csv", folder / "npidata_pfile_20250609-20250615.csv"
    write_registry_file(monthly, rows)
    write_registry_file(weekly, WEEKLY_ROWS, first=rows)
    contenders = {LAKEWARD: partial(_run, LAND, monthly, folder / f"{LAKEWARD}.parquet")}
    contenders |= {name: partial(_run, peer, monthly, folder / f"{name}.parquet") for name, peer in PEERS.items()}
    found = in_turn(contenders, rounds)
    _require_equal(folder)
    week = in_turn({LAKEWARD: partial(_run, LAND, weekly, folder / "weekly.parquet")}, rounds)[LAKEWARD]
    size = monthly.stat().st_size
    lines = [f"{rows:,} made-up records, {size / 1e9:.2f} GB of CSV, 330 columns; two threads each.", "", HEADER, RULE]
    lines += [_line(name, runs, size, folder / f"{name}.parquet") for name, runs in found.items()]
    lines += ["", f"A weekly file of {WEEKLY_ROWS:,} records ({weekly.stat().st_size / 1e6:.0f} MB), Lakeward:"]
    lines += ["", HEADER, RULE, _line("weekly", week, weekly.stat().st_size, folder / "weekly.parquet")]
    return "\n".join(lines) + "\n"


def large_text(folder: Path, rows: int, memory: str) -> str:
    """Land a file of the monthly's size as a run does, within a memory budget, and return what that took."""
    path = folder / "npidata_pfile_20050523-20250608.csv"
    write_registry_file(path, rows)
    config = folder / "lakeward.yaml"
    config.write_text(RUN.format(folder=folder, path=path))
    command = ["lakeward", "--quiet", "extract", "--config", str(config), "--memory", memory]
    run = measure([sys.executable, "-m", *command], folder)
    (parquet,) = (folder / "lake").rglob("bronze/nppes/npidata/**/*.parquet")
    return (
        f"{rows:,} records, {path.stat().st_size / 1e9:.2f} GB, `lakeward extract --memory {memory}`: "
        f"{run.wall_seconds:.0f} s, {run.cpu_seconds:.0f} CPU s, peak {run.peak_bytes / 1e6:,.0f} MB, "
        f"{path.stat().st_size / parquet.stat().st_size:.1f} bytes of CSV to one of Parquet.\n"
    )


def _run(script: str, source: Path, target: Path) -> Measured:
    target.unlink(missing_ok=True)
    shutil.rmtree(target.with_suffix(""), ignore_errors=True)
    return measure([sys.executable, "-c", script, str(source), str(target)], target.parent)


def _require_equal(folder: Path) -> None:
    """Stop when a contender wrote other texts: rows, and characters of all columns together."""
    told = {name: _content(folder / f"{name}.parquet", LAYOUT) for name in PEERS}
    told[LAKEWARD] = _content(folder / f"{LAKEWARD}.parquet", COLUMNS)
    if len(set(told.values())) > 1:
        raise RuntimeError(f"The contenders do not agree, so there is nothing to compare: {told}")


def _content(parquet: Path, columns: Sequence[str]) -> tuple[int, ...]:
    characters = " + ".join(f'coalesce(sum(length("{name}")), 0)' for name in columns)
    row = duckdb.connect().sql(f"select count(*), {characters} from '{parquet}'").fetchone()
    return tuple(int(value) for value in row or ())


def _line(name: str, runs: Sequence[Measured], size: int, parquet: Path) -> str:
    cpu, median = [run.cpu_seconds for run in runs], medians(runs)
    cells = (
        name,
        str(len(runs)),
        f"{median.cpu_seconds:.1f} ({min(cpu):.1f}-{max(cpu):.1f})",
        f"{median.wall_seconds:.1f}",
        f"{size / 1e6 / median.wall_seconds:,.0f}",
        f"{median.peak_bytes / 1e6:,.0f}",
        f"{size / parquet.stat().st_size:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS, help="records of the monthly file")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs")
    parser.add_argument("--large-rows", type=int, default=0, help="also land a file of so many; 9 million are 10 GB")
    parser.add_argument("--memory", default="2GB", help="the budget of the large run")
    chosen = parser.parse_args()
    parts: list[Callable[[Path], str]] = [partial(nppes_text, rows=chosen.rows, rounds=chosen.rounds)]
    if chosen.large_rows:
        parts.append(partial(large_text, rows=chosen.large_rows, memory=chosen.memory))
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="lakeward-benchmark-") as folder:
            print(part(Path(folder)), flush=True)


if __name__ == "__main__":
    main()
