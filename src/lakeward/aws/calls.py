"""Calls to AWS: clients with patience, and refusals in words.

In: the name of a service and a region. Out: a client with the credentials that every AWS tool finds; inside
:func:`explained`, one of our errors for whatever AWS or the network refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from lakeward.errors import ResourceError

GIVE_CREDENTIALS = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then run the same command again."
WHAT_TO_DO = {
    "AccessDenied": "Use the transform role of `lakeward aws template`, or give this identity its rights.",
    "AccessDeniedException": "Use the transform role of `lakeward aws template`, or give this identity its rights.",
    "ExpiredToken": "The credentials have run out: sign in again.",
    "ExpiredTokenException": "The credentials have run out: sign in again.",
    "InvalidClientTokenId": "Check the credentials in the environment or profile.",
    "UnrecognizedClientException": "Check the credentials in the environment or profile.",
    "InvalidSignatureException": "Check the credentials, and that this machine's clock is right.",
    "SignatureDoesNotMatch": "Check the credentials, and that this machine's clock is right.",
    "Throttling": "AWS asks to wait: run the same command again in a minute.",
    "ThrottlingException": "AWS asks to wait: run the same command again in a minute.",
    "ConcurrentModificationException": "Another registration is going on: run the same command again when it is done.",
}


def aws_client(service: str, region: str, tries: int = 8, seconds: int = 60) -> Any:
    """Return a client that repeats what was throttled or cut off.

    Args:
        service: such as ``glue``.
        region: of the lake.
        tries: of a call, the first among them.
        seconds: to wait for a connection, and for an answer.
    """
    retries: Any = {"total_max_attempts": tries, "mode": "standard"}
    settings = Config(region_name=region, retries=retries, connect_timeout=seconds, read_timeout=seconds)
    with explained(f"reach {service}"):
        # A session of its own: boto3's default one keeps the credentials that it found first.
        return boto3.Session().client(service, config=settings)


@contextmanager
def explained(
    verb: str, left_behind: str = "What was done before stays and can be done again.", rights: str = ""
) -> Iterator[None]:
    """Turn what AWS refuses into one message.

    Args:
        verb: what was tried, such as ``register the table 'x'``.
        left_behind: what a refusal leaves.
        rights: what to do about missing rights, where they are not those of the transform role.

    Raises:
        ResourceError: AWS refused, or could not be reached.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise ResourceError(
            f"AWS would not {verb}.\n  found: {error}\n{left_behind} {_advice(error, rights)}"
        ) from error


def _advice(error: Exception, rights: str) -> str:
    if isinstance(error, NoCredentialsError):
        return GIVE_CREDENTIALS
    if isinstance(error, NoRegionError):
        return "Say `storage: {region: …}` in lakeward.yaml."
    code = str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""
    if rights and code.startswith("AccessDenied"):
        return rights
    return WHAT_TO_DO.get(code, "Check the region, the network and the credentials, then run the same command again.")
