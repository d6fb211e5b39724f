"""Price files for benchmarks: exact in every number that is asked for, streaming, and safe to ask wrongly."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeward.errors import UsageError
from lakeward.sample import generate_rate_file

Document = dict[str, Any]
Reader = Callable[[Path], Document]
SHAPES: dict[str, dict[str, Any]] = {
    "references": {"prices": 1001, "groups": 30, "codes": 7},
    "many-groups-a-rate": {"prices": 90, "groups": 500, "codes": 5, "groups_per_rate": 20, "prices_per_rate": 3},
    "inline": {"prices": 60, "groups": 40, "codes": 4, "inline": True, "groups_per_rate": 2},
    "inline-fewer-uses-than-groups": {"prices": 4, "groups": 40, "codes": 4, "inline": True},
    "fewer-rates-than-codes": {"prices": 3, "groups": 2, "codes": 100},
    "one-price": {"prices": 1, "groups": 1, "codes": 1, "npis_per_group": 1},
}


@pytest.mark.parametrize("ending", ["json", "json.gz", "zip"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_numbers_are_those_asked_for(
    tmp_path: Path, read_price_file: Reader, shape: dict[str, Any], ending: str
) -> None:
    path = tmp_path / f"rates.{ending}"
    counts = generate_rate_file(path, **shape)
    document = read_price_file(path)
    rates = [rate for item in document["in_network"] for rate in item["negotiated_rates"]]
    key = "provider_groups" if shape.get("inline") else "provider_references"
    assert counts.prices == shape["prices"] == sum(len(rate["negotiated_prices"]) for rate in rates)
    assert counts.rates == len(rates)
    assert counts.items == len(document["in_network"]) == min(shape["codes"], len(rates))
    groups = [rate[key] for rate in rates] if shape.get("inline") else [document["provider_references"]]
    assert counts.groups == len({repr(group) for listed in groups for group in listed})
    assert counts.group_uses == sum(len(rate[key]) for rate in rates)
    assert ("provider_references" in document) == (not shape.get("inline"))


def test_groups_are_distinct_and_as_large_as_asked(tmp_path: Path, read_price_file: Reader) -> None:
    generate_rate_file(tmp_path / "rates.json", prices=10, groups=2_000, npis_per_group=5)
    groups = [
        reference["provider_groups"] for reference in read_price_file(tmp_path / "rates.json")["provider_references"]
    ]
    assert len({repr(group) for group in groups}) == 2_000
    assert {len(set(group[0]["npi"])) for group in groups} == {5}


def test_no_two_prices_of_a_rate_are_the_same(tmp_path: Path, read_price_file: Reader) -> None:
    generate_rate_file(tmp_path / "rates.json", prices=800, groups=3, prices_per_rate=8, codes=2)
    for item in read_price_file(tmp_path / "rates.json")["in_network"]:
        for rate in item["negotiated_rates"]:
            assert len({repr(price) for price in rate["negotiated_prices"]}) == 8


def test_the_same_call_writes_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("a.json.gz", "b.json.gz"):
        counts = generate_rate_file(tmp_path / name, prices=20_000, groups=50, codes=20)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    assert 200 < counts.json_bytes / counts.prices < 280


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    code = (
        "import resource, sys, pathlib; from lakeward.sample import generate_rate_file\n"
        "generate_rate_file(pathlib.Path(sys.argv[1]), prices=int(sys.argv[2]), groups=1000)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    small, large = (
        int(subprocess.check_output([sys.executable, "-c", code, str(tmp_path / "rates.json"), str(prices)]))
        for prices in (10_000, 400_000)
    )
    unit = 1 if sys.platform == "darwin" else 1024
    assert (large - small) * unit < 12_000_000
    assert (tmp_path / "rates.json").stat().st_size > 80_000_000


@pytest.mark.parametrize(
    "wrong",
    [{"prices": 0}, {"groups": 0}, {"codes": 3_701}, {"groups_per_rate": 11}, {"npis_per_group": 0}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_impossible_shapes_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="needs numbers from 1 up"):
        generate_rate_file(tmp_path / "rates.json", **{"prices": 10, "groups": 10} | wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakeward.sample.rate_file._price", lambda ordinal: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        generate_rate_file(tmp_path / "rates.json.gz", prices=10, groups=10)
    assert list(tmp_path.iterdir()) == []
