"""A published text file, plain, gzip or zip, becomes one stream of UTF-8 lines.

In: the path of a file of any size, with or without a byte order mark, in UTF-8 or a single-byte Western encoding.
Out: a readable stream of UTF-8 bytes without the mark, and the count of lines that had to be recoded. Nothing is
extracted to disk, so no name inside an archive can point anywhere.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from isal import igzip, isal_zlib

from lakeward.errors import SourceUnreadable
from lakeward.progress import WatchedFile

BLOCK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 16 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ZIP_MAGIC, _GZIP_MAGIC = b"PK\x03\x04", b"\x1f\x8b"
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, igzip.BadGzipFile, cast(type[Exception], isal_zlib.error))


class Utf8Stream(io.RawIOBase):
    """Reads bytes and gives the same lines in UTF-8.

    The registry's files are mostly UTF-8 with stray lines in a single-byte encoding, so each line is judged alone:
    one that is not UTF-8 is read as Windows-1252, whose letters are those of ISO-8859-1. ``recoded_lines`` counts them;
    ``unended_line`` is the last line when the file does not end with one.
    """

    def __init__(self, raw: BinaryIO, path: Path) -> None:
        self._raw, self._path = raw, path
        self._ready, self._at, self._tail, self._started = b"", 0, b"", False
        self.recoded_lines = 0
        self.unended_line = b""

    def readable(self) -> bool:
        """Return True: this stream is only read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes, less where whole lines end earlier, nothing at the end only; or all left."""
        if size < 0:
            return b"".join(iter(lambda: self.read(BLOCK_BYTES), b""))
        if self._at == len(self._ready):
            self._ready, self._at = self._next_lines(size), 0
        taken = self._ready[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line with its end; ``size`` is ignored."""
        end = self._ready.find(b"\n", self._at) + 1
        if not end:
            rest = self._ready[self._at :]
            self._ready, self._at = rest + self._next_lines(), 0
            end = self._ready.find(b"\n", len(rest)) + 1 or len(self._ready)
        taken = self._ready[self._at : end]
        self._at = end
        return taken

    def text_lines(self) -> Iterator[str]:
        """Give the lines from here on as text, each with its end, as ``csv.reader`` takes them."""
        while line := self.readline():
            yield line.decode("utf-8")

    def _next_lines(self, size: int = 0) -> bytes:
        """Return the next whole lines, or the unfinished last one, or nothing at the end."""
        while True:
            block = self._read_raw(max(size - len(self._tail), BLOCK_BYTES))
            if not block:
                last, self._tail = self._tail, b""
                self.unended_line = last or self.unended_line
                return self._as_utf8(last)
            cut = block.rfind(b"\n") + 1
            if cut:
                lines, self._tail = self._tail + block[:cut], block[cut:]
                return self._as_utf8(lines)
            self._tail += block
            if len(self._tail) > LONGEST_LINE_BYTES:
                raise SourceUnreadable(
                    self._path,
                    f"lines of at most {LONGEST_LINE_BYTES >> 20} MiB",
                    "a longer one, as in a binary file",
                    "Give the text file that the publisher offers.",
                )

    def _read_raw(self, size: int) -> bytes:
        try:
            block = self._raw.read(size)
        except _BROKEN_ARCHIVE as error:
            raise SourceUnreadable(
                self._path, "a whole archive", f"a broken one ({error})", "Fetch the file again."
            ) from error
        if not self._started:
            self._started = True
            block = block.removeprefix(_BYTE_ORDER_MARK)
        return block

    def _as_utf8(self, lines: bytes) -> bytes:
        if lines.isascii():
            return lines
        try:
            lines.decode("utf-8")
        except UnicodeDecodeError:
            return b"".join(self._line_as_utf8(line) for line in lines.splitlines(keepends=True))
        return lines

    def _line_as_utf8(self, line: bytes) -> bytes:
        for encoding in ("utf-8", "cp1252", "latin-1"):
            try:
                text = line.decode(encoding)
            except UnicodeDecodeError:
                continue
            self.recoded_lines += encoding != "utf-8"
            return text.encode("utf-8")
        raise AssertionError("every byte is a Latin-1 character")


@contextmanager
def open_text(path: Path, member: re.Pattern[str] | None = None) -> Iterator[Utf8Stream]:
    """Open a text file as a stream of UTF-8 lines, whatever it is packed in.

    Args:
        path: a plain, gzip or zip file, told apart by its first bytes.
        member: which file of a zip archive is meant, matched against the last part of its name; ``None``: the only one.

    Yields:
        A stream that is read once from the start.

    Raises:
        SourceUnreadable: no such file, an empty one, a broken archive, or not exactly one member that fits.
    """
    if not path.is_file():
        raise SourceUnreadable(path, "a file", "nothing there, or a directory", "Check the path.")
    with io.BufferedReader(WatchedFile(path)) as raw:
        magic = raw.read(4)
        raw.seek(0)
        if not magic:
            raise SourceUnreadable(path, "text", "an empty file", "Fetch the file again.")
        if magic == _ZIP_MAGIC:
            with _zip_member(path, raw, member) as packed:
                yield Utf8Stream(packed, path)
        elif magic.startswith(_GZIP_MAGIC):
            with igzip.IGzipFile(fileobj=raw, mode="rb") as unpacked:  # type: ignore[no-untyped-call]
                yield Utf8Stream(cast(BinaryIO, unpacked), path)
        else:
            yield Utf8Stream(raw, path)


@contextmanager
def _zip_member(path: Path, raw: BinaryIO, member: re.Pattern[str] | None) -> Iterator[BinaryIO]:
    try:
        archive = zipfile.ZipFile(raw)
    except zipfile.BadZipFile as error:
        raise SourceUnreadable(path, "a whole zip archive", f"a broken one ({error})", "Fetch it again.") from error
    with archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        fitting = [name for name in names if member is None or member.search(re.split(r"[/\\]", name)[-1])]
        if len(fitting) != 1:
            wanted = f"one file like {member.pattern}" if member else "one file"
            raise SourceUnreadable(
                path, f"{wanted} in the archive", f"{len(fitting)} of {len(names)}", "Unpack it and name the file."
            )
        try:
            packed = archive.open(fitting[0])
        except (NotImplementedError, RuntimeError) as error:
            raise SourceUnreadable(
                path, "an archive without password, packed by deflate", str(error), "Unpack it and name the file."
            ) from error
        with packed:
            yield cast(BinaryIO, packed)
