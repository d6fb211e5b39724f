"""Arrow columns over NumPy numbers and joined text, without a Python object a value.

``pa.array`` and ``pa.scalar`` are avoided on purpose: where pandas is installed they import it, which takes longer than
a small price file does.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

Numbers = np.ndarray[Any, Any]
_LARGEST_OFFSET = (1 << 31) - 1


def number_array(values: Numbers, missing: Numbers | None = None) -> pa.Array:
    """Return whole or floating numbers as they are; null where ``missing`` is true."""
    values = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [_validity(missing), pa.py_buffer(values)])


def text_array(values: Sequence[str | None]) -> pa.Array:
    """Return texts; null where one is ``None``."""
    encoded = [b"" if value is None else value.encode("utf-8") for value in values]
    missing = np.fromiter((value is None for value in values), bool, len(values))
    return string_array(b"".join(encoded), np.cumsum(_lengths(encoded)), missing)


def repeated_text(text: str, count: int) -> pa.Array:
    """Return one text many times."""
    content = text.encode("utf-8")
    return string_array(content * count, np.arange(1, count + 1) * len(content))


def string_array(content: bytes, ends: Numbers, missing: Numbers | None = None) -> pa.Array:
    """Return the texts in ``content`` that end at ``ends``."""
    buffers = [_validity(missing), _offsets(ends), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.string(), len(ends), buffers)


def binary_array(values: Sequence[Any]) -> pa.Array:
    """Return bytes, or raw JSON, as one array."""
    ends = np.cumsum(_lengths(values))
    content = pa.py_buffer(b"".join(values))
    if len(content) <= _LARGEST_OFFSET:
        return pa.Array.from_buffers(pa.binary(), len(values), [None, _offsets(ends), content])
    offsets = pa.py_buffer(np.append(0, ends))
    return pa.Array.from_buffers(pa.large_binary(), len(values), [None, offsets, content])


def list_array(values: pa.Array, counts: Numbers, missing: Numbers | None = None) -> pa.Array:
    """Return lists that hold ``counts`` of the values each; null where ``missing`` is true."""
    buffers = [_validity(missing), _offsets(np.cumsum(counts))]
    return pa.Array.from_buffers(pa.list_(values.type), len(counts), buffers, children=[values])


def text_lists(values: Sequence[Sequence[str | None] | None]) -> pa.Array:
    """Return lists of texts; null where one is ``None``."""
    flat = [text for texts in values for text in texts or ()]
    counts = np.fromiter((len(texts or ()) for texts in values), np.int64, len(values))
    return list_array(text_array(flat), counts, np.fromiter((texts is None for texts in values), bool, len(values)))


def numbers_of(array: pa.Array) -> Numbers:
    """Return the floating numbers of an array as they are; what stands for nulls means nothing."""
    return np.frombuffer(array.buffers()[1], np.float64, len(array))


def whole_numbers_of(array: pa.Array) -> Numbers:
    """Return the whole numbers of an array as they are; what stands for nulls means nothing."""
    return np.frombuffer(array.buffers()[1], np.int64, len(array))


def missing_of(array: pa.Array) -> Numbers | None:
    """Return which values of an array that starts at its buffers are null; ``None`` when none is."""
    if not array.null_count:
        return None
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    missing: Numbers = np.unpackbits(bits, count=len(array), bitorder="little") == 0
    return missing


def indices_of(encoded: pa.DictionaryArray) -> Numbers:
    """Return the indices of a dictionary array as they are; what stands for nulls means nothing."""
    return np.frombuffer(encoded.indices.buffers()[1], np.int32, len(encoded))


def _lengths(values: Iterable[Any]) -> Numbers:
    return np.fromiter(map(len, values), np.int64)


def _offsets(ends: Numbers) -> pa.Buffer:
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends
    return pa.py_buffer(offsets)


def _validity(missing: Numbers | None) -> pa.Buffer | None:
    if missing is None or not missing.any():
        return None
    return pa.py_buffer(np.packbits(~missing, bitorder="little"))
