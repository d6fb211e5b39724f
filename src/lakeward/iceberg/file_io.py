"""The files of an Iceberg table, read and written through the lake's own storage.

In: the storage, handed to pyiceberg among the properties of its catalogue. Out: what pyiceberg asks of a ``FileIO``. A
file gets its name when it is complete, as every file of the lake does, and one outside the lake is never touched.
"""

import io
from types import TracebackType
from typing import Any

from pyiceberg.io import FileIO, InputFile, OutputFile

from lakeward.errors import StorageFailed
from lakeward.lake.storage import Storage

STORAGE_PROPERTY = "lakeward.storage"
WRITTEN_PROPERTY = "lakeward.written"
BUFFER_BYTES = 64 * 2**10


def file_properties(storage: Storage) -> dict[str, Any]:
    """Return the properties of a catalogue whose files are in a lake.

    pyiceberg makes its ``FileIO`` from properties and hands them through as they are, so that one storage serves all.
    """
    own = f"{LakeFileIO.__module__}.{LakeFileIO.__qualname__}"
    return {"py-io-impl": own, STORAGE_PROPERTY: storage, WRITTEN_PROPERTY: []}


class LakeFileIO(FileIO):
    """Reads and writes through the storage of a lake; keeps in mind what it has written."""

    def __init__(self, properties: dict[str, Any]) -> None:
        super().__init__(properties)
        self._storage: Storage = properties[STORAGE_PROPERTY]
        self._written: list[str] = properties[WRITTEN_PROPERTY]

    def new_input(self, location: str) -> "LakeFile":
        return LakeFile(self._storage, location, self._written)

    def new_output(self, location: str) -> "LakeFile":
        return LakeFile(self._storage, location, self._written)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        address = location if isinstance(location, str) else location.location
        self._storage.delete([path_in_lake(self._storage, address)])


class LakeFile(InputFile, OutputFile):
    """One file of the lake, by its address."""

    def __init__(self, storage: Storage, location: str, written: list[str]) -> None:
        super().__init__(location)
        self._storage, self._written = storage, written
        self._path = path_in_lake(storage, location)

    def __len__(self) -> int:
        return file_bytes(self._storage, self._path)

    def exists(self) -> bool:
        return self._storage.exists(self._path)

    def to_input_file(self) -> "LakeFile":
        return self

    def open(self, seekable: bool = True) -> Any:
        if self._path.endswith(".parquet"):
            return io.BufferedReader(RangeStream(self._storage, self._path, len(self)), BUFFER_BYTES)
        return io.BytesIO(self._storage.read(self._path))

    def create(self, overwrite: bool = False) -> Any:
        return _Upload(self, overwrite=overwrite)

    def store(self, data: bytes, *, overwrite: bool) -> None:
        """Write the file in one step.

        Raises:
            FileExistsError: there is one, and it is not to be overwritten.
        """
        if overwrite:
            self._storage.write(self._path, data)
        elif not self._storage.create(self._path, data):
            raise FileExistsError(f"{self.location} is there already")
        self._written.append(self.location)


class _Upload(io.BytesIO):
    """A file in the making; stored when it is closed, unless what made it failed."""

    def __init__(self, target: LakeFile, *, overwrite: bool) -> None:
        super().__init__()
        self._target, self._overwrite = target, overwrite

    def close(self) -> None:
        if not self.closed:
            data = self.getvalue()
            super().close()
            self._target.store(data, overwrite=self._overwrite)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            super().close()

    def __del__(self) -> None:
        """Store nothing of a file that nobody finished."""


class RangeStream(io.RawIOBase):
    """A stored file as a stream that reads only the ranges it is asked for.

    Args:
        storage: of the lake.
        path: of the file.
        size: of the file, which is known from the commit or from a listing.
    """

    def __init__(self, storage: Storage, path: str, size: int) -> None:
        self._storage, self._path, self._size, self._position = storage, path, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._position)
        if wanted <= 0:
            return 0
        data = self._storage.read_range(self._path, self._position, wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def file_bytes(storage: Storage, path: str) -> int:
    """Return the size of a file, from a listing.

    Raises:
        StorageFailed: there is no such file.
    """
    for found in storage.files(path):
        if found.path == path:
            return found.bytes
    raise StorageFailed(
        f"'{storage.url_for(path)}' is not there.\nIf the lake was cleaned by hand, run `lakeward run` again, then "
        "`lakeward iceberg publish`."
    )


def path_in_lake(storage: Storage, location: str) -> str:
    """Return the path of a file in its lake.

    Raises:
        StorageFailed: the address is outside the lake, as in a table that was copied from another one.
    """
    root = storage.url_for("").rstrip("/") + "/"
    if not location.startswith(root):
        raise StorageFailed(
            f"The Iceberg table names '{location}', which is not in the lake {storage.url}.\n"
            "Nothing was read or changed there."
        )
    return location.removeprefix(root)
