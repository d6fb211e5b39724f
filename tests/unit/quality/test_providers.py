"""The rules on providers: a sound registry passes them all, and each fault planted in it breaks its own rule only."""

from collections.abc import Iterator

import duckdb
import pytest

from lakeward.quality.providers import providers_figures, providers_rules
from lakeward.quality.relations import Relations
from lakeward.quality.report import quality_report
from lakeward.settings import QualitySettings
from lakeward.sources.census.recording import ATTRIBUTION

REGISTRY = """
    create table dim_npi as
    select
        cast(n as varchar) as npi, 'NPI-1' as enumeration_type, if(n = 3, 'I', 'A') as status, n <> 3 as is_active,
        if(n = 3, 'report', null) as deactivation_source, if(n = 3, '4', null) as replacement_npi,
        date '2026-07-12' as registry_as_of_date
    from range(12) as numbers (n);
    create table dim_npi_history as
    select
        npi, date '2020-01-01' as valid_from, if(npi = '3', date '2024-01-01', null) as valid_to,
        npi <> '3' as is_current, 'A' as status
    from dim_npi;
    insert into dim_npi_history values ('3', date '2024-01-01', null, true, 'I');
    create table bridge_npi_taxonomy as select npi, 1 as slot from dim_npi;
    create table bridge_npi_identifier as from bridge_npi_taxonomy;
    create table dim_npi_name as select npi from dim_npi;
    create table dim_npi_endpoint as select npi from dim_npi;
    create table dim_npi_address as
    select npi, unnest(['LOCATION', 'MAILING', 'SECONDARY', 'SECONDARY']) as address_purpose from dim_npi;
    create table dim_npi_address_geolocation as select npi, if(npi = '1', null, '13001') as county_fips from dim_npi;
    create table dim_county as
    select
        unnest(['13001', '09001']) as county_fips, unnest([true, false]) as is_current, unnest([9, null]) as population;
    create table mart_provider_density as
    select
        'county' as geography_level, '13001' as geography_id, unnest(['dental', 'none']) as specialty_group,
        unnest(['covered', 'registry_incomplete']) as coverage_status, unnest([1.5, null]) as providers_per_100000;
    create table mart_provider_gap as
    select
        '13001' as county_fips, 'dental' as discipline, unnest(['individuals', 'fractional']) as denominator_basis,
        unnest(['covered', 'registry_incomplete']) as coverage_status, unnest([true, null]) as is_gap;
    create table mart_provider_access as select '13001' as county_fips, 'dental' as specialty_group;
    create table mart_specialty_gap as select 'division' as region_level, 'D' as region_id, 'dental' as specialty_group;
    create table mart_state_profile as
    select
        unnest(['AL', 'GA', 'WY']) as state,
        unnest(['registry_incomplete', 'covered', 'no_population']) as coverage_status,
        unnest([4, 8, 0]) as individuals_active, unnest([3, 2, 0]) as unplaced_providers,
        unnest([0.1, 190.25, null]) as registered_per_100000;
    create table quarantine_npi as select '99' as npi, ['npi_check_digit'] as reasons;
    create table quarantine_npi_detail as select '99' as npi, ['npi_check_digit'] as reasons;
"""
FAULTS = {
    "insert into dim_npi_history select * replace (false as is_current) from dim_npi_history where npi = '1'": {
        "providers_key_of_dim_npi_history",
        "history_spans_do_not_overlap",
    },
    "update dim_npi_history set valid_to = date '2024-02-01' where npi = '3' and not is_current": {
        "history_spans_do_not_overlap"
    },
    "update dim_npi_history set valid_to = date '2023-12-31' where npi = '3' and not is_current": {
        "history_spans_do_not_overlap"
    },
    "update dim_npi_history set is_current = false where npi = '1'": {"history_ends_in_the_present"},
    "update dim_npi_history set status = 'I' where npi = '1'": {"history_ends_in_the_present"},
    "insert into dim_npi_history values ('77', date '2024-01-01', null, true, 'A')": {
        "dim_npi_history_refers_to_dim_npi"
    },
    "insert into bridge_npi_taxonomy from bridge_npi_taxonomy limit 1": {"providers_key_of_bridge_npi_taxonomy"},
    "insert into bridge_npi_taxonomy values ('77', 1)": {"bridge_npi_taxonomy_refers_to_dim_npi"},
    "insert into bridge_npi_identifier from bridge_npi_identifier limit 1": {"providers_key_of_bridge_npi_identifier"},
    "insert into bridge_npi_identifier values ('77', 1)": {"bridge_npi_identifier_refers_to_dim_npi"},
    "insert into dim_npi_name values ('77')": {"dim_npi_name_refers_to_dim_npi"},
    "insert into dim_npi_endpoint values ('77')": {"dim_npi_endpoint_refers_to_dim_npi"},
    "update dim_npi_address_geolocation set county_fips = '13999' where npi = '2'": {
        "dim_npi_address_geolocation_refers_to_dim_county"
    },
    "insert into dim_npi_address values ('5', 'LOCATION')": {"one_practice_address"},
    "update dim_npi set is_active = true where npi = '3'": {"status_is_active_or_not"},
    "update dim_npi set is_active = null where npi = '4'": {"status_is_active_or_not"},
    "insert into dim_county values ('13003', true, null)": {"county_has_population"},
    "insert into mart_provider_density from mart_provider_density limit 1": {"providers_key_of_mart_provider_density"},
    "update mart_provider_density set providers_per_100000 = 1": {"nothing_is_said_of_uncovered_places"},
    "insert into mart_provider_gap from mart_provider_gap limit 1": {"providers_key_of_mart_provider_gap"},
    "update mart_provider_gap set is_gap = true": {"a_gap_is_of_a_covered_county"},
    "update mart_provider_gap set county_fips = '13999'": {"mart_provider_gap_refers_to_dim_county"},
    "insert into mart_provider_access from mart_provider_access": {"providers_key_of_mart_provider_access"},
    "update mart_provider_access set county_fips = '13999'": {"mart_provider_access_refers_to_dim_county"},
    "insert into mart_specialty_gap from mart_specialty_gap": {"providers_key_of_mart_specialty_gap"},
    "insert into mart_state_profile from mart_state_profile where state = 'WY'": {
        "providers_key_of_mart_state_profile"
    },
    "update mart_state_profile set unplaced_providers = 4 where state = 'GA'": {"providers_are_placed"},
    "insert into quarantine_npi from quarantine_npi": {"registry_quarantine_in_bounds"},
}
"""What is done to the registry, and the rules that it breaks."""


@pytest.fixture
def registry() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(REGISTRY)
        yield connection


def broken(connection: duckdb.DuckDBPyConnection) -> set[str]:
    results = providers_rules(Relations(connection), QualitySettings())
    assert [result.rule_id for result in results if not result.checked] == []
    return {result.rule_id for result in results if result.status == "fail"}


def test_a_sound_registry_breaks_no_rule(registry: duckdb.DuckDBPyConnection) -> None:
    assert broken(registry) == set()


@pytest.mark.parametrize(("fault", "rules"), FAULTS.items(), ids=FAULTS)
def test_a_planted_fault_breaks_its_rule_only(registry: duckdb.DuckDBPyConnection, fault: str, rules: set[str]) -> None:
    registry.execute(fault)
    assert broken(registry) == rules


def test_every_rule_can_fail(registry: duckdb.DuckDBPyConnection) -> None:
    rules = {result.rule_id for result in providers_rules(Relations(registry), QualitySettings())}
    assert rules == set().union(*FAULTS.values())


def test_counties_without_any_population_are_no_fault(registry: duckdb.DuckDBPyConnection) -> None:
    registry.execute("update dim_county set population = null")
    results = {result.rule_id: result for result in providers_rules(Relations(registry), QualitySettings())}
    assert results["county_has_population"].status == "not checked"


def test_a_lake_without_a_history_has_neither_rules_nor_figures(registry: duckdb.DuckDBPyConnection) -> None:
    registry.execute("drop table dim_npi_history")
    assert providers_rules(Relations(registry), QualitySettings()) == []
    assert providers_figures(Relations(registry)) == []


def test_marts_that_are_not_there_are_not_checked(registry: duckdb.DuckDBPyConnection) -> None:
    for table in ("mart_provider_density", "mart_provider_gap", "mart_provider_access", "mart_state_profile"):
        registry.execute(f"drop table {table}")
    results = providers_rules(Relations(registry), QualitySettings())
    unchecked = {result.rule_id for result in results if result.status == "not checked"}
    assert {"providers_are_placed", "nothing_is_said_of_uncovered_places", "a_gap_is_of_a_covered_county"} <= unchecked
    assert [result.rule_id for result in results if result.status == "fail"] == []
    assert [figure.key for figure in providers_figures(Relations(registry))] == ["registrations"]


def test_the_report_counts_states_registrations_and_rejects(registry: duckdb.DuckDBPyConnection) -> None:
    report = quality_report(registry)
    registrations, states = report.figure("registrations"), report.figure("providers_by_state")
    assert registrations is not None
    assert [(row["status"], row["deactivation_source"], row["providers"]) for row in registrations.rows] == [
        ("A", None, 11),
        ("I", "report", 1),
    ]
    assert states is not None
    assert ATTRIBUTION in states.explanation
    assert [(row["state"], row["unplaced_share"]) for row in states.rows] == [("AL", 0.75), ("GA", 0.25)]
    rejected = report.figure("quarantine_npi_detail_by_reason")
    assert rejected is not None
    assert [row["reason"] for row in rejected.rows] == ["npi_check_digit"]
    assert {"history_spans_do_not_overlap", "npi_is_unique"} <= {rule.rule_id for rule in report.rules}
