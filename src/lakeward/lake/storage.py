"""The storage of a lake: what the rest of the code may ask of it, whether it is a folder or a bucket.

In: a lake's URL and the storage settings. Out: a :class:`Storage`. Paths are relative to the lake, with ``/`` between
their parts. Nothing outside this module and the two kinds that it opens knows where the bytes are.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lakeward.errors import UsageError


class S3Options(Protocol):
    """The settings that reach a bucket; :class:`lakeward.settings.StorageSettings` is one."""

    @property
    def region(self) -> str: ...
    @property
    def endpoint_url(self) -> str | None: ...
    @property
    def encryption(self) -> str: ...
    @property
    def kms_key_id(self) -> str | None: ...
    @property
    def unreported_encryption(self) -> str: ...
    @property
    def timeout_seconds(self) -> float: ...
    @property
    def attempts(self) -> int: ...


@dataclass(frozen=True)
class StoredFile:
    """One stored file: its path in the lake, its size, and when it was written (UTC)."""

    path: str
    bytes: int
    modified_at: datetime


class Storage(Protocol):
    """What a lake asks of its storage. Every method raises ``StorageFailed`` when the storage refuses."""

    url: str

    def url_for(self, path: str) -> str:
        """Return the address that Parquet readers take for a path."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``; fewer at the end of the file."""

    def exists(self, path: str) -> bool:
        """Return whether there is a file of this name."""

    def write(self, path: str, data: bytes) -> None:
        """Write a file in one step, in place of one that is there."""

    def create(self, path: str, data: bytes) -> bool:
        """Write a file in one step unless there is one; return whether this call wrote it."""

    def add(self, local: Path, path: str) -> None:
        """Bring in a finished local file in one step; ``local`` may be gone or linked afterwards."""

    def add_files(self, files: Iterable[tuple[Path, str]]) -> None:
        """Bring in finished local files, each as :meth:`add` does; several at once where that is faster."""

    def add_tree(self, local: Path, path: str) -> None:
        """Bring in a finished local folder; what is there under the same name has the same content."""

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """Yield every file whose path starts with ``prefix``, in order of paths."""

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the path of every file whose path starts with ``prefix``, in order."""

    def delete(self, paths: Iterable[str]) -> None:
        """Delete files; one that is not there is no error."""

    def discard_unfinished(self, before: datetime) -> int:
        """Remove what writes that were killed before a moment (UTC) left outside every listing; return how many."""


def endpoint_of(options: S3Options) -> str | None:
    """Return the address of the S3 service: from the settings, or the variables that every AWS tool takes it from."""
    return options.endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None


def open_storage(url: str, options: S3Options) -> Storage:
    """Open the storage of a lake; reads and writes nothing yet.

    Args:
        url: a folder, ``file://…`` or ``s3://bucket/prefix``.
        options: how a bucket is reached; not used for a folder.

    Raises:
        UsageError: the URL has another scheme, or no bucket.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return _local(url)
    if scheme == "file":
        return _local(rest)
    if scheme == "s3" and rest.partition("/")[0]:
        # boto3 takes a third of a second to import, which a local lake need not pay.
        from lakeward.lake.s3_storage import S3Storage

        bucket, _, prefix = rest.partition("/")
        return S3Storage(bucket, prefix, options)
    raise UsageError(f"'{url}' is not the address of a lake; give a folder or s3://bucket/prefix.")


def _local(folder: str) -> Storage:
    from lakeward.lake.local_storage import LocalStorage

    return LocalStorage(Path(folder))
