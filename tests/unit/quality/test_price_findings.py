"""Every damage of a price file is counted, and a file without damage has no findings."""

from pathlib import Path

import duckdb
import pytest

from lakeward.quality.price_findings import (
    price_file_counts,
    price_file_facts,
    price_file_findings,
    price_file_shape,
)

DAMAGED = Path(__file__).parents[2] / "fixtures" / "quality" / "damaged_price_file.sql"
COUNTS = {
    "unknown_keys": (2, "kept"),
    "last_updated_on_not_iso": (1, "repaired"),
    "code_type_unknown": (1, "kept"),
    "code_format": (1, "quarantined"),
    "code_missing": (1, "quarantined"),
    "item_repeated": (1, "kept"),
    "rate_zero": (1, "quarantined"),
    "rate_negative": (1, "quarantined"),
    "rate_missing": (1, "quarantined"),
    "percent_as_fraction": (1, "kept"),
    "type_unknown": (1, "quarantined"),
    "expiration_not_iso": (1, "repaired"),
    "place_missing": (1, "kept"),
    "price_repeated": (2, "merged"),
    "npi_repeated": (4, "merged"),
    "npi_unknown": (1, "kept"),
    "npi_format": (1, "quarantined"),
    "npi_check_digit": (1, "quarantined"),
    "tin_is_npi": (1, "kept"),
    "tin_format": (1, "kept"),
    "location_unresolved": (1, "kept"),
    "reference_dangling": (1, "kept"),
}


@pytest.fixture
def bronze() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(DAMAGED.read_text(encoding="utf-8"))
    return connection


def test_every_damage_is_counted_with_what_is_done(bronze: duckdb.DuckDBPyConnection) -> None:
    findings = price_file_findings(bronze)
    assert {finding.finding_id: (finding.count, finding.action) for finding in findings} == COUNTS
    counts = [finding.count for finding in findings]
    assert counts == sorted(counts, reverse=True)


def test_a_file_without_damage_has_no_findings(bronze: duckdb.DuckDBPyConnection) -> None:
    bronze.execute("update header set last_updated_on = '2022-08-05', unknown_keys = []")
    bronze.execute("delete from item where item_id > 0")
    bronze.execute("delete from price")
    bronze.execute("insert into price values (0, 0, 0, 92.5)")
    bronze.execute("update group_set set provider_reference_ids = ['7']")
    bronze.execute("delete from provider_reference where location_status = 'unresolved'")
    bronze.execute("delete from provider_member where member_id > 0")
    bronze.execute("update provider_member set npi_published_count = 2")
    assert price_file_findings(bronze) == ()


def test_a_file_without_a_name_or_date_is_told(bronze: duckdb.DuckDBPyConnection) -> None:
    bronze.execute("update header set last_updated_on = null, reporting_entity_name = null")
    found = {finding.finding_id for finding in price_file_findings(bronze)}
    assert {"entity_name_missing", "last_updated_on_missing"} <= found


def test_counts_and_facts_are_the_file_s_own(bronze: duckdb.DuckDBPyConnection) -> None:
    counts = price_file_counts(bronze)
    assert (counts["prices"], counts["npis published"], counts["npis distinct"]) == (9, 9, 4)
    assert price_file_facts(bronze)["reporting_entity_name"] == "Peach Health"
    assert price_file_shape(bronze) == "v1"
