"""The text of many prices, cut at every rate.

In: joined ``negotiated_prices`` arrays and the text of the rate's key. Out: the rates as numbers with their exact sum,
and the distinct texts that stand between two rates. Everything is Arrow arrays over the one text.
"""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.sources.mrf.columns import Numbers, indices_of, numbers_of

NUMBER_WIDTHS = (12, 32)
"""How much text is looked at for the end of a number: enough for most, then enough for any printed float."""
LONGEST_EXACT_DIGITS = 15
CENT_PARTS = 10_000
LARGEST_PARTS = 1e13
_IN_NUMBER = np.zeros(256, bool)
_IN_NUMBER[list(b"0123456789+-.eE")] = True


class PriceCut:
    """Joined prices cut at each rate: rate, what follows it, rate, and so on.

    Args:
        text: prices between two edges, which are prices too, and blanks as wide as a number may be.
        key: the key of the rate with its colon and the white space around it.
    """

    def __init__(self, text: bytes, key: bytes) -> None:
        self._text = text
        piece_lengths = np.fromiter(map(len, text.split(key)), np.int64)
        self._starts = np.cumsum(piece_lengths[:-1]) + len(key) * np.arange(1, len(piece_lengths))
        self.lengths = self._lengths(NUMBER_WIDTHS[0])
        if not self.lengths.all():
            self.lengths = self._lengths(NUMBER_WIDTHS[1])
        self._offsets = np.empty(2 * len(self._starts), np.int32)
        self._offsets[0::2] = self._starts
        self._offsets[1::2] = self._starts + self.lengths

    def _lengths(self, width: int) -> Numbers:
        """Return how long each number is; 0 where there is none, or one that is wider than looked at."""
        windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(self._text, np.uint8), width)
        is_inside = _IN_NUMBER[windows[self._starts]]
        return np.where(is_inside[:, -1], 0, is_inside.argmin(axis=1))

    def rates(self) -> tuple[Numbers, Decimal]:
        """Return the rates but for the two at the edges, infinite where out of range, and their exact sum."""
        return _amounts(self._shown(pa.string(), 0b01010101), self.lengths[1:-1])

    def templates(self) -> tuple[list[bytes], Numbers]:
        """Return the distinct texts that follow a rate, and for each rate but the last which it is."""
        encoded = self._shown(pa.binary(), 0b10101010).dictionary_encode()
        return encoded.dictionary.to_pylist(), indices_of(encoded)[1::2]

    def _shown(self, kind: pa.DataType, every_other: int) -> pa.Array:
        count = len(self._offsets) - 1
        mask = pa.py_buffer(bytes([every_other]) * (count // 8 + 1))
        return pa.Array.from_buffers(kind, count, [mask, pa.py_buffer(self._offsets), pa.py_buffer(self._text)])


def _amounts(texts: pa.Array, lengths: Numbers) -> tuple[Numbers, Decimal]:
    rates = numbers_of(pc.cast(texts, pa.float64()))[2:-2:2]
    parts = np.rint(rates * CENT_PARTS)
    is_whole = (np.abs(parts) < LARGEST_PARTS) & (lengths <= LONGEST_EXACT_DIGITS) & (parts / CENT_PARTS == rates)
    total = Decimal(int(parts[is_whole].astype(np.int64).sum())) / CENT_PARTS
    for position in np.flatnonzero(~is_whole):
        total += Decimal(texts[int(2 * position + 2)].as_py())
    return rates, total
