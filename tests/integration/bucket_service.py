"""S3 services that a whole run is tested on: an emulator, and Ceph. Each hides what the other shows.

In: which of them. Out: its address with the bucket ``lake``, and the credentials of the processes that use it. The
emulator takes temporary credentials unseen; Ceph checks those that it is given.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest

from lakeward.lake.commit import Lake, Snapshot
from lakeward.settings import StorageSettings

from ..conftest import unavailable
from ..emulator import running_emulator
from .ceph import ACCESS_KEY, PACKAGES, SECRET_KEY, Ceph, missing_programs
from .command_line import Finished, lakeward

SERVICES = ("emulator", "ceph")
TOKEN = "a-session-token-that-nobody-may-see"
NO_CREDENTIALS = {
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"), ""),
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
}
LAKE = "s3://lake/some/prefix"


@dataclass(frozen=True)
class Service:
    """An S3 service with the bucket ``lake``, and the variables of a process that uses it."""

    endpoint: str
    variables: dict[str, str]

    @property
    def checks_credentials(self) -> bool:
        """Whether it refuses what it does not know; the emulator takes all."""
        return self.variables["AWS_SECRET_ACCESS_KEY"] == SECRET_KEY

    @property
    def secrets(self) -> list[str]:
        """What must not be found anywhere."""
        return [
            self.variables[name] for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN") if name in self.variables
        ]

    def run(self, *arguments: object, **variables: str) -> Finished:
        """Run a command on the service."""
        return lakeward(*arguments, **{**self.variables, **variables})

    def snapshot(self, monkeypatch: pytest.MonkeyPatch, lake: str = LAKE) -> Snapshot:
        """Return the newest snapshot of the lake; this process has the credentials until the test ends."""
        for name, value in (NO_CREDENTIALS | self.variables).items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        return Lake.open(lake, StorageSettings(endpoint_url=self.endpoint)).snapshot()

    def client(self) -> Any:
        """Return a client of its own, with this service's credentials."""
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        session = boto3.Session(*(self.variables.get(name) for name in names))
        return session.client("s3", endpoint_url=self.endpoint, region_name="us-east-1")

    def copy(self, prefix: str) -> str:
        """Copy the lake within the bucket; return where to."""
        client = self.client()
        for page in client.get_paginator("list_objects_v2").paginate(Bucket="lake", Prefix="some/prefix/"):
            for found in page["Contents"]:
                name = found["Key"].removeprefix("some/prefix/")
                source = {"Bucket": "lake", "Key": found["Key"]}
                client.copy_object(Bucket="lake", Key=f"{prefix}/{name}", CopySource=source)
        return f"s3://lake/{prefix}"


@contextmanager
def running_service(name: str) -> Iterator[Service]:
    """Start a service of :data:`SERVICES`, with an empty bucket."""
    if name == "emulator":
        with running_emulator() as endpoint:
            yield _service(endpoint, "temporary", "a-secret-that-nobody-may-see", TOKEN)
        return
    if missing_programs():
        unavailable(f"no {', '.join(missing_programs())}; `apt-get install {PACKAGES}` brings them")
    with TemporaryDirectory(prefix="ceph-") as folder, Ceph(Path(folder)) as ceph:
        yield _service(ceph.endpoint, ACCESS_KEY, SECRET_KEY)


def _service(endpoint: str, key: str, secret: str, token: str = "") -> Service:
    variables = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    variables |= {"AWS_SESSION_TOKEN": token} if token else {}
    service = Service(endpoint, {**variables, "LAKEWARD_STORAGE__ENDPOINT_URL": endpoint})
    service.client().create_bucket(Bucket="lake")
    return service
