"""The whole line on a bucket: the same commands as on a folder give the same lake."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeward.build import EngineLimits, build_releases
from lakeward.lake.runs import RUNS
from lakeward.publish.bucket import Bucket
from lakeward.relations import bronze_relations
from lakeward.settings import QualitySettings, StorageSettings
from lakeward.sources.registry import registered_files

from .bucket_service import LAKE, NO_CREDENTIALS, SERVICES, Service, running_service
from .command_line import Finished, done, lakeward, start
from .lake_files import data_files, snapshot_of
from .small_market import MONTHS, SmallMarket

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


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Each of the services, with an empty bucket."""
    with running_service(request.param) as running:
        yield running


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

    def test_takes_another_layout_as_a_folder_does(
        self, service: Service, july_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lake, folder = service.copy("laid-out"), tmp_path / "lake"
        shutil.copytree(july_lake, folder)
        asked = ("layout", "apply", "--keys", "state,procedure_set", "--sort", "code", "--allow-tiny-files", "--json")
        applied = service.run(*asked, "--lake", lake)
        assert applied.status == 0, applied.err
        assert done(*asked, "--lake", folder).json["outcome"] == applied.json["outcome"] == "published"
        bucket = service.snapshot(monkeypatch, lake)
        assert bucket.document == snapshot_of(folder).document
        assert data_files(bucket) == data_files(snapshot_of(folder))
        again = service.run(*asked, "--lake", lake)
        assert again.json["outcome"] == "unchanged"

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


def test_two_runs_at_once_are_one_after_the_other(
    service: Service, small_market: SmallMarket, both_months_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of other months into an empty bucket: whoever comes second ends well, or says to run it again."""
    lake = "s3://lake/together"
    runs = {month: ("run", "--config", small_market.configuration(month), "--lake", lake) for month in MONTHS}
    started = {month: start(*run, **service.variables) for month, run in runs.items()}
    ended = {month: process.communicate() for month, process in started.items()}
    assert sorted({process.returncode for process in started.values()}) in ([0], [0, 3]), ended
    for month, process in started.items():
        if process.returncode:
            assert "Nothing of this run is visible. Run the same command again" in ended[month][1]
            again = service.run(*runs[month])
            assert again.status == 0, again.err
    together, one_by_one = service.snapshot(monkeypatch, lake), snapshot_of(both_months_lake)
    assert data_files(together, published=True) == data_files(one_by_one, published=True)
    assert service.run("ledger", "--check", "--lake", lake).status == 0


def test_a_dry_run_needs_no_credentials(small_market: SmallMarket) -> None:
    configuration = small_market.configuration("july")
    run = lakeward("run", "--dry-run", "--config", configuration, "--lake", LAKE, **NO_CREDENTIALS)
    assert run.status == 0
    assert f"into {LAKE}" in run.out
