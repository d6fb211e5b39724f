"""Publishing to a bucket: Lakeward's writer and ``awswrangler.s3.to_parquet`` with partitions, in turn, on Ceph.

In: the wide table of the writers' benchmark. Out: the same rows below the same keys. Lakeward sorts them, reads every
file again, compares rows, keys and money, and commits, within 1 GB; the peer holds the table in memory, and does none
of it unless a row of the result says that it sorts.
"""

import json
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.measure import Measured, in_turn, measure, medians
from benchmarks.object_store import BUCKET, Store
from benchmarks.writer import generate_table
from lakeward.publish.layout import LAYOUTS

ROWS = 1_000_000
MEMORY_BYTES = 1_000_000_000
REPOSITORY = Path(__file__).resolve().parents[1]
WRANGLER = REPOSITORY / "build" / "awswrangler" / "bin" / "python"
DEEP_ROWS = "procedure_set = 'Set 1' and primary_taxonomy_code < '20725X'"
"""So many folders that the deep layout can be told from the compact one, and not so many that it takes an hour."""
HEADER = ("layout", "writer", "n", "CPU s", "wall s", "writing alone s", "peak MB", "files", "MB")
LAKEWARD, PEER, SORTED_PEER = "lakeward", "awswrangler", "awswrangler, sorted as Lakeward"

_LAKEWARD = """
import json, sys, time
from pathlib import Path
from types import SimpleNamespace
from lakeward.lake.commit import Lake
from lakeward.publish.engine import Resources
from lakeward.publish.layout import LAYOUTS
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings
source, target, layout, memory = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
manifest = json.loads(source.with_name("manifest.json").read_text())
started = time.perf_counter()
transaction = Lake.open(target, StorageSettings()).begin("benchmark")
built = SimpleNamespace(database=source.with_name("build.duckdb"), manifest=manifest)
publish_build(built, transaction, LAYOUTS[layout], Resources(memory, 2, source.with_name("scratch")))
transaction.commit()
print(json.dumps({"seconds": time.perf_counter() - started}))
"""


def publish_text(store: Store, folder: Path, scale: float, rounds: int) -> str:
    """Run the comparison for both layouts and return it as Markdown."""
    source = generate_table(folder, int(ROWS * scale))
    lines = [f"| {' | '.join(HEADER)} |", f"|---|---|{'---:|' * (len(HEADER) - 2)}"]
    for layout in LAYOUTS:
        part = source if layout == "compact" else _part_of(source, folder / layout)
        found = in_turn(_contenders(store, part, layout), rounds)
        lines += [_line(layout, name, runs, store) for name, runs in found.items()]
    return "\n".join(lines) + "\n"


def prefix_of(layout: str, name: str) -> str:
    """Return where in the bucket a contender writes."""
    return f"{layout}/{name.replace(', ', '-').replace(' ', '-')}"


def _contenders(store: Store, source: Path, layout: str) -> dict[str, Callable[[], Measured]]:
    chosen = LAYOUTS[layout]
    keys, order = ",".join(chosen.spec.keys), ",".join((*chosen.spec.keys, *chosen.sort, "fact_uid"))
    ours = [sys.executable, "-c", _LAKEWARD, str(source)]
    peer = [str(WRANGLER), "-W", "ignore", str(Path(__file__).with_name("bucket_awswrangler.py")), str(source)]
    return {
        LAKEWARD: partial(_run, store, prefix_of(layout, LAKEWARD), ours, [layout, str(MEMORY_BYTES)]),
        PEER: partial(_run, store, prefix_of(layout, PEER), peer, [keys]),
        SORTED_PEER: partial(_run, store, prefix_of(layout, SORTED_PEER), peer, [keys, order]),
    }


def _run(store: Store, prefix: str, command: list[str], arguments: list[str]) -> Measured:
    store.clear(f"{prefix}/")
    return measure([*command, f"s3://{BUCKET}/{prefix}", *arguments], REPOSITORY)


def _part_of(source: Path, folder: Path) -> Path:
    """Write some rows of a table as a table of its own, with a build database as the whole one has."""
    folder.mkdir()
    part = folder / source.name
    shutil.copy(source.with_name("manifest.json"), folder)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        connection.execute(f"copy (from '{source}' where {DEEP_ROWS}) to '{part}' (format parquet, compression zstd)")
        connection.execute(f"create view fact_rate_enriched as select * from '{part}'")
    return part


def _line(layout: str, name: str, runs: list[Measured], store: Store) -> str:
    median = medians(runs)
    alone = medians_of_writing(runs)
    files = {key: size for key, size in store.stored(f"{prefix_of(layout, name)}/").items() if key.endswith(".parquet")}
    cells = (
        layout,
        name,
        str(len(runs)),
        f"{median.cpu_seconds:.1f}",
        f"{median.wall_seconds:.1f}",
        f"{alone:.1f}",
        f"{median.peak_bytes / 1e6:,.0f}",
        f"{len(files):,}",
        f"{sum(files.values()) / 1e6:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def medians_of_writing(runs: list[Measured]) -> float:
    """Return the median of the seconds that the contenders themselves say they wrote for."""
    seconds = sorted(float(json.loads(run.output.splitlines()[-1])["seconds"]) for run in runs)
    return seconds[len(seconds) // 2]
