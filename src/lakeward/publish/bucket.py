"""A bucket as DuckDB reads it: the engine's extension, where the bucket is, and the credentials every AWS tool finds.

In: a connection, and the lake's address with its storage settings. Out: the same connection, which reads the bucket for
as long as the credentials hold. They stand in a temporary secret of the connection, which no file ever gets: not the
database file, not a statement's text, not the engine's log.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import duckdb

from lakeward.errors import StorageFailed
from lakeward.lake.storage import S3Options, endpoint_of
from lakeward.publish.sql import quoted

SCHEME = "s3://"
LAKE_VARIABLE = "LAKEWARD_BUILD_LAKE"
REGION_VARIABLE = "LAKEWARD_BUILD_REGION"
ENDPOINT_VARIABLE = "LAKEWARD_BUILD_ENDPOINT"
SETTINGS_OF_ENGINE = {
    "allow_persistent_secrets": "false",  # nor are those read that the user's own DuckDB keeps
    "autoinstall_known_extensions": "false",
}
SETTINGS_OF_EXTENSION = {
    "http_retries": "6",
    "http_retry_backoff": "2",  # six waits of 6 s in all; eight of the usual backoff of 4 would be half an hour
    "enable_http_metadata_cache": "true",  # a data file's name comes from its content: what was asked once holds
    "validate_external_file_cache": "'NO_VALIDATION'",
}
LONGEST_FOUND = 500


def is_bucket(url: str) -> bool:
    """Tell whether the address of a lake is that of a bucket."""
    return url.startswith(SCHEME)


@dataclass(frozen=True)
class Bucket:
    """Where a lake in a bucket is and how it is reached; nothing of it is secret.

    Args:
        url: ``s3://bucket/prefix`` of the lake.
        region: of the bucket.
        endpoint_url: of an S3 service other than AWS's own.
    """

    url: str
    region: str
    endpoint_url: str | None = None

    @classmethod
    def of(cls, url: str, options: S3Options) -> Self | None:
        """Return the bucket of a lake; none for a lake in a folder."""
        return cls(url, options.region, endpoint_of(options)) if is_bucket(url) else None

    @classmethod
    def from_variables(cls, values: Mapping[str, Any]) -> Self | None:
        """Return the bucket that :meth:`variables` described; none when it described none."""
        url = values.get(LAKE_VARIABLE) or ""
        return cls(url, values[REGION_VARIABLE], values[ENDPOINT_VARIABLE] or None) if url else None

    def variables(self) -> dict[str, str]:
        """Return the variables of a process that tell it where the bucket is."""
        return {LAKE_VARIABLE: self.url, REGION_VARIABLE: self.region, ENDPOINT_VARIABLE: self.endpoint_url or ""}

    @property
    def name(self) -> str:
        """The name of the bucket."""
        return urlsplit(self.url).netloc


class BucketReader:
    """Lets connections read a bucket, with credentials that are renewed while it lives.

    Args:
        bucket: to read.

    Raises:
        StorageFailed: there are no credentials.
    """

    def __init__(self, bucket: Bucket) -> None:
        import boto3  # a third of a second that a local lake need not pay
        from botocore.exceptions import BotoCoreError

        self.bucket, self._given = bucket, None
        try:
            self._credentials = boto3.Session().get_credentials()
        except BotoCoreError as error:
            raise _no_credentials(bucket, str(error)) from None
        if self._credentials is None:
            raise _no_credentials(bucket, "none in the environment, the profile or the machine's role")

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a new connection what it reads the bucket with.

        Raises:
            StorageFailed: the engine's extension is missing, or credentials that ran out were not renewed.
        """
        _set(connection, SETTINGS_OF_ENGINE)
        try:
            connection.execute(f"load {quoted(str(_httpfs()))}")
        except (duckdb.IOException, ModuleNotFoundError) as error:
            raise StorageFailed(
                f"{self.bucket.url}: the engine's extension for buckets cannot be loaded.\n"
                f"  expected: the package duckdb-extension-httpfs {duckdb.__version__}\n"
                f"  found: {str(error).splitlines()[0]}\nInstall Lakeward again with its own requirements."
            ) from None
        _set(connection, SETTINGS_OF_EXTENSION)
        self._given = None
        self.renew(connection)

    def renew(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a connection the credentials of now, if they are others than it has.

        Raises:
            StorageFailed: credentials that ran out were not renewed.
        """
        from botocore.exceptions import BotoCoreError

        try:
            frozen = self._credentials.get_frozen_credentials()
        except BotoCoreError as error:
            raise _no_credentials(self.bucket, str(error)) from None
        if frozen == self._given:
            return
        secrets = {"key_id": frozen.access_key, "secret": frozen.secret_key, "session_token": frozen.token or ""}
        # As parameters: the text of a statement ends up in messages, traces and logs.
        asked = [f"{name} ?" for name in secrets] + [f"{name} {quoted(value)}" for name, value in self._place().items()]
        try:
            connection.execute(
                f"create or replace temporary secret lake (type s3, provider config, {', '.join(asked)})",
                list(secrets.values()),
            )
        except duckdb.Error as error:
            # Not its words: they may repeat what it was given.
            raise _no_credentials(self.bucket, f"the engine refused them, {type(error).__name__}") from None
        self._given = frozen

    def _place(self) -> dict[str, str]:
        place = {"region": self.bucket.region, "scope": f"{SCHEME}{self.bucket.name}"}
        if self.bucket.endpoint_url:
            scheme, _, host = self.bucket.endpoint_url.rpartition("://")
            place |= {
                "endpoint": host.rstrip("/"),
                "url_style": "path",
                "use_ssl": "false" if scheme == "http" else "true",
            }
        return place


@contextmanager
def refusals_of(bucket: Bucket | None) -> Iterator[None]:
    """Turn what the engine says when a bucket refuses it into our error; without a bucket, nothing is changed.

    Raises:
        StorageFailed: the bucket refused a request, or did not answer.
    """
    try:
        yield
    except duckdb.IOException as error:
        if bucket is None or not is_refusal(str(error)):
            raise
        raise refused(bucket, str(error)) from error


def is_refusal(message: str) -> bool:
    """Tell whether the engine's words are about a request to a bucket."""
    return "HTTP Error: " in message or " for HTTP " in message


def refused(bucket: Bucket, message: str) -> StorageFailed:
    """Return the error that explains what the engine says of a request to a bucket."""
    words = message[message.find("HTTP Error: ") :] if "HTTP Error: " in message else message
    found = words.splitlines()[0][:LONGEST_FOUND]
    return StorageFailed(
        f"The lake's storage could not be read at '{bucket.url}'.\n  found: {found}\n"
        f"The lake is as it was after its last commit. {_advice(found, bucket)}"
    )


def _advice(found: str, bucket: Bucket) -> str:
    again = "then run the same command again."
    status = re.search(r"HTTP (\d{3})", found)
    match status.group(1) if status else "":
        case "401" | "403":
            return f"Check that the credentials have not run out and may read below the prefix, {again}"
        case "301" | "400":
            return f"Check that the bucket is in `storage.region`, '{bucket.region}', and the credentials hold, {again}"
        case "404":
            return "The object is gone. If the lake was cleaned by hand, run `lakeward run` again."
    return f"Check `storage.endpoint_url` and the network, {again}"


def _no_credentials(bucket: Bucket, found: str) -> StorageFailed:
    return StorageFailed(
        f"There are no credentials for '{bucket.url}'.\n  found: {found}\n"
        "The lake is as it was after its last commit. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, then run the same command again."
    )


def _set(connection: duckdb.DuckDBPyConnection, settings: Mapping[str, str]) -> None:
    for name, value in settings.items():
        connection.execute(f"set {name} = {value}")


def _httpfs() -> Path:
    """Return the engine's extension for buckets, which comes as a package: nothing is downloaded at run time."""
    package = Path(str(resources.files("duckdb_extension_httpfs")))
    return package / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"


def bucket_of_process() -> Bucket | None:
    """Return the bucket that the variables of this process describe."""
    return Bucket.from_variables(os.environ)
