"""A folder and a bucket behave alike: one step a write, one winner a creation, errors that say what to do."""

import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from lakeward.errors import StorageFailed, UsageError
from lakeward.lake.local_storage import TEMPORARY, LocalStorage
from lakeward.lake.s3_storage import S3Storage
from lakeward.lake.storage import Storage, open_storage

from .conftest import Options


def test_reads_what_was_written(storage: Storage) -> None:
    storage.write("a/b.json", b"first")
    storage.write("a/b.json", b"second")
    assert storage.read("a/b.json") == b"second"
    assert storage.read_range("a/b.json", 2, 3) == b"con"
    assert storage.exists("a/b.json")
    assert not storage.exists("a")


def test_create_keeps_the_first(storage: Storage) -> None:
    assert storage.create("commit", b"mine")
    assert not storage.create("commit", b"theirs")
    assert storage.read("commit") == b"mine"


def test_create_has_one_winner(storage: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda i: storage.create("commit", b"%d" % i), range(8)))
    assert won.count(True) == 1
    assert storage.read("commit") == b"%d" % won.index(True)


def test_brings_in_files_and_trees(storage: Storage, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("p=1/x.parquet", "p=a b, c%2F/x.parquet"):
        (tree / name).parent.mkdir(parents=True)
        (tree / name).write_bytes(name.encode())
    storage.add(tree / "p=1/x.parquet", "gold/one.parquet")
    storage.add_tree(tree, "gold/tree")
    assert list(storage.list("gold/")) == [
        "gold/one.parquet",
        "gold/tree/p=1/x.parquet",
        "gold/tree/p=a b, c%2F/x.parquet",
    ]
    assert storage.read("gold/tree/p=a b, c%2F/x.parquet") == b"p=a b, c%2F/x.parquet"
    assert [file.bytes for file in storage.files("gold/tree/p=1")] == [13]


def test_a_tree_can_come_twice(storage: Storage, tmp_path: Path) -> None:
    for attempt in ("first", "second"):
        (tmp_path / attempt).mkdir()
        (tmp_path / attempt / "x").write_bytes(b"same")
        storage.add_tree(tmp_path / attempt, "gold/tree")
    assert list(storage.list("")) == ["gold/tree/x"]


def test_a_tree_that_was_half_deleted_is_whole_again(storage: Storage, tmp_path: Path) -> None:
    for attempt in ("first", "second"):
        for name in ("a/x", "a/y", "b/x"):
            (tmp_path / attempt / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / attempt / name).write_bytes(b"same")
        storage.add_tree(tmp_path / attempt, "gold/tree")
        if attempt == "first":
            storage.delete(["gold/tree/a/x", "gold/tree/b/x"])
    assert list(storage.list("")) == ["gold/tree/a/x", "gold/tree/a/y", "gold/tree/b/x"]


def test_delete_is_quiet_about_what_is_gone(storage: Storage) -> None:
    storage.write("a/b", b"")
    storage.delete(["a/b", "a/c"])
    assert list(storage.list("")) == []


def test_a_missing_file_says_what_to_do(storage: Storage) -> None:
    with pytest.raises(StorageFailed, match=r"could not read '.*nowhere'(?s:.)*run `lakeward run` again"):
        storage.read("nowhere")


def test_s3_sends_the_encryption_and_splits_large_files(s3_endpoint: str, tmp_path: Path) -> None:
    storage = S3Storage("lake", "encrypted", Options(endpoint_url=s3_endpoint))
    large = tmp_path / "large"
    large.write_bytes(b"x" * (65 * 2**20))
    storage.add(large, "large")
    client = boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1")
    head = client.head_object(Bucket="lake", Key="encrypted/large")
    assert head["ServerSideEncryption"] == "AES256"
    assert head["ContentLength"] == large.stat().st_size
    assert head["ETag"].strip('"').endswith("-5")


def test_a_missing_bucket_says_what_to_do(s3_endpoint: str) -> None:
    storage = S3Storage("no-such-bucket", "", Options(endpoint_url=s3_endpoint))
    with pytest.raises(StorageFailed, match="Create the bucket first"):
        storage.write("a", b"")


@pytest.mark.parametrize("url", ["gs://bucket/lake", "s3://", "s3:///prefix"])
def test_refuses_other_addresses(url: str) -> None:
    with pytest.raises(UsageError, match="give a folder or s3://bucket/prefix"):
        open_storage(url, Options())


def test_a_file_in_the_way_of_the_lake(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("not a folder")
    with pytest.raises(StorageFailed, match="could not write"):
        LocalStorage(tmp_path / "lake").write("a", b"")


LIMITED_WRITER = f"""
import resource, signal, sys
from pathlib import Path
from lakeward.lake.local_storage import LocalStorage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, {resource.RLIM_INFINITY}))
LocalStorage(Path(sys.argv[1])).write("gold/file", b"x" * 10_000)
"""


def test_a_write_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED_WRITER, str(tmp_path)], capture_output=True, text=True)
    assert "StorageFailed: The lake's storage could not write" in done.stderr
    assert "File too large" in done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert (tmp_path / TEMPORARY).is_dir()
