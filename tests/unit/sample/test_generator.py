"""The whole sample: complete, labelled, the same every time, and linear in its scale."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from lakeward.config import load_settings
from lakeward.errors import UsageError
from lakeward.sample import SampleSummary, generate
from lakeward.sample.registry import market_lines
from lakeward.sources.inputs import find_inputs


def _digests(directory: Path) -> dict[str, str]:
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_call_writes_the_same_bytes(sample: SampleSummary, tmp_path: Path) -> None:
    again = generate(tmp_path / "again")
    assert _digests(again.directory) == _digests(sample.directory)
    assert (again.prices, again.planted, again.rows) == (sample.prices, sample.planted, sample.rows)


def test_another_process_and_hash_seed_write_the_same_bytes(sample: SampleSummary, tmp_path: Path) -> None:
    code = "import sys, pathlib; from lakeward.sample import generate; generate(pathlib.Path(sys.argv[1]))"
    environment = {"PYTHONHASHSEED": "4711", "PATH": ""}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "other")], check=True, env=environment)
    assert _digests(tmp_path / "other") == _digests(sample.directory)


def test_nothing_unfinished_is_left(sample: SampleSummary) -> None:
    assert [path.name for path in sample.directory.rglob("*.part")] == []


def test_size_of_the_demo(sample: SampleSummary) -> None:
    assert 60_000 <= sample.prices <= 150_000
    assert sum(path.stat().st_size for path in sample.directory.rglob("*") if path.is_file()) < 20_000_000


def test_planted_defects_stay_well_below_the_limit_of_quarantine(sample: SampleSummary) -> None:
    assert 0.005 < sum(sample.planted.values()) / sample.prices < 0.03


def test_scale_repeats_the_market_with_other_people(sample: SampleSummary, tmp_path: Path) -> None:
    three = generate(tmp_path, scale=3)
    assert three.prices == pytest.approx(3 * sample.prices, rel=0.05)
    assert three.registrations - sample.registrations == sum(1 for _ in market_lines(3, [])) - sum(
        1 for _ in market_lines(1, [])
    )
    assert three.rows["medicare/GPCI2025.csv"] == sample.rows["medicare/GPCI2025.csv"]


@pytest.mark.parametrize("scale", [0, -1])
def test_scale_below_one_is_refused(tmp_path: Path, scale: int) -> None:
    with pytest.raises(UsageError, match=f"from 1 up, not {scale}"):
        generate(tmp_path / "sample", scale)
    assert not (tmp_path / "sample").exists()


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        generate(tmp_path / "taken")


def test_the_configuration_names_every_file(sample: SampleSummary) -> None:
    settings, base = load_settings(sample.directory / "lakeward.yaml")
    inputs = find_inputs(settings.sources, base)
    written = {path for path in sample.directory.rglob("*") if path.is_file()}
    named = {Path(item.location) for item in inputs}
    assert written - named == {sample.directory / "lakeward.yaml", sample.directory / "READ-ME.txt"}
    assert Path(settings.lake) == sample.directory / "lake"
    assert {item.attributes["state"] for item in inputs if item.source == "mrf"} == {"GA", "AL"}


def test_the_read_me_says_that_it_is_made_up(sample: SampleSummary) -> None:
    assert "MADE UP" in (sample.directory / "READ-ME.txt").read_text()
