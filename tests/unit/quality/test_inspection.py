"""How an inspection reads: kind, counts, damage with what is done about it, and the same for machines."""

import json

from lakeward.quality.inspection import Finding, Inspection, found, render_inspection

ZERO = Finding("rate_zero", "a price of 0", 1_223, "prices", "quarantined")
ONCE = Finding("price_repeated", "the same price again in one item", 2_000, "prices", "merged")
INSPECTION = Inspection(
    "rates.json.gz",
    21_400_000,
    "ab" * 32,
    "in-network price file",
    "v1",
    "mrf",
    {"prices": 14_406},
    {"reporting_entity_name": "Peach Health", "plan_name": None},
    found(ZERO, ONCE, Finding("rate_negative", "a price below 0", 0, "prices", "quarantined")),
)


def test_findings_that_do_not_occur_are_left_out_and_the_rest_is_sorted() -> None:
    assert INSPECTION.findings == (ONCE, ZERO)


def test_text_tells_what_is_done_with_each_damage() -> None:
    lines = render_inspection(INSPECTION).splitlines()
    assert lines[:3] == [
        "rates.json.gz: in-network price file, v1",
        f"  21,400,000 bytes, sha256 {'ab' * 32}",
        "  read by: sources.mrf in lakeward.yaml",
    ]
    assert "  2,000  prices  merged       the same price again in one item" in [line.rstrip() for line in lines]
    assert "  merged: kept once; how often it was stated is counted" in lines
    assert lines[-1] == "Nothing was written."


def test_a_file_without_damage_says_so() -> None:
    sound = Inspection("a.csv", 1, "00", "geography file", None, None, {}, {})
    text = render_inspection(sound)
    assert "No damage found." in text
    assert "no run reads this kind" in text


def test_json_has_stable_keys() -> None:
    record = json.loads(INSPECTION.to_json())
    assert list(record) == [
        *("format_version", "name", "size_bytes", "sha256", "kind", "layout", "source", "counts", "facts", "findings")
    ]
    assert record["findings"][1] == {
        "id": "rate_zero",
        "what": "a price of 0",
        "count": 1_223,
        "unit": "prices",
        "action": "quarantined",
    }
