"""The first bytes of a file after unpacking, whatever it is packed in.

In: a plain, gzip or zip file. Out: bytes, at most as many as asked for. For looking at a file, not for reading it.
"""

import re
import zipfile
import zlib
from pathlib import Path
from typing import cast

from isal import igzip, isal_zlib

from lakeward.errors import SourceUnreadable

ZIP_MAGIC, GZIP_MAGIC, BYTE_ORDER_MARK = b"PK\x03\x04", b"\x1f\x8b", b"\xef\xbb\xbf"
JSON_NAME = re.compile(r"\.json$", re.IGNORECASE)
_BROKEN = (EOFError, OSError, zipfile.BadZipFile, zlib.error, cast(type[Exception], isal_zlib.error))


def first_bytes(path: Path, most: int) -> bytes:
    """Return up to ``most`` bytes of a file's content without a byte order mark; of a zip, those of its JSON file.

    Raises:
        SourceUnreadable: the archive is broken within these bytes, or a zip holds no JSON file.
    """
    try:
        with path.open("rb") as raw:
            magic = raw.read(4)
            raw.seek(0)
            if magic == ZIP_MAGIC:
                content = _first_of_zip(path, most)
            elif magic.startswith(GZIP_MAGIC):
                content = igzip.IGzipFile(fileobj=raw, mode="rb").read(most)  # type: ignore[no-untyped-call]
            else:
                content = raw.read(most)
    except _BROKEN as error:
        raise SourceUnreadable(path, "a whole archive", f"a broken one ({error})", "Fetch the file again.") from None
    return bytes(content).removeprefix(BYTE_ORDER_MARK)


def _first_of_zip(path: Path, most: int) -> bytes:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if JSON_NAME.search(name)]
        if not names:
            raise SourceUnreadable(path, "a JSON file in the archive", "none", "Unpack it and name the file.")
        with archive.open(names[0]) as packed:
            return packed.read(most)
