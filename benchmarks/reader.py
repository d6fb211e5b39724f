"""Price-file readers compared: Lakeward, cms-mrf-extractor and an ijson script, in turn, each a process of its own.

Every reader writes Parquet. Lakeward and the ijson script write the same normalised facts; the extractor writes nested
arrays and checks nothing. CPU is user and system time of the whole process with its children; on a shared machine it is
the number to compare, and only between runs that were made in turn.

Usage: python -m benchmarks.reader [--scale 1.0] [--rounds 3] [--readers lakeward,cms-mrf-extractor,ijson] [FILE ...]
Without files it generates shape A (many prices a group) and shape B (many groups), 1 GB of JSON each at scale 1.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.measure import Measured, in_turn, measure, medians
from lakeward.sample.rate_file import generate_rate_file

REPOSITORY = Path(__file__).resolve().parents[1]
GROWTH = 4
"""How much larger the files are that show how memory grows."""
HEADER = ("file", "reader", "n", "CPU s (least-most)", "wall s", "peak MB")
_LAKEWARD = """
import pathlib, sys
from lakeward.sources import mrf
from lakeward.sources.landing import Landing
with Landing(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), "0" * 64) as landing:
    mrf.extract(landing.path, landing)
"""
_EXTRACTOR = """
import os, pathlib, sys
from cms_mrf_extractor import run
source = pathlib.Path(sys.argv[2]) / "source"
source.mkdir()
os.symlink(os.path.abspath(sys.argv[1]), source / os.path.basename(sys.argv[1]))
counts = run(str(source), output=str(pathlib.Path(sys.argv[2]) / "out"), rows_per_file=50_000, progress=False)
if not counts:
    sys.exit("nothing was extracted")
"""
READERS: dict[str, list[str]] = {
    "lakeward": ["-c", _LAKEWARD],
    "cms-mrf-extractor": ["-c", _EXTRACTOR],
    "ijson": [str(Path(__file__).with_name("reader_ijson.py"))],
}


@dataclass(frozen=True)
class Row:
    """The median of some runs of one reader on one file, and the range of its CPU seconds."""

    file: str
    reader: str
    rounds: int
    median: Measured
    cpu_least: float
    cpu_most: float

    def cells(self) -> tuple[str, ...]:
        """Return the row as text: file, reader, n, CPU seconds with range, wall seconds, peak megabytes."""
        cpu = f"{self.median.cpu_seconds:.2f} ({self.cpu_least:.2f}-{self.cpu_most:.2f})"
        figures = (cpu, f"{self.median.wall_seconds:.2f}", f"{self.median.peak_bytes / 1e6:.0f}")
        return (self.file, self.reader, str(self.rounds), *figures)


def generate(shape: str, folder: Path, scale: float = 1.0) -> Path:
    """Write a price file of a shape, about 1 GB of JSON at scale 1, the same bytes every time.

    Args:
        shape: ``a``, 4.15 M prices of 12,000 groups of 18 NPIs; ``b``, 3.2 M prices and 2.27 M groups of 4 NPIs.
        folder: takes the file.
        scale: factor for the size; the groups of shape A stay 12,000.
    """
    path = folder / f"{shape}_{scale:g}.json.gz"
    if not path.exists():
        unfinished = path.with_name("unfinished_" + path.name)
        if shape == "a":
            generate_rate_file(unfinished, prices=int(4_150_000 * scale), groups=12_000, npis_per_group=18)
        else:
            groups = int(2_270_000 * scale)
            generate_rate_file(unfinished, prices=int(3_200_000 * scale), groups=groups, npis_per_group=4)
        unfinished.replace(path)
    return path


def run(reader: str, path: Path) -> Measured:
    """Read a file with one reader into a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        return measure([sys.executable, *READERS[reader], str(path.resolve()), folder], Path(folder))


def compare(path: Path, rounds: int = 3, readers: Sequence[str] = tuple(READERS)) -> list[Row]:
    """Run the readers in turn on a file and return the medians."""
    found = in_turn({reader: partial(run, reader, path) for reader in readers}, rounds)
    rows = []
    for reader, runs in found.items():
        cpu = [each.cpu_seconds for each in runs]
        rows.append(Row(path.name, reader, len(runs), medians(runs), min(cpu), max(cpu)))
    return rows


def reader_text(folder: Path, scale: float, rounds: int) -> str:
    """Compare the readers on both shapes, and on the real Evry files where they are; return a Markdown table."""
    real = Path(os.environ.get("LAKEWARD_REAL_DATA", REPOSITORY.parent / "shared" / "data")) / "mrf"
    files = [generate(shape, folder, scale) for shape in ("a", "b")]
    compared = _text([*files, *sorted(real.glob("*_Evry-Health_in-network-rates.json.gz"))], rounds, tuple(READERS))
    larger = [generate(shape, folder, scale * GROWTH) for shape in ("a", "b")]
    grown = _text(larger, 1, ("lakeward",))
    return f"{compared}\n\nThe same shapes, {GROWTH} times as large, read by Lakeward:\n\n{grown}"


def _text(files: Sequence[Path], rounds: int, readers: Sequence[str]) -> str:
    """Return a Markdown table of the readers compared on each file."""
    rows = [row.cells() for path in files for row in compare(path, rounds, readers)]
    return "\n".join(["| " + " | ".join(cells) + " |" for cells in (HEADER, ("---",) * len(HEADER), *rows)])


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--readers", default=",".join(READERS))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = chosen.files or [generate(shape, Path(folder), chosen.scale) for shape in ("a", "b")]
        print(_text(files, chosen.rounds, chosen.readers.split(",")))


if __name__ == "__main__":
    main()
