"""Which files a table of contents names for which plans."""

import json
from pathlib import Path

import pytest

from lakeward.errors import SourceUnreadable, UsageError
from lakeward.sources.mrf import contents

A, B = "https://example.org/a.json.gz?Signature=1", "https://example.org/b.json.gz"


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        pytest.param([], [A, B], id="all-plans-each-file-once"),
        pytest.param(["gold"], [A, B], id="by-name-in-any-case"),
        pytest.param(["123456789"], ["https://example.org/a.json.gz?Signature=2"], id="by-number"),
        pytest.param(["Gold", "Silver"], [A, B], id="two-plans"),
    ],
)
def test_files_of_plans(fixtures: Path, plans: list[str], expected: list[str]) -> None:
    assert contents.in_network_locations(fixtures / "table-of-contents.json", plans) == expected


def test_a_plan_that_is_not_there_is_named_with_those_that_are(fixtures: Path) -> None:
    with pytest.raises(UsageError, match="no plan named or numbered platinum") as refused:
        contents.in_network_locations(fixtures / "table-of-contents.json", ["Gold", "Platinum"])
    assert "Gold, Silver, Bronze" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "plans", "found"),
    [
        pytest.param("table-of-contents.json", ["Bronze"], "none listed", id="no-files"),
        pytest.param("one-price.json", [], "the keys", id="price-file"),
        pytest.param("truncated.json", [], "its end after", id="truncated"),
        pytest.param("root-list.json", [], "a list at the root", id="list"),
    ],
)
def test_refused(fixtures: Path, name: str, plans: list[str], found: str) -> None:
    with pytest.raises(SourceUnreadable, match=found):
        contents.in_network_locations(fixtures / name, plans)


def test_a_structure_larger_than_the_window_is_read_in_pieces(
    fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads((fixtures / "table-of-contents.json").read_text())
    files = [{"description": "x", "location": f"https://example.org/{number}.json"} for number in range(300)]
    document["reporting_structure"][1]["in_network_files"] = files
    path = tmp_path / "index.json"
    path.write_text(json.dumps(document))
    monkeypatch.setattr(contents, "WINDOW_BYTES", 500)
    assert contents.in_network_locations(path, ["Silver"]) == [file["location"] for file in files]


@pytest.mark.parametrize("version", ["v1.6.2", "v2.2.0"])
def test_the_examples_of_cms(real_data: Path, version: str) -> None:
    path = real_data / "mrf" / f"cms-examples-{version}" / "table-of-contents-sample.json"
    found = contents.in_network_locations(path)
    assert [location.rsplit("/", 1)[1] for location in found] == [
        "in-network-file-123456.json",
        "behavioral-health-0000.json",
        "chip-in-network-file.json",
    ]
