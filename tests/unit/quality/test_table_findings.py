"""Damage in tables, counted in their bronze: every condition can be met, and a good row meets none."""

import duckdb
import pytest

from lakeward.quality.table_findings import QUERIES, table_findings

BRONZE = """
create table rate (negotiated_rate double, billing_code varchar, billing_class varchar, provider_group_id varchar,
    provider_reference_id varchar, service_codes varchar[]);
create table provider (npi varchar);
create table npidata (npi varchar, entity_type_code varchar, npi_deactivation_date varchar,
    npi_reactivation_date varchar,
    provider_business_practice_location_address_country_code_if_outside_u_s varchar,
    provider_business_practice_location_address_postal_code varchar, last_update_date varchar);
create table nucc (code varchar);
create table secondary_practice_location (npi varchar);
create table other_name (npi varchar);
create table endpoint (npi varchar);
create table deactivation (npi varchar);
create table acs5 (value varchar);
insert into rate values (92.5, '99213', 'professional', null, '168', ['11']);
insert into provider values ('1234567893');
insert into npidata values ('1234567893', '1', '01/02/2020', '03/04/2021', 'US', '301266410', '04/07/2025');
insert into nucc values ('207Q00000X'), ('207R00000X');
insert into secondary_practice_location values ('1234567893'), ('1234567893');
insert into other_name values ('1234567893'), ('1234567893');
insert into endpoint values ('1234567893'), ('1234567893');
insert into deactivation values ('1234567893');
insert into acs5 values ('22523'), ('-12.5'), ('250,000+'), ('0');
"""
DAMAGE = {
    ("rate", "rate_zero"): "update rate set negotiated_rate = 0",
    ("rate", "rate_negative"): "update rate set negotiated_rate = -1",
    ("rate", "rate_missing"): "update rate set negotiated_rate = null",
    ("rate", "code_missing"): "update rate set billing_code = null",
    ("rate", "group_missing"): "update rate set provider_reference_id = null",
    ("rate", "place_missing"): "update rate set service_codes = []",
    ("provider", "npi_unknown"): "update provider set npi = '0'",
    ("provider", "npi_format"): "update provider set npi = '181449584'",
    ("provider", "npi_check_digit"): "update provider set npi = '1234567890'",
    ("npidata", "npi_format"): "update npidata set npi = '9234567893'",
    ("npidata", "npi_check_digit"): "update npidata set npi = '1234567890'",
    ("npidata", "deactivated"): "update npidata set npi_reactivation_date = null",
    ("npidata", "zip_without_zeros"): (
        "update npidata set provider_business_practice_location_address_postal_code = '1002.0'"
    ),
    ("npidata", "date_format"): "update npidata set last_update_date = '4/7/25'",
    ("npidata", "npi_repeated"): "insert into npidata select * from npidata",
    ("npidata", "entity_type_unknown"): "update npidata set entity_type_code = '2.0'",
    ("secondary_practice_location", "npi_format"): "insert into secondary_practice_location values ('123456789')",
    ("other_name", "npi_format"): "insert into other_name values ('1234567893.0')",
    ("endpoint", "npi_format"): "insert into endpoint values ('')",
    ("deactivation", "npi_format"): "insert into deactivation values ('NPI')",
    ("deactivation", "npi_repeated"): "insert into deactivation select * from deactivation",
    ("acs5", "figure_missing"): "update acs5 set value = '-666666666' where value = '0'",
    ("acs5", "figure_unreadable"): "update acs5 set value = 'many' where value = '0'",
    ("nucc", "code_repeated"): "insert into nucc values ('207Q00000X')",
}
DATASETS = dict.fromkeys(
    (
        "rate", "provider", "npidata", "secondary_practice_location", "other_name", "endpoint", "deactivation", "acs5",
        "nucc",
    ),
    1,
)  # fmt: skip


@pytest.fixture
def bronze() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(BRONZE)
    return connection


def test_good_rows_have_no_findings(bronze: duckdb.DuckDBPyConnection) -> None:
    assert table_findings(DATASETS, {"recoded_lines": 0}, bronze) == ()


@pytest.mark.parametrize(("place", "damage"), DAMAGE.items(), ids=["-".join(place) for place in DAMAGE])
def test_a_damaged_row_is_counted(bronze: duckdb.DuckDBPyConnection, place: tuple[str, str], damage: str) -> None:
    dataset, finding_id = place
    bronze.execute(damage)
    assert [(found.finding_id, found.count) for found in table_findings({dataset: 1}, {}, bronze)] == [(finding_id, 1)]


def test_every_condition_has_a_row_that_meets_it() -> None:
    declared = {(dataset, query[0]) for dataset, queries in QUERIES.items() for query in queries}
    assert declared <= set(DAMAGE)


def test_what_the_reader_counted_is_told(bronze: duckdb.DuckDBPyConnection) -> None:
    notes = {"recoded_lines": 3, "title_lines": 9, "codes_without_leading_zeros": 5}
    found = table_findings({}, notes, bronze)
    assert [(finding.finding_id, finding.count, finding.action) for finding in found] == [
        ("codes_without_leading_zeros", 5, "repaired"),
        ("recoded_lines", 3, "repaired"),
    ]
