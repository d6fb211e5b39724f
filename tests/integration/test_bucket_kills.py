"""A lake on Ceph whose runs are killed fifty times, whose store is killed under them, and that two runs write at once.

After each kill the lake is that of the last commit, whole; what the store acknowledged is there; and a reader that
looks all the time never sees anything between two commits.
"""

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from lakeward.errors import StorageFailed
from lakeward.lake.commit import COMMITS, Lake, Snapshot
from lakeward.lake.entries import NAME_CHARACTERS
from lakeward.lake.s3_storage import S3Storage
from lakeward.lake.sweep import sweep
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT
from lakeward.publish.writer import publish_build
from lakeward.settings import StorageSettings

from ..conftest import unavailable
from .ceph import ACCESS_KEY, PACKAGES, SECRET_KEY, Ceph, missing_programs
from .faulty_service import Answer, Asked, Cut, FaultyService, Forward, faulty
from .killed_publisher import Build, Publisher, Publishing, publisher

KILLS_AT_A_MOMENT = 30
KILLS_AT_A_REQUEST = 20
KILLS_OF_THE_STORE = 3
LARGE = 60 * 2**20
JUNE, JULY, GEORGIA = "acme.al.2025-06", "acme.al.2025-07", "acme.ga.2025-06"


@pytest.fixture(scope="module")
def ceph() -> Iterator[Ceph]:
    """A store that keeps what it acknowledged when it is killed, with the bucket ``lake``."""
    if missing_programs():
        unavailable(f"no {', '.join(missing_programs())}; `apt-get install {PACKAGES}` brings them")
    with TemporaryDirectory(prefix="ceph-") as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        environment.delenv("AWS_SESSION_TOKEN", raising=False)
        with Ceph(Path(folder), durable=True) as running:
            _client(running.endpoint).create_bucket(Bucket="lake")
            yield running


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Build]:
    """Two versions of the same two releases."""
    folder = tmp_path_factory.mktemp("builds")
    return {n: Build.make(folder / f"{n}" / "build.duckdb", n, (JUNE, JULY)) for n in (1, 2)}


@pytest.fixture
def publishers(ceph: Ceph, tmp_path: Path) -> Iterator[tuple[Publisher, Publisher]]:
    """Two that publish, each in one process at a time."""
    with publisher(tmp_path / "first") as first, publisher(tmp_path / "second") as second:
        yield first, second


def _client(endpoint: str) -> Any:
    return boto3.Session(ACCESS_KEY, SECRET_KEY).client("s3", endpoint_url=endpoint, region_name="us-east-1")


def opened(ceph: Ceph, prefix: str, **settings: Any) -> Lake:
    values = {"endpoint_url": ceph.endpoint, "unreported_encryption": "allow", **settings}
    return Lake(S3Storage("lake", prefix, StorageSettings.model_validate(values)))


def require_whole(snapshot: Snapshot) -> int:
    """Read every file of a snapshot and compare it with its name, which says its content; return how many there are."""
    files = [file for table in snapshot.tables() for file in snapshot.files(table)]
    for file in files:
        digest = hashlib.sha256(snapshot.lake.storage.read(file.path)).hexdigest()[:NAME_CHARACTERS]
        assert digest in file.path
    return len(files)


@dataclass
class Watcher:
    """Looks at a lake all the time, as a reader would, and remembers what must not be seen."""

    lake: Lake
    expected: list[Any]
    looks: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def look(self, last: int) -> int:
        """Read the newest snapshot and one file of each table."""
        snapshot = self.lake.snapshot()
        if snapshot.document not in self.expected:
            self.wrong.append(f"commit {snapshot.number} is no state of the lake")
        if snapshot.number < last:
            self.wrong.append(f"commit {last} was seen, then commit {snapshot.number}")
        require_whole(snapshot)
        self.looks += 1
        number: int = snapshot.number
        return number


@contextmanager
def watching(watcher: Watcher) -> Iterator[Watcher]:
    """Have a reader look at a lake until the end of the block; fails if it saw what it must not see."""
    ended = threading.Event()

    def watch() -> None:
        last = 0
        while not ended.is_set():
            try:
                last = watcher.look(last)
            except StorageFailed:
                watcher.refused += 1
            except Exception as error:
                watcher.wrong.append(repr(error))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield watcher
    finally:
        ended.set()
        thread.join()
    assert watcher.wrong == []
    assert watcher.looks


def documents_of(ceph: Ceph, publisher: Publisher, builds: dict[int, Build], prefix: str) -> dict[int, Any]:
    """Publish each version alone and return what the lake then says; the last one stands."""
    documents = {}
    for version, build in builds.items():
        publisher.run(build, prefix, ceph.endpoint)
        documents[version] = opened(ceph, prefix).snapshot().document
    return documents


@contextmanager
def killed_at_request(ceph: Ceph, number: int, *, forwarded: bool) -> Iterator[tuple[FaultyService, list[Publishing]]]:
    """A line to the store; whoever is in the list dies at a request, before or after the store has carried it out."""
    victims: list[Publishing] = []

    def rule(asked: Asked, forward: Forward) -> Answer:
        if asked.number < number:
            return forward()
        if asked.number == number and forwarded:
            forward()
        for victim in victims:
            victim.kill()
        raise Cut

    with faulty(ceph.endpoint) as line:
        line.rule = rule
        yield line, victims


@dataclass
class Versions:
    """Builds that the lake has never had, so that no file of theirs is there from an earlier run."""

    folder: Path
    documents: list[Any] = field(default_factory=list)
    build: Build | None = None

    def next(self) -> Build:
        """Make the next version, and publish it into a folder to learn what the lake must then say."""
        number = len(self.documents) + 1
        self.build = Build.make(self.folder / f"{number}" / "build.duckdb", number, (JUNE, JULY))
        built = SimpleNamespace(database=self.build.database, manifest=self.build.manifest)
        transaction = Lake.open(str(self.folder / f"{number}" / "lake"), StorageSettings()).begin("run")
        publish_build(built, transaction, COMPACT, Resources(10**9, 1, self.folder / "scratch"))
        self.documents.append(transaction.commit().document)
        return self.build


def test_fifty_kills(ceph: Ceph, publishers: tuple[Publisher, Publisher], tmp_path: Path) -> None:
    publisher, _ = publishers
    versions = Versions(tmp_path / "versions")
    publisher.run(versions.next(), "kills", ceph.endpoint)
    lake, chance = opened(ceph, "kills"), random.Random(50)
    with faulty(ceph.endpoint) as counted:
        started = time.monotonic()
        publisher.run(versions.next(), "kills", counted.endpoint)
        duration, requests = time.monotonic() - started, len(counted.asked)
    standing, killed, wanted = versions.documents[-1], 0, versions.next()
    assert lake.snapshot().document == standing
    with watching(Watcher(opened(ceph, "kills"), versions.documents)) as watcher:
        while killed < KILLS_AT_A_MOMENT + KILLS_AT_A_REQUEST:
            with ExitStack() as stack:
                if killed < KILLS_AT_A_MOMENT:
                    publishing = publisher.start(wanted, "kills", ceph.endpoint)
                    time.sleep(chance.uniform(0, duration))
                    publishing.kill()
                else:
                    # Each request of a run in turn, those of its commit among them.
                    at, forwarded = divmod(killed - KILLS_AT_A_MOMENT, 2)
                    last = requests - 1 - at
                    line, victims = stack.enter_context(killed_at_request(ceph, last, forwarded=bool(forwarded)))
                    publishing = publisher.start(wanted, "kills", line.endpoint)
                    victims.append(publishing)
                killed += publishing.status() == -9
            assert publishing.said("broke") == []
            snapshot = lake.snapshot()
            assert snapshot.document in (standing, versions.documents[-1])
            if publishing.said("committed"):
                assert snapshot.document == versions.documents[-1]
            require_whole(snapshot)
            if snapshot.document != standing:
                standing, wanted = snapshot.document, versions.next()
        publisher.run(wanted, "kills", ceph.endpoint)
        assert lake.snapshot().document == versions.documents[-1]
    assert watcher.refused == 0
    sweep(lake, timedelta(seconds=-1), keep_commits=1)
    assert set(lake.storage.list("gold/")) == {f for f in lake.snapshot().paths() if f.startswith("gold/")}
    require_whole(lake.snapshot())
    assert lake.commit_numbers() == [lake.snapshot().number]


def test_the_store_is_killed_under_a_run(
    ceph: Ceph, builds: dict[int, Build], publishers: tuple[Publisher, Publisher]
) -> None:
    publisher, _ = publishers
    documents = documents_of(ceph, publisher, builds, "store")
    lake, standing, chance = opened(ceph, "store", attempts=20), 2, random.Random(3)
    watcher = Watcher(opened(ceph, "store", attempts=1, timeout_seconds=5), list(documents.values()))
    with watching(watcher):
        for _ in range(KILLS_OF_THE_STORE):
            wanted = 3 - standing
            publishing = publisher.start(builds[wanted], "store", ceph.endpoint, attempts=20)
            enough = chance.randint(1, 3)
            while len(publishing.said("stored")) < enough:
                time.sleep(0.005)
            ceph.kill()
            ceph.restart()
            status = publishing.status()
            assert status == 0, publishing.said("failed")
            kept = set(lake.storage.list(""))
            assert [path for path in publishing.said("stored") if path not in kept] == []
            assert lake.snapshot().document == documents[wanted]
            require_whole(lake.snapshot())
            standing = wanted
    assert watcher.refused  # it did look while the store was away


def test_an_upload_that_was_killed_is_cleaned_up_by_the_sweep(
    ceph: Ceph, builds: dict[int, Build], publishers: tuple[Publisher, Publisher], tmp_path: Path
) -> None:
    client, lake = _client(ceph.endpoint), opened(ceph, "unfinished")
    (tmp_path / "large").write_bytes(b"x" * LARGE)

    def dies(asked: Asked, forward: Forward) -> Answer:
        if "partNumber=2" in asked.target or (asked.method == "DELETE" and "uploadId" in asked.target):
            raise Cut  # a killed run aborts nothing
        return forward()

    with faulty(ceph.endpoint) as line:
        line.rule = dies
        storage = S3Storage("lake", "unfinished", StorageSettings(endpoint_url=line.endpoint, attempts=1))
        with pytest.raises(StorageFailed):
            storage.add(tmp_path / "large", "gold/large")
    client.create_multipart_upload(Bucket="lake", Key="unfinished-other/of-another-lake")

    def keys() -> list[str]:
        return [upload["Key"] for upload in client.list_multipart_uploads(Bucket="lake").get("Uploads", [])]

    assert keys() == ["unfinished-other/of-another-lake", "unfinished/gold/large"]
    sweep(lake)
    assert len(keys()) == 2  # as young as a run that goes on
    sweep(lake, timedelta(seconds=-1))
    assert keys() == ["unfinished-other/of-another-lake"]


def test_a_failed_upload_leaves_no_parts(ceph: Ceph, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * LARGE)

    def dies(asked: Asked, forward: Forward) -> Answer:
        if "partNumber=2" in asked.target:
            raise Cut
        return forward()

    with faulty(ceph.endpoint) as line:
        line.rule = dies
        storage = S3Storage("lake", "failed", StorageSettings(endpoint_url=line.endpoint, attempts=2))
        with pytest.raises(StorageFailed, match="could not write 's3://lake/failed/gold/large'"):
            storage.add(tmp_path / "large", "gold/large")
    left = _client(ceph.endpoint).list_multipart_uploads(Bucket="lake", Prefix="failed/").get("Uploads", [])
    assert left == []


@contextmanager
def commits_together(ceph: Ceph, runs: int) -> Iterator[FaultyService]:
    """A line to the store on which the first commits of some runs wait for each other."""
    together = threading.Barrier(runs, timeout=60)
    waited: list[Asked] = []

    def rule(asked: Asked, forward: Forward) -> Answer:
        if f"/{COMMITS}/" in asked.key and asked.is_write and len(waited) < runs:
            waited.append(asked)
            together.wait()
        return forward()

    with faulty(ceph.endpoint) as line:
        line.rule = rule
        yield line


class TestTwoRunsAtOnce:
    def publish(
        self, ceph: Ceph, publishers: tuple[Publisher, Publisher], prefix: str, first: Build, second: Build
    ) -> list[tuple[int, Publishing]]:
        with commits_together(ceph, 2) as line:
            pair = [p.start(b, prefix, line.endpoint) for p, b in zip(publishers, (first, second), strict=True)]
            return [(publishing.status(), publishing) for publishing in pair]

    def test_of_the_same_input_make_one_lake(
        self, ceph: Ceph, builds: dict[int, Build], publishers: tuple[Publisher, Publisher]
    ) -> None:
        runs = self.publish(ceph, publishers, "same", builds[1], builds[1])
        assert [status for status, _ in runs] == [0, 0]
        lake = opened(ceph, "same")
        assert lake.commit_numbers() == [1]
        assert require_whole(lake.snapshot())

    def test_of_other_releases_make_both_visible(
        self, ceph: Ceph, publishers: tuple[Publisher, Publisher], tmp_path: Path
    ) -> None:
        first = Build.make(tmp_path / "a" / "build.duckdb", 1, (JUNE, JULY), mart=False)
        second = Build.make(tmp_path / "b" / "build.duckdb", 1, (GEORGIA,), mart=False)
        runs = self.publish(ceph, publishers, "other", first, second)
        assert [status for status, _ in runs] == [0, 0]
        for build in (first, second):
            publishers[0].run(build, "one-after-the-other", ceph.endpoint)
        lake = opened(ceph, "other")
        assert lake.commit_numbers() == [1, 2]
        assert lake.snapshot().document == opened(ceph, "one-after-the-other").snapshot().document
        assert require_whole(lake.snapshot())

    def test_of_the_same_slices_end_one_of_them_with_what_to_do(
        self, ceph: Ceph, builds: dict[int, Build], publishers: tuple[Publisher, Publisher]
    ) -> None:
        runs = self.publish(ceph, publishers, "conflict", builds[1], builds[2])
        assert sorted(status for status, _ in runs) == [0, 3]
        ((kind, message),) = next(run.said("failed") for status, run in runs if status)
        assert kind == "ConcurrentCommit"
        assert "Nothing of this run is visible. Run the same command again" in message
        lake = opened(ceph, "conflict")
        assert lake.commit_numbers() == [1]
        lost = builds[2] if runs[1][0] else builds[1]
        publishers[0].run(lost, "conflict", ceph.endpoint)
        publishers[0].run(lost, "alone", ceph.endpoint)
        assert lake.snapshot().document == opened(ceph, "alone").snapshot().document
        assert lake.commit_numbers() == [1, 2]
