"""Sizes as people write and read them: ``4GB`` to bytes, and bytes to ``4.0 GB``."""

import re

UNITS = {
    "": 1, "B": 1,
    "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip


def parse_size(value: object) -> int:
    """Return a size in bytes from a number of bytes or text such as ``4GB``, ``512 MB`` or ``2GiB``.

    Raises:
        ValueError: the text is no size, or the size is not above zero.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", str(value))
    unit = UNITS.get(match[2].upper()) if match else None
    if match is None or unit is None or isinstance(value, bool):
        raise ValueError(f"'{value}' is not a size; write it as 4GB, 512MB or 2GiB")
    size = int(float(match[1]) * unit)
    if size <= 0:
        raise ValueError("a size must be above zero")
    return size


def format_size(size_bytes: float) -> str:
    """Return a size in the largest decimal unit it fills, with one digit after the point."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size_bytes) < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"
