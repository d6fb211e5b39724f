"""A bucket that refuses, and what each command then says to do, on the emulator and on Ceph."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeward.errors import StorageFailed
from lakeward.lake.s3_storage import S3Storage
from lakeward.lake.s3_upload import PARTS_FROM_BYTES
from lakeward.settings import StorageSettings

from .bucket_service import LAKE, NO_CREDENTIALS, SERVICES, Service, running_service
from .ceph import KEY_ID
from .faulty_service import Answer, Asked, Forward, faulty, refusal
from .small_market import SmallMarket


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Each of the services, with an empty bucket."""
    with running_service(request.param) as running:
        yield running


class TestAFailure:
    def test_without_the_bucket(self, service: Service, small_market: SmallMarket) -> None:
        run = service.run("run", "--config", small_market.configuration("july"), "--lake", "s3://nosuch/lake")
        assert run.status == 3
        assert "NoSuchBucket" in run.message
        assert "Create the bucket first, or correct `lake:`." in run.message

    @pytest.mark.parametrize("command", [("run", "--config"), ("tables",)], ids=lambda command: command[0])
    def test_without_credentials(self, service: Service, small_market: SmallMarket, command: tuple[str, ...]) -> None:
        configuration = [small_market.configuration("july")] if "--config" in command else []
        run = service.run(*command, *configuration, "--lake", LAKE, **NO_CREDENTIALS)
        assert run.status == 3
        assert "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in run.message

    def test_with_credentials_of_another(self, service: Service, small_market: SmallMarket) -> None:
        if not service.checks_credentials:
            return  # the emulator takes any
        wrong = {"AWS_SECRET_ACCESS_KEY": "another-secret"}
        run = service.run("run", "--config", small_market.configuration("july"), "--lake", LAKE, **wrong)
        assert run.status == 3
        assert "SignatureDoesNotMatch" in run.message
        assert "Check the credentials in the environment or profile." in run.message
        assert "another-secret" not in run.err

    def test_at_an_endpoint_where_nobody_listens(self, service: Service) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            once = {"LAKEWARD_STORAGE__ENDPOINT_URL": endpoint, "LAKEWARD_STORAGE__ATTEMPTS": "1"}
            run = service.run("tables", "--lake", LAKE, **once)
        assert run.status == 3
        assert endpoint in run.message
        assert "Check `storage.endpoint_url` and the network" in run.message

    def test_where_a_policy_denies_writing(self, service: Service, small_market: SmallMarket) -> None:
        client = service.client()
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::lake/denied/*",
        }
        client.put_bucket_policy(Bucket="lake", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        try:
            configuration = small_market.configuration("july")
            run = service.run("run", "--config", configuration, "--lake", "s3://lake/denied")
        finally:
            client.delete_bucket_policy(Bucket="lake")
        if not service.checks_credentials:
            return  # the emulator asks nobody for a right
        assert run.status == 3
        assert "AccessDenied" in run.message
        assert "Give this identity s3:PutObject for the lake's prefix" in run.message

    @pytest.mark.parametrize(
        ("answer", "advice"),
        [
            (refusal(400, "ExpiredToken"), "The credentials ran out: renew them"),
            (refusal(403, "RequestTimeTooSkewed"), "The clock of this machine is wrong"),
            (refusal(503, "SlowDown"), "The service asks for fewer requests"),
        ],
        ids=["expired", "clock", "throttled"],
    )
    def test_that_the_service_answers_with(self, service: Service, answer: Answer, advice: str) -> None:
        with faulty(service.endpoint) as line:
            line.rule = lambda _asked, _forward: answer
            there = {"LAKEWARD_STORAGE__ENDPOINT_URL": line.endpoint, "LAKEWARD_STORAGE__ATTEMPTS": "2"}
            run = service.run("tables", "--lake", LAKE, **there)
        assert run.status == 3
        assert advice in run.message

    def test_without_conditional_writes(
        self, service: Service, small_market: SmallMarket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def ignores(_asked: Asked, forward: Forward) -> Answer:
            answer = forward()
            return Answer(200, (("Content-Length", "0"),), b"") if answer.status == 412 else answer

        with faulty(service.endpoint) as line:
            line.rule = ignores
            there = {"LAKEWARD_STORAGE__ENDPOINT_URL": line.endpoint}
            configuration = small_market.configuration("july")
            run = service.run("run", "--config", configuration, "--lake", "s3://lake/careless", **there)
        assert run.status == 3
        assert "to create an object only where there is none" in run.message
        assert service.snapshot(monkeypatch, "s3://lake/careless").number == 0

    def test_at_an_endpoint_that_is_no_address(self, service: Service) -> None:
        run = service.run("tables", "--lake", LAKE, LAKEWARD_STORAGE__ENDPOINT_URL="127.0.0.1:9000")
        assert run.status == 2
        assert "`storage.endpoint_url` is no address of an S3 service." in run.message


class TestAKey:
    def storage(self, service: Service, monkeypatch: pytest.MonkeyPatch, key: str) -> S3Storage:
        service.snapshot(monkeypatch)
        settings = StorageSettings(endpoint_url=service.endpoint, encryption="aws:kms", kms_key_id=key)
        return S3Storage("lake", "encrypted", settings)

    def test_encrypts_every_object(self, service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        storage = self.storage(service, monkeypatch, KEY_ID)
        for name, size in (("small", 10), ("large", 2 * PARTS_FROM_BYTES)):
            (tmp_path / name).write_bytes(b"x" * size)
        storage.write("written", b"x")
        assert storage.create("created", b"x")
        storage.add_files([(tmp_path / name, name) for name in ("small", "large")])
        for path in ("written", "created", "small", "large"):
            head = service.client().head_object(Bucket="lake", Key=f"encrypted/{path}")
            assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", KEY_ID)
        assert storage.read("large") == b"x" * 2 * PARTS_FROM_BYTES

    def test_that_is_not_there(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        if not service.checks_credentials:
            return  # the emulator takes any
        storage = self.storage(service, monkeypatch, "no-such-key")
        with pytest.raises(StorageFailed, match=r"Check `storage.kms_key_id`: the key must be there"):
            storage.write("written", b"x")
