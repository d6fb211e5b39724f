"""Lakes to test on: in a folder, and in a bucket of an S3 emulator on the loopback address."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from lakeward.lake.storage import Storage, open_storage


@dataclass(frozen=True)
class Options:
    """Storage settings of the tests."""

    region: str = "us-east-1"
    endpoint_url: str | None = None
    encryption: str = "AES256"
    kms_key_id: str | None = None
    unreported_encryption: str = "warn"
    timeout_seconds: float = 20
    attempts: int = 3


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of an S3 emulator with the bucket ``lake``."""
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket="lake")
    yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty storage of each kind."""
    if request.param == "folder":
        return open_storage(str(tmp_path / "lake"), Options())
    endpoint = request.getfixturevalue("s3_endpoint")
    return open_storage(f"s3://lake/{tmp_path.name}", Options(endpoint_url=endpoint))
