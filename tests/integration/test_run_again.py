"""Running again: nothing new writes nothing, the same input gives the same lake, a change touches its own release."""

import json
import shutil
from pathlib import Path

import yaml

from lakeward.sample import SampleSummary

from .command_line import done
from .lake_files import all_files, data_files, fingerprints, snapshot_of
from .small_market import SmallMarket

RELEASE = "sample-mutual-insurance-made-up.al.{}"
JULY, AUGUST = RELEASE.format("2025-07"), RELEASE.format("2025-08")
SLICED = ("gold/rates/fact_rate_enriched", "silver/rates/fact_rate", "quarantine/rates/quarantine_fact_rate")


def files_of(lake: Path, release: str) -> dict[str, tuple[str, ...]]:
    """Return the files of a release, by table."""
    snapshot = snapshot_of(lake)
    return {table: tuple(f.path for f in snapshot.files(table, [release])) for table in SLICED}


def releases_of(lake: Path) -> set[str]:
    """Return the releases that are published."""
    return set(snapshot_of(lake).slices(SLICED[0]))


def stamps(lake: Path, files: dict[str, tuple[str, ...]]) -> dict[str, tuple[int, int]]:
    """Return inode and time of last change of each file: what tells whether it was written again."""
    found = {path: (lake / path).stat() for paths in files.values() for path in paths}
    return {path: (status.st_ino, status.st_mtime_ns) for path, status in found.items()}


def test_a_second_run_writes_no_data_and_says_so(sample: SampleSummary, sample_lake: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    shutil.copytree(sample_lake, lake)
    before, number = all_files(lake), snapshot_of(lake).number
    again = done("run", "--config", sample.directory / "lakeward.yaml", "--lake", lake)
    assert f"Nothing changed: commit {number} has all of it already. No file was written." in again.out
    assert snapshot_of(lake).number == number
    assert data_files(snapshot_of(lake)) == data_files(snapshot_of(sample_lake))
    assert {path.rpartition("/")[0] for path in all_files(lake) - before} == {"_lakeward/runs"}
    assert before <= all_files(lake)
    assert done("runs", "--json", "--lake", lake).json[-1]["outcome"] == "unchanged"


def test_another_order_memory_and_place_give_the_same_files(
    sample: SampleSummary, sample_lake: Path, tmp_path: Path
) -> None:
    document = yaml.safe_load((sample.directory / "lakeward.yaml").read_text())
    document["sources"]["mrf"].reverse()
    document["sources"] = dict(reversed(document["sources"].items()))
    backwards = sample.directory / "backwards.yaml"
    backwards.write_text(yaml.safe_dump(document, sort_keys=False))
    scratch, lake = tmp_path / "another scratch", tmp_path / "another lake"
    scratch.mkdir()
    options = ("--workers", 1, "--memory", "1GB", "--chunk-size", 5_000, "--lake", lake)
    done("run", "--config", backwards, *options, folder=tmp_path, LAKEWARD_SCRATCH=str(scratch))
    assert data_files(snapshot_of(lake)) == data_files(snapshot_of(sample_lake))
    assert fingerprints(snapshot_of(lake)) == fingerprints(snapshot_of(sample_lake))
    assert list(scratch.iterdir()) == []


class TestOneRelease:
    def test_adding_a_month_touches_no_file_of_the_other(self, july_lake: Path, both_months_lake: Path) -> None:
        assert releases_of(july_lake) == {JULY}
        assert releases_of(both_months_lake) == {JULY, AUGUST}
        assert files_of(both_months_lake, JULY) == files_of(july_lake, JULY)
        both, july = data_files(snapshot_of(both_months_lake)), data_files(snapshot_of(july_lake))
        assert {path: both[path] for paths in files_of(july_lake, JULY).values() for path in paths} == {
            path: july[path] for paths in files_of(july_lake, JULY).values() for path in paths
        }

    def test_a_corrected_file_replaces_its_release_and_no_other(
        self, small_market: SmallMarket, both_months_lake: Path, tmp_path: Path
    ) -> None:
        lake = tmp_path / "lake"
        shutil.copytree(both_months_lake, lake)
        july, kept = files_of(lake, JULY), stamps(lake, files_of(lake, JULY))
        document = small_market.prices("august")
        price = document["in_network"][0]["negotiated_rates"][0]["negotiated_prices"][0]
        price["negotiated_rate"] = 4321.09
        path = small_market.write_prices("corrected-august.json", document)
        files = [{"path": str(p), "state": "AL"} for p in (small_market.folder / "july.json", path)]
        done("run", "--config", small_market.configuration_of(files, "corrected"), "--lake", lake)
        assert releases_of(lake) == {JULY, AUGUST}
        assert files_of(lake, JULY) == july
        assert stamps(lake, july) == kept
        assert not set(files_of(lake, AUGUST)[SLICED[0]]) & set(files_of(both_months_lake, AUGUST)[SLICED[0]])
        rates = rates_of(lake, AUGUST)
        assert 4321.09 in rates
        assert len(rates) == len(rates_of(both_months_lake, AUGUST))
        assert rates_of(lake, JULY) == rates_of(both_months_lake, JULY)
        assert done("ledger", "--check", "--lake", lake).status == 0

    def test_a_removed_override_gives_the_file_its_own_name_back(
        self, small_market: SmallMarket, july_lake: Path, tmp_path: Path
    ) -> None:
        lake = tmp_path / "lake"
        file = {"path": str(small_market.folder / "july.json"), "state": "AL"}
        named = small_market.configuration_of([file | {"payer_slug": "another-name"}], "override")
        done("run", "--config", named, "--lake", lake)
        assert releases_of(lake) == {"another-name.al.2025-07"}
        done("run", "--config", small_market.configuration("july"), "--lake", lake)
        assert releases_of(lake) == {JULY}
        assert data_files(snapshot_of(lake)) == data_files(snapshot_of(july_lake))


def rates_of(lake: Path, release: str) -> list[float]:
    """Return the rates of a release as a query finds them."""
    sql = f"select negotiated_rate as rate from fact_rate_enriched where release_id = '{release}' order by 1"
    return [row["rate"] for row in json.loads(done("query", sql, "--format", "json", "--lake", lake).out)]
