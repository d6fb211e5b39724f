"""Output files whose bytes depend on their content alone: no clock and no file name in a gzip or zip header.

In: a path; its ending says what is written. Out: a stream of bytes to write to. The file appears under its name only
when it is complete. Compressed bytes are those of the zlib at hand; what they hold is the same everywhere.
"""

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from isal import igzip

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


@contextmanager
def output_file(path: Path, *, fast: bool = False) -> Iterator[IO[bytes]]:
    """Open ``path`` for writing: ``.gz`` and ``.zip`` (one member, named as the file) are compressed, others are plain.

    ``fast`` compresses gzip quickly rather than well.
    """
    with _finished(path) as raw, _compressing(raw, path, fast) as stream:
        yield stream


@contextmanager
def zip_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip of several members for writing; give each a header of :func:`zip_member`."""
    with _finished(path) as raw, zipfile.ZipFile(raw, "w") as archive:
        yield archive


@contextmanager
def _finished(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as raw:
            yield raw
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def zip_member(name: str) -> zipfile.ZipInfo:
    """Return the header of a compressed zip member without clock, platform or owner in it."""
    member = zipfile.ZipInfo(name, date_time=_ZIP_DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = _UNIX
    member.external_attr = 0o644 << 16
    return member


@contextmanager
def _compressing(raw: IO[bytes], path: Path, fast: bool) -> Iterator[IO[bytes]]:
    if path.suffix == ".gz" and fast:
        open_quick: Any = igzip.IGzipFile
        with open_quick(filename="", mode="wb", compresslevel=1, fileobj=raw, mtime=0) as stream:
            yield stream
    elif path.suffix == ".gz":
        with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as stream:
            yield cast(IO[bytes], stream)
    elif path.suffix == ".zip":
        member = zip_member(path.with_suffix(".json").name)
        with zipfile.ZipFile(raw, "w") as archive, archive.open(member, "w", force_zip64=True) as stream:
            yield stream
    else:
        yield raw
