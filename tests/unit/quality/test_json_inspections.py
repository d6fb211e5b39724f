"""Tables of contents, allowed amounts and provider references: counts and damage."""

import gzip
import json
from pathlib import Path

import pytest

from lakeward.errors import SourceUnreadable
from lakeward.quality.json_inspections import inspect_allowed_amounts, inspect_contents, inspect_provider_reference

CONTENTS = {
    "reporting_entity_name": "Peach Health",
    "last_updated_on": "2022-08-5",
    "version": 1.5,
    "extra": {"kept": "out"},
    "reporting_structure": [
        {
            "reporting_plans": [{"plan_name": "A"}, {"plan_name": "B"}],
            "in_network_files": [
                {"location": "https://peach.example/rates.json.gz?Expires=1&Signature=x", "description": "d"},
                {"location": "https://peach.example/rates.json.gz?Expires=2&Signature=y"},
                {"location": "http://peach.example/other.json"},
                {"description": "nowhere"},
            ],
        },
        {"reporting_plans": [{"plan_name": "C"}], "allowed_amount_file": {"location": "https://peach.example/a"}},
        {"reporting_plans": [], "in_network_files": [{"location": "http://peach.example/other.json"}]},
    ],
}


def write(path: Path, document: object) -> Path:
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    return path


def test_a_table_of_contents_counts_files_by_address_without_signature(tmp_path: Path) -> None:
    counts, facts, findings = inspect_contents(write(tmp_path / "index.json.gz", CONTENTS))
    assert counts == {
        "structures": 3,
        "plans": 3,
        "in-network files listed": 5,
        "in-network files distinct": 2,
        "allowed-amounts files listed": 1,
    }
    assert facts["version"] == "1.5"
    assert {finding.finding_id: finding.count for finding in findings} == {
        "file_repeated": 2,
        "last_updated_on_not_iso": 1,
        "location_missing": 1,
        "location_not_https": 1,
        "location_signed": 2,
        "structure_without_prices": 1,
    }


def test_allowed_amounts_may_be_empty(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json.gz", {"last_updated_on": "2022-08-05", "out_of_network": []})
    counts, _, findings = inspect_allowed_amounts(path)
    assert counts == {"items": 0, "allowed amounts": 0, "payments": 0}
    assert [finding.finding_id for finding in findings] == ["out_of_network_empty"]


def test_allowed_amounts_are_counted(tmp_path: Path) -> None:
    amounts = [{"payments": [{"allowed_amount": 0}, {"allowed_amount": 25.0}]}, {"payments": []}]
    counts, _, findings = inspect_allowed_amounts(
        write(tmp_path / "a.json.gz", {"out_of_network": [{"allowed_amounts": amounts}]})
    )
    assert counts == {"items": 1, "allowed amounts": 2, "payments": 2}
    assert [(finding.finding_id, finding.count) for finding in findings] == [("amount_zero", 1)]


def test_a_provider_reference_is_counted(tmp_path: Path) -> None:
    document = {"provider_groups": [{"npi": [1234567893, "1234567893"], "tin": {}}], "version": "1.0.0"}
    counts, facts, _ = inspect_provider_reference(write(tmp_path / "p.json.gz", document))
    assert counts == {"provider groups": 1, "NPIs": 2, "NPIs distinct": 1}
    assert facts == {"version": "1.0.0"}


@pytest.mark.parametrize("text", [b'{"reporting_structure": [{', b'{"reporting_structure": 4}'], ids=["cut", "shape"])
def test_a_broken_file_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "index.json").write_bytes(text)
    with pytest.raises(SourceUnreadable, match="whole JSON in the publisher's shape"):
        inspect_contents(tmp_path / "index.json")
