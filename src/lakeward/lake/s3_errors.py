"""What a bucket refuses, in words that say what to do: which request failed, what came back, and what to type next.

In: an error of boto3, or of a store that does not do what a lake needs. Out: :class:`StorageFailed` with one message.
Nothing of an error that is shown holds a secret: services repeat names of keys, never keys.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    InvalidRegionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    ResponseStreamingError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from lakeward.errors import StorageFailed

UNCHANGED = "The lake is as it was after its last commit."
UNKNOWN = "Whether it was written is not known; readers see all of it or nothing, and the same command finds out."
AGAIN = "then run the same command again."
GIVE_CREDENTIALS = f"Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, {AGAIN}"
RENEW_CREDENTIALS = f"The credentials ran out: renew them (`aws sso login`, or a new token), {AGAIN}"
CHECK_CREDENTIALS = "Check the credentials in the environment or profile."
CORRECT_REGION = f"Set `storage.region` to the region of the bucket, {AGAIN}"
CORRECT_ENDPOINT = f"Check `storage.endpoint_url` and the network, {AGAIN}"
SET_CLOCK = f"The clock of this machine is wrong, and requests are signed with it: set it (`timedatectl`), {AGAIN}"
WAIT = "The service asks for fewer requests, and went on asking while they were repeated: wait some minutes, " + AGAIN
WAIT_FOR_SERVICE = f"The service failed and went on failing while requests were repeated: wait some minutes, {AGAIN}"
CHECK_KEY = f"Check `storage.kms_key_id`: the key must be there, enabled, and this identity may use it; {AGAIN}"
GONE = "The object is gone. If the lake was cleaned by hand, run `lakeward run` again."
SLOW_LINE = f"The line is slow or cut: check the network, or raise `storage.timeout_seconds`, {AGAIN}"
WHAT_TO_DO = {
    "PermanentRedirect": CORRECT_REGION,
    "AuthorizationHeaderMalformed": CORRECT_REGION,
    "IllegalLocationConstraintException": CORRECT_REGION,
    "301": CORRECT_REGION,
    "400": f"Check that the credentials have not run out and that `storage.region` is the bucket's, {AGAIN}",
    "ExpiredToken": RENEW_CREDENTIALS,
    "ExpiredTokenException": RENEW_CREDENTIALS,
    "RequestExpired": RENEW_CREDENTIALS,
    "InvalidToken": RENEW_CREDENTIALS,
    "TokenRefreshRequired": RENEW_CREDENTIALS,
    "NoSuchBucket": "Create the bucket first, or correct `lake:`.",
    "InvalidBucketName": "Correct `lake:`; a bucket has 3 to 63 small letters, digits, dots and hyphens.",
    "InvalidAccessKeyId": CHECK_CREDENTIALS,
    "SignatureDoesNotMatch": CHECK_CREDENTIALS,
    "RequestTimeTooSkewed": SET_CLOCK,
    "SlowDown": WAIT,
    "503": WAIT,
    "Throttling": WAIT,
    "ThrottlingException": WAIT,
    "TooManyRequests": WAIT,
    "InternalError": WAIT_FOR_SERVICE,
    "ServiceUnavailable": WAIT,
    "500": WAIT_FOR_SERVICE,
    "RequestTimeout": SLOW_LINE,
    "QuotaExceeded": "The store is full for this user: free some space there, or raise the quota, " + AGAIN,
    "NoSuchKey": GONE,
    "404": GONE,
}
RIGHTS = {
    "ListObjectsV2": "s3:ListBucket",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "DeleteObjects": "s3:DeleteObject",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
}
"""The right that each request needs, as policies name it."""
DENIED = ("AccessDenied", "403")
BROKEN_OFF = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
"""How an answer ends too early, after its first byte; boto3 repeats only requests that have no answer yet."""
SIGN_IN_FAILED = (CredentialRetrievalError, SSOTokenLoadError, TokenRetrievalError, UnauthorizedSSOTokenError)


@contextmanager
def explained(verb: str, where: str) -> Iterator[None]:
    """Turn what boto3 raises into an error that says what to do.

    Args:
        verb: what could not be done, such as ``read``.
        where: the address of the object, or of the lake.

    Raises:
        StorageFailed: the service refused, or could not be reached.
    """
    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error) as error:
        raise failed(verb, where, error) from error


def failed(verb: str, where: str, error: Exception, left: str = UNCHANGED) -> StorageFailed:
    """Return the error that explains what boto3 raised; ``left`` says how the lake was left behind."""
    return StorageFailed(f"The lake's storage could not {verb} '{where}'.\n  found: {error}\n{left} {_advice(error)}")


def code_of(error: ClientError) -> str:
    """Return the code of a refusal, such as ``NoSuchBucket``, or its status where the answer had no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_undecided(error: Exception) -> bool:
    """Tell whether a request may have been carried out all the same: there was no answer, or that of a failure."""
    if isinstance(error, ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500
    return isinstance(error, ConnectionError | HTTPClientError)


def _advice(error: Exception) -> str:
    match error:
        case ClientError():
            return _advice_on_refusal(error)
        case NoCredentialsError() | PartialCredentialsError() | ProfileNotFound():
            return GIVE_CREDENTIALS
        case InvalidRegionError():
            return CORRECT_REGION
        case ReadTimeoutError() | IncompleteReadError() | ResponseStreamingError():
            return SLOW_LINE
        case ConnectionError() | HTTPClientError():
            return CORRECT_ENDPOINT
    if isinstance(error, SIGN_IN_FAILED):
        return RENEW_CREDENTIALS
    return f"Check the address, the network and the credentials, {AGAIN}"


def _advice_on_refusal(error: ClientError) -> str:
    code = code_of(error)
    if code.startswith("KMS.") or "kms" in str(error).lower():
        return CHECK_KEY
    if code in DENIED:
        right = RIGHTS.get(error.operation_name, "the right to list, read, write and delete")
        return f"Give this identity {right} for the lake's prefix (or take away the policy that denies it), {AGAIN}"
    return WHAT_TO_DO.get(code, CORRECT_ENDPOINT)
