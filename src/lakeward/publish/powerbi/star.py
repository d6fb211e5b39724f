"""The star of the claims domain in Power BI: which tables, how they are related, what is hidden.

A relationship goes from the many side to the one side, and filters flow back in one direction only: from a dimension to
the facts. Between two tables there is never more than one active path; dates and physicians that play several roles
have one active relationship, and measures name the others (USERELATIONSHIP).
"""

from dataclasses import dataclass

FACT = "fact_inpatient_claim"
DATE_TABLE, DATE_KEY = "dim_date", "date_day"

TABLES = (
    FACT,
    "dim_beneficiary",
    "dim_beneficiary_year",
    "dim_date",
    "dim_diagnosis",
    "dim_drg",
    "dim_facility",
    "dim_physician",
    "dim_procedure",
    "bridge_claim_diagnosis",
    "bridge_claim_procedure",
    "mart_claims_abc",
    "mart_claims_drg",
    "mart_claims_readmission",
    "mart_claims_retention",
    "mart_claims_revenue",
)

HIDDEN = frozenset({"release_id", "source_file_id", "source_record", "stay_id", "claim_key", "next_stay_id"})
"""Columns that no chart is made of; foreign keys are hidden too, their dimension is shown instead."""

SORTED_BY = {
    (DATE_TABLE, "month_name"): "month_number",
    (DATE_TABLE, "day_name"): "day_of_week_number",
}


@dataclass(frozen=True)
class Relationship:
    """Many rows of one table to one row of another; filters flow from the one to the many."""

    from_table: str
    from_column: str
    to_table: str
    to_column: str
    is_active: bool = True


RELATIONSHIPS = (
    Relationship(FACT, "beneficiary_id", "dim_beneficiary", "beneficiary_id"),
    # Only from the fact: with another from dim_beneficiary_year to dim_beneficiary there were two ways to the fact.
    Relationship(FACT, "beneficiary_year_key", "dim_beneficiary_year", "beneficiary_year_key"),
    Relationship(FACT, "facility_id", "dim_facility", "facility_id"),
    Relationship(FACT, "drg_code", "dim_drg", "drg_code"),
    Relationship(FACT, "attending_npi", "dim_physician", "physician_npi"),
    Relationship(FACT, "operating_npi", "dim_physician", "physician_npi", is_active=False),
    Relationship(FACT, "other_npi", "dim_physician", "physician_npi", is_active=False),
    Relationship(FACT, "service_date", DATE_TABLE, DATE_KEY),
    Relationship(FACT, "admission_date", DATE_TABLE, DATE_KEY, is_active=False),
    Relationship(FACT, "discharge_date", DATE_TABLE, DATE_KEY, is_active=False),
    Relationship(FACT, "claim_from_date", DATE_TABLE, DATE_KEY, is_active=False),
    Relationship(FACT, "claim_thru_date", DATE_TABLE, DATE_KEY, is_active=False),
    Relationship("bridge_claim_diagnosis", "claim_key", FACT, "claim_key"),
    Relationship("bridge_claim_diagnosis", "diagnosis_code", "dim_diagnosis", "diagnosis_code"),
    Relationship("bridge_claim_procedure", "claim_key", FACT, "claim_key"),
    Relationship("bridge_claim_procedure", "procedure_code", "dim_procedure", "procedure_code"),
    # A month is related by its first day, a year by the first of January: a slicer of days would miss them.
    Relationship("mart_claims_revenue", "service_month", DATE_TABLE, DATE_KEY),
    Relationship("mart_claims_retention", "cohort_year_start", DATE_TABLE, DATE_KEY),
    Relationship("mart_claims_retention", "beneficiary_id", "dim_beneficiary", "beneficiary_id"),
    Relationship("mart_claims_retention", "index_facility_id", "dim_facility", "facility_id"),
    Relationship("mart_claims_readmission", "discharge_date", DATE_TABLE, DATE_KEY),
    Relationship("mart_claims_readmission", "admission_date", DATE_TABLE, DATE_KEY, is_active=False),
    Relationship("mart_claims_readmission", "beneficiary_id", "dim_beneficiary", "beneficiary_id"),
    Relationship("mart_claims_readmission", "facility_id", "dim_facility", "facility_id"),
    Relationship("mart_claims_readmission", "drg_code", "dim_drg", "drg_code"),
    Relationship("mart_claims_drg", "drg_code", "dim_drg", "drg_code"),
    Relationship("mart_claims_drg", "facility_id", "dim_facility", "facility_id"),
)
