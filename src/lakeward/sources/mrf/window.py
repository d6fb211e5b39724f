"""A window that slides over the text of a file of any size.

In: a stream of bytes. Out: the text around a position, as much of it as is asked for, and errors that say where in the
file something stands.
"""

import re
from pathlib import Path
from typing import NoReturn

from lakeward.errors import SourceUnreadable
from lakeward.sources.mrf.opening import BLOCK_BYTES, FETCH_AGAIN, JsonBytes

WINDOW_BYTES = 2 << 20
LARGEST_VALUE_BYTES = 64 << 20
_SPACE = re.compile(rb"[ \t\r\n]*")


class Window:
    """The text from a position on.

    Args:
        path: of the file, for messages.
        source: its unpacked bytes.
        window_bytes: how much text is held ahead of the position, unless one value needs more.
    """

    def __init__(self, path: Path, source: JsonBytes, window_bytes: int = WINDOW_BYTES) -> None:
        self.path, self._source, self.window = path, source, window_bytes
        self.buffer, self.position, self._before = b"", 0, 0
        self._at_end = False
        self.place = "the root"

    @property
    def offset(self) -> int:
        """Bytes of text before the cursor."""
        return self._before + self.position

    def peek(self) -> bytes:
        """Go to the next byte that is no white space and return it; nothing at the end."""
        while True:
            match = _SPACE.match(self.buffer, self.position)
            self.position = match.end() if match else self.position
            if self.position < len(self.buffer):
                return self.buffer[self.position : self.position + 1]
            if not self.read_more(1):
                return b""

    def refuse_shape(self, expected: str, found: str) -> NoReturn:
        """Refuse the file because of what stands at the cursor."""
        where = f"{found}, at byte {self.offset:,} in {self.place}"
        raise SourceUnreadable(
            self.path, expected, where, "Compare the file with the CMS schema: `lakeward inspect FILE`."
        )

    def read_more(self, wanted: int) -> bool:
        """Extend the window to at least ``wanted`` bytes from the cursor; ``False`` when the source has no more."""
        if self._at_end:
            return False
        blocks = [self.buffer[self.position :]]
        held, target = len(blocks[0]), max(wanted, self.window)
        while held < target:
            block = self._source.read(min(target - held, BLOCK_BYTES))
            if not block:
                self._at_end = True
                break
            blocks.append(block)
            held += len(block)
        self._before += self.position
        self.position = 0
        grew = held > len(blocks[0])
        self.buffer = b"".join(blocks)
        return grew

    def expect(self, mark: bytes) -> None:
        """Consume one mark that must be there."""
        if self.peek() != mark:
            self.refuse(f"'{mark.decode()}'")
        self.position += 1

    def another(self, closing: bytes) -> bool:
        """Consume the comma before another element or the closing bracket; tell which it was."""
        mark = self.peek()
        if mark not in (b",", closing):
            self.refuse(f"',' or '{closing.decode()}'")
        self.position += 1
        return mark == b","

    def refuse(self, expected: str) -> NoReturn:
        """Refuse the file because of the character at the cursor, or its early end."""
        if not self.peek():
            self.refuse_truncated()
        found = self.buffer[self.position : self.position + 1]
        raise SourceUnreadable(
            self.path,
            f"{expected} in {self.place}",
            f"{found.decode('ascii', 'backslashreplace')!r} at byte {self.offset:,}",
            FETCH_AGAIN,
        )

    def refuse_truncated(self) -> NoReturn:
        """Refuse the file because it ends."""
        end = self._before + len(self.buffer)
        raise SourceUnreadable(
            self.path, "a whole JSON document", f"its end after {end:,} bytes, inside {self.place}", FETCH_AGAIN
        )

    def token(self, pattern: re.Pattern[bytes], expected: str) -> bytes:
        """Consume text of a pattern that begins with a quote."""
        wanted = self.window
        while not (match := pattern.match(self.buffer, self.position)):
            if self.peek() != b'"':
                self.refuse(expected)
            wanted = self.grow(wanted)
        self.check_text(match.group())
        self.position = match.end()
        return match.group()

    def grow(self, wanted: int) -> int:
        """Extend the window for a value that does not fit; return the size to ask for next."""
        held = len(self.buffer) - self.position
        if held > LARGEST_VALUE_BYTES:
            self.refuse_shape("values of at most 64 MiB that cannot be split", "a larger one")
        if not self.read_more(2 * max(held, wanted)):
            self.refuse_truncated()
        return 2 * wanted

    def check_text(self, text: bytes) -> None:
        """Refuse text at the cursor that is not UTF-8."""
        if text.isascii():
            return
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise SourceUnreadable(
                self.path,
                "text in UTF-8",
                f"other bytes at byte {self.offset + error.start:,} in {self.place}",
                "Ask the publisher for the file in UTF-8, or convert it with iconv.",
            ) from error
