"""Storages to test: a folder, and a bucket of the emulator."""

from dataclasses import dataclass
from pathlib import Path

import pytest

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


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty storage of each kind."""
    if request.param == "folder":
        return open_storage(str(tmp_path / "lake"), Options())
    endpoint = request.getfixturevalue("s3_endpoint")
    return open_storage(f"s3://lake/{tmp_path.name}", Options(endpoint_url=endpoint))
