"""Which files a configuration names: order, globs, folders, and errors that name the key."""

from pathlib import Path

import pytest

from lakeward.errors import UsageError
from lakeward.settings import FlatRates, PriceFiles, SourcePath, Sources
from lakeward.sources.inputs import find_inputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.json.gz", "a.json.gz", "c.json", ".hidden"):
        (tmp_path / name).touch()
    return tmp_path


def names(sources: Sources, base: Path) -> list[str]:
    return [item.name for item in find_inputs(sources, base)]


def test_a_glob_is_sorted_and_relative_to_the_configuration(folder: Path) -> None:
    assert names(Sources(mrf=(PriceFiles(path="*.json.gz"),)), folder) == ["a.json.gz", "b.json.gz"]


def test_a_file_named_twice_is_read_once(folder: Path) -> None:
    twice = (PriceFiles(path="c.json", state="GA"), PriceFiles(path="*.json"))
    (found,) = find_inputs(Sources(mrf=twice), folder)
    assert found.attributes["state"] == "GA"


def test_a_folder_of_fee_schedules_gives_its_files_without_hidden_ones(folder: Path) -> None:
    assert names(Sources(geography=SourcePath(path=str(folder))), Path()) == ["a.json.gz", "b.json.gz", "c.json"]


def test_a_signed_address_shows_no_signature(folder: Path) -> None:
    (found,) = find_inputs(Sources(mrf=(PriceFiles(path="https://example.org/x/in.json.gz?Signature=s3cret"),)), folder)
    assert (found.name, found.is_remote) == ("in.json.gz", True)


def test_a_flat_pair_is_one_input_with_its_companion(folder: Path) -> None:
    (found,) = find_inputs(Sources(flat_rates=(FlatRates(rates="a.json.gz", providers="b.json.gz"),)), folder)
    assert found.companion == str(folder / "b.json.gz")


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        pytest.param(Sources(mrf=(PriceFiles(path="*.zip"),)), r"sources\.mrf\[0\]\.path: no file", id="glob"),
        pytest.param(Sources(nppes=(SourcePath(path="x.csv"),)), r"sources\.nppes\[0\]\.path: no file", id="file"),
        pytest.param(Sources(mrf=(PriceFiles(path="."),)), "is a folder", id="folder of price files"),
        pytest.param(
            Sources(flat_rates=(FlatRates(rates="*.gz", providers="c.json"),)), "matches 2", id="two rates files"
        ),
    ],
)
def test_an_input_that_is_not_there_names_its_key(folder: Path, sources: Sources, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        find_inputs(sources, folder)
