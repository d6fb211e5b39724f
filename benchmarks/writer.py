"""Partition writers compared: Lakeward, DuckDB's ``PARTITION_BY`` and Polars' partitioned sink, in turn.

In: a generated wide table in no order, as one Parquet file. Out: the compact layout of it, sorted, by each writer in a
process of its own. Lakeward's run includes what the others do not do: reading every file again and comparing rows, keys
and money, content-derived names, and the commit.

Usage: python -m benchmarks.writer [--scale 1.0] [--rounds 3]
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.measure import Measured, in_turn, measure, medians
from lakeward.publish.layout import COMPACT

ROWS = 3_000_000
MEMORY_BYTES = 2_000_000_000
HEADER = ("writer", "n", "CPU s", "wall s", "rows a second", "peak MB", "files", "MB")
REPEATED_TEXTS, NUMBERS = 40, 15
FACTS = """
    with numbered as (
        select range as i, hash(range) % 3000 as code, hash(range, 1) % 12000 as member from range({rows})
    )
    select
        md5(i::varchar) as fact_uid, 'example.ga.2025-08' as release_id, 'example' as payer_slug, 'GA' as state,
        case when hash(i, 2) % 10 < 7 then 'professional' else 'institutional' end as billing_class,
        '2025-08' as year_month, '2025' as year, '08' as month, lpad(code::varchar, 5, '0') as code,
        case when code % 9 = 0 then null else 'Set ' || code // 400 end as procedure_set,
        case when code % 9 = 0 then null else 'Class ' || code // 50 end as procedure_class,
        '207' || member % 70 || 'X' as primary_taxonomy_code,
        case when member % 5 = 0 then null else 'Area ' || member % 16 || ', GA' end as stat_area_name,
        md5(member::varchar) as pg_uid, round((hash(i, 3) % 1000000) / 100.0, 2) as negotiated_rate,
        ['01', '02', '11'] as pos_members, {others}
    from numbered
"""

_LAKEWARD = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from lakeward.lake.commit import Lake
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings
source, target, memory = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
manifest = json.loads(source.with_name("manifest.json").read_text())
transaction = Lake.open(str(target / "lake"), StorageSettings()).begin("benchmark")
built = SimpleNamespace(database=source.with_name("build.duckdb"), manifest=manifest)
publish_build(built, transaction, COMPACT, Resources(memory, 2, target / "scratch"))
transaction.commit()
"""
_DUCKDB = """
import sys, duckdb
from lakeward.publish.layout import COMPACT
source, target, memory = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"set memory_limit = '{int(memory) // 2**20}MiB'; set threads = 2")
connection.execute(f"set temp_directory = '{target}/spill'; set max_temp_directory_size = '40GB'")
keys = ", ".join(COMPACT.spec.keys)
order = ", ".join(f"{name} nulls first" for name in (*COMPACT.spec.keys, *COMPACT.sort, "fact_uid"))
connection.execute(
    f"copy (select * from '{source}' order by {order}) to '{target}/table' "
    f"(format parquet, compression zstd, row_group_size 122880, partition_by ({keys}))"
)
"""
_POLARS = """
import sys, polars as pl
from lakeward.publish.layout import COMPACT
source, target, _ = sys.argv[1:]
rows = pl.scan_parquet(source).sort([*COMPACT.spec.keys, *COMPACT.sort, "fact_uid"], maintain_order=True)
parts = pl.PartitionBy(f"{target}/table", key=list(COMPACT.spec.keys), include_key=False)
rows.sink_parquet(parts, compression="zstd", row_group_size=122_880, mkdir=True)
"""
WRITERS = {"lakeward": _LAKEWARD, "duckdb PARTITION_BY": _DUCKDB, "polars partitioned sink": _POLARS}


def generate_table(folder: Path, rows: int) -> Path:
    """Write ``rows`` made-up wide facts as one Parquet file, and a build database with a view of it."""
    texts = (
        f"'attribute {n} value ' || hash(member, {n}) % {50 if n < 30 else 2000} as text_{n}"
        for n in range(REPEATED_TEXTS)
    )
    numbers = (
        f"case when hash(i, {n}) % 3 > 0 then (hash(code, {n}) % 100000) / 100.0 end as number_{n}"
        for n in range(NUMBERS)
    )
    source = folder / "facts.parquet"
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        connection.execute(f"set memory_limit = '2GB'; set temp_directory = '{folder}/spill'")
        select = FACTS.format(rows=rows, others=", ".join([*texts, *numbers]))
        connection.execute(f"copy ({select}) to '{source}' (format parquet, compression zstd)")
        connection.execute(f"create view fact_rate_enriched as select * from '{source}'")
    node = {
        "resource_type": "model",
        "name": "fact_rate_enriched",
        "database": "build",
        "relation_name": '"build"."main"."fact_rate_enriched"',
        "config": {"meta": {"domain": "rates", "zone": "gold", "slice": "release", "key": ["fact_uid"]}},
    }
    (folder / "manifest.json").write_text(json.dumps({"nodes": {"model.lakeward.fact_rate_enriched": node}}))
    return source


def run_writers(folder: Path, rows: int, rounds: int) -> dict[str, list[Measured]]:
    """Generate the table below ``folder`` and run every writer on it, in turn."""
    source = generate_table(folder, rows)
    runs: dict[str, Callable[[], Measured]] = {
        name: partial(_run, script, source, folder / name.split()[0]) for name, script in WRITERS.items()
    }
    return in_turn(runs, rounds)


def writer_text(folder: Path, scale: float, rounds: int) -> str:
    """Run the comparison and return it as a Markdown section."""
    rows = int(ROWS * scale)
    found = run_writers(folder, rows, rounds)
    lines = [
        f"{rows:,} rows of {16 + REPEATED_TEXTS + NUMBERS} columns in no order, to {len(COMPACT.spec.keys)} keys, "
        f"sorted by {', '.join(COMPACT.sort)} and fact_uid; zstd, row groups of 122,880; Lakeward and DuckDB within "
        f"{MEMORY_BYTES / 1e9:.0f} GB, Polars without a limit. Lakeward also reads its files again and compares them.",
        "",
        f"| {' | '.join(HEADER)} |",
        f"|---|{'---:|' * (len(HEADER) - 1)}",
    ]
    return "\n".join([*lines, *(_line(name, runs, rows, folder) for name, runs in found.items())]) + "\n"


def _run(script: str, source: Path, target: Path) -> Measured:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    return measure([sys.executable, "-c", script, str(source), str(target), str(MEMORY_BYTES)], source.parent)


def _line(name: str, runs: list[Measured], rows: int, folder: Path) -> str:
    median = medians(runs)
    files = list((folder / name.split()[0]).rglob("*.parquet"))
    cells = (
        name,
        str(len(runs)),
        f"{median.cpu_seconds:.1f}",
        f"{median.wall_seconds:.1f}",
        f"{rows / median.wall_seconds:,.0f}",
        f"{median.peak_bytes / 1e6:,.0f}",
        f"{len(files):,}",
        f"{sum(file.stat().st_size for file in files) / 1e6:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is 3 million rows")
    parser.add_argument("--rounds", type=int, default=3, help="how often each writer runs")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lakeward-benchmark-") as folder:
        print(writer_text(Path(folder), chosen.scale, chosen.rounds))


if __name__ == "__main__":
    main()
