"""Fixtures that all tests share: the publishers' real files, a browser, an S3 emulator, and what is done without."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from .emulator import REGION, running_emulator

REPOSITORY = Path(__file__).resolve().parents[1]


def unavailable(reason: str) -> None:
    """Skip the test with the reason, or fail it where skips are failures (``LAKEWARD_NO_SKIP=1``)."""
    if os.environ.get("LAKEWARD_NO_SKIP") == "1":
        pytest.fail(f"skipping is not allowed here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the publishers' real files (``LAKEWARD_REAL_DATA``, or ``shared/data`` beside the checkout)."""
    folder = Path(os.environ.get("LAKEWARD_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "PROVENANCE.md").exists():
        unavailable(f"no real files at {folder}; set LAKEWARD_REAL_DATA to a folder that holds them")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that can run headless."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    unavailable("no Chromium on this machine; `apt-get install chromium` brings one")
    raise AssertionError


@pytest.fixture
def s3_endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an S3 emulator with the bucket ``lake``."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with running_emulator() as endpoint:
        boto3.Session().client("s3", endpoint_url=endpoint, region_name=REGION).create_bucket(Bucket="lake")
        yield endpoint
