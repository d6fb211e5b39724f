"""Chance for whole columns: the same purpose and serial give the same number, however the rows are cut into batches.

In: a purpose and an array of serial numbers. Out: whole numbers from a fixed mixing function (SplitMix64, Steele et al.
2014); no floats and no generator with a state, as in ``chance``, but millions of numbers a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lakeward.sample.chance import draw

Integers = npt.NDArray[np.int64]
Serials = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def draws(purpose: str, serials: Serials) -> Serials:
    """Return a number in [0, 2**64) for each serial, another one for another purpose."""
    mixed = serials * _STEP + np.uint64(draw(purpose))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


def below(limit: int, purpose: str, serials: Serials) -> Integers:
    """Return a number in [0, ``limit``) for each serial."""
    return (draws(purpose, serials) % np.uint64(limit)).astype(np.int64)


def happens(permyriad: int, purpose: str, serials: Serials) -> Mask:
    """Return True in about ``permyriad`` of ten thousand cases."""
    return below(10_000, purpose, serials) < permyriad


@dataclass(frozen=True, slots=True)
class Weighted:
    """Positions 0, 1, 2, … to draw from, each as often as its weight says."""

    bounds: Integers

    @classmethod
    def of(cls, weights: Sequence[int]) -> "Weighted":
        """Return the positions of these weights, whole numbers of any scale."""
        return cls(np.cumsum(np.asarray(weights, dtype=np.int64)))

    def draw(self, purpose: str, serials: Serials) -> Integers:
        """Return a position for each serial."""
        return self.at(below(int(self.bounds[-1]), purpose, serials))

    def at(self, numbers: Integers) -> Integers:
        """Return the positions of numbers in [0, the sum of the weights)."""
        return np.searchsorted(self.bounds, numbers, side="right").astype(np.int64)
