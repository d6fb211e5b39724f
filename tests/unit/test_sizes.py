"""Sizes as people write them."""

import pytest

from lakeward.sizes import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("1GB", 10**9), ("1.5 GB", 1_500_000_000), ("512MB", 512_000_000), ("2GiB", 2**31), (1024, 1024), ("1kb", 1000)],
)
def test_sizes_are_read(text: object, size_bytes: int) -> None:
    assert parse_size(text) == size_bytes


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1 parsec", "0", None, True])
def test_other_text_is_no_size(text: object) -> None:
    with pytest.raises(ValueError, match="size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(999, "999 B"), (1000, "1.0 kB"), (1_234_567, "1.2 MB"), (4 * 10**12, "4.0 TB")]
)
def test_sizes_are_written(size_bytes: int, text: str) -> None:
    assert format_size(size_bytes) == text
