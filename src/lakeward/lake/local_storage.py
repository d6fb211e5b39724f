"""A lake in a folder. Every write goes to a temporary file first and gets its name in one step.

Temporary files stand in ``_lakeward/temporary/`` of the lake, so on its file system, and out of every reader's sight.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from lakeward.errors import StorageFailed
from lakeward.lake.storage import StoredFile

TEMPORARY = "_lakeward/temporary"

WHAT_TO_DO = {
    errno.ENOSPC: "The disk is full. Free some space or move the lake to a larger disk, then run the command again.",
    errno.EDQUOT: "The disk quota is used up. Free some space, then run the same command again.",
    errno.EFBIG: "The file is larger than allowed here (`ulimit -f`). Raise the limit, then run the command again.",
    errno.EACCES: "Permission was refused. Make the folder writable for this user, or give another one with --lake.",
    errno.ENOTSUP: "The file system must allow hard links. Give a folder on another disk with --lake.",
    errno.EPERM: "The file system refused. It must allow hard links; give a folder on another disk with --lake.",
    errno.EROFS: "The disk is mounted read-only. Give another folder with --lake.",
    errno.ENOENT: "The file is gone. If the lake was copied or cleaned by hand, run `lakeward run` again.",
    errno.ENOTDIR: "A part of the path is a file where a folder is needed. Give another folder with --lake.",
}


class LocalStorage:
    """The storage of a lake in a folder, which is made by the first write.

    Args:
        root: the lake's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.url = str(self.root)

    def url_for(self, path: str) -> str:
        return str(self.root / path)

    def read(self, path: str) -> bytes:
        with _explained("read", self.root / path):
            return (self.root / path).read_bytes()

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        with _explained("read", self.root / path), (self.root / path).open("rb") as stream:
            stream.seek(offset)
            return stream.read(length)

    def exists(self, path: str) -> bool:
        return (self.root / path).is_file()

    def write(self, path: str, data: bytes) -> None:
        target = self.root / path
        with self._temporary(target) as temporary:
            _write_durably(temporary, data)
            temporary.replace(target)
            _sync_folder(target.parent)

    def create(self, path: str, data: bytes) -> bool:
        target = self.root / path
        with self._temporary(target) as temporary:
            _write_durably(temporary, data)
            try:
                # rename() would replace a winner's file in silence; link() has exactly one winner.
                os.link(temporary, target)
            except FileExistsError:
                return False
            _sync_folder(target.parent)
            return True

    def add(self, local: Path, path: str) -> None:
        target = self.root / path
        with self._temporary(target) as temporary:
            _link_or_copy(local, temporary)
            _sync_file(temporary)
            # A sweep goes by age: a file that was written long ago and is brought in again counts as new.
            os.utime(temporary)
            temporary.replace(target)
            _sync_folder(target.parent)

    def add_files(self, files: Iterable[tuple[Path, str]]) -> None:
        for local, path in files:
            self.add(local, path)

    def add_tree(self, local: Path, path: str) -> None:
        target = self.root / path
        with self._temporary(target) as temporary:
            try:
                local.rename(temporary)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                shutil.copytree(local, temporary)
            os.sync()  # one call for a hundred thousand small files
            try:
                temporary.rename(target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                # Of the same content, but perhaps half swept: every file is brought in again.
                _merge_tree(temporary, target)

    def files(self, prefix: str) -> Iterator[StoredFile]:
        for path in self.list(prefix):
            with suppress(FileNotFoundError):  # deleted by another process since the listing
                status = (self.root / path).stat()
                yield StoredFile(path, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def list(self, prefix: str) -> Iterator[str]:
        folder = self.root / prefix.rpartition("/")[0]
        with _explained("list", folder):
            found = [
                path
                for parent, _, names in os.walk(folder)
                for name in names
                if (path := (Path(parent) / name).relative_to(self.root).as_posix()).startswith(prefix)
            ]
        yield from sorted(found)

    def delete(self, paths: Iterable[str]) -> None:
        for path in paths:
            target = self.root / path
            with _explained("delete", target):
                target.unlink(missing_ok=True)
            with suppress(OSError):  # a folder that still holds files stays
                for parent in target.relative_to(self.root).parents[:-1]:
                    (self.root / parent).rmdir()

    def discard_unfinished(self, before: datetime) -> int:
        return 0  # what is in the making here has a name below TEMPORARY, where the sweep finds it

    @contextmanager
    def _temporary(self, target: Path) -> Iterator[Path]:
        """Give a name for a file or folder in the making; what still has that name at the end is removed."""
        temporary = self.root / TEMPORARY / f"{os.getpid()}-{secrets.token_hex(8)}"
        with _explained("write", target):
            temporary.parent.mkdir(parents=True, exist_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                yield temporary
            finally:
                if temporary.is_dir():
                    shutil.rmtree(temporary, ignore_errors=True)
                else:
                    temporary.unlink(missing_ok=True)


@contextmanager
def _explained(verb: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        advice = WHAT_TO_DO.get(error.errno or 0, "Look at the disk, then run the same command again.")
        raise StorageFailed(
            f"The lake's storage could not {verb} '{path}'.\n  found: {error.strerror or error}\n"
            f"The lake is as it was after its last commit. {advice}"
        ) from error


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
            raise
        shutil.copyfile(source, target)


def _merge_tree(source: Path, target: Path) -> None:
    for parent, _, names in os.walk(source):
        folder = target / Path(parent).relative_to(source)
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (Path(parent) / name).replace(folder / name)


def _sync_file(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
