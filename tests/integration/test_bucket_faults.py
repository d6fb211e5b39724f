"""A bucket over a bad line, or whose service refuses: what can be repeated is, and the rest is explained."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakeward.errors import StorageFailed
from lakeward.lake.commit import Lake
from lakeward.lake.s3_storage import PROBE, S3Storage
from lakeward.settings import StorageSettings

from .faulty_service import Answer, Asked, Cut, FaultyService, Forward, Rule, faulty, refusal

KEY = "arn:aws:kms:us-east-1:111122223333:key/0123"
SEVERAL_PARTS = 40 * 2**20


@pytest.fixture
def service(s3_endpoint: str) -> Iterator[FaultyService]:
    """A bad line to the emulator."""
    with faulty(s3_endpoint) as proxy:
        emulator = S3Storage("lake", "some/prefix", StorageSettings(endpoint_url=s3_endpoint))
        emulator.delete(list(emulator.list("")))  # it keeps what earlier tests of this process wrote
        yield proxy


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat at once, so that tests of many repetitions are short."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
    monkeypatch.setattr("lakeward.lake.s3_storage._waits", lambda: iter([0.0] * 4 + [None]))


def storage_at(service: FaultyService, **settings: object) -> S3Storage:
    values = {"endpoint_url": service.endpoint, "attempts": 3, "timeout_seconds": 10, **settings}
    return S3Storage("lake", "some/prefix", StorageSettings.model_validate(values))


def always(answer: Answer) -> Rule:
    return lambda _asked, _forward: answer


def first(times: int, fault: Rule, applies: Callable[[Asked], bool] = lambda asked: True) -> Rule:
    """Do something to the first requests of a kind and forward all others."""
    left = [times]

    def rule(asked: Asked, forward: Forward) -> Answer:
        if applies(asked) and left[0]:
            left[0] -= 1
            return fault(asked, forward)
        return forward()

    return rule


def cut(_asked: Asked, _forward: Forward) -> Answer:
    raise Cut


def carried_out_and_cut(_asked: Asked, forward: Forward) -> Answer:
    forward()
    raise Cut


def slow_down(_asked: Asked, _forward: Forward) -> Answer:
    return refusal(503, "SlowDown", "Please reduce your request rate.")


def with_headers(**headers: str) -> Rule:
    """Have the service do another thing than was asked."""

    def rule(asked: Asked, forward: Forward) -> Answer:
        asked.headers = {n: v for n, v in asked.headers.items() if n.lower() not in headers} | headers
        return forward()

    return rule


REFUSALS = [
    (refusal(400, "ExpiredToken"), "The credentials ran out: renew them"),
    (refusal(403, "InvalidAccessKeyId"), "Check the credentials in the environment or profile."),
    (refusal(403, "AccessDenied"), "Give this identity s3:GetObject for the lake's prefix"),
    (refusal(403, "RequestTimeTooSkewed"), "The clock of this machine is wrong"),
    (refusal(404, "NoSuchBucket"), "Create the bucket first, or correct `lake:`."),
    (refusal(404, "NoSuchKey"), "The object is gone."),
    (refusal(400, "KMS.DisabledException"), "Check `storage.kms_key_id`"),
    (refusal(403, "AccessDenied", "not authorized to perform: kms:Decrypt"), "Check `storage.kms_key_id`"),
    (refusal(503, "SlowDown"), "The service asks for fewer requests"),
    (refusal(500, "InternalError"), "The service failed and went on failing"),
]


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(("answer", "advice"), REFUSALS, ids=lambda value: value[:30] if isinstance(value, str) else "")
def test_a_refusal_says_what_to_do(service: FaultyService, answer: Answer, advice: str) -> None:
    storage = storage_at(service)
    service.rule = always(answer)
    with pytest.raises(StorageFailed) as raised:
        storage.read("gold/a")
    assert "could not read 's3://lake/some/prefix/gold/a'.\n  found: " in str(raised.value)
    assert "The lake is as it was after its last commit." in str(raised.value)
    assert advice in str(raised.value)


@pytest.mark.parametrize("code", ["AuthorizationHeaderMalformed", "PermanentRedirect"])
def test_another_region_is_named_before_anything_is_written(service: FaultyService, code: str) -> None:
    storage = storage_at(service)

    def elsewhere(asked: Asked, forward: Forward) -> Answer:
        if "/us-east-1/" in asked.headers.get("Authorization", ""):
            status = 301 if code == "PermanentRedirect" else 400
            answer = refusal(status, code, Region="eu-west-1")
            return Answer(status, (*answer.headers, ("x-amz-bucket-region", "eu-west-1")), answer.body)
        return forward()

    service.rule = elsewhere
    with pytest.raises(StorageFailed, match=r"the bucket is in another region.(?s:.*)`storage.region: eu-west-1`"):
        Lake(storage).snapshot()
    assert [asked for asked in service.asked if asked.is_write] == []


class TestThrottling:
    @pytest.mark.usefixtures("no_waiting")
    def test_passes(self, service: FaultyService) -> None:
        storage = storage_at(service)
        service.rule = first(2, slow_down)
        storage.write("a", b"data")
        service.rule = first(2, slow_down)
        assert storage.read("a") == b"data"

    def test_is_waited_for(self, service: FaultyService, monkeypatch: pytest.MonkeyPatch) -> None:
        waited: list[float] = []
        monkeypatch.setattr("botocore.endpoint.time.sleep", waited.append)
        storage = storage_at(service, attempts=8)
        service.rule = first(6, slow_down)
        storage.write("a", b"data")
        assert len(waited) == 6
        assert max(waited) > 0
        assert max(waited) <= 20

    @pytest.mark.usefixtures("no_waiting")
    def test_of_some_keys_of_a_deletion(self, service: FaultyService) -> None:
        storage = storage_at(service)
        for name in ("a", "b"):
            storage.write(name, b"")

        def busy_for_b(asked: Asked, forward: Forward) -> Answer:
            asked.body = asked.body.replace(b"<Object><Key>some/prefix/b</Key></Object>", b"")
            asked.headers["Content-Length"] = str(len(asked.body))
            forward()
            found = b"<Error><Key>some/prefix/b</Key><Code>SlowDown</Code><Message>no</Message></Error>"
            body = b"<DeleteResult>" + found + b"</DeleteResult>"
            return Answer(200, (("Content-Length", str(len(body))),), body)

        service.rule = first(1, busy_for_b, lambda asked: asked.method == "POST")
        storage.delete(["a", "b"])
        assert list(storage.list("")) == []
        service.rule = first(99, busy_for_b, lambda asked: asked.method == "POST")
        storage.write("b", b"")
        with pytest.raises(StorageFailed, match=r"1 objects could not be deleted.\n  found: SlowDown for"):
            storage.delete(["b"])


@pytest.mark.usefixtures("no_waiting")
class TestALineThatIsCut:
    @pytest.mark.parametrize("fault", [cut, carried_out_and_cut], ids=["before", "after"])
    def test_writes_and_reads_all_the_same(self, service: FaultyService, tmp_path: Path, fault: Rule) -> None:
        storage = storage_at(service)
        (tmp_path / "large").write_bytes(b"x" * SEVERAL_PARTS)
        service.rule = first(2, fault)
        storage.write("a", b"data")
        service.rule = first(2, fault)
        storage.add(tmp_path / "large", "large")
        service.rule = first(2, fault)
        storage.delete(["gone"])
        service.rule = first(2, fault)
        assert storage.read("a") == b"data"
        assert {file.path: file.bytes for file in storage.files("")} == {"a": 4, "large": SEVERAL_PARTS}

    def test_in_the_middle_of_an_answer(self, service: FaultyService) -> None:
        storage = storage_at(service)
        storage.write("a", b"0123456789")
        service.rule = first(2, lambda _, forward: forward().cut())
        assert storage.read("a") == b"0123456789"
        service.rule = first(2, lambda _, forward: forward().cut())
        assert storage.read_range("a", 2, 6) == b"234567"
        service.rule = lambda _, forward: forward().cut()
        with pytest.raises(StorageFailed, match=r"The line is slow or cut: check the network, or raise"):
            storage.read("a")

    def test_for_good(self, service: FaultyService) -> None:
        storage = storage_at(service)
        service.rule = cut
        with pytest.raises(StorageFailed, match=r"Check `storage.endpoint_url` and the network"):
            storage.read("a")

    def test_after_a_commit_that_was_carried_out(self, service: FaultyService) -> None:
        storage = storage_at(service)
        service.rule = first(1, carried_out_and_cut, lambda asked: "commit" in asked.target)
        assert storage.create("commit", b"mine")
        assert not storage.create("commit", b"theirs")
        assert storage.read("commit") == b"mine"

    def test_after_a_commit_that_then_cannot_be_repeated(self, service: FaultyService) -> None:
        """The answer is lost, every repetition fails, and the object is there: it is ours, so the commit was made."""
        storage = storage_at(service)
        assert storage.create("earlier", b"")
        faults = iter([carried_out_and_cut, slow_down, slow_down])
        service.rule = first(3, lambda asked, forward: next(faults)(asked, forward))
        assert storage.create("commit", b"mine")

    def test_while_nobody_knows_whether_the_commit_was_made(self, service: FaultyService) -> None:
        storage = storage_at(service)
        assert storage.create("earlier", b"")
        service.rule = first(1, carried_out_and_cut)
        whole = service.rule

        def then_dead(asked: Asked, forward: Forward) -> Answer:
            if asked.method == "PUT" and not done:
                done.append(asked)
                return whole(asked, forward)
            raise Cut

        done: list[Asked] = []
        service.rule = then_dead
        with pytest.raises(StorageFailed, match=r"could not create(?s:.*)Whether it was written is not known"):
            storage.create("commit", b"mine")
        service.rule = lambda _, forward: forward()
        assert storage.read("commit") == b"mine"


class TestASlowService:
    def test_is_given_up_in_time_and_asked_again(self, service: FaultyService) -> None:
        storage = storage_at(service, timeout_seconds=0.3)
        ended = threading.Event()

        def stalls(_asked: Asked, forward: Forward) -> Answer:
            ended.wait(30)
            return forward()

        storage.write("a", b"data")
        service.rule = first(2, stalls)
        assert storage.read("a") == b"data"
        service.rule = stalls
        with pytest.raises(StorageFailed, match=r"(?s)imeout.*raise `storage.timeout_seconds`"):
            storage.read("a")
        ended.set()


@pytest.mark.usefixtures("no_waiting")
class TestConditionalWrites:
    def test_are_tried_before_the_first_commit(self, service: FaultyService) -> None:
        storage = storage_at(service)
        assert storage.create("commits/1", b"")
        assert storage.create("commits/2", b"")
        asked = [(a.method, a.key.rpartition("/")[2], a.headers.get("If-None-Match")) for a in service.asked]
        probe = PROBE.rpartition("/")[2]
        assert asked == [("PUT", probe, "*"), ("PUT", probe, "*"), ("PUT", "1", "*"), ("PUT", "2", "*")]
        assert storage_at(service).create("commits/3", b"")
        assert [a.key.rpartition("/")[2] for a in service.asked[4:]] == [probe, "3"]

    def test_that_are_ignored_are_refused_before_anything_relies_on_them(self, service: FaultyService) -> None:
        storage = storage_at(service)

        def ignores(asked: Asked, forward: Forward) -> Answer:
            asked.headers.pop("If-None-Match", None)
            return forward()

        service.rule = ignores
        for _ in range(2):
            with pytest.raises(StorageFailed, match=r"(?s)only where there is none.*keep the lake in a bucket of AWS"):
                storage.create("commits/1", b"")
        assert not storage.exists("commits/1")

    def test_that_are_not_there_at_all(self, service: FaultyService) -> None:
        storage = storage_at(service)
        service.rule = always(refusal(501, "NotImplemented", "A header you provided implies functionality"))
        with pytest.raises(StorageFailed, match=r"only where there is none"):
            storage.create("commits/1", b"")


class TestEncryption:
    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({}, {"x-amz-server-side-encryption": "AES256"}),
            (
                {"encryption": "aws:kms", "kms_key_id": KEY},
                {
                    "x-amz-server-side-encryption": "aws:kms",
                    "x-amz-server-side-encryption-aws-kms-key-id": KEY,
                    "x-amz-server-side-encryption-bucket-key-enabled": "true",
                },
            ),
        ],
        ids=["store's key", "KMS key"],
    )
    def test_is_asked_for_with_every_object(
        self, service: FaultyService, tmp_path: Path, settings: dict[str, str], said: dict[str, str]
    ) -> None:
        storage = storage_at(service, **settings)
        for name, size in (("small", 10), ("large", SEVERAL_PARTS)):
            (tmp_path / name).write_bytes(b"x" * size)
        storage.write("written", b"")
        storage.create("created", b"")
        storage.add_files([(tmp_path / name, name) for name in ("small", "large")])
        begun = [a for a in service.asked if a.is_write and ("uploads" in a.target or "?" not in a.target)]
        assert len(begun) == 6  # two of them for the probe of the first creation
        for asked in begun:
            headers = {name.lower(): value for name, value in asked.headers.items()}
            assert {name: headers.get(name) for name in said} == said
        for path in ("written", "created", "small", "large"):
            head = storage._client.head_object(Bucket="lake", Key=f"some/prefix/{path}")
            assert head["ServerSideEncryption"] == said["x-amz-server-side-encryption"]
            assert head.get("SSEKMSKeyId") == settings.get("kms_key_id")

    def test_that_the_store_did_otherwise_is_an_error(self, service: FaultyService) -> None:
        storage = storage_at(service, encryption="aws:kms", kms_key_id=KEY)

        service.rule = with_headers(**{"x-amz-server-side-encryption": "AES256"})
        with pytest.raises(StorageFailed, match=r"(?s)not encrypted as asked.*with the key.*found: 'AES256'"):
            storage.write("a", b"")
        other_key = KEY.replace("0123", "9999")
        service.rule = with_headers(**{"x-amz-server-side-encryption-aws-kms-key-id": other_key})
        with pytest.raises(StorageFailed, match=r"found: the key 'arn:.*9999'"):
            storage.write("a", b"")

    def test_that_nobody_reports(self, service: FaultyService, caplog: pytest.LogCaptureFixture) -> None:
        service.rule = lambda _, forward: forward().without("x-amz-server-side-encryption")
        with caplog.at_level(logging.WARNING, logger="lakeward"):
            storage_at(service, unreported_encryption="allow").write("a", b"")
            assert caplog.messages == []
            warned = storage_at(service)
            for name in ("a", "b"):
                warned.write(name, b"")
        assert len(caplog.messages) == 1
        assert "does not say whether it follows" in caplog.messages[0]
        with pytest.raises(StorageFailed, match="nothing said of encryption"):
            storage_at(service, unreported_encryption="refuse").write("a", b"")
        with pytest.raises(StorageFailed, match="nothing said of encryption"):
            storage_at(service, encryption="aws:kms", unreported_encryption="allow").write("a", b"")


def test_a_failed_file_of_many_is_told_and_the_others_are_not_waited_for(
    service: FaultyService, tmp_path: Path, no_waiting: None
) -> None:
    storage = storage_at(service, attempts=1)
    files = []
    for number in range(200):
        (tmp_path / f"{number}").write_bytes(b"x")
        files.append((tmp_path / f"{number}", f"gold/{number}"))

    def denied(asked: Asked, forward: Forward) -> Answer:
        return refusal(403, "AccessDenied") if asked.key.endswith("/gold/3") else forward()

    service.rule = denied
    with pytest.raises(StorageFailed, match=r"(?s)could not write 's3://lake/some/prefix/gold/3'.*s3:PutObject"):
        storage.add_files(files)
    assert len(service.asked) < len(files)
    seen = len(service.asked)
    time.sleep(0.2)
    assert len(service.asked) == seen


def test_files_are_sent_over_connections_that_are_used_again(service: FaultyService, tmp_path: Path) -> None:
    storage = storage_at(service)
    together = threading.Barrier(8, timeout=20)

    def meets_others(asked: Asked, forward: Forward) -> Answer:
        if asked.number < 8:
            together.wait()  # fails unless eight requests are under way at once
        return forward()

    service.rule = meets_others
    (tmp_path / "x").write_bytes(b"x")
    storage.add_files((tmp_path / "x", f"gold/{number}") for number in range(40))
    assert len(list(storage.list("gold/"))) == 40
