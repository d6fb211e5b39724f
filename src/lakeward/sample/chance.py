"""Chance without state: the same parts give the same number on every machine and Python version.

In: any mix of texts and numbers that name a decision. Out: integers made from a keyed hash; no floats and no
global generator, so that a rate does not depend on what was drawn before it.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Option = TypeVar("Option")


def draw(*parts: str | int) -> int:
    """Return a whole number in [0, 2**64) that depends on the parts alone."""
    text = "|".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def between(low: int, high: int, *parts: str | int) -> int:
    """Return a whole number in [low, high]."""
    return low + draw(*parts) % (high - low + 1)


def pick(options: Sequence[Option], *parts: str | int) -> Option:
    """Return one of the options."""
    return options[draw(*parts) % len(options)]


def happens(percent: int, *parts: str | int) -> bool:
    """Return True in about ``percent`` of a hundred cases."""
    return draw(*parts) % 100 < percent
