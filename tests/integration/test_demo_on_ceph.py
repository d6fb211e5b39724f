"""The demo's own lake, built on a real object store from an empty bucket by the command that builds it in a folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .bucket_service import Service, running_service
from .command_line import done, lakeward
from .lake_files import data_files, snapshot_of

LAKE = "s3://lake/demo"


@pytest.fixture(scope="module")
def ceph() -> Iterator[Service]:
    """Ceph with an empty bucket."""
    with running_service("ceph") as running:
        yield running


def test_the_demo_is_the_same_lake_in_a_bucket(
    ceph: Service, sample_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = lakeward("--quiet", "run", "--lake", LAKE, folder=tmp_path, **ceph.variables)
    assert run.status == 0, run.err
    assert "error" not in run.err
    bucket, folder = ceph.snapshot(monkeypatch, LAKE), snapshot_of(sample_lake)
    assert bucket.document == folder.document
    assert data_files(bucket) == data_files(folder)
    # Nothing was put beside the bucket but the sample's own files.
    assert [path.name for path in tmp_path.iterdir() if (path / "_lakeward").exists()] == []
    checked = ceph.run("ledger", "--check", "--lake", LAKE)
    assert checked.status == 0, checked.err
    assert checked.out == done("ledger", "--check", "--lake", sample_lake).out
