"""The whole line on a bucket: the same commands as on a folder give the same lake, and each failure says what to do."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
import pytest
from moto.server import ThreadedMotoServer

from lakeward.build import EngineLimits, build_releases
from lakeward.lake.commit import Lake, Snapshot
from lakeward.lake.runs import RUNS
from lakeward.publish.bucket import Bucket
from lakeward.relations import bronze_relations
from lakeward.settings import QualitySettings, StorageSettings
from lakeward.sources.registry import registered_files

from ..conftest import unavailable
from .ceph import ACCESS_KEY, PACKAGES, SECRET_KEY, Ceph, missing_programs
from .command_line import Finished, done, lakeward
from .lake_files import data_files, snapshot_of
from .small_market import SmallMarket

TOKEN = "a-session-token-that-nobody-may-see"
NO_CREDENTIALS = {
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"), ""),
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
}
LAKE = "s3://lake/some/prefix"
READERS = (
    ("tables", "--json"),
    ("tables", "fact_rate_enriched", "--json"),
    ("tables", "bronze.mrf__price", "--json"),
    ("partitions", "fact_rate_enriched", "--json"),
    ("lineage", "fact_rate_enriched", "--where", "code = '99213'", "--json"),
    ("query", "select * exclude (source_file_id) from fact_rate_enriched order by fact_uid limit 50", "--json"),
    ("query", "select _file_id, count(*) from bronze.mrf__price group by all order by all", "--json"),
    ("ledger", "--check"),
)


@dataclass(frozen=True)
class Service:
    """An S3 service with the bucket ``lake``, and the variables of a process that uses it."""

    endpoint: str
    variables: dict[str, str]

    @property
    def secrets(self) -> list[str]:
        """What must not be found anywhere."""
        return [
            self.variables[name] for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN") if name in self.variables
        ]

    def run(self, *arguments: object, **variables: str) -> Finished:
        """Run a command on the service."""
        return lakeward(*arguments, **{**self.variables, **variables})

    def snapshot(self, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
        """Return the newest snapshot of the lake; this process has the credentials from now on."""
        for name, value in self.variables.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)
        return Lake.open(LAKE, StorageSettings(endpoint_url=self.endpoint)).snapshot()


@pytest.fixture(scope="module", params=["emulator", "ceph"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The emulator, which takes temporary credentials unseen, and Ceph, which checks those it is given."""
    if request.param == "emulator":
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield _service(f"http://{host}:{port}", "temporary", "a-secret-that-nobody-may-see", TOKEN)
        server.stop()
        return
    if missing_programs():
        unavailable(f"no {', '.join(missing_programs())}; `apt-get install {PACKAGES}` brings them")
    with TemporaryDirectory(prefix="ceph-") as folder, Ceph(Path(folder)) as ceph:
        yield _service(ceph.endpoint, ACCESS_KEY, SECRET_KEY)


def _service(endpoint: str, key: str, secret: str, token: str = "") -> Service:
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret
    )
    client.create_bucket(Bucket="lake")
    variables = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    variables |= {"AWS_SESSION_TOKEN": token} if token else {}
    return Service(endpoint, {**variables, "LAKEWARD_STORAGE__ENDPOINT_URL": endpoint})


@pytest.fixture(scope="module")
def finished(service: Service, small_market: SmallMarket) -> Finished:
    """The small market's July, run into the bucket."""
    run = service.run("run", "--config", small_market.configuration("july"), "--lake", LAKE)
    assert run.status == 0, run.err
    return run


@pytest.mark.usefixtures("finished")
class TestALakeInABucket:
    def test_is_the_lake_of_a_folder(self, service: Service, july_lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bucket, folder = service.snapshot(monkeypatch), snapshot_of(july_lake)
        assert bucket.number == folder.number
        assert bucket.document == folder.document
        assert data_files(bucket) == data_files(folder)

    @pytest.mark.parametrize("command", READERS, ids=lambda command: " ".join(command[:2])[:40])
    def test_answers_as_a_folder_does(self, service: Service, july_lake: Path, command: tuple[str, ...]) -> None:
        bucket = service.run(*command, "--lake", LAKE)
        assert bucket.status == 0, bucket.err
        assert len(bucket.out) > 20
        assert bucket.out == done(*command, "--lake", july_lake).out

    def test_is_validated_and_its_runs_are_listed(self, service: Service, tmp_path: Path) -> None:
        report = tmp_path / "report.html"
        checked = service.run("validate", "--lake", LAKE, "--output", report)
        assert checked.status == 0, checked.err
        assert report.stat().st_size > 10_000
        assert [run["outcome"] for run in service.run("runs", "--lake", LAKE, "--json").json] == ["published"]

    def test_shows_no_secret(
        self, service: Service, finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        snapshot = service.snapshot(monkeypatch)
        rates = {file.file_id for file in registered_files(snapshot).values() if file.is_rates}
        limits = EngineLimits(500_000_000, 1, 10**9)
        options = StorageSettings(endpoint_url=service.endpoint)
        bucket = Bucket.of(LAKE, options)
        build_releases(bronze_relations(snapshot, rates), QualitySettings(), limits, tmp_path, bucket)
        storage = snapshot.lake.storage
        shown = {path: storage.read(path) for path in storage.list(f"{RUNS}/")}
        shown |= {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        shown |= {"stdout": finished.out.encode(), "stderr": finished.err.encode()}
        assert any(b"s3://lake" in content for content in shown.values())
        assert [
            name for name, content in shown.items() for secret in service.secrets if secret.encode() in content
        ] == []


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
        if service.secrets != [SECRET_KEY]:
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
            run = service.run("tables", "--lake", LAKE, LAKEWARD_STORAGE__ENDPOINT_URL=endpoint, AWS_MAX_ATTEMPTS="1")
        assert run.status == 3
        assert endpoint in run.message
        assert "Check `storage.endpoint_url` and the network" in run.message

    def test_at_an_endpoint_that_is_no_address(self, service: Service) -> None:
        run = service.run("tables", "--lake", LAKE, LAKEWARD_STORAGE__ENDPOINT_URL="127.0.0.1:9000")
        assert run.status == 2
        assert "`storage.endpoint_url` is no address of an S3 service." in run.message


def test_a_dry_run_needs_no_credentials(small_market: SmallMarket) -> None:
    configuration = small_market.configuration("july")
    run = lakeward("run", "--dry-run", "--config", configuration, "--lake", LAKE, **NO_CREDENTIALS)
    assert run.status == 0
    assert f"into {LAKE}" in run.out
