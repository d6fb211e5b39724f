"""Every rule holds on a good lake and fails on a row that breaks it, and on no other rule's row."""

import duckdb
import pytest

from lakeward.lake.ledger import LedgerRow
from lakeward.quality.report import QualityReport, quality_report
from lakeward.quality.row_rules import REQUIRED_FIELDS
from lakeward.quality.rule import RuleResult
from lakeward.settings import QualitySettings

BALANCED = LedgerRow("publish", "peach-health.ga.2025-07", "gold/rates/fact_rate_enriched", rows_in=8, rows_out=8)
LOST = LedgerRow("publish", "peach-health.ga.2025-07", "gold/rates/fact_rate_enriched", rows_in=8, rows_out=7)
FIRST = "where fact_uid like '%1'"
REQUIRED = [(f"required_{name}", f"update fact_rate set {name} = null {FIRST}") for name in REQUIRED_FIELDS]
IN_ROWS = [
    ("required_state", f"update fact_rate set state = null {FIRST}"),
    ("rate_range_usd", f"update fact_rate set negotiated_rate = 0 {FIRST}"),
    ("rate_range_usd", f"update fact_rate set negotiated_rate = 1000000.01 {FIRST}"),
    ("rate_range_usd", f"update fact_rate set negotiated_rate = 'nan' {FIRST}"),
    ("rate_range_usd", f"update fact_rate set negotiated_rate = -5, rate_unit = 'usd_per_day' {FIRST}"),
    ("rate_range_percent", "update fact_rate set negotiated_rate = -1 where rate_unit = 'percent'"),
    ("rate_range_percent", "update fact_rate set negotiated_rate = 4050 where rate_unit = 'percent'"),
    ("percent_is_whole_number", "update fact_rate set negotiated_rate = .405 where rate_unit = 'percent'"),
    ("rate_unit_follows_type", f"update fact_rate set rate_unit = 'percent' {FIRST}"),
    ("ratio_or_reason", f"update fact_rate_enriched set not_comparable_reason = 'modifier' {FIRST}"),
    ("ratio_or_reason", f"update fact_rate_enriched set rate_to_medicare_ratio = null {FIRST}"),
    ("ratio_or_reason", f"update fact_rate_enriched set rate_to_medicare_ratio = 'inf' {FIRST}"),
    ("ratio_of_dollars_only", f"update fact_rate_enriched set rate_unit = 'percent' {FIRST}"),
    ("state_is_known", f"update fact_rate set state = 'XX' {FIRST}"),
    ("payer_slug_pattern", f"update fact_rate set payer_slug = 'Peach Health' {FIRST}"),
    ("year_month_pattern", f"update fact_rate set year_month = '2025-13' {FIRST}"),
    ("billing_class_is_known", f"update fact_rate set billing_class = 'dental' {FIRST}"),
    ("expiration_date_format", f"update fact_rate set expiration_date = '12/31/2025' {FIRST}"),
    ("expires_after_publication", f"update fact_rate set expiration_date = '2025-06-30' {FIRST}"),
    ("billing_code_type_is_known", f"update fact_rate set code_type = 'DRG' {FIRST}"),
    ("code_has_its_form", f"update fact_rate set code = '9921' {FIRST}"),
    ("npi_format", "update xref_pg_member_npi set npi = '0' where pg_uid = 'pg1'"),
    ("npi_format", "update fact_rate_enriched set npi = '3234567893' where npi is not null"),
    ("npi_check_digit", "update dim_npi set npi = '1234567890' where npi = '1234567893'"),
    ("tin_format", "update xref_pg_member_tin set tin_value = '0' where tin_type = 'ein'"),
    ("coordinates_in_range", "update fact_rate_enriched set latitude = 91 where latitude is not null"),
    ("coordinates_in_range", "update dim_npi_address_geolocation set longitude = null"),
    ("coordinates_never_zero", "update dim_npi_address_geolocation set latitude = 0, longitude = 0"),
    ("area_codes_format", "update fact_rate_enriched set county_fips = '1312' where county_fips is not null"),
    ("unknown_is_null", "update fact_rate_enriched set county_name = 'Unknown' where county_name is null"),
]
IN_TABLES = [
    ("fact_uid_is_unique", f"insert into fact_rate select * from fact_rate {FIRST}"),
    ("enriched_fact_uid_is_unique", f"insert into fact_rate_enriched select * from fact_rate_enriched {FIRST}"),
    ("npi_is_unique", "insert into dim_npi select * from dim_npi limit 1"),
    ("group_is_unique", "insert into dim_provider_group select * from dim_provider_group limit 1"),
    ("enriched_rows_equal_fact_rows", f"delete from fact_rate_enriched {FIRST}"),
    ("enriched_amounts_equal_fact_amounts", f"update fact_rate_enriched set negotiated_rate = 1 {FIRST}"),
    ("payer_is_in_dimension", "delete from dim_payer"),
    ("code_is_in_dimension", "delete from dim_code where code = '99213'"),
    ("group_is_in_dimension", "delete from dim_provider_group where pg_uid = 'pg1'"),
    ("pos_set_is_in_dimension", "delete from dim_pos_set where pos_set_id = 'pos1'"),
    ("npi_member_has_group", "insert into xref_pg_member_npi values ('pg9', '1234567893')"),
    ("tin_member_has_group", "insert into xref_pg_member_tin values ('pg9', 'ein', '581234567')"),
    ("address_has_provider", "update dim_npi_address set npi = '1679576722'"),
    ("quarantine_in_bounds", f"insert into quarantine_fact_rate select *, 'rate_is_zero' from fact_rate {FIRST}"),
]
PLANTS = REQUIRED + IN_ROWS + IN_TABLES


def result_of(report: QualityReport, rule_id: str) -> RuleResult:
    return next(rule for rule in report.rules if rule.rule_id == rule_id)


def test_a_good_lake_keeps_every_rule(lake: duckdb.DuckDBPyConnection) -> None:
    report = quality_report(lake, ledger=[BALANCED])
    assert {rule.rule_id: rule.status for rule in report.rules if rule.status != "pass"} == {}
    assert report.score.value == 100


def test_every_rule_has_a_row_that_breaks_it(lake: duckdb.DuckDBPyConnection) -> None:
    planted = {rule_id for rule_id, _ in PLANTS} | {"ledger_balances"}
    assert planted == {rule.rule_id for rule in quality_report(lake).rules}


@pytest.mark.parametrize(
    ("rule_id", "damage"), PLANTS, ids=[f"{rule_id}-{number}" for number, (rule_id, _) in enumerate(PLANTS)]
)
def test_a_rule_fails_on_the_row_that_breaks_it(lake: duckdb.DuckDBPyConnection, rule_id: str, damage: str) -> None:
    lake.execute(damage)
    report = quality_report(lake, ledger=[BALANCED])
    result = result_of(report, rule_id)
    assert result.status == "fail"
    assert result.failing > 0
    assert (rule_id, 10 if result.severity == "error" else 2) in report.score.costs


def test_a_row_rule_breaks_alone(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute(f"update fact_rate set expiration_date = '2025-06-30' {FIRST}")
    report = quality_report(lake)
    assert report.score.costs == (("expires_after_publication", 2),)
    assert result_of(report, "expires_after_publication").by_release == {"peach-health.ga.2025-07": 1}


def test_a_step_out_of_balance_fails_the_ledger_rule(lake: duckdb.DuckDBPyConnection) -> None:
    result = result_of(quality_report(lake, ledger=[BALANCED, LOST]), "ledger_balances")
    assert (result.checked, result.failing, result.cost) == (2, 1, 10)


def test_limits_are_the_configured_ones(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute(f"insert into quarantine_fact_rate select *, 'rate_is_zero' from fact_rate {FIRST}")
    limits = QualitySettings(rate_max=20_000, quarantine_max_share=0.5)
    report = quality_report(lake, limits=limits)
    assert result_of(report, "quarantine_in_bounds").status == "pass"
    assert result_of(report, "rate_range_usd").failing == 1


def test_an_empty_lake_is_no_error() -> None:
    report = quality_report(duckdb.connect())
    assert {rule.status for rule in report.rules} == {"not checked"}
    assert report.score.value is None
    assert report.notes == ("There are no rates in this lake. `lakeward run rates` brings some in.",)


def test_a_rule_with_no_rows_to_look_at_is_not_checked(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute("delete from fact_rate where rate_unit = 'percent'")
    assert result_of(quality_report(lake), "rate_range_percent").status == "not checked"


def test_empty_tables_are_no_rates(lake: duckdb.DuckDBPyConnection) -> None:
    for (table,) in lake.execute("select table_name from duckdb_tables()").fetchall():
        lake.execute(f"delete from {table}")
    report = quality_report(lake)
    assert report.score.value is None
    assert report.notes
    assert {figure.section for figure in report.figures} == {"Quarantine"}


def test_a_lake_of_gold_alone_is_checked_as_far_as_it_goes(lake: duckdb.DuckDBPyConnection) -> None:
    kept = "fact_rate_enriched"
    for (table,) in lake.execute("select table_name from duckdb_tables()").fetchall():
        if table != kept:
            lake.execute(f"drop table {table}")
    report = quality_report(lake)
    assert result_of(report, "required_state").scope == kept
    assert result_of(report, "payer_is_in_dimension").status == "not checked"
    assert report.score.value == 100
