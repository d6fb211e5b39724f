"""A lake in a bucket. A PUT is atomic in itself; ``If-None-Match: *`` makes the one that must not overwrite.

The condition goes with a single PUT only: some services ignore it when a multipart upload is completed. So commits,
which are small, are single PUTs; data files, whose names come from their content, may be written twice.
"""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    InvalidRegionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from lakeward.errors import StorageFailed, UsageError
from lakeward.lake.storage import S3Options, StoredFile, endpoint_of

PARALLEL_REQUESTS = 16
KEYS_A_DELETE = 1000
CONFLICT_TRIES = 5
TRANSFER = TransferConfig(multipart_threshold=64 * 2**20, multipart_chunksize=32 * 2**20, max_concurrency=4)

GIVE_CREDENTIALS = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then run the same command again."
RENEW_CREDENTIALS = "The credentials ran out: renew them, then run the same command again."
CORRECT_REGION = "Set `storage.region` to the region of the bucket, then run the same command again."
CORRECT_ENDPOINT = "Check `storage.endpoint_url` and the network, then run the same command again."
WHAT_TO_DO = {
    "PermanentRedirect": CORRECT_REGION,
    "AuthorizationHeaderMalformed": CORRECT_REGION,
    "301": CORRECT_REGION,
    "ExpiredToken": RENEW_CREDENTIALS,
    "ExpiredTokenException": RENEW_CREDENTIALS,
    "RequestExpired": RENEW_CREDENTIALS,
    "InvalidToken": RENEW_CREDENTIALS,
    "NoSuchBucket": "Create the bucket first, or correct `lake:`.",
    "AccessDenied": "Give this identity the right to list, read, write and delete under the prefix.",
    "403": "Give this identity the right to list, read, write and delete under the prefix.",
    "InvalidAccessKeyId": "Check the credentials in the environment or profile.",
    "SignatureDoesNotMatch": "Check the credentials in the environment or profile.",
    "NoSuchKey": "The object is gone. If the lake was cleaned by hand, run `lakeward run` again.",
    "404": "The object is gone. If the lake was cleaned by hand, run `lakeward run` again.",
}


class S3Storage:
    """The storage of a lake under a prefix of a bucket.

    Credentials are found as every AWS tool finds them: environment, profile, or the machine's role.

    Args:
        bucket: the bucket, which must exist.
        prefix: what every key of the lake starts with; may be empty.
        options: region, endpoint and encryption.

    Raises:
        UsageError: the endpoint is no address.
    """

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        self.bucket, self.prefix, self.options = bucket, prefix.strip("/"), options
        self.url = f"s3://{bucket}/{self.prefix}".rstrip("/")
        self._encryption: dict[str, Any] = {"ServerSideEncryption": options.encryption}
        if options.kms_key_id:
            self._encryption |= {"SSEKMSKeyId": options.kms_key_id, "BucketKeyEnabled": True}
        endpoint_url = endpoint_of(options)
        settings = Config(
            region_name=options.region,
            retries={"max_attempts": 8, "mode": "standard"},
            max_pool_connections=2 * PARALLEL_REQUESTS,
            s3={"addressing_style": "path"} if endpoint_url else {},
        )
        with self._explained("reach", ""):
            try:
                self._client = boto3.client("s3", endpoint_url=endpoint_url, config=settings)
            except InvalidRegionError:
                raise
            except ValueError as error:
                raise UsageError(
                    f"`storage.endpoint_url` is no address of an S3 service.\n  expected: http://… or https://…\n"
                    f"  found: '{endpoint_url}'\nNothing was read or written."
                ) from error

    def url_for(self, path: str) -> str:
        return f"{self.url}/{path}"

    def read(self, path: str) -> bytes:
        with self._explained("read", path):
            return bytes(self._client.get_object(Bucket=self.bucket, Key=self._key(path))["Body"].read())

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        asked = f"bytes={offset}-{offset + length - 1}"
        with self._explained("read", path):
            answer = self._client.get_object(Bucket=self.bucket, Key=self._key(path), Range=asked)
            return bytes(answer["Body"].read())

    def exists(self, path: str) -> bool:
        with self._explained("look up", path):
            try:
                self._client.head_object(Bucket=self.bucket, Key=self._key(path))
            except ClientError as error:
                if _code(error) in ("404", "NoSuchKey"):
                    return False
                raise
            return True

    def write(self, path: str, data: bytes) -> None:
        with self._explained("write", path):
            self._client.put_object(Bucket=self.bucket, Key=self._key(path), Body=data, **self._encryption)

    def create(self, path: str, data: bytes) -> bool:
        with self._explained("create", path):
            for attempt in range(CONFLICT_TRIES):
                try:
                    self._client.put_object(
                        Bucket=self.bucket, Key=self._key(path), Body=data, IfNoneMatch="*", **self._encryption
                    )
                except ClientError as error:
                    if _code(error) in ("PreconditionFailed", "412"):
                        # A PUT that was repeated after a lost answer meets its own object.
                        return self.read(path) == data
                    if _code(error) not in ("ConditionalRequestConflict", "409") or attempt + 1 == CONFLICT_TRIES:
                        raise
                    time.sleep(0.1 * 2**attempt)
                else:
                    return True
        raise AssertionError("the loop ends by return or raise")

    def add(self, local: Path, path: str) -> None:
        with self._explained("write", path):
            self._client.upload_file(
                str(local), self.bucket, self._key(path), ExtraArgs=self._encryption, Config=TRANSFER
            )

    def add_tree(self, local: Path, path: str) -> None:
        files = sorted(file for file in local.rglob("*") if file.is_file())
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            targets = [f"{path}/{file.relative_to(local).as_posix()}" for file in files]
            list(pool.map(self.add, files, targets))

    def files(self, prefix: str) -> Iterator[StoredFile]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._key(prefix))
        skipped = len(self.prefix) + 1 if self.prefix else 0
        with self._explained("list", prefix):
            for page in pages:
                for found in page.get("Contents", ()):
                    yield StoredFile(found["Key"][skipped:], found["Size"], found["LastModified"])

    def list(self, prefix: str) -> Iterator[str]:
        return (file.path for file in self.files(prefix))

    def delete(self, paths: Iterable[str]) -> None:
        keys = [{"Key": self._key(path)} for path in paths]
        for start in range(0, len(keys), KEYS_A_DELETE):
            with self._explained("delete", f"{len(keys)} objects"):
                answer = self._client.delete_objects(
                    Bucket=self.bucket, Delete={"Objects": keys[start : start + KEYS_A_DELETE], "Quiet": True}
                )
            for failure in answer.get("Errors", ())[:1]:
                raise StorageFailed(
                    f"{self.url}: {len(answer['Errors'])} objects could not be deleted.\n"
                    f"  found: {failure['Code']} for '{failure['Key']}'\nNothing that a commit names was touched."
                )

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path

    @contextmanager
    def _explained(self, verb: str, path: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError, Boto3Error) as error:
            where = self.url_for(path) if path else self.url
            raise StorageFailed(
                f"The lake's storage could not {verb} '{where}'.\n  found: {error}\n"
                f"The lake is as it was after its last commit. {_advice(error)}"
            ) from error


def _advice(error: Exception) -> str:
    match error:
        case ClientError():
            return WHAT_TO_DO.get(_code(error), CORRECT_ENDPOINT)
        case NoCredentialsError() | PartialCredentialsError() | ProfileNotFound():
            return GIVE_CREDENTIALS
        case InvalidRegionError():
            return CORRECT_REGION
        case ConnectionError() | HTTPClientError():
            return CORRECT_ENDPOINT
    return "Check the address, the network and the credentials, then run the same command again."


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
