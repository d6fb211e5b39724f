"""Uploads finished files to a bucket, several at once: small ones in one request each, large ones in parts.

In: a client, and local files with their keys. Out: objects, each of which the store says is encrypted as asked.
"""

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from boto3.s3.transfer import TransferConfig, create_transfer_manager

from lakeward.lake.s3_client import PARALLEL_REQUESTS
from lakeward.lake.s3_encryption import Encryption
from lakeward.lake.s3_errors import explained

PART_BYTES = 16 * 2**20
PARTS_FROM_BYTES = 2 * PART_BYTES
"""Files from this size on are sent in parts, several at once."""
FILES_AHEAD = 64
"""Files whose upload is under way or waits; each is kept in memory as a name, not as bytes."""
TRANSFER = TransferConfig(
    multipart_threshold=PARTS_FROM_BYTES,
    multipart_chunksize=PART_BYTES,
    max_concurrency=PARALLEL_REQUESTS,
    preferred_transfer_client="classic",
)


class Uploads:
    """Uploads to one bucket; the threads are started with the first file.

    Args:
        client: of boto3; its answers are looked at for each request.
        bucket: where the objects go.
        encryption: what is asked of the store.
    """

    def __init__(self, client: Any, bucket: str, encryption: Encryption) -> None:
        self._client, self._bucket, self._encryption = client, bucket, encryption

    def send(self, files: Iterable[tuple[Path, str]]) -> None:
        """Upload files, each to its key; returns when all are there.

        Raises:
            StorageFailed: one could not be written; those after it are not started.
        """
        under_way: deque[tuple[Path, str, Any]] = deque()
        try:
            for local, key in files:
                upload = self._threads.upload(str(local), self._bucket, key)
                under_way.append((local, key, upload))
                if len(under_way) > FILES_AHEAD:
                    self._finish(*under_way.popleft())
            while under_way:
                self._finish(*under_way.popleft())
        finally:
            for _, _, upload in under_way:
                upload.cancel()
            for _, _, upload in under_way:
                with suppress(Exception):  # what went wrong is told by the upload that failed first
                    upload.result()

    @cached_property
    def _threads(self) -> Any:
        return create_transfer_manager(self._client, TRANSFER)

    def _finish(self, local: Path, key: str, upload: Any) -> None:
        with explained("write", f"s3://{self._bucket}/{key}"):
            upload.result()
            if local.stat().st_size >= PARTS_FROM_BYTES:
                # The answer that ends an upload in parts does not say everywhere how the object is encrypted.
                self._encryption.require(self._client.head_object(Bucket=self._bucket, Key=key))
