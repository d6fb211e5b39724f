"""The measures of the model: DAX, format, folder, and what each says.

Amounts are what Medicare paid the hospital for synthetic claims, so every measure of money has "paid amounts" in its
name. A measure that is made of one column ends its description with that column's, as dbt has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

FACT, DATES = "fact_inpatient_claim", "dim_date[date_day]"
ABC, DRG = "mart_claims_abc", "mart_claims_drg"
READMISSION, RETENTION, REVENUE = "mart_claims_readmission", "mart_claims_retention", "mart_claims_revenue"

MONEY, COUNT, SHARE, RATIO = r"\$#,0.00", "#,0", "0.0%", "#,0.00"


@dataclass(frozen=True)
class Measure:
    """One measure.

    Args:
        table: where it lives.
        name: unique in the model.
        dax: its expression; lines are kept.
        format: how it is shown.
        folder: where it stands in the list of fields.
        description: the rule, in a sentence.
        column: of its table, whose description is added.
    """

    table: str
    name: str
    dax: str
    format: str
    folder: str
    description: str
    column: str = ""

    def explained(self, meanings: Mapping[str, str]) -> "Measure":
        """Return the measure with its column's meaning added to its description."""
        meaning = meanings.get(self.column, "")
        return replace(self, description=f"{self.description} {meaning}".strip())


def _fact(name: str, dax: str, form: str, folder: str, description: str, column: str = "") -> Measure:
    return Measure(FACT, name, dax, form, folder, description, column)


PAID = (
    _fact(
        "Paid amounts", f"SUM({FACT}[paid_amount_usd])", MONEY, "Paid amounts",
        "Sum of the paid amounts of all claim segments, reversals included.", "paid_amount_usd",
    ),
    _fact(
        "Paid amounts and liabilities", f"SUM({FACT}[provider_payment_usd])", MONEY, "Paid amounts",
        "Paid amounts, beneficiary liabilities, primary payer and pass-through amounts together.",
        "provider_payment_usd",
    ),
    _fact(
        "Reversed paid amounts", f'CALCULATE([Paid amounts], {FACT}[payment_sign] = "negative")', MONEY,
        "Paid amounts", "Paid amounts of the segments with a negative payment.",
    ),
    _fact(
        "Average paid amounts per claim", "DIVIDE([Paid amounts], [Claims])", MONEY, "Paid amounts",
        "Paid amounts over claims, not segments.",
    ),
    _fact(
        "Paid amounts by admission date",
        f"CALCULATE([Paid amounts], USERELATIONSHIP({FACT}[admission_date], {DATES}))", MONEY, "Paid amounts\\By role",
        "Paid amounts in the month of admission instead of the service date.", "admission_date",
    ),
    _fact(
        "Paid amounts by discharge date",
        f"CALCULATE([Paid amounts], USERELATIONSHIP({FACT}[discharge_date], {DATES}))", MONEY, "Paid amounts\\By role",
        "Paid amounts in the month of discharge instead of the service date.", "discharge_date",
    ),
    _fact(
        "Paid amounts by operating physician",
        f"CALCULATE([Paid amounts], USERELATIONSHIP({FACT}[operating_npi], dim_physician[physician_npi]))", MONEY,
        "Paid amounts\\By role", "Paid amounts by operating instead of attending physician.", "operating_npi",
    ),
    _fact(
        "Paid amounts of claims with the diagnosis",
        f"CALCULATE([Paid amounts], SUMMARIZE(bridge_claim_diagnosis, {FACT}[claim_key]))", MONEY,
        "Paid amounts\\By code",
        "Paid amounts of the claims on which a diagnosis stands in any position. A claim with several diagnoses is in "
        "each of them: do not add the diagnoses up.",
    ),
    _fact(
        "Paid amounts of claims with the procedure",
        f"CALCULATE([Paid amounts], SUMMARIZE(bridge_claim_procedure, {FACT}[claim_key]))", MONEY,
        "Paid amounts\\By code",
        "Paid amounts of the claims on which a procedure stands in any position. A claim with several procedures is in "
        "each of them: do not add the procedures up.",
    ),
)  # fmt: skip

UTILISATION = (
    _fact(
        "Claims", f"CALCULATE([Claim segments], {FACT}[segment] = 1)", COUNT, "Utilisation",
        "Claims, each counted where its first segment stands, so that they add up over any cells.",
    ),
    _fact("Claim segments", f"COUNTROWS({FACT})", COUNT, "Utilisation", "Rows; a long claim has two segments."),
    _fact(
        "Beneficiaries with a claim", f"DISTINCTCOUNT({FACT}[beneficiary_id])", COUNT, "Utilisation",
        "Distinct beneficiaries.", "beneficiary_id",
    ),
    _fact(
        "Share of segments without payment",
        f'DIVIDE(CALCULATE([Claim segments], {FACT}[payment_sign] = "zero"), [Claim segments])', SHARE, "Utilisation",
        "Segments with a payment of zero over all segments.", "payment_sign",
    ),
    _fact(
        "Average length of stay days",
        f"CALCULATE(\n\tDIVIDE(SUM({FACT}[length_of_stay_days]), COUNT({FACT}[length_of_stay_days])),\n"
        f"\t{FACT}[segment] = 1\n)", RATIO, "Utilisation", "Mean over the claims (first segments) with both dates.",
        "length_of_stay_days",
    ),
    _fact(
        "Average utilisation days", f"DIVIDE(SUM({FACT}[utilization_days]), COUNT({FACT}[utilization_days]))", RATIO,
        "Utilisation", "Mean over the segments that state them.", "utilization_days",
    ),
    _fact(
        "Length of stay mismatch rate",
        f"DIVIDE(\n\tCALCULATE(COUNTROWS({FACT}), {FACT}[is_length_of_stay_mismatch] = TRUE()),\n"
        f"\tCALCULATE(COUNTROWS({FACT}), NOT ISBLANK({FACT}[is_length_of_stay_mismatch]))\n)", SHARE, "Utilisation",
        "Segments whose utilisation days differ from their dates, over those where both are known.",
        "is_length_of_stay_mismatch",
    ),
    _fact(
        "Case mix index",
        f"CALCULATE(\n\tDIVIDE(\n\t\tSUMX({FACT}, RELATED(dim_drg[relative_weight])),\n"
        f"\t\tCALCULATE(COUNTROWS({FACT}), NOT ISBLANK(dim_drg[relative_weight]))\n\t),\n\t{FACT}[segment] = 1\n)",
        RATIO,
        "Utilisation", "Mean relative weight of the claims (first segments) whose DRG has one.",
    ),
    _fact(
        "Paid amounts per relative weight",
        f"DIVIDE(\n\tCALCULATE([Paid amounts], NOT ISBLANK(dim_drg[relative_weight])),\n"
        f"\tCALCULATE(SUMX({FACT}, RELATED(dim_drg[relative_weight])), {FACT}[segment] = 1)\n)", MONEY, "Paid amounts",
        "Paid amounts of the claims whose DRG has a weight, over the sum of their weights, one a claim.",
    ),
)  # fmt: skip

LAST_MONTH = f"VAR LastMonth = MAX({REVENUE}[service_month])"


def _in_months(first: str) -> str:
    """Paid amounts from the first day of a month to the end of the last one, whatever dates are chosen.

    By comparison rather than DATESINPERIOD, which counts back from a day: from 28 February that is 29 January.
    """
    dates = f"{DATES} >= {first} && {DATES} <= EOMONTH(LastMonth, 0)"
    return f"CALCULATE([Paid amounts], REMOVEFILTERS(dim_date), {dates})"


RUN_RATE = (
    _fact(
        "MRR (paid amounts)",
        f"{LAST_MONTH}\nRETURN\n\t{_in_months('LastMonth')}", MONEY, "Run rate",
        "Paid amounts of the last month of the selection. It is called monthly recurring by the users of this report; "
        "claims are not subscriptions and nothing recurs by contract.",
    ),
    _fact(
        "ARR run rate (paid amounts)",
        f"{LAST_MONTH}\nVAR Pace = CALCULATE(MAX({REVENUE}[arr_run_rate_usd]), {REVENUE}[service_month] = LastMonth)\n"
        "RETURN\n\tIF(\n\t\tNOT ISBLANK(Pace),\n"
        f"\t\t4 * {_in_months('EDATE(LastMonth, -2)')}\n\t)", MONEY, "Run rate",
        "Paid amounts of the three months that end with the last month of the selection, times four; blank before "
        "there are three whole months. A run rate, no forecast.",
    ),
    _fact(
        "Paid amounts year to date", f"CALCULATE([Paid amounts], DATESYTD({DATES}))", MONEY, "Run rate",
        "Paid amounts from the first of January to the last day of the selection.",
    ),
    _fact(
        "Paid amounts prior year",
        f"VAR WithoutPrior = CALCULATE(COUNTROWS({REVENUE}), ISBLANK({REVENUE}[prior_year_paid_usd]))\nRETURN\n"
        f"\tIF(\n\t\tISBLANK(WithoutPrior),\n\t\tCALCULATE([Paid amounts], SAMEPERIODLASTYEAR({DATES}))\n\t)", MONEY,
        "Run rate",
        "Paid amounts of the same dates a year before; blank where a month of the selection has no whole month a year "
        "before it, as those of 2008 have not.",
    ),
    _fact(
        "Paid amounts year over year",
        "DIVIDE([Paid amounts] - [Paid amounts prior year], [Paid amounts prior year])", SHARE, "Run rate",
        "Change of the paid amounts against the same dates a year before, where there are such.",
    ),
    Measure(
        REVENUE, "Member months", f"SUM({REVENUE}[member_months])", COUNT, "Run rate",
        "Months of hospital insurance of all beneficiaries, whether they had a claim or not.", "member_months",
    ),
    Measure(
        REVENUE, "PMPM (paid amounts)",
        f"DIVIDE(\n\tCALCULATE(SUM({REVENUE}[paid_amount_usd]), {REVENUE}[member_months] > 0),\n\t[Member months]\n)",
        MONEY, "Run rate",
        "Paid amounts per member and month, over the months that have member months. Members belong to no hospital: a "
        "slicer of facilities does not change it.", "pmpm_usd",
    ),
    Measure(
        REVENUE, "Paid amounts outside the months",
        f"[Paid amounts] - SUM({REVENUE}[paid_amount_usd])", MONEY, "Proof",
        "Paid amounts of the fact less those of the monthly table; zero when all claims have a service month.",
    ),
)  # fmt: skip

PERIOD = f'VAR Period = SELECTEDVALUE({ABC}[period], "all")\nRETURN\n'


def _of_one_kind(expression: str) -> str:
    """Entities of different types, and a year beside all years, must not be added up."""
    return f"{PERIOD}\tIF(\n\t\tHASONEVALUE({ABC}[entity_type]),\n\t\t{expression}\n\t)"


PARETO = (
    Measure(
        ABC, "ABC paid amounts", _of_one_kind(f"CALCULATE(SUM({ABC}[paid_amount_usd]), {ABC}[period] = Period)"), MONEY,
        "Pareto", "Paid amounts of the chosen type of entity; all years unless one is chosen, blank for several types.",
        "paid_amount_usd",
    ),
    Measure(
        ABC, "ABC entities", _of_one_kind(f"CALCULATE(COUNTROWS({ABC}), {ABC}[period] = Period)"), COUNT, "Pareto",
        "How many entities of the chosen type.",
    ),
    Measure(
        ABC, "ABC share of paid amounts",
        _of_one_kind(f"DIVIDE(CALCULATE(SUM({ABC}[share_pct]), {ABC}[period] = Period), 100)"), SHARE, "Pareto",
        "Share of the positive paid amounts.", "share_pct",
    ),
    Measure(
        ABC, "ABC cumulative share of paid amounts",
        _of_one_kind(f"DIVIDE(CALCULATE(MAX({ABC}[cumulative_pct]), {ABC}[period] = Period), 100)"), SHARE, "Pareto",
        "Share of the entities up to this one.", "cumulative_pct",
    ),
    Measure(
        ABC, "ABC share of entities",
        f"DIVIDE([ABC entities], CALCULATE([ABC entities], REMOVEFILTERS({ABC}[abc_class])))", SHARE, "Pareto",
        "Entities of the class over those of all classes.", "abc_class",
    ),
    Measure(
        DRG, "Case mix weight of paid amounts", f"SUM({DRG}[case_mix_weight])", RATIO, "Utilisation",
        "Sum of relative weights.", "case_mix_weight",
    ),
)  # fmt: skip


def _outcome(name: str, outcome: str, description: str) -> Measure:
    dax = f'CALCULATE([Beneficiaries in cohort], {RETENTION}[outcome] = "{outcome}")'
    return Measure(RETENTION, name, dax, COUNT, "Retention", description, "outcome")


MEMBERS = (
    Measure(
        RETENTION, "Beneficiaries in cohort", f"COUNTROWS({RETENTION})", COUNT, "Retention",
        "Beneficiaries with a claim in the cohort year.",
    ),
    Measure(
        RETENTION, "Exposed beneficiaries", f"CALCULATE([Beneficiaries in cohort], {RETENTION}[is_exposed] = TRUE())",
        COUNT, "Retention", "Those who could have come back.", "is_exposed",
    ),
    _outcome("Retained beneficiaries", "retained", "Those with a claim in the next year."),
    _outcome("Lapsed beneficiaries", "lapsed", "Those who could have come back and had no claim."),
    _outcome("Beneficiaries who died", "died", "Those who died before the next year was over; they are no churn."),
    Measure(
        RETENTION, "Churn rate", "DIVIDE([Lapsed beneficiaries], [Exposed beneficiaries])", SHARE, "Retention",
        "Lapsed over exposed beneficiaries. Deaths, disenrolment and the last year of the data are outside.",
    ),
    Measure(
        RETENTION, "Retention rate", "DIVIDE([Retained beneficiaries], [Exposed beneficiaries])", SHARE, "Retention",
        "Retained over exposed beneficiaries; with the churn rate it makes 100 %.",
    ),
    Measure(
        RETENTION, "Cohort paid amounts", f"SUM({RETENTION}[paid_amount_usd])", MONEY, "Retention",
        "Paid amounts of the cohort year.", "paid_amount_usd",
    ),
    Measure(
        READMISSION, "Stays", f"COUNTROWS({READMISSION})", COUNT, "Readmission",
        "Hospital stays; segments and transfers are one stay.",
    ),
    Measure(
        READMISSION, "Index stays", f"CALCULATE([Stays], {READMISSION}[is_index] = TRUE())", COUNT, "Readmission",
        "Stays that can be followed by a readmission.", "is_index",
    ),
    Measure(
        READMISSION, "Readmitted index stays",
        f"CALCULATE([Index stays], {READMISSION}[is_readmission_30_days] = TRUE())", COUNT, "Readmission",
        "Index stays followed by another within 30 days.", "is_readmission_30_days",
    ),
    Measure(
        READMISSION, "Readmission rate", "DIVIDE([Readmitted index stays], [Index stays])", SHARE, "Readmission",
        "Share of index stays followed by an admission for any cause within 30 days; not CMS's risk-adjusted measure.",
    ),
)  # fmt: skip

MEASURES = (*PAID, *UTILISATION, *RUN_RATE, *PARETO, *MEMBERS)
