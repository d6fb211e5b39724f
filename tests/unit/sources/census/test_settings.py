"""What the configuration says of the Census: where figures come from, and a key that nothing shows."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from lakeward.config import load_settings
from lakeward.errors import UsageError
from lakeward.settings import CensusSource, Settings, Sources
from lakeward.sources.inputs import Input, find_inputs

SECRET = "a-key-that-nobody-may-read"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CENSUS_API_KEY", raising=False)
    monkeypatch.delenv("LAKEWARD_SOURCES__CENSUS__KEY", raising=False)


def load(folder: Path, document: str) -> Settings:
    path = folder / "lakeward.yaml"
    path.write_text(document)
    return load_settings(path)[0]


@pytest.mark.parametrize("name", ["CENSUS_API_KEY", "LAKEWARD_SOURCES__CENSUS__KEY"])
def test_the_key_comes_from_the_environment(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, SECRET)
    census = load(tmp_path, "sources: {census: {year: 2022}}").sources.census
    assert census is not None
    assert census.key is not None
    assert (census.year, census.key.get_secret_value()) == (2022, SECRET)


def test_lakewards_own_variable_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENSUS_API_KEY", "another")
    monkeypatch.setenv("LAKEWARD_SOURCES__CENSUS__KEY", SECRET)
    census = load(tmp_path, "sources: {census: {year: 2022}}").sources.census
    assert census is not None
    assert census.key is not None
    assert census.key.get_secret_value() == SECRET


@pytest.mark.parametrize("name", ["CENSUS_API_KEY", "LAKEWARD_SOURCES__CENSUS__KEY"])
def test_a_key_alone_asks_for_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, SECRET)
    assert load(tmp_path, "lake: ./lake").sources == Sources()


def test_the_key_is_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENSUS_API_KEY", SECRET)
    settings = load(tmp_path, "sources: {census: {year: 2022}}")
    (asked,) = find_inputs(settings.sources, tmp_path)
    for shown in (repr(settings), settings.model_dump_json(), repr(asked), asked.name):
        assert SECRET not in shown


def test_the_api_is_asked_when_no_file_is_named(tmp_path: Path) -> None:
    (asked,) = find_inputs(Sources(census=CensusSource(year=2022)), tmp_path)
    assert (asked.source, asked.is_remote, asked.name) == ("census", False, "Census API, ACS 5-year 2022")
    assert asked.service is not None


def test_files_are_read_instead_of_the_api(tmp_path: Path) -> None:
    (tmp_path / "b.json").touch()
    (tmp_path / "a.csv").touch()
    found = find_inputs(Sources(census=CensusSource(year=2022, path=".")), tmp_path)
    assert [(item.name, item.service, item.attributes) for item in found] == [
        ("a.csv", None, {"year": 2022}),
        ("b.json", None, {"year": 2022}),
    ]


def test_a_recording_is_read_once_it_is_there(tmp_path: Path) -> None:
    source = Sources(census=CensusSource(year=2022, recording="kept.json.gz"))
    (asked,) = find_inputs(source, tmp_path)
    assert asked.service is not None
    assert asked.service.recording == str(tmp_path / "kept.json.gz")
    (tmp_path / "kept.json.gz").touch()
    expected = Input("census", str(tmp_path / "kept.json.gz"), {"year": 2022, "pinned": 2022})
    assert find_inputs(source, tmp_path) == [expected]


def test_a_path_without_files_names_its_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"sources\.census\.path"):
        find_inputs(Sources(census=CensusSource(path="nothing/*.json")), tmp_path)


@pytest.mark.parametrize("values", [{"year": 1999}, {"path": "a", "recording": "b"}, {"years": 2023}])
def test_impossible_values_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CensusSource.model_validate(values)
