"""The Census API as it behaves: good answers become one recording, and each odd one becomes one clear error."""

import gzip
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from lakeward.errors import AnswerRefused
from lakeward.extract import extract
from lakeward.lake.commit import Lake
from lakeward.settings import CensusSource, Sources, StorageSettings
from lakeward.sources import census
from lakeward.sources.census.api import download
from lakeward.sources.census.variables import MOST_VARIABLES, VARIABLES
from lakeward.sources.fetch import Patience
from lakeward.sources.inputs import find_inputs
from lakeward.sources.landing import Landing
from lakeward.sources.registry import registered_files
from lakeward.sources.silent_dlt import SWITCH

from .census_server import COUNTIES, STATES, CensusServer, census_server, figure

KEY = SecretStr("0123456789abcdef0123456789abcdef01234567")
IMPATIENT = Patience(attempts=3, first_pause_seconds=0.0, read_seconds=5)
CALLS = 4


@pytest.fixture
def server() -> Iterator[CensusServer]:
    with census_server() as running:
        yield running


def ask(server: CensusServer, target: Path) -> Path:
    return download(target, 2023, KEY, server.url, IMPATIENT)


def test_every_figure_of_every_geography_lands_as_it_was_answered(server: CensusServer, tmp_path: Path) -> None:
    recording = ask(server, tmp_path / "answers.json.gz")
    with Landing(recording, tmp_path / "staging") as landing:
        extracted = census.extract(recording, landing)
    rows = pq.read_table(landing.files()["acs5"]).to_pylist()
    assert extracted.rows_in == extracted.rows_out == len(VARIABLES) * (len(STATES) + len(COUNTIES)) == len(rows)
    assert {(row["geography_level"], row["geography_id"]) for row in rows} == {
        *(("state", code) for code in STATES),
        *(("county", code) for code in COUNTIES),
    }
    assert {row["acs_year"] for row in rows} == {2023}
    assert all(row["value"] == figure(row["geography_id"], row["variable"]) for row in rows)
    assert any(row["value"] == "-666666666" for row in rows)
    assert any(row["value"] is None for row in rows)
    assert {row["geography_name"] for row in rows} == {f"Place {code}" for code in (*STATES, *COUNTIES)}


def test_no_call_asks_for_more_variables_than_the_api_answers(server: CensusServer, tmp_path: Path) -> None:
    ask(server, tmp_path / "answers.json.gz")
    assert len(server.asked) == CALLS
    wanted = [request["get"][0].split(",") for request in server.asked]
    assert max(len(names) for names in wanted) == MOST_VARIABLES
    assert all(request["path"] == ["/data/2023/acs/acs5"] for request in server.asked)
    assert all(request["key"] == [KEY.get_secret_value()] for request in server.asked)
    for level in (["state:*"], ["county:*"]):
        asked = [
            name
            for request, names in zip(server.asked, wanted, strict=True)
            if request["for"] == level
            for name in names
        ]
        assert sorted(name for name in asked if name != "NAME") == sorted(VARIABLES)


def test_the_same_answers_give_the_same_bytes_in_whatever_order_they_come(server: CensusServer, tmp_path: Path) -> None:
    first = ask(server, tmp_path / "first.json.gz").read_bytes()
    server.reversed = True
    assert ask(server, tmp_path / "second.json.gz").read_bytes() == first


ODD_ANSWERS = {
    "missing_key": ("key_missing", "missing_key.html"),
    "moved": ("redirected", "127.0.0.1:9/elsewhere"),
    "invalid_key": ("key_invalid", "'Invalid Key'"),
    "maintenance": ("html", "'Down for maintenance'"),
    "unknown_variable": ("request_refused", "unknown variable 'B01003_001X'"),
    "words": ("request_refused", "unknown/unsupported geography hierarchy"),
    "no_content": ("no_data", "status 204"),
    "not_found": ("not_found", "no such dataset"),
    "header_only": ("no_data", "no row below the header"),
    "cut_off": ("cut_off", "cut off after"),
    "cut_off_by_length": ("cut_off", "broke off"),
    "ragged": ("not_rectangular", "cells in row"),
    "object": ("not_json", "no list"),
    "nested": ("not_rectangular", "neither text nor null"),
    "repeated": ("columns", "1 geographies more than once"),
    "other_columns": ("columns", "unexpected: ['B99999_001E']"),
    "forbidden": ("status", "status 403"),
    "busy": ("status", "status 429"),
    "broken": ("status", "status 503"),
    "hang_up": ("unreachable", "no connection"),
}
WORTH_ASKING_AGAIN = {"cut_off", "cut_off_by_length", "busy", "broken", "hang_up"}


@pytest.mark.parametrize("failure", ODD_ANSWERS)
@pytest.mark.parametrize("after", [0, CALLS - 1], ids=["at_once", "at_the_last_call"])
def test_each_odd_answer_is_one_error_that_names_it(
    failure: str, after: int, server: CensusServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.failure, server.after = failure, after
    with caplog.at_level(logging.DEBUG), pytest.raises(AnswerRefused) as caught:
        ask(server, tmp_path / "answers.json.gz")
    reason, words = ODD_ANSWERS[failure]
    assert caught.value.reason == reason
    assert words in str(caught.value)
    assert "Nothing of it was written." in str(caught.value)
    assert "/data/2023/acs/acs5" in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    attempts = IMPATIENT.attempts if failure in WORTH_ASKING_AGAIN else 1
    assert len(server.asked) == after + attempts
    for text in (str(caught.value), repr(caught.value), caplog.text):
        assert KEY.get_secret_value() not in text


@pytest.mark.parametrize("failure", sorted(WORTH_ASKING_AGAIN))
def test_a_failure_that_passes_is_asked_for_again(failure: str, server: CensusServer, tmp_path: Path) -> None:
    undisturbed = ask(server, tmp_path / "undisturbed.json.gz").read_bytes()
    server.asked.clear()
    server.failure, server.times, server.after = failure, IMPATIENT.attempts - 1, 1
    assert ask(server, tmp_path / "disturbed.json.gz").read_bytes() == undisturbed
    assert len(server.asked) == CALLS + IMPATIENT.attempts - 1


def test_the_key_stands_in_no_log_and_no_file(
    server: CensusServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        recording = ask(server, tmp_path / "answers.json.gz")
    assert KEY.get_secret_value() not in caplog.text
    text = gzip.decompress(recording.read_bytes()).decode()
    assert KEY.get_secret_value() not in text
    assert server.url not in text
    assert json.loads(text)["attribution"] == census.ATTRIBUTION


def test_dlt_reports_nothing_to_its_makers(server: CensusServer, tmp_path: Path) -> None:
    """In a process of its own: dlt reads its switch once, where it is first used."""
    program = """
import sys
from pathlib import Path
from pydantic import SecretStr
from lakeward.sources.census.api import download
download(Path(sys.argv[1]), 2023, SecretStr("0" * 40), sys.argv[2])
from dlt.common.runtime import anon_tracker
print(anon_tracker._ANON_TRACKER_ENDPOINT)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "answers.json.gz"), server.url]
    environment = {name: value for name, value in os.environ.items() if name != SWITCH}
    told = subprocess.run(command, capture_output=True, check=True, text=True, env=environment).stdout
    assert told == "None\n"


def test_nothing_is_asked_of_an_address_that_is_not_https(tmp_path: Path) -> None:
    with pytest.raises(AnswerRefused, match="not https"):
        download(tmp_path / "answers.json.gz", 2023, KEY, "http://api.example.org/data", IMPATIENT)


class Landed:
    """A lake into which a configured census is extracted."""

    def __init__(self, folder: Path) -> None:
        self.lake, self._scratch, self.runs = Lake.open(str(folder / "lake"), StorageSettings()), folder / "scratch", 0
        self.base = folder

    def run(self, source: CensusSource) -> list[str]:
        self.runs += 1
        scratch = self._scratch / str(self.runs)
        scratch.mkdir(parents=True)
        inputs = find_inputs(Sources(census=source), self.base)
        return extract(self.lake, f"run-{self.runs}", inputs, scratch)[1]


def test_a_year_that_the_lake_has_is_not_asked_for_again(server: CensusServer, tmp_path: Path) -> None:
    landed = Landed(tmp_path)
    source = CensusSource(year=2023, key=KEY, base_url=server.url)
    first = landed.run(source)
    assert len(server.asked) == CALLS
    assert landed.run(source) == first
    assert landed.run(CensusSource(year=2023, base_url="https://nowhere.invalid")) == first
    assert len(server.asked) == CALLS
    (file,) = registered_files(landed.lake.snapshot()).values()
    assert file.attributes["acs_year"] == 2023


def test_another_year_is_asked_for_and_stands_beside_the_first(server: CensusServer, tmp_path: Path) -> None:
    landed = Landed(tmp_path)
    first = landed.run(CensusSource(year=2023, key=KEY, base_url=server.url))
    second = landed.run(CensusSource(year=2022, key=KEY, base_url=server.url))
    assert first != second
    assert server.asked[-1]["path"] == ["/data/2022/acs/acs5"]


def test_a_recording_is_written_once_and_read_without_the_network(server: CensusServer, tmp_path: Path) -> None:
    source = CensusSource(year=2023, key=KEY, base_url=server.url, recording="kept/census.json.gz")
    first = Landed(tmp_path).run(source)
    recording = tmp_path / "kept" / "census.json.gz"
    assert recording.exists()
    other = tmp_path / "other"
    other.mkdir()
    offline = Landed(other)
    again = offline.run(source.model_copy(update={"recording": str(recording), "base_url": "https://nowhere.invalid"}))
    given = offline.run(CensusSource(path=str(recording)))
    assert first == again == given
    assert len(server.asked) == CALLS


def test_a_failed_download_leaves_lake_and_recording_as_they_were(server: CensusServer, tmp_path: Path) -> None:
    landed = Landed(tmp_path)
    server.failure, server.after = "invalid_key", CALLS - 1
    with pytest.raises(AnswerRefused):
        landed.run(CensusSource(year=2023, key=KEY, base_url=server.url, recording="census.json.gz"))
    assert registered_files(landed.lake.snapshot()) == {}
    assert not (tmp_path / "census.json.gz").exists()
