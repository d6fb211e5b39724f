"""Claims from the CMS files to five marts: Lakeward, the document's recipe and pandas with pyarrow, in turn.

Lakeward's run lands all columns, builds and tests the whole star, publishes, reads its files again and commits. The
recipe stages with dlt and makes a small star; the straight script reads the columns it needs and writes marts only. All
three must come to the same totals, or the comparison stops. The growth from 1 to 20 samples is on made-up files.

Usage: python -m benchmarks.claims [--rounds 3] [--samples 1,5,20] [--memory 1GB]
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import Measured, in_turn, measure, medians
from lakeward.sample.claims import generate_claims

REPOSITORY = Path(__file__).resolve().parents[1]
MEMORY = "1GB"
GROWTH = (1, 5, 20)
PEERS = {"document's recipe (dlt, DuckDB, pandas)": "claims_recipe", "pandas + pyarrow, marts only": "claims_straight"}
LAKEWARD = "Lakeward"
HEADER = "| contender | n | CPU s (least-most) | wall s | peak MB |\n|---|---:|---:|---:|---:|"
GROWTH_HEADER = "| samples | claim rows | contender | CPU s | wall s | peak MB |\n|---:|---:|---|---:|---:|---:|"
TOTALS = """
    select
        (select count(*) from mart_claims_abc) as abc_rows,
        (select count(*) from mart_claims_abc where abc_class = 'A') as abc_a,
        (select count(*) from mart_claims_abc where abc_class = 'N') as abc_n,
        (select count(*) from mart_claims_retention) as retention_rows,
        (select count(*) from mart_claims_retention where outcome = 'lapsed') as lapsed,
        (select count(*) from mart_claims_retention where outcome = 'retained') as retained,
        (select sum(paid_amount_usd) from mart_claims_revenue) as paid_usd,
        (select sum(member_months) from mart_claims_revenue) as member_months,
        (select count(*) from mart_claims_drg) as drg_rows,
        (select sum(claim_count) from mart_claims_drg) as claims,
        (select sum(case_mix_weight) from mart_claims_drg) as case_mix_weight,
        (select count(*) from mart_claims_readmission) as stays,
        (select count(*) from mart_claims_readmission where is_index) as index_stays,
        (select count(*) from mart_claims_readmission where is_readmission_30_days) as readmissions
"""
TOLERANCE = 1e-6


def claims_text(folder: Path, rounds: int, samples: Sequence[int] = GROWTH, memory: str = MEMORY) -> str:
    """Run both comparisons and return them as a Markdown section."""
    real = Path(os.environ.get("LAKEWARD_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
    one = folder / "sample-1"
    if not (real / "claims").exists():
        return f"Not run: no real files at {real}; set LAKEWARD_REAL_DATA to a folder that holds them.\n"
    what = link_real(real, one)
    found = compare(one, folder / "runs", rounds, memory)
    lines = [f"{what}, Lakeward within `--memory {memory}`. The totals of the marts agree.", "", HEADER]
    lines += [_line(name, runs) for name, runs in found.items()]
    if samples:
        lines += ["", f"Growth on made-up samples of full size, once each, Lakeward within `--memory {memory}`:"]
        lines += ["", GROWTH_HEADER]
    for count in samples:
        source = folder / "made-up"
        shutil.rmtree(source, ignore_errors=True)
        rows = generate_samples(source, real, count)
        for name, runs in compare(source, folder / "runs", 1, memory).items():
            lines.append(f"| {count} | {rows:,} | {_figures(name, runs)} |")
    return "\n".join(lines) + "\n"


def link_real(real: Path, folder: Path) -> str:
    """Link the real Sample 1, the code sets and the county crosswalk into a folder."""
    link_code_sets(real, folder)
    for path in (real / "claims").glob("*_Sample_1.*"):
        (folder / "claims" / path.name).symlink_to(path.resolve())
    return "The real Sample 1 (66,773 rows)"


def link_code_sets(real: Path, folder: Path) -> None:
    """Link the DRG table, the ICD-9 descriptions and the county crosswalk into a folder."""
    (folder / "claims").mkdir(parents=True)
    (folder / "geography").mkdir()
    for path in (real / "claims").iterdir():
        if "_Sample_" not in path.name:
            (folder / "claims" / path.name).symlink_to(path.resolve())
    crosswalk = real / "geo" / "ssa_fips_county_crosswalk.csv"
    (folder / "geography" / crosswalk.name).symlink_to(crosswalk.resolve())


def generate_samples(folder: Path, real: Path, samples: int) -> int:
    """Write made-up samples of full size with the real code sets beside them; return the number of claim rows."""
    link_code_sets(real, folder)
    return generate_claims(folder / "claims", samples).claim_rows


def compare(source: Path, folder: Path, rounds: int, memory: str) -> dict[str, list[Measured]]:
    """Run all contenders in turn over one folder of files and check that they agree.

    Raises:
        RuntimeError: a contender failed, or its totals are not those of Lakeward.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    contenders: dict[str, Callable[[], Measured]] = {LAKEWARD: partial(run_lakeward, source, folder, memory)}
    contenders |= {name: partial(run_peer, module, source, folder) for name, module in PEERS.items()}
    found = in_turn(contenders, rounds)
    expected = _lake_totals(folder / "lake")
    for name in PEERS:
        _require_equal(name, expected, _peer_totals(json.loads(found[name][-1].output.splitlines()[-1])))
    return found


def run_lakeward(source: Path, folder: Path, memory: str) -> Measured:
    """Run the claims domain into a new lake."""
    shutil.rmtree(folder / "lake", ignore_errors=True)
    config = folder / "lakeward.yaml"
    config.write_text(
        f"lake: {folder / 'lake'}\nsources:\n"
        f"  synpuf: [{{path: '{source / 'claims'}'}}]\n  geography: {{path: '{source / 'geography'}'}}\n"
    )
    command = ["lakeward", "--quiet", "run", "claims", "--config", str(config), "--memory", memory, "--json"]
    return measure([sys.executable, "-m", *command], folder)


def run_peer(module: str, source: Path, folder: Path) -> Measured:
    """Run a peer into a new folder."""
    target = folder / module
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.{module}", str(source / "claims"), str(target)]
    return measure(command, REPOSITORY)


def _lake_totals(lake: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "lakeward", "--quiet", "query", TOTALS, "--lake", str(lake), "--format", "json"]
    (row,) = json.loads(measure(command, lake.parent).output)
    return {name: float(value) for name, value in row.items()}


def _peer_totals(totals: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    names = {
        "abc": {"rows": "abc_rows", "A": "abc_a", "N": "abc_n"},
        "retention": {"rows": "retention_rows", "lapsed": "lapsed", "retained": "retained"},
        "revenue": {"paid_usd": "paid_usd", "member_months": "member_months"},
        "drg": {"rows": "drg_rows", "claim_count": "claims", "case_mix_weight": "case_mix_weight"},
        "readmission": {"rows": "stays", "is_index": "index_stays", "is_readmission_30_days": "readmissions"},
    }
    return {ours: totals[mart].get(theirs, 0) for mart, pairs in names.items() for theirs, ours in pairs.items()}


def _require_equal(name: str, expected: Mapping[str, float], found: Mapping[str, float]) -> None:
    other = [key for key, value in expected.items() if abs(value - found[key]) > TOLERANCE * max(1.0, abs(value))]
    if other:
        told = "; ".join(f"{key}: Lakeward {expected[key]:,.3f}, {name} {found[key]:,.3f}" for key in other)
        raise RuntimeError(f"The contenders do not agree, so there is nothing to compare. {told}")


def _line(name: str, runs: Sequence[Measured]) -> str:
    cpu = [run.cpu_seconds for run in runs]
    median = medians(runs)
    cells = (f"{median.cpu_seconds:.1f} ({min(cpu):.1f}-{max(cpu):.1f})", f"{median.wall_seconds:.1f}")
    return f"| {name} | {len(runs)} | {' | '.join(cells)} | {median.peak_bytes / 1e6:,.0f} |"


def _figures(name: str, runs: Sequence[Measured]) -> str:
    median = medians(runs)
    return f"{name} | {median.cpu_seconds:.1f} | {median.wall_seconds:.1f} | {median.peak_bytes / 1e6:,.0f}"


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs")
    parser.add_argument("--samples", default=",".join(map(str, GROWTH)), help="how many made-up samples, by commas")
    parser.add_argument("--memory", default=MEMORY)
    chosen = parser.parse_args()
    samples = [int(count) for count in chosen.samples.split(",") if count]
    with tempfile.TemporaryDirectory(prefix="lakeward-benchmark-") as folder:
        print(claims_text(Path(folder), chosen.rounds, samples, chosen.memory))


if __name__ == "__main__":
    main()
