"""The connection to a bucket: credentials of its own, a warning where there is no TLS, keys by any of their names."""

import logging

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, UnauthorizedSSOTokenError

from lakeward.errors import StorageFailed
from lakeward.lake.s3_encryption import Encryption
from lakeward.lake.s3_errors import explained, is_undecided
from lakeward.lake.s3_storage import S3Storage

from .conftest import Options

ARN = "arn:aws:kms:us-east-1:111122223333:key/0123-4567"


def test_each_lake_takes_the_credentials_of_now(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("first", "second"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", name)
        storage = S3Storage("lake", "", Options(endpoint_url=s3_endpoint))
        assert storage._client._get_credentials().access_key == name


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("http://s3.example.org:7480", True),
        ("https://s3.example.org", False),
        ("http://127.0.0.1:7480", False),
        ("http://localhost:7480", False),
        (None, False),
    ],
)
def test_an_address_without_tls_is_warned_of(
    caplog: pytest.LogCaptureFixture, address: str | None, warned: bool
) -> None:
    with caplog.at_level(logging.WARNING, logger="lakeward"):
        S3Storage("lake", "", Options(endpoint_url=address))
    assert ["is reached without TLS" in message for message in caplog.messages] == [True] * warned


@pytest.mark.parametrize(
    ("asked", "found", "fits"),
    [
        (ARN, ARN, True),
        ("0123-4567", ARN, True),
        ("0123-4567", "0123-4567", True),
        ("alias/lake", ARN, True),
        ("alias/lake", None, False),
        (ARN, ARN.replace("0123", "9999"), False),
        ("4567", ARN, False),
        (ARN, None, False),
        (None, ARN, True),
    ],
)
def test_a_key_has_several_names(asked: str | None, found: str | None, fits: bool) -> None:
    encryption = Encryption("s3://lake", Options(encryption="aws:kms", kms_key_id=asked))
    answer = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": found}
    if fits:
        encryption.require(answer)
        return
    with pytest.raises(StorageFailed, match="not encrypted as asked"):
        encryption.require(answer)


def test_aws_has_to_say_how_it_encrypts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StorageFailed, match="nothing said of encryption"):
        Encryption("s3://lake", Options(unreported_encryption="allow")).require({})


def refusal(status: int, code: str, operation: str = "PutObject") -> ClientError:
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (refusal(403, "AccessDenied", "ListObjectsV2"), "s3:ListBucket"),
        (refusal(403, "AccessDenied", "CompleteMultipartUpload"), "s3:PutObject"),
        (refusal(403, "403", "HeadObject"), "s3:GetObject"),
        (refusal(400, "400", "HeadObject"), "have not run out"),
        (refusal(400, "KMS.NotFoundException"), "storage.kms_key_id"),
        (NoCredentialsError(), "AWS_PROFILE"),
        (UnauthorizedSSOTokenError(), "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://nowhere"), "storage.endpoint_url"),
    ],
    ids=lambda value: getattr(value, "operation_name", type(value).__name__) if isinstance(value, Exception) else "",
)
def test_an_error_says_what_to_do(error: Exception, advice: str) -> None:
    with pytest.raises(StorageFailed) as raised, explained("write", "s3://lake/a"):
        raise error
    assert "could not write 's3://lake/a'" in str(raised.value)
    assert advice in str(raised.value)


@pytest.mark.parametrize(
    ("error", "undecided"),
    [
        (refusal(500, "InternalError"), True),
        (refusal(503, "SlowDown"), True),
        (EndpointConnectionError(endpoint_url="http://nowhere"), True),
        (refusal(403, "AccessDenied"), False),
        (NoCredentialsError(), False),
    ],
)
def test_what_may_have_been_carried_out(error: Exception, undecided: bool) -> None:
    assert is_undecided(error) is undecided
