"""The whole line: a generated price file in the shape of the original's hardest load, from file to published table.

In: the number of prices and a memory budget. Out: one row a stage with rows, seconds and rows a second, and the peak of
the process tree as measured from outside. The original needed two to four hours for 13.4 million prices.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Measured, measure
from lakeward.sample import generate, generate_rate_file

HARDEST_PRICES = 13_456_820
"""Prices of Aetna Georgia, August 2025, which the original system took two to four hours for."""
PRICES_A_GROUP = 1_835
CODES = 3_696


@dataclass(frozen=True)
class LineResult:
    """One run of the whole line."""

    prices: int
    json_bytes: int
    memory_bytes: int
    measured: Measured
    stages: list[dict[str, float | str]]


def run_line(directory: Path, prices: int = HARDEST_PRICES, memory: str = "2GB") -> LineResult:
    """Generate the inputs below ``directory`` and run the line over them once."""
    generate(directory / "sample", 1)
    name = "2025-08-01_benchmark_in-network-rates.json.gz"
    counts = generate_rate_file(directory / name, prices=prices, groups=prices // PRICES_A_GROUP, codes=CODES)
    config = directory / "lakeward.yaml"
    config.write_text(
        "lake: ./lake\nsources:\n"
        f"  mrf: [{{path: {name}, state: GA}}]\n"
        "  nppes: [{path: sample/nppes/*.csv}]\n"
        "  geography: {path: sample/geography}\n"
        "  medicare: [{path: sample/medicare, year: 2025}]\n"
        "  taxonomy: {path: sample/taxonomy/*.csv}\n"
    )
    command = [
        sys.executable,
        "-m",
        "lakeward",
        "--quiet",
        "run",
        "--config",
        str(config),
        "--memory",
        memory,
        "--json",
    ]
    measured = measure(command, directory)
    record = json.loads(measured.output)
    return LineResult(prices, counts.json_bytes, record["memory_bytes"], measured, record["stages"])


def line_text(result: LineResult) -> str:
    """Return the result as a Markdown section."""
    lines = [
        f"{result.prices:,} prices, {result.json_bytes / 1e9:.2f} GB of JSON, "
        f"`--memory` {result.memory_bytes / 1e9:.1f} GB: "
        f"{result.measured.wall_seconds:,.0f} s in all, {result.measured.cpu_seconds:,.0f} CPU s, "
        f"peak {result.measured.peak_bytes / 1e9:.2f} GB.",
        "",
        "| stage | rows | seconds | rows a second |",
        "|---|---:|---:|---:|",
    ]
    for stage in result.stages:
        lines.append(
            f"| {stage['name']} | {stage['rows']:,} | {stage['seconds']:,.1f} | {stage['rows_per_second']:,} |"
        )
    return "\n".join(lines) + "\n"
