"""What the reader makes of files with one oddity each, and how it refuses broken ones."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.unit.sources.mrf import naive

from lakeward.errors import FetchFailed, SourceUnreadable
from lakeward.sources import mrf
from lakeward.sources.landing import Landing

Land = Callable[..., Any]


def test_every_dataset_has_its_declared_schema_and_provenance(fixtures: Path, tmp_path: Path) -> None:
    with Landing(fixtures / "one-price.json", tmp_path) as landing:
        mrf.extract(landing.path, landing)
    assert set(landing.files()) == set(mrf.DATASETS)
    for name, file in landing.files().items():
        table = pq.read_table(file)
        assert table.schema.remove_metadata().equals(mrf.DATASETS[name])
        assert set(table["_file_id"].to_pylist()) == {landing.file_id}
        assert table["_source_record"].to_pylist() == list(range(1, table.num_rows + 1))


@pytest.mark.parametrize(
    ("name", "note", "count"),
    [
        pytest.param("one-price.json", "provider_references", 1, id="plain"),
        pytest.param("bom-crlf-tabs.json", "items", 1, id="bom-crlf-tabs"),
        pytest.param("gzip-of-two-members.json", "items", 1, id="gzip-of-two-members-under-json"),
        pytest.param("duplicate-provider-group-id.json", "repeated_provider_group_ids", 1, id="repeated-group-id"),
        pytest.param("duplicate-root-key.json", "repeated_root_keys", 1, id="repeated-root-key"),
        pytest.param("dangling-reference.json", "negotiated_rates", 1, id="dangling-reference"),
        pytest.param("unknown-keys.json", "unknown_keys", 5, id="unknown-keys"),
    ],
)
def test_an_odd_file_is_read_and_its_oddity_counted(land: Land, name: str, note: str, count: int) -> None:
    extracted, bronze = land(name)
    assert extracted.rows_in == extracted.rows_out == len(bronze["price"]) == 1
    assert extracted.notes[note] == count


def test_unknown_keys_are_named_by_their_place(land: Land) -> None:
    _, bronze = land("unknown-keys.json")
    assert bronze["header"][0]["unknown_keys"] == [
        "in_network[].code_note",
        "in_network[].negotiated_rates[].negotiated_prices[].class",
        "in_network[].negotiated_rates[].rate_note",
        "provider_groups[].tin.kind",
        "zz_note",
    ]


def test_a_rate_that_is_no_number_lands_as_null(land: Land) -> None:
    extracted, bronze = land("rates-odd.json")
    rates = [price["negotiated_rate"] for price in bronze["price"]]
    assert rates == [10.5, None, 12.25, None, None, None, None, None, 0.0, -5.5, 100.0]
    assert extracted.money_in == extracted.money_out == Decimal("117.25")
    assert bronze["header"][0]["negotiated_rate_total"] == Decimal("117.250000")
    assert extracted.notes["not_a_number"] == 2
    assert extracted.notes["rates_missing"] == 6


def test_repeated_groups_are_stored_once(land: Land) -> None:
    _, bronze = land("repeated-groups.json")
    assert len(bronze["price"]) == 6
    assert [row["member_ids"] for row in bronze["provider_group"]] == [[0]]
    assert bronze["provider_member"][0]["npi"] == ["1234567893"]
    assert bronze["provider_member"][0]["npi_published_count"] == 2
    assert bronze["header"][0]["inline_group_count"] == 6
    assert bronze["header"][0]["npi_published_count"] == 12
    assert len(bronze["group_set"]) == 1


def test_ids_keep_the_text_they_are_published_as(land: Land) -> None:
    _, bronze = land("everything.json")
    assert [row["provider_reference_id"] for row in bronze["provider_reference"]] == ["690.64470", "1", "two"]
    assert bronze["group_set"][0]["provider_reference_ids"] == ["1", "690.64470"]
    assert bronze["item"][0]["billing_code"] == "00104"
    assert bronze["item"][0]["billing_code_type_version"] == "37.20"
    assert bronze["header"][0]["version"] == "1.5"
    assert bronze["header"][0]["schema_shape"] == "v2"


@pytest.mark.parametrize(
    ("name", "expected", "found"),
    [
        pytest.param("empty.json", "a JSON object", "0 bytes", id="empty"),
        pytest.param("in-network-empty.json", "at least one item in 'in_network'", "an empty list", id="no-items"),
        pytest.param("in-network-missing.json", "in-network price file", "the keys", id="no-in-network"),
        pytest.param("root-list.json", "in-network price file", "a list at the root", id="root-is-a-list"),
        pytest.param("trailing-junk.json", "the end of the file", "'{' at byte 655", id="trailing-junk"),
        pytest.param("truncated.json", "a whole JSON document", "its end after 595 bytes", id="truncated-json"),
        pytest.param("truncated.json.gz", "a whole archive", "an early end after", id="truncated-gzip"),
        pytest.param("junk-after.json.gz", "a whole archive", "damage", id="junk-after-gzip"),
        pytest.param("not-utf8.json", "text in UTF-8", "other bytes at byte 3", id="not-utf8"),
        pytest.param("broken-comma.json", "whole JSON", "byte 4", id="two-commas"),
        pytest.param("allowed-amounts.json", "in-network price file", "an allowed-amounts file", id="allowed-amounts"),
        pytest.param("table-of-contents.json", "in-network price file", "a table of contents", id="table-of-contents"),
        pytest.param("provider-reference.json", "in-network price file", "a provider-reference file", id="reference"),
        pytest.param("price-file.xml", "a JSON price file", "XML", id="xml"),
        pytest.param("web-page.json", "a JSON price file", "a web page (HTML)", id="html"),
        pytest.param("price-file.yaml", "a JSON price file", "YAML", id="yaml"),
        pytest.param("utf-16.json", "JSON in UTF-8", "UTF-16", id="utf-16"),
        pytest.param("no-such-file.json", "a JSON file", "nothing at this path", id="absent"),
        pytest.param(".", "a JSON file", "a directory", id="directory"),
    ],
)
def test_a_broken_file_is_refused_in_one_message(
    fixtures: Path, tmp_path: Path, name: str, expected: str, found: str
) -> None:
    path = fixtures / name
    with Landing(path, tmp_path, "0" * 64) as landing, pytest.raises(SourceUnreadable) as refused:
        mrf.extract(path, landing)
    assert str(path) in str(refused.value)
    assert expected in refused.value.expected
    assert found in refused.value.found
    assert refused.value.hint
    with Landing(path, tmp_path / "in-pieces", "0" * 64) as landing, pytest.raises(SourceUnreadable):
        mrf.extract(path, landing, window_bytes=16)


@pytest.mark.parametrize("cut", range(1, 650, 9))
def test_a_file_cut_anywhere_is_refused(fixtures: Path, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.json"
    path.write_bytes((fixtures / "one-price.json").read_bytes().rstrip()[:-1][:cut])
    with Landing(path, tmp_path / "staging") as landing, pytest.raises(SourceUnreadable):
        mrf.extract(path, landing, window_bytes=64)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        pytest.param({"rates.json": "one-price.json"}, None, id="one-file"),
        pytest.param({"a/../../rates.json": "one-price.json"}, None, id="name-that-climbs"),
        pytest.param({"rates.json": "one-price.json", "__MACOSX/._rates.json": "empty.json"}, None, id="mac-litter"),
        pytest.param({"a.json": "one-price.json", "b.json": "one-price.json"}, "2 files", id="two-files"),
        pytest.param({}, "0 files", id="no-file"),
    ],
)
def test_a_zip_holds_one_file(
    land: Land, fixtures: Path, tmp_path: Path, members: dict[str, str], message: str | None
) -> None:
    path = tmp_path / "rates.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", "")
        for name, source in members.items():
            archive.writestr(name, (fixtures / source).read_bytes())
    if message is None:
        assert land(path)[0].rows_out == 1
    else:
        with pytest.raises(SourceUnreadable, match=message):
            land(path)
    assert sorted(each.name for each in tmp_path.iterdir()) in (["rates.zip"], ["rates.zip", "staging"])


def test_a_location_is_fetched_once_it_can_be_and_listed_when_not(land: Land, fixtures: Path) -> None:
    document = json.loads((fixtures / "dangling-reference.json").read_text())
    document["provider_references"] = [
        {"provider_group_id": 1, "location": "https://example.org/here"},
        {"provider_group_id": 99, "location": "https://example.org/gone"},
        {"provider_group_id": 7, "location": "https://example.org/broken"},
    ]

    def fetch(location: str) -> Path:
        if location.endswith("gone"):
            raise FetchFailed("status 404")
        return fixtures / ("provider-reference.json" if location.endswith("here") else "truncated.json")

    extracted, bronze = land(json.dumps(document).encode(), fetch=fetch)
    rows = {row["provider_reference_id"]: row for row in bronze["provider_reference"]}
    assert [rows[key]["location_status"] for key in ("1", "99", "7")] == ["resolved", "unresolved", "unresolved"]
    assert rows["99"]["location_error"] == "status 404"
    assert "a whole JSON document" in rows["7"]["location_error"]
    assert naive.landed_groups(bronze)[rows["1"]["group_id"]] == (("ein", "98-7654321", None, ("1003000126",), 1),)
    assert extracted.notes["unresolved_locations"] == 2
    assert len(bronze["price"]) == 1
    assert bronze["header"][0]["schema_shape"] == "v1"


def test_without_a_fetcher_locations_are_unresolved(land: Land) -> None:
    _, bronze = land("everything.json")
    located = [row for row in bronze["provider_reference"] if row["location"]]
    assert [row["location_status"] for row in located] == ["unresolved"]
    assert located[0]["group_id"] is None


def test_the_same_file_gives_the_same_bytes(fixtures: Path, tmp_path: Path) -> None:
    contents = []
    for run in ("first", "second"):
        with Landing(fixtures / "everything.json", tmp_path / run) as landing:
            mrf.extract(landing.path, landing)
        contents.append({name: file.read_bytes() for name, file in landing.files().items()})
    assert contents[0] == contents[1]


def test_reading_does_not_import_pandas(fixtures: Path, tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from lakeward.sources import mrf\n"
        "from lakeward.sources.landing import Landing\n"
        "for name in ('everything.json', 'rates-odd.json', 'one-price.json'):\n"
        "    with Landing(pathlib.Path(sys.argv[1]) / name, pathlib.Path(sys.argv[2]) / name) as landing:\n"
        "        mrf.extract(landing.path, landing)\n"
        "print('pandas' in sys.modules)\n"
    )
    command = [sys.executable, "-c", program, str(fixtures), str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"
