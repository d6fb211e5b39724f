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
    "AccessDeniedException": "Use the transform role of `lakeward aws template`, or give this identity its rights.",
    "ExpiredToken": "The credentials have run out: sign in again.",
    "ExpiredTokenException": "The credentials have run out: sign in again.",
    "UnrecognizedClientException": "Check the credentials in the environment or profile.",
    "InvalidSignatureException": "Check the credentials, and that this machine's clock is right.",
    "ThrottlingException": "AWS asks to wait: run the same command again in a minute.",
    "ConcurrentModificationException": "Another registration is going on: run the same command again when it is done.",
}


def aws_client(service: str, region: str) -> Any:
    """Return a client that repeats what was throttled or cut off.

    Args:
        service: such as ``glue``.
        region: of the lake.
    """
    settings = Config(region_name=region, retries={"max_attempts": 8, "mode": "standard"})
    with explained(f"reach {service}"):
        return boto3.client(service, config=settings)


@contextmanager
def explained(verb: str) -> Iterator[None]:
    """Turn what AWS refuses into one message.

    Args:
        verb: what was tried, such as ``register the table 'x'``.

    Raises:
        ResourceError: AWS refused, or could not be reached.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        advice = "Check the region, the network and the credentials, then run the same command again."
        if isinstance(error, ClientError):
            advice = WHAT_TO_DO.get(str(error.response.get("Error", {}).get("Code", "")), advice)
        elif isinstance(error, NoCredentialsError):
            advice = GIVE_CREDENTIALS
        elif isinstance(error, NoRegionError):
            advice = "Say `storage: {region: …}` in lakeward.yaml."
        raise ResourceError(
            f"AWS would not {verb}.\n  found: {error}\nWhat was done before stays and can be done again. {advice}"
        ) from error
