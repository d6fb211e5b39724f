"""The object store that the benchmarks of a bucket run on: Ceph on the loopback address, as the tests start it.

In: nothing. Out: a :class:`Store` with an empty bucket, which counts what it is asked.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from tests.integration.ceph import ACCESS_KEY, SECRET_KEY, Ceph, Request, missing_programs

from lakeward.settings import StorageSettings

__all__ = ["BUCKET", "Request", "Store", "missing_programs", "object_store"]

BUCKET = "lake"
REGION = "us-east-1"


@dataclass(frozen=True)
class Store:
    """A running store with the bucket ``lake``."""

    ceph: Ceph
    client: Any

    @property
    def settings(self) -> StorageSettings:
        """What Lakeward reaches it with."""
        return StorageSettings(endpoint_url=self.ceph.endpoint)

    @property
    def variables(self) -> dict[str, str]:
        """What every AWS tool reaches it with."""
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.ceph.endpoint,
        }

    def stored(self, prefix: str) -> dict[str, int]:
        """Return the keys below a prefix with their sizes."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", ())}

    def clear(self, prefix: str) -> None:
        """Delete what is below a prefix, so that every round starts alike and the store's memory suffices."""
        keys = [{"Key": key} for key in self.stored(prefix)]
        for start in range(0, len(keys), 1000):
            self.client.delete_objects(Bucket=BUCKET, Delete={"Objects": keys[start : start + 1000], "Quiet": True})

    def requests_of(self, action: Callable[[], object]) -> list[Request]:
        """Return what the store was asked while something was done, from its own log."""
        before = len(self.ceph.access_log())
        action()
        return self.ceph.access_log()[before:]


@contextmanager
def object_store() -> Iterator[Store]:
    """Start a store; this process has its credentials meanwhile."""
    with TemporaryDirectory(prefix="ceph-") as folder, Ceph(Path(folder)) as ceph:
        session = boto3.Session(ACCESS_KEY, SECRET_KEY)
        store = Store(ceph, session.client("s3", endpoint_url=ceph.endpoint, region_name=REGION))
        store.client.create_bucket(Bucket=BUCKET)
        before = dict(os.environ)
        os.environ.update(store.variables)
        try:
            yield store
        finally:
            os.environ.clear()
            os.environ.update(before)
