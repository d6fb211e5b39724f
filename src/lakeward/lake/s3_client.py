"""The connection to a bucket's service: retries, timeouts and pooled connections, and a look at every answer.

In: the storage settings. Out: a client of boto3. Credentials are found as every AWS tool finds them, by a session of
the lake's own: boto3's shared one keeps those that it found first.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import InvalidRegionError

from lakeward.errors import StorageFailed, UsageError
from lakeward.lake.s3_errors import explained
from lakeward.lake.storage import S3Options, endpoint_of

logger = logging.getLogger(__name__)

PARALLEL_REQUESTS = 16
CONNECT_SECONDS = 10
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def s3_client(url: str, options: S3Options) -> Any:
    """Return a client for a lake's bucket.

    Args:
        url: of the lake, for messages.
        options: region, endpoint, timeout and attempts.

    Raises:
        UsageError: the endpoint is no address.
        StorageFailed: the region is none, or the profile is not there.
    """
    endpoint_url = endpoint_of(options)
    _warn_of_the_open(endpoint_url)
    settings = Config(
        region_name=options.region,
        # Waits grow to 20 s; throttled and failed requests and cut connections are repeated.
        retries={"total_max_attempts": options.attempts, "mode": "standard"},
        connect_timeout=min(CONNECT_SECONDS, options.timeout_seconds),
        read_timeout=options.timeout_seconds,
        max_pool_connections=2 * PARALLEL_REQUESTS,
        s3={"addressing_style": "path"} if endpoint_url else {},
    )
    with explained("reach", url):
        try:
            client = boto3.Session().client("s3", endpoint_url=endpoint_url, config=settings)
        except InvalidRegionError:
            raise
        except ValueError as error:
            raise UsageError(
                f"`storage.endpoint_url` is no address of an S3 service.\n  expected: http://… or https://…\n"
                f"  found: '{endpoint_url}'\nNothing was read or written."
            ) from error
    client.meta.events.register("after-call.s3", _require_region(url, options.region))
    return client


def _warn_of_the_open(endpoint_url: str | None) -> None:
    address = urlsplit(endpoint_url or "")
    if address.scheme == "http" and address.hostname not in THIS_MACHINE:
        logger.warning(
            "%s is reached without TLS: data and temporary credentials go over the network in the open; "
            "give an https:// address",
            endpoint_url,
        )


def _require_region(url: str, region: str) -> Callable[..., None]:
    def require(context: Mapping[str, Any], **_: object) -> None:
        # boto3 would go on in the other region, asking twice each time; the engine that reads the lake cannot.
        if context.get("s3_redirect", {}).get("redirected"):
            found = context.get("signing", {}).get("region", "another region")
            raise StorageFailed(
                f"{url}: the bucket is in another region.\n  expected: {region}\n  found: {found}\n"
                f"Nothing was written. Set `storage.region: {found}`, then run the same command again."
            )

    return require
