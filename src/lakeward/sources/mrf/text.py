"""Text of JSON values as published: one at a time, and plain values many at a time.

In: raw JSON. Out: text. A number stays the text it was published as (``690.64470``), a string loses its quotes, null is
``None``, and anything else is its own JSON.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from lakeward.sources.mrf.columns import Numbers, list_array, string_array, text_array, text_lists

NULL = b"null"
_decode_text = msgspec.json.Decoder(str).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_SPACE_OUTSIDE = re.compile(rb"[ \t\r\n]+(?=[\[\],])|(?<=[\[\],])[ \t\r\n]+")
_SPACES = (b" ", b"\n", b"\r", b"\t")
_NUMBER_CHARACTERS = b"0123456789.-+eE"
_QUOTE, _CLOSE, _COMMA = b'"', b"]"[0], b","[0]


def text_of(raw: Any) -> str | None:
    """Return the text of one value; ``None`` when it is absent (empty) or null."""
    if not raw:
        return None
    json = bytes(raw)
    if json == NULL:
        return None
    return _decode_text(json) if json.startswith(_QUOTE) else json.decode("utf-8")


def texts_of(raw: Any) -> list[str | None] | None:
    """Return the texts of a list; a lone value is a list of one, and ``None`` stands for an absent or null list."""
    if not raw:
        return None
    json = bytes(raw)
    if json == NULL:
        return None
    return [text_of(value) for value in _decode_list(json)] if json.startswith(b"[") else [text_of(raw)]


def or_null(raws: Sequence[Any]) -> list[Any]:
    """Return raw values with null for those that are absent."""
    return [raw or NULL for raw in raws]


def has_space(json: bytes) -> bool:
    """Tell whether there is white space anywhere, in strings too."""
    return any(space in json for space in _SPACES)


def scalar_texts(raws: Sequence[Any]) -> pa.Array:
    """Return the texts of many values as one array, absent (empty) and null as null."""
    joined = b"\n".join(raws)
    if len(joined) < len(raws) or not raws:
        return pa.nulls(len(raws), pa.string())
    if not joined.translate(None, _NUMBER_CHARACTERS + b"\n") and all(raws):
        return _split_lines(joined)
    # A string without escapes has two quotes, any other value none: with twice the count, all are such strings.
    if b"\\" not in joined and joined.count(_QUOTE) == 2 * len(raws):
        return _split_lines(joined.translate(None, _QUOTE))
    return text_array([text_of(raw) for raw in raws])


def _split_lines(joined: bytes) -> pa.Array:
    """Split at line ends, which JSON strings cannot hold as they are."""
    ends = np.append(np.flatnonzero(np.frombuffer(joined, np.uint8) == 10), len(joined))
    return string_array(joined.replace(b"\n", b""), ends - np.arange(len(ends)))


def list_texts(raws: Sequence[Any]) -> pa.Array:
    """Return the texts of many lists of plain values as one array of lists.

    Lists of numbers, and of strings of digits, are split together; any other lists are decoded one by one. Absent
    (empty) and null lists are null.
    """
    flat = _flat_digits(b"".join(raws))
    if flat is None or len(flat[2]) != len(raws):
        return text_lists([texts_of(raw) for raw in raws])
    content, ends, counts = flat
    return list_array(string_array(content, ends), counts)


def _flat_digits(joined: bytes) -> tuple[bytes, Numbers, Numbers] | None:
    """Return the elements of joined lists as text, their ends, and counts a list; ``None`` when they are not plain."""
    if has_space(joined):
        joined = _SPACE_OUTSIDE.sub(b"", joined)
    if joined.translate(None, _NUMBER_CHARACTERS + b'[],"') or b'""' in joined:
        return None
    marked = joined.translate(None, b'"[')
    codes = np.frombuffer(marked, np.uint8)
    marks = np.flatnonzero((codes == _COMMA) | (codes == _CLOSE))
    closes = codes[marks] == _CLOSE
    list_count = int(closes.sum())
    if not list_count or joined.count(b"[") != list_count or codes[-1] != _CLOSE:
        return None
    ends = marks - np.arange(len(marks))
    is_element = np.diff(ends, prepend=0) > 0
    # All are strings or none is; with other counts of quotes some are not, or a comma stands inside one.
    if joined.count(_QUOTE) not in (0, 2 * int(is_element.sum())):
        return None
    list_of = np.cumsum(closes) - closes
    counts = np.bincount(list_of[is_element], minlength=list_count)
    return marked.translate(None, b",]"), ends[is_element], counts
