"""The files of the table go through the lake's storage, whole or not at all, and never outside it."""

import io
from contextlib import suppress
from pathlib import Path

import pytest

from lakeward.errors import StorageFailed
from lakeward.iceberg.file_io import WRITTEN_PROPERTY, LakeFileIO, RangeStream, file_properties, path_in_lake
from lakeward.lake.commit import Lake


@pytest.fixture
def files(lake: Lake) -> LakeFileIO:
    return LakeFileIO(file_properties(lake.storage))


def test_what_is_written_is_read(lake: Lake, files: LakeFileIO) -> None:
    address = lake.url_for("iceberg/a.avro")
    with files.new_output(address).create() as stream:
        stream.write(b"content")
        assert not files.new_input(address).exists()
    assert files.new_input(address).open().read() == b"content"
    assert len(files.new_input(address)) == 7
    assert files.properties[WRITTEN_PROPERTY] == [address]
    files.delete(address)
    assert not files.new_input(address).exists()


def test_a_file_whose_making_failed_is_not_there(lake: Lake, files: LakeFileIO) -> None:
    address = lake.url_for("iceberg/a.avro")
    with suppress(ZeroDivisionError), files.new_output(address).create() as stream:
        stream.write(b"half")
        stream.write(bytes(1 // 0))
    assert not files.new_input(address).exists()
    assert files.properties[WRITTEN_PROPERTY] == []


def test_a_file_that_is_there_is_replaced_only_when_asked(lake: Lake, files: LakeFileIO) -> None:
    target = files.new_output(lake.url_for("iceberg/a.json"))
    for data, overwrite in ((b"one", False), (b"two", True)):
        with target.create(overwrite=overwrite) as stream:
            stream.write(data)
    with pytest.raises(FileExistsError), target.create() as stream:
        stream.write(b"three")
    assert target.to_input_file().open().read() == b"two"


def test_a_data_file_is_read_by_ranges(lake: Lake, files: LakeFileIO) -> None:
    lake.storage.write("gold/a.parquet", bytes(range(200)))
    with files.new_input(lake.url_for("gold/a.parquet")).open() as stream:
        assert stream.seek(-10, io.SEEK_END) == 190
        assert stream.read() == bytes(range(190, 200))
        stream.seek(5)
        assert stream.read(3) == bytes((5, 6, 7))


def test_a_stream_asks_for_no_more_than_is_wanted(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.storage.write("gold/a.parquet", bytes(200))
    asked: list[tuple[int, int]] = []
    read = lake.storage.read_range

    def noted(path: str, offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return read(path, offset, length)

    monkeypatch.setattr(type(lake.storage), "read_range", lambda _, *arguments: noted(*arguments))
    stream = RangeStream(lake.storage, "gold/a.parquet", 200)
    stream.seek(150)
    assert len(stream.read(20)) == 20
    assert asked == [(150, 20)]


@pytest.mark.parametrize("place", ["{parent}/other/a.avro", "{lake}-other/a.avro", "s3://bucket/a.avro"])
def test_a_file_outside_the_lake_is_never_touched(lake: Lake, place: str) -> None:
    address = place.format(parent=Path(lake.url).parent, lake=lake.url)
    with pytest.raises(StorageFailed, match="is not in the lake"):
        path_in_lake(lake.storage, address)


def test_a_file_that_is_gone_says_what_to_do(lake: Lake, files: LakeFileIO) -> None:
    with pytest.raises(StorageFailed, match=r"`lakeward run` again, then `lakeward iceberg publish`"):
        len(files.new_input(lake.url_for("gold/gone.parquet")))
