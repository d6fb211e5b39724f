"""A price file, plain, gzip or zip, becomes one stream of JSON bytes.

In: a path. Out: an object to read bytes from, without a byte order mark. What the file is packed in is told by its
first bytes and never by its name. Nothing is extracted to disk, so no name inside an archive can point anywhere, and
an archive that unpacks to any size is read in bounded memory.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from isal import igzip, isal_zlib

from lakeward.errors import SourceUnreadable
from lakeward.progress import WatchedFile

GZIP_MAGIC, ZIP_MAGIC, BYTE_ORDER_MARK = b"\x1f\x8b", b"PK\x03\x04", b"\xef\xbb\xbf"
BLOCK_BYTES = 1 << 20
FETCH_AGAIN = "Fetch the file again and compare its size with the publisher's."
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, cast(type[Exception], isal_zlib.error))
_YAML = re.compile(rb"(---|[A-Za-z_]+:)\s")
_HTML = re.compile(rb"<(!doctype\s+html|html)", re.IGNORECASE)
_NO_CONTENT_OF_THE_PUBLISHER = re.compile(r"(^|/)(__MACOSX/|\.[^/.][^/]*$)")


class ByteSource(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most ``size``; none at the end."""


class JsonBytes:
    """The unpacked bytes of a file; ``offset`` is how many were read so far."""

    def __init__(self, path: Path, stream: ByteSource) -> None:
        self._path, self._stream, self.offset = path, stream, 0
        self._ahead = b""

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most ``size``; none at the end.

        Raises:
            SourceUnreadable: the archive is truncated or damaged.
        """
        if self._ahead:
            block, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            block = self._unpack(size)
        self.offset += len(block)
        return block

    def start(self) -> bytes:
        """Return the first bytes without consuming them, after dropping a byte order mark."""
        while len(self._ahead) < 512:
            block = self._unpack(512)
            if not block:
                break
            self._ahead += block
        self._ahead = self._ahead.removeprefix(BYTE_ORDER_MARK)
        return self._ahead

    def _unpack(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except _BROKEN_ARCHIVE as error:
            raise SourceUnreadable(
                self._path,
                "a whole archive",
                f"damage or an early end after {self.offset:,} unpacked bytes ({error})",
                FETCH_AGAIN,
            ) from error


@contextmanager
def open_json(path: Path) -> Iterator[JsonBytes]:
    """Open a JSON file, plain, gzip (also of several members) or zip of one JSON file.

    Yields:
        The unpacked bytes, positioned at the first; the text begins with a brace or bracket.

    Raises:
        SourceUnreadable: no such file, a directory, an empty file, a broken archive, an archive of several files, or
            XML, HTML or YAML.
    """
    if not path.is_file():
        found = "a directory" if path.is_dir() else "nothing at this path"
        raise SourceUnreadable(path, "a JSON file, plain, gzip or zip", found, "Name the file itself.")
    with WatchedFile(path) as raw, _unpacked(path, cast(BinaryIO, raw)) as stream:
        content = JsonBytes(path, stream)
        _refuse_other_formats(path, content.start())
        yield content


@contextmanager
def _unpacked(path: Path, raw: BinaryIO) -> Iterator[ByteSource]:
    magic = raw.read(4)
    raw.seek(0)
    if magic == ZIP_MAGIC:
        with _zip_member(path, raw) as member:
            yield member
    elif magic.startswith(GZIP_MAGIC):
        with igzip.IGzipFile(fileobj=raw, mode="rb") as stream:  # type: ignore[no-untyped-call]
            yield stream
    else:
        yield raw


@contextmanager
def _zip_member(path: Path, raw: BinaryIO) -> Iterator[ByteSource]:
    try:
        with zipfile.ZipFile(raw) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
            members = [name for name in names if not _NO_CONTENT_OF_THE_PUBLISHER.search(name)]
            if len(members) != 1:
                raise SourceUnreadable(
                    path,
                    "an archive of one JSON file",
                    f"{len(members)} files",
                    "Unpack it and name each file by itself.",
                )
            with archive.open(members[0]) as member:
                yield cast(ByteSource, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise SourceUnreadable(
            path,
            "a whole zip archive, without password, packed by deflate",
            str(error) or type(error).__name__,
            "Unpack it with another program and name the JSON file.",
        ) from error


def _refuse_other_formats(path: Path, start: bytes) -> None:
    text = start.lstrip()
    if not text:
        raise SourceUnreadable(path, "a JSON object", "no content (0 bytes of text)", FETCH_AGAIN)
    if start.startswith(_WIDE_MARKS):
        raise SourceUnreadable(path, "JSON in UTF-8", "UTF-16", "Convert it: iconv -f UTF-16 -t UTF-8 FILE.")
    if _HTML.match(text):
        raise SourceUnreadable(
            path, "a JSON price file", "a web page (HTML)", "Open the address and find the file's own."
        )
    if text.startswith(b"<"):
        raise SourceUnreadable(path, "a JSON price file", "XML", "Ask the publisher for the JSON form of this file.")
    if text[:1] not in (b"{", b"["):
        found = "YAML" if _YAML.match(text) else f"text that begins with {text[:20]!r}"
        raise SourceUnreadable(path, "a JSON price file", found, "Ask the publisher for the JSON form of this file.")
