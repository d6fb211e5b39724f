"""Chance for whole columns: fixed numbers, evenly spread, and independent from purpose to purpose."""

import numpy as np
import pytest

from lakeward.sample.chance import draw
from lakeward.sample.draws import Weighted, below, draws, happens

SERIALS = np.arange(200_000, dtype=np.uint64)


def _mixed(value: int) -> int:
    """SplitMix64's finishing steps in plain integers."""
    mask = (1 << 64) - 1
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & mask
    value = (value ^ value >> 27) * 0x94D049BB133111EB & mask
    return value ^ value >> 31


def test_numbers_are_the_same_everywhere() -> None:
    serials = [0, 1, 1 << 40, (1 << 64) - 1]
    expected = [_mixed((serial * 0x9E3779B97F4A7C15 + draw("month")) % (1 << 64)) for serial in serials]
    assert draws("month", np.array(serials, dtype=np.uint64)).tolist() == expected
    assert expected[0] == 9517625063891776193


def test_a_draw_does_not_depend_on_its_neighbours() -> None:
    assert draws("month", SERIALS)[::7].tolist() == draws("month", SERIALS[::7]).tolist()


@pytest.mark.parametrize("limit", [2, 12, 81, 10_000])
def test_draws_are_even(limit: int) -> None:
    counts = np.bincount(below(limit, "even", SERIALS), minlength=limit)
    expected = len(SERIALS) / limit
    assert len(counts) == limit
    assert abs(counts - expected).max() < 6 * expected**0.5


def test_purposes_are_independent() -> None:
    both = happens(3000, "one", SERIALS) & happens(3000, "other", SERIALS)
    assert both.mean() == pytest.approx(0.09, abs=0.003)


def test_weights_are_kept_and_a_weight_of_none_is_never_drawn() -> None:
    counts = np.bincount(Weighted.of((1, 0, 3, 6)).draw("weights", SERIALS), minlength=4)
    assert counts[1] == 0
    assert (counts / len(SERIALS)).tolist() == pytest.approx([0.1, 0, 0.3, 0.6], abs=0.005)
