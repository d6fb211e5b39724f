"""The rules on claims: a sound star passes them all, and each fault that is planted in it breaks its own rule only."""

from collections.abc import Iterator

import duckdb
import pytest

from lakeward.quality.claims import claims_figures, claims_rules
from lakeward.quality.relations import Relations
from lakeward.settings import QualitySettings

STAR = """
    create table fact_inpatient_claim as
    select
        'synpuf.sample-01' as release_id, cast(n as varchar) as claim_id, 1 as segment, 'B' || n as beneficiary_id,
        'F1' as facility_id, '470' as drg_code, cast(100 * n as decimal(14, 2)) as paid_amount_usd,
        case when n = 0 then 'zero' else 'positive' end as payment_sign, true as has_beneficiary_year,
        date '2008-01-01' as claim_from_date, date '2008-01-01' as admission_date, date '2008-01-04' as discharge_date,
        n = 3 as is_length_of_stay_mismatch
    from range(12) as numbers (n);
    create table dim_beneficiary as select distinct release_id, beneficiary_id from fact_inpatient_claim;
    create table dim_beneficiary_year as select beneficiary_id, 2008 as summary_year from dim_beneficiary;
    create table dim_facility as select 'F1' as facility_id;
    create table dim_drg as select '470' as drg_code;
    create table bridge_claim_diagnosis as select claim_id, segment, '4280' as diagnosis_code from fact_inpatient_claim;
    create table dim_diagnosis as select '4280' as diagnosis_code;
    create table bridge_claim_procedure as select claim_id, segment, '8154' as procedure_code from fact_inpatient_claim;
    create table dim_procedure as select '8154' as procedure_code;
    create table quarantine_inpatient_claim as select 'synpuf.sample-01' as release_id, ['paid'] as reasons;
    create table mart_claims_revenue as select sum(paid_amount_usd) as paid_amount_usd from fact_inpatient_claim;
    create table mart_claims_drg as from mart_claims_revenue;
    create table mart_claims_readmission as select claim_id as stay_id, paid_amount_usd from fact_inpatient_claim;
    create table mart_claims_abc as
    select unnest(['drg', 'facility', 'beneficiary']) as entity_type, 'all' as period, paid_amount_usd
    from mart_claims_revenue;
    insert into mart_claims_abc values ('drg', '2008', 1);
"""
FAULTS = {
    "insert into fact_inpatient_claim select * replace (0 as paid_amount_usd) from fact_inpatient_claim limit 1": (
        "claims_key_of_fact_inpatient_claim"
    ),
    "insert into dim_beneficiary from dim_beneficiary limit 1": "claims_key_of_dim_beneficiary",
    "insert into dim_beneficiary_year from dim_beneficiary_year limit 1": "claims_key_of_dim_beneficiary_year",
    "delete from dim_facility": "fact_inpatient_claim_refers_to_dim_facility",
    "delete from dim_drg": "fact_inpatient_claim_refers_to_dim_drg",
    "delete from dim_beneficiary where beneficiary_id = 'B2'": "fact_inpatient_claim_refers_to_dim_beneficiary",
    "insert into bridge_claim_diagnosis values ('99', 1, '4280')": (
        "bridge_claim_diagnosis_refers_to_fact_inpatient_claim"
    ),
    "update bridge_claim_diagnosis set diagnosis_code = 'V1' where claim_id = '1'": (
        "bridge_claim_diagnosis_refers_to_dim_diagnosis"
    ),
    "update bridge_claim_procedure set segment = 2 where claim_id = '1'": (
        "bridge_claim_procedure_refers_to_fact_inpatient_claim"
    ),
    "delete from dim_procedure": "bridge_claim_procedure_refers_to_dim_procedure",
    "update mart_claims_revenue set paid_amount_usd = paid_amount_usd - 0.01": "claims_paid_in_revenue",
    "delete from mart_claims_drg": "claims_paid_in_drg",
    "update mart_claims_readmission set paid_amount_usd = 1 where stay_id = '0'": "claims_paid_in_readmission",
    "delete from mart_claims_abc where entity_type = 'facility'": "claims_paid_in_abc_by_facility",
    "update fact_inpatient_claim set discharge_date = date '2007-12-31' where claim_id = '1'": (
        "discharge_after_admission"
    ),
    "insert into quarantine_inpatient_claim from quarantine_inpatient_claim": "claims_quarantine_in_bounds",
}
"""What is done to the star, and the rule that it breaks."""


@pytest.fixture
def star() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(STAR)
        yield connection


def broken(connection: duckdb.DuckDBPyConnection) -> set[str]:
    results = claims_rules(Relations(connection), QualitySettings())
    assert all(result.checked for result in results)
    return {result.rule_id for result in results if result.status == "fail"}


def test_a_sound_star_breaks_no_rule(star: duckdb.DuckDBPyConnection) -> None:
    assert broken(star) == set()


@pytest.mark.parametrize(("fault", "rule"), FAULTS.items(), ids=FAULTS.values())
def test_a_planted_fault_breaks_its_rule_only(star: duckdb.DuckDBPyConnection, fault: str, rule: str) -> None:
    star.execute(fault)
    assert broken(star) == {rule}


def test_a_claim_without_facility_refers_to_nothing(star: duckdb.DuckDBPyConnection) -> None:
    star.execute("update fact_inpatient_claim set facility_id = null, drg_code = null where claim_id = '1'")
    assert broken(star) == set()


def test_a_lake_without_claims_has_neither_rules_nor_figures() -> None:
    with duckdb.connect() as connection:
        assert claims_rules(Relations(connection), QualitySettings()) == []
        assert claims_figures(Relations(connection)) == []


def test_the_figure_counts_by_sample(star: duckdb.DuckDBPyConnection) -> None:
    (figure,) = claims_figures(Relations(star))
    (row,) = figure.rows
    assert (row["rows"], row["zero_payments"], row["negative_payments"], row["paid_usd"]) == (12, 1, 0, "6600.00")
    assert row["mismatch_share"] == round(1 / 12, 6)
