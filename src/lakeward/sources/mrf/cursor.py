"""A cursor over JSON text of any size, held a window at a time.

In: a stream of bytes. Out: keys of objects, values, and batches of array elements, each proven to be whole by the
parser that decodes it. An element that is larger than the window is not read but announced, so that the caller can go
down into it; memory is bounded by the window whatever the size of the file or of one element.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn, TypeVar

import msgspec

from lakeward.errors import SourceUnreadable
from lakeward.sources.mrf.opening import FETCH_AGAIN, JsonBytes
from lakeward.sources.mrf.structure import find_array_ends
from lakeward.sources.mrf.window import WINDOW_BYTES, Window

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb'[^\s,\]}"\[{:]+')
_FIRST_KEY = re.compile(rb'\{[ \t\r\n]*"[^"\\]{1,80}"')
_NO_NUMBER = re.compile(rb'("(?:[^"\\]|\\.)*+")|-?\b(?:NaN|Infinity)\b', re.DOTALL)
_BYTE = re.compile(r"\(byte (\d+)\)")
_RAW_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
Element = TypeVar("Element")


class Cursor(Window):
    """Reads one JSON document from its start to its end.

    Args:
        path: of the file, for messages.
        source: its unpacked bytes.
        window_bytes: how much text is looked at together; larger elements are announced instead of read.
    """

    def __init__(self, path: Path, source: JsonBytes, window_bytes: int = WINDOW_BYTES) -> None:
        super().__init__(path, source, window_bytes)
        self.not_numbers = 0

    def object_keys(self) -> Iterator[str]:
        """Give the keys of the object at the cursor; the caller consumes each value before the next key."""
        self.expect(b"{")
        if self.peek() == b"}":
            self.position += 1
            return
        while True:
            key: str = self._decoded_text(self.token(_STRING, "a key in quotes"))
            self.expect(b":")
            yield key
            if self.another(b"}"):
                if self.peek() != b'"':
                    self.refuse("another key after a comma")
            else:
                return

    def batches(self, decode: Callable[[bytes], list[Element]]) -> Iterator[list[Element] | None]:
        """Give the elements of the array at the cursor, many at a time.

        Args:
            decode: parses the text of a list; raises ``msgspec.DecodeError`` where it is not whole JSON, and
                ``msgspec.ValidationError`` where it is not of the shape that is expected here.

        Yields:
            Decoded elements; or ``None`` when the next element is larger than the window: the cursor stands at it and
            the caller consumes it.
        """
        self.expect(b"[")
        if self.peek() == b"]":
            self.position += 1
            return
        while True:
            self.peek()
            yield self._next_elements(decode)
            if not self.another(b"]"):
                return
            if self.peek() == b"]":
                self.refuse("another element after a comma")

    def value(self) -> msgspec.Raw:
        """Return the value at the cursor, which must be small (64 MiB), as its own text."""
        first = self.peek()
        if first == b'"':
            return msgspec.Raw(self.token(_STRING, "text in quotes"))
        if first in (b"{", b"["):
            return msgspec.Raw(self._container())
        return msgspec.Raw(self._scalar())

    def skip(self) -> None:
        """Consume the value at the cursor, of any size."""
        first = self.peek()
        if first == b"[":
            for batch in self.batches(_RAW_ELEMENTS.decode):
                if batch is None:
                    self.skip()
        elif first == b"{":
            for _ in self.object_keys():
                self.skip()
        else:
            self.value()

    def expect_null(self, name: str) -> None:
        """Consume a null where an array may stand.

        Raises:
            SourceUnreadable: there is another value.
        """
        found = bytes(self.value())
        if found != b"null":
            self.refuse_shape(f"a list in '{name}'", f"{found[:20].decode('ascii', 'backslashreplace')}")

    def finish(self) -> None:
        """Check that nothing but white space follows."""
        if self.peek():
            self.refuse("the end of the file after the root object")

    def _scalar(self) -> bytes:
        while True:
            match = _SCALAR.match(self.buffer, self.position)
            if match and (match.end() < len(self.buffer) or not self.read_more(match.end() - self.position + 1)):
                text = match.group()
                try:
                    msgspec.json.decode(text)
                except msgspec.DecodeError:
                    if not _NO_NUMBER.fullmatch(text):
                        self.refuse("a JSON value")
                    text = b"null"
                    self.not_numbers += 1
                self.position = match.end()
                return text
            if not match:
                self.refuse("a JSON value")

    def _container(self) -> bytes:
        wanted = self.window
        while True:
            ends = find_array_ends(self.buffer, self.position + 1)
            if ends.closing >= 0:
                text = self.buffer[self.position : ends.closing + 1]
                self._checked(_RAW_ELEMENTS.decode, [b"[", text, b"]"])
                self.position = ends.closing + 1
                return text
            wanted = self.grow(wanted)

    def _next_elements(self, decode: Callable[[bytes], list[Element]]) -> list[Element] | None:
        if len(self.buffer) - self.position < self.window:
            self.read_more(self.window)
        return self._guessed_elements(decode) or self._exact_elements(decode)

    def _guessed_elements(self, decode: Callable[[bytes], list[Element]]) -> list[Element] | None:
        """Cut before the last place that looks like the start of an element; the parser proves that it was one."""
        first = _FIRST_KEY.match(self.buffer, self.position)
        if not first:
            return None
        start = self.buffer.rfind(first.group(), first.end())
        comma = self.buffer.rfind(b",", first.end(), max(start, 0))
        if start < 0 or comma < 0 or self.buffer[comma + 1 : start].strip():
            return None
        text = b"".join((b"[", memoryview(self.buffer)[self.position : comma], b"]"))
        try:
            elements = decode(text)
        except msgspec.ValidationError as error:
            self._refuse_elements(error)
        except msgspec.DecodeError:
            return None
        self.check_text(text[1:])
        self.position = comma
        return elements

    def _exact_elements(self, decode: Callable[[bytes], list[Element]]) -> list[Element] | None:
        while True:
            ends = find_array_ends(self.buffer, self.position)
            end = ends.closing if ends.closing >= 0 else ends.last_comma
            if end >= 0:
                elements = self._checked(decode, [b"[", self.buffer[self.position : end], b"]"])
                self.position = end
                return elements
            held = len(self.buffer) - self.position
            if held >= self.window and self.peek() in (b"{", b"["):
                return None
            if not self.read_more(2 * held + 1):
                self.refuse_truncated()

    def _checked(self, decode: Callable[[bytes], list[Element]], parts: list[bytes]) -> list[Element]:
        text = b"".join(parts)
        try:
            elements = decode(text)
        except msgspec.ValidationError as error:
            self._refuse_elements(error)
        except msgspec.DecodeError as error:
            elements = self._decoded_with_nulls(decode, text, error)
        self.check_text(text[1:])
        return elements

    def _decoded_with_nulls(
        self, decode: Callable[[bytes], list[Element]], text: bytes, error: msgspec.DecodeError
    ) -> list[Element]:
        """Read NaN and Infinity, which are not JSON but are published, as null."""
        replaced = sum(1 for match in _NO_NUMBER.finditer(text) if not match.group(1))
        mended = _NO_NUMBER.sub(lambda match: match.group(1) or b"null", text)
        if not replaced:
            self._refuse_elements(error)
        try:
            elements = decode(mended)
        except msgspec.DecodeError:
            self._refuse_elements(error)
        self.not_numbers += replaced
        return elements

    def _refuse_elements(self, error: msgspec.DecodeError) -> NoReturn:
        byte = _BYTE.search(str(error))
        where = self.offset + (int(byte.group(1)) - 1 if byte else 0)
        raise SourceUnreadable(
            self.path,
            f"whole JSON of the CMS schema in {self.place}",
            f"{error} from byte {where:,} of the text",
            FETCH_AGAIN,
        ) from error

    def _decoded_text(self, token: bytes) -> str:
        try:
            return msgspec.json.decode(token, type=str)
        except msgspec.DecodeError as error:
            self._refuse_elements(error)
