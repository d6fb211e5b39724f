"""Encryption by the store: what is asked for with every object, and whether the store says that it did so.

In: the storage settings and a client. Out: the same client, which asks for encryption with whatever it writes, and
looks at what the store answers. Services say it in the answer to each write, so the check costs no request of its own.
"""

import logging
from collections.abc import Mapping
from typing import Any

from lakeward.errors import StorageFailed
from lakeward.lake.storage import S3Options, endpoint_of

logger = logging.getLogger(__name__)

KMS = "aws:kms"
WRITES = ("PutObject", "CreateMultipartUpload")
"""The requests that say how an object is to be encrypted, and whose answer says how it is."""


class Encryption:
    """What a lake's objects are encrypted with at rest.

    Args:
        url: of the lake, for messages.
        options: algorithm and key, and what to do where a store does not say what it did.
    """

    def __init__(self, url: str, options: S3Options) -> None:
        self.url, self.algorithm, self.key_id = url, options.encryption, options.kms_key_id
        self._refuses_silence = (
            options.unreported_encryption == "refuse" or self.algorithm == KMS or endpoint_of(options) is None
        )
        self._warns = options.unreported_encryption == "warn"

    def hold(self, client: Any) -> None:
        """Have whatever a client writes encrypted as asked, and each answer looked at.

        By events of the client: threads that upload files in parts make requests of their own, and take no bucket key.
        """

        def asked(params: dict[str, Any], **_: object) -> dict[str, Any]:
            return params | self._arguments()

        def checked(http_response: Any, parsed: Mapping[str, Any], **_: object) -> None:
            if http_response.status_code < 300:
                self.require(parsed)

        for operation in WRITES:
            client.meta.events.register(f"provide-client-params.s3.{operation}", asked)
            client.meta.events.register(f"after-call.s3.{operation}", checked)

    def require(self, answer: Mapping[str, Any]) -> None:
        """Compare what a store says of an object with what was asked.

        Raises:
            StorageFailed: it says otherwise, or nothing where it has to.
        """
        found, key = answer.get("ServerSideEncryption"), answer.get("SSEKMSKeyId")
        if found is None and not self._refuses_silence:
            self._warn_once()
        elif found != self.algorithm:
            raise self._not_as_asked(f"'{found}'" if found else "nothing said of encryption")
        elif self.key_id and not _is_key(self.key_id, key):
            raise self._not_as_asked(f"the key '{key}'")

    def _arguments(self) -> dict[str, Any]:
        asked: dict[str, Any] = {"ServerSideEncryption": self.algorithm}
        if self.algorithm == KMS:
            asked["BucketKeyEnabled"] = True  # else every object is a paid request to the key service
            if self.key_id:
                asked["SSEKMSKeyId"] = self.key_id
        return asked

    def _warn_once(self) -> None:
        if self._warns:
            self._warns = False
            logger.warning(
                "%s: the store takes the wish for encryption (%s) and does not say whether it follows; "
                "`storage.unreported_encryption` is `refuse` to stop here, `allow` to go on without this line",
                self.url,
                self.algorithm,
            )

    def _not_as_asked(self, found: str) -> StorageFailed:
        asked = f"'{self.algorithm}'" + (f" with the key '{self.key_id}'" if self.key_id else "")
        return StorageFailed(
            f"{self.url}: an object that was written is not encrypted as asked.\n"
            f"  expected: {asked}\n  found: {found}\n"
            "No commit names the object, so no reader sees it; delete it if it must not be there. "
            "Check `storage.encryption`, `storage.kms_key_id` and the bucket's own encryption, then run it again."
        )


def _is_key(asked: str, found: object) -> bool:
    """Tell whether the store's name of a key is the one asked for; it answers an id with the key's full name."""
    if "alias/" in asked:
        return bool(found)  # which key an alias stands for is not said
    return found == asked or (not asked.startswith("arn:") and str(found).endswith(f"/{asked}"))
