"""`lakeward geocode` against a service on this machine: what it asks and keeps, and how it goes on after a fault."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from lakeward.errors import FetchFailed, LakewardError, SourceUnreadable
from lakeward.geocode import PLACE, PROVIDER, read_questions
from lakeward.lake.commit import Lake, SliceEntry
from lakeward.sample import SampleSummary
from lakeward.settings import GeocoderSource, Settings, StorageSettings
from lakeward.sources.fetch import Patience
from lakeward.sources.geocoder.service import Address, ask

from .command_line import Finished, done, lakeward, rows
from .geocoder_server import GeocoderService, running_service
from .lake_files import all_files, data_files, snapshot_of
from .made_once import made_once
from .registry_files import individual, write_registry

QUICK = Patience(attempts=3, first_pause_seconds=0.0, read_seconds=5.0)
ADDRESSES = [
    Address(hashlib.md5(street.encode()).hexdigest(), street, "Atlanta", "GA", "30301")
    for street in ("100 Peachtree St", '200 "Old" Mill Rd, Suite 4', "300 Main St")
]
PRACTICES: list[tuple[str, str | None, str, str, str, str, str | None]] = [
    # street, city, state, postal code, address type, status, county of today
    ("100 Peachtree St", "Atlanta", "GA", "303011234", "DOM", "A", None),
    ("100  PEACHTREE st ", "ATLANTA", "ga", "30301", "DOM", "A", None),  # the same address, typed by another
    ("110 Peachtree St", "Atlanta", "GA", "30301", "DOM", "A", None),
    ("200 Mill Rd", "Atlanta", "GA", "30302", "DOM", "A", None),
    ("300 Main St", "Macon", "GA", "31201", "DOM", "A", None),
    ("310 Main St", "Macon", "GA", "3120", "DOM", "A", None),  # no ZIP code: city and state are enough
    ("100 Placed Ave", "Atlanta", "GA", "30303", "DOM", "A", "13121"),
    ("100 Deactivated Rd", "Atlanta", "GA", "30304", "DOM", "I", None),
    ("100 Rue Foreign", "Paris", "", "75001", "FOREIGN", "A", None),
    ("MEDICAL CENTER", "Atlanta", "GA", "30305", "DOM", "A", None),  # no house number
    ("100 Nowhere St", None, "GA", "", "DOM", "A", None),  # neither city nor ZIP code
]  # fmt: skip
TO_ASK = 5
PLACED = {"1": "geocoded", "2": "zip_unknown", "3": "zip_unknown"}
"""What becomes of an address whose ZIP code no table knows, by the first digit of its street."""


@pytest.fixture
def service() -> Iterator[GeocoderService]:
    with running_service() as running:
        yield running


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake with the two tables of providers that the command reads."""
    npis = [f"{1_000_000_000 + n}" for n in range(len(PRACTICES))]
    names = ("address_1", "city", "state", "postal_code", "address_type", "status", "current_county_fips")
    columns = {name: list(values) for name, values in zip(names, zip(*PRACTICES, strict=True), strict=True)}
    text = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    places = pa.table({"npi": npis, **{name: text[name] for name in names if name != "status"}})
    opened = Lake.open(str(tmp_path / "lake"), StorageSettings())
    transaction = opened.begin("made")
    for table, content in ((PROVIDER, pa.table({"npi": npis, "status": text["status"]})), (PLACE, places)):
        path = tmp_path / f"{table.rpartition('/')[2]}.parquet"
        pq.write_table(content, path)
        transaction.replace_slice(table, SliceEntry("all", "made", {}, (transaction.add_parquet(path, table),)))
    transaction.commit()
    return tmp_path / "lake"


def geocode(service: GeocoderService, lake: Path, *arguments: object, **source: object) -> Finished:
    """Run the command with the service's address in a configuration file."""
    path = lake.parent / "lakeward.yaml"
    path.write_text(yaml.safe_dump({"sources": {"geocoder": {"url": service.url, **source}}}))
    return lakeward("geocode", *arguments, "--config", path, "--lake", lake)


def answers(lake: Path) -> list[dict[str, Any]]:
    """Every answer that the lake has."""
    return rows(lake, "select * from bronze.geocoder__answer order by address_key")


class TestAsking:
    def test_what_is_sent_is_addresses_and_nothing_else(self, service: GeocoderService) -> None:
        source = GeocoderSource(url=service.url, benchmark="Public_AR_Census2020", vintage="Census2020_Census2020")
        text = ask(ADDRESSES, source, QUICK)
        assert service.asked == [[[a.address_key, a.street, a.city, a.state, a.zip_code] for a in ADDRESSES]]
        path = "/geocoder/geographies/addressbatch"
        sent = {"benchmark": "Public_AR_Census2020", "vintage": "Census2020_Census2020", "path": path}
        assert service.forms == [sent]
        assert text == service.answer(service.asked[0])

    @pytest.mark.parametrize(
        "fault", ["busy", "a web page", "nothing", "cut in a row", "cut between rows", "shorter than it says"]
    )
    def test_a_passing_fault_is_waited_out(self, service: GeocoderService, fault: str) -> None:
        service.faults = [fault, fault]
        text = ask(ADDRESSES, GeocoderSource(url=service.url), QUICK)
        assert text == service.answer(service.asked[0])
        assert len(service.forms) == 3

    @pytest.mark.parametrize(
        ("fault", "found"),
        [
            ("busy", "status 503, 3 times"),
            ("a web page", "not whole: a web page, 3 times"),
            ("nothing", "not whole: 0 of 3 addresses answered, 3 times"),
            ("cut in a row", "not whole: 2 rows, then unexpected end of data, 3 times"),
            ("cut between rows", "not whole: 2 of 3 addresses answered, 3 times"),
            ("shorter than it says", "the connection failed (ChunkedEncodingError), 3 times"),
        ],
    )
    def test_a_lasting_fault_is_one_error(self, service: GeocoderService, fault: str, found: str) -> None:
        service.faults = [fault] * 3
        with pytest.raises(FetchFailed) as raised:
            ask(ADDRESSES, GeocoderSource(url=service.url), QUICK)
        assert found in str(raised.value)
        assert "batch_rows" in str(raised.value)
        assert "Peachtree" not in str(raised.value)

    @pytest.mark.parametrize(
        ("fault", "error", "found"),
        [
            ("no such vintage", FetchFailed, "status 400"),
            ("moved", FetchFailed, "status 302"),
            ("an address twice", SourceUnreadable, "the address of row 4 twice"),
            ("another address", SourceUnreadable, "1 to others"),
            ("rows without a key", SourceUnreadable, "row 1 without"),
            ("without geographies", SourceUnreadable, "8 in row 3"),
            ("a status of its own", SourceUnreadable, "row 2 without"),
        ],
    )
    def test_what_will_not_pass_is_not_asked_again(
        self, service: GeocoderService, fault: str, error: type[LakewardError], found: str
    ) -> None:
        service.faults = [fault]
        with pytest.raises(error) as raised:
            ask(ADDRESSES, GeocoderSource(url=service.url), QUICK)
        assert found in str(raised.value)
        assert len(service.forms) == 1

    def test_nobody_there_is_an_error(self) -> None:
        with running_service() as gone:
            url = gone.url
        with pytest.raises(FetchFailed, match=r"connection failed .*, 3 times"):
            ask(ADDRESSES, GeocoderSource(url=url), QUICK)

    @pytest.mark.parametrize("url", ["http://example.org/geocoder", "ftp://127.0.0.1/geocoder", "geocoder"])
    def test_addresses_are_not_sent_in_the_clear(self, url: str) -> None:
        with pytest.raises(FetchFailed, match="https only"):
            ask(ADDRESSES, GeocoderSource(url=url), QUICK)


class TestCommand:
    def test_open_addresses_of_active_providers_are_asked_once(self, service: GeocoderService, lake: Path) -> None:
        finished = geocode(service, lake, "--json")
        assert finished.status == 0, finished.err
        assert sorted(tuple(row[1:]) for row in service.asked[0]) == [
            ("100  PEACHTREE st", "ATLANTA", "GA", "30301"),
            ("110 Peachtree St", "Atlanta", "GA", "30301"),
            ("200 Mill Rd", "Atlanta", "GA", "30302"),
            ("300 Main St", "Macon", "GA", "31201"),
            ("310 Main St", "Macon", "GA", ""),
        ]
        assert finished.json["questions"] == {
            "open": 7, "without house number or place": 2, "answered before": 0, "to ask now": TO_ASK,
        }  # fmt: skip
        assert finished.json["answers"] == {"Match": 2, "No_Match": 1, "Tie": 2}
        assert {row["address_key"]: row["status"] for row in answers(lake)} == {
            key: {"1": "Match", "3": "Tie"}.get(street[0], "No_Match") for key, street, *_ in service.asked[0]
        }
        assert done("ledger", "--check", "--lake", lake).status == 0

    def test_the_key_is_of_the_address_alone(self, service: GeocoderService, lake: Path) -> None:
        assert geocode(service, lake).status == 0
        asked = {row[1]: row[0] for row in service.asked[0]}
        assert asked["200 Mill Rd"] == hashlib.md5(b"200 MILL RD|ATLANTA|GA|30302").hexdigest()
        assert asked["100  PEACHTREE st"] == hashlib.md5(b"100 PEACHTREE ST|ATLANTA|GA|30301").hexdigest()
        assert asked["310 Main St"] == hashlib.md5(b"310 MAIN ST|MACON|GA|3120").hexdigest()

    def test_what_was_answered_is_not_asked_again(self, service: GeocoderService, lake: Path) -> None:
        assert geocode(service, lake).status == 0
        before, number = data_files(snapshot_of(lake)), snapshot_of(lake).number
        again = geocode(service, lake)
        assert again.status == 0
        assert "Nothing to ask" in again.out
        assert len(service.forms) == 1
        assert (data_files(snapshot_of(lake)), snapshot_of(lake).number) == (before, number)
        assert done("runs", "--json", "--lake", lake).json[-1]["outcome"] == "unchanged"

    def test_a_limit_is_a_first_part_and_the_next_run_the_rest(self, service: GeocoderService, lake: Path) -> None:
        for _ in range(3):
            assert geocode(service, lake, "--limit", 2).status == 0
        assert [len(batch) for batch in service.asked] == [2, 2, 1]
        assert service.keys == sorted(service.keys)
        assert len(set(service.keys)) == len(answers(lake)) == TO_ASK

    def test_batches_are_of_the_size_asked_for(self, service: GeocoderService, lake: Path) -> None:
        assert geocode(service, lake, batch_rows=2).status == 0
        assert [len(batch) for batch in service.asked] == [2, 2, 1]
        assert len(answers(lake)) == TO_ASK

    @pytest.mark.parametrize("fault", ["cut in a row", "no such vintage", "another address"])
    def test_a_fault_keeps_what_was_answered_before_it(self, service: GeocoderService, lake: Path, fault: str) -> None:
        service.faults = ["", *[fault] * 4]
        finished = geocode(service, lake, batch_rows=2)
        assert finished.status == 3
        assert "Traceback" not in finished.err
        assert finished.message
        kept = data_files(snapshot_of(lake))
        assert {row["address_key"] for row in answers(lake)} == set(service.keys)
        assert len(service.keys) == 2
        service.faults = []
        assert geocode(service, lake, batch_rows=2).status == 0
        assert [len(batch) for batch in service.asked] == [2, 2, 1]
        assert len(set(service.keys)) == len(service.keys) == len(answers(lake)) == TO_ASK
        assert kept.items() <= data_files(snapshot_of(lake)).items()

    def test_a_fault_at_once_leaves_the_lake_as_it_was(self, service: GeocoderService, lake: Path) -> None:
        before, files = snapshot_of(lake).document, all_files(lake)
        service.faults = ["a web page"] * 4
        finished = geocode(service, lake)
        assert finished.status == 3
        assert "a web page, 4 times" in finished.message
        assert snapshot_of(lake).document == before
        assert {path for path in all_files(lake) - files if not path.startswith("_lakeward/runs/")} == set()
        assert done("runs", "--json", "--lake", lake).json[-1]["outcome"] == "failed"

    def test_a_dry_run_sends_and_writes_nothing(self, service: GeocoderService, lake: Path) -> None:
        files = all_files(lake)
        finished = geocode(service, lake, "--dry-run", "--json", batch_rows=2)
        assert finished.json["questions"]["to ask now"] == TO_ASK
        assert finished.json["batches"] == 3
        assert "Nothing was sent or written" in geocode(service, lake, "--dry-run").out
        assert service.forms == []
        assert all_files(lake) == files

    def test_a_lake_without_providers_is_wrong_usage(self, service: GeocoderService, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        finished = geocode(service, tmp_path / "empty" / "lake")
        assert finished.status == 2
        assert "lakeward run providers" in finished.message
        assert not (tmp_path / "empty" / "lake").exists()

    def test_answers_out_of_use_do_not_count(self, service: GeocoderService, lake: Path) -> None:
        """The key is known, but the file that answered it is not read by any model any more."""
        assert geocode(service, lake).status == 0
        commit = max((lake / "_lakeward" / "commits").glob("*.json"))
        document = json.loads(commit.read_text())
        for entry in document["tables"]["bronze/lake/source_file"]["slices"].values():
            entry["attributes"]["active"] = 0
        commit.write_text(json.dumps(document))
        settings = Settings(lake=str(lake))
        assert read_questions(Lake.open(str(lake), StorageSettings()), settings).rows.num_rows == TO_ASK


def test_a_copy_of_the_lake_needs_no_service(service: GeocoderService, lake: Path, tmp_path: Path) -> None:
    assert geocode(service, lake).status == 0
    shutil.copytree(lake, tmp_path / "copy")
    assert answers(tmp_path / "copy") == answers(lake)


@pytest.fixture(scope="module")
def placed(sample: SampleSummary, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A lake before and after the geocoder was asked of three addresses with a ZIP code that no table knows."""

    def make(folder: Path) -> None:
        records = [
            individual(number, street=f"{start}00 MAIN ST", postal_code="399990001")
            for number, start in enumerate(PLACED)
        ]
        registry = write_registry(folder / "npidata_pfile_20050523-20250810.csv", records)
        sources = {"nppes": [{"path": str(registry)}], "geography": {"path": str(sample.directory / "geography")}}
        with running_service() as service:
            service.counties["39999"] = "13021"
            path = folder / "lakeward.yaml"
            path.write_text(yaml.safe_dump({"sources": sources | {"geocoder": {"url": service.url}}}))
            done("run", "providers", "--config", path, "--lake", folder / "lake")
            shutil.copytree(folder / "lake", folder / "before")
            done("geocode", "--config", path, "--lake", folder / "lake")
        done("run", "providers", "--config", path, "--lake", folder / "lake")

    folder = made_once(tmp_path_factory, "geocoded-lake", make)
    return folder / "before", folder / "lake"


class TestPlacing:
    """From an open address to a county: the answer is read by the models of the next run."""

    def test_a_match_decides_county_and_point_and_nothing_else_does(self, placed: tuple[Path, Path]) -> None:
        columns = "address_1, geocode_status, current_county_fips, geocoder_status, latitude, longitude"
        sql = f"select {columns} from dim_npi_address_geolocation order by address_1"
        before, after = (rows(lake, sql) for lake in placed)
        assert {row["current_county_fips"] for row in before} == {None}
        assert [row["geocode_status"] for row in after] == list(PLACED.values())
        assert [row["geocoder_status"] for row in after] == ["Match", "No_Match", "Tie"]
        assert [row["current_county_fips"] for row in after] == ["13021", None, None]
        assert (after[0]["latitude"], after[0]["longitude"]) == (33.749, -84.388)
        assert after[1]["latitude"] is after[2]["latitude"] is None

    def test_no_address_is_lost_or_doubled(self, placed: tuple[Path, Path]) -> None:
        sql = "select npi, address_hash, address_purpose from bridge_npi_location order by all"
        before, after = (rows(lake, sql) for lake in placed)
        assert before == after
        assert len(after) == len(PLACED)
        assert done("ledger", "--check", "--lake", placed[1]).status == 0
