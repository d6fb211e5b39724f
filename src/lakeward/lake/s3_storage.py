"""A lake in a bucket. A PUT is atomic in itself; ``If-None-Match: *`` makes the one that must not overwrite.

The condition goes with a single PUT only: some services ignore it when a multipart upload is completed. So commits,
which are small, are single PUTs; data files, whose names come from their content, may be written twice. A service that
ignores the condition altogether is found out before the first commit that relies on it.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from lakeward.errors import StorageFailed
from lakeward.lake.s3_client import s3_client
from lakeward.lake.s3_encryption import Encryption
from lakeward.lake.s3_errors import BROKEN_OFF, DENIED, UNKNOWN, code_of, explained, failed, is_undecided
from lakeward.lake.s3_upload import Uploads
from lakeward.lake.storage import S3Options, StoredFile

logger = logging.getLogger(__name__)

PROBE = "_lakeward/create-only"
"""An empty object that every lake in a bucket has: creating it again must be refused."""
KEYS_A_DELETE = 1000
TRIES = 5


class S3Storage:
    """The storage of a lake under a prefix of a bucket.

    Credentials are found as every AWS tool finds them: environment, profile, or the machine's role.

    Args:
        bucket: the bucket, which must exist.
        prefix: what every key of the lake starts with; may be empty.
        options: region, endpoint, encryption, and how long to try.

    Raises:
        UsageError: the endpoint is no address.
    """

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        self.bucket, self.prefix, self.options = bucket, prefix.strip("/"), options
        self.url = f"s3://{bucket}/{self.prefix}".rstrip("/")
        encryption = Encryption(self.url, options)
        self._client = s3_client(self.url, options)
        encryption.hold(self._client)
        self._uploads = Uploads(self._client, bucket, encryption)

    def url_for(self, path: str) -> str:
        return f"{self.url}/{path}"

    def read(self, path: str) -> bytes:
        return self._get(path)

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        return self._get(path, Range=f"bytes={offset}-{offset + length - 1}")

    def exists(self, path: str) -> bool:
        with explained("look up", self.url_for(path)):
            try:
                self._client.head_object(**self._object(path))
            except ClientError as error:
                if code_of(error) in ("404", "NoSuchKey"):
                    return False
                raise
            return True

    def write(self, path: str, data: bytes) -> None:
        with explained("write", self.url_for(path)):
            self._client.put_object(**self._object(path), Body=data)

    def create(self, path: str, data: bytes) -> bool:
        self._require_conditional_writes()
        try:
            with explained("create", self.url_for(path)):
                return self._put_new(path, data) or self.read(path) == data
        except StorageFailed as failure:
            error = failure.__cause__
            if not isinstance(error, ClientError | BotoCoreError) or not is_undecided(error):
                raise
            with suppress(StorageFailed):
                return self.read(path) == data
            raise failed("create", self.url_for(path), error, UNKNOWN) from error

    def add(self, local: Path, path: str) -> None:
        self.add_files([(local, path)])

    def add_files(self, files: Iterable[tuple[Path, str]]) -> None:
        self._uploads.send((local, self._key(path)) for local, path in files)

    def add_tree(self, local: Path, path: str) -> None:
        files = sorted(file for file in local.rglob("*") if file.is_file())
        self.add_files((file, f"{path}/{file.relative_to(local).as_posix()}") for file in files)

    def files(self, prefix: str) -> Iterator[StoredFile]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._key(prefix))
        with explained("list", self.url_for(prefix)):
            for page in pages:
                for found in page.get("Contents", ()):
                    yield StoredFile(self._path(found["Key"]), found["Size"], found["LastModified"])

    def list(self, prefix: str) -> Iterator[str]:
        return (file.path for file in self.files(prefix))

    def delete(self, paths: Iterable[str]) -> None:
        keys = [self._key(path) for path in paths]
        for start in range(0, len(keys), KEYS_A_DELETE):
            self._delete(keys[start : start + KEYS_A_DELETE])

    def discard_unfinished(self, before: datetime) -> int:
        pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix=self._key(""))
        try:
            stale = [found for page in pages for found in page.get("Uploads", ()) if found["Initiated"] < before]
            for upload in stale:
                self._client.abort_multipart_upload(Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        except ClientError as error:
            if code_of(error) not in (*DENIED, "NoSuchUpload"):
                raise failed("clean up", self.url, error) from error
            # Rights that were given before there was this clean-up; the bucket's lifecycle does it too.
            logger.warning("%s: uploads that were not finished stay: %s", self.url, error)
            return 0
        except BotoCoreError as error:
            raise failed("clean up", self.url, error) from error
        return len(stale)

    def _get(self, path: str, **asked: str) -> bytes:
        with explained("read", self.url_for(path)):
            for wait in _waits():
                answer = self._client.get_object(**self._object(path), **asked)
                try:
                    return bytes(answer["Body"].read())
                except BROKEN_OFF:
                    if wait is None:
                        raise
                    time.sleep(wait)
        raise AssertionError("the loop ends by return or raise")

    def _put_new(self, path: str, data: bytes) -> bool:
        """Put an object if there is none; return whether the service says that this call did."""
        for wait in _waits():
            try:
                self._client.put_object(**self._object(path), Body=data, IfNoneMatch="*")
            except ClientError as error:
                if code_of(error) in ("PreconditionFailed", "412"):
                    return False
                if code_of(error) not in ("ConditionalRequestConflict", "409") or wait is None:
                    raise
                time.sleep(wait)
            else:
                return True
        raise AssertionError("the loop ends by return or raise")

    def _require_conditional_writes(self) -> None:
        if not self._may_create:
            raise StorageFailed(
                f"{self.url}: the service does not keep its promise to create an object only where there is none.\n"
                f"  expected: 412 for a second PUT of '{PROBE}' with `If-None-Match: *`\n  found: it was overwritten\n"
                "Nothing of this run is visible. Two runs at once could lose one's work here: keep the lake in a "
                "bucket of AWS S3, Ceph or another service with conditional writes, or in a folder."
            )

    @cached_property
    def _may_create(self) -> bool:
        """Whether the service refuses to create what is there; some take the header and ignore it."""
        with explained("create", self.url_for(PROBE)):
            try:
                return not self._put_new(PROBE, b"") or not self._put_new(PROBE, b"")
            except ClientError as error:
                if code_of(error) in ("NotImplemented", "501"):
                    return False
                raise

    def _delete(self, keys: Sequence[str]) -> None:
        for wait in _waits():
            batch = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
            with explained("delete", f"{len(keys)} objects of {self.url}"):
                failures = self._client.delete_objects(Bucket=self.bucket, Delete=batch).get("Errors", [])
            if not failures:
                return
            if wait is None:
                raise StorageFailed(
                    f"{self.url}: {len(failures)} objects could not be deleted.\n"
                    f"  found: {failures[0]['Code']} for '{failures[0]['Key']}'\n"
                    "Nothing that a commit names was touched."
                )
            # A batch is answered with success also where the service was too busy for some of its keys.
            keys = [failure["Key"] for failure in failures]
            time.sleep(wait)

    def _object(self, path: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self._key(path)}

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path

    def _path(self, key: str) -> str:
        return key[len(self.prefix) + 1 :] if self.prefix else key


def _waits() -> Iterator[float | None]:
    """Yield how long to wait after each try; none after the last."""
    yield from (0.1 * 2**attempt for attempt in range(TRIES - 1))
    yield None
