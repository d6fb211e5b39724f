"""What a DE-SynPUF file holds and what is odd in it: the quirks of the release, counted by name.

In: the bronze dataset of one file as a relation. Out: counts, and findings that say what a run does with such rows.
Most are no damage but traps: a second segment, a reversal and a DRG that is no MS-DRG are all kept.
"""

from collections.abc import Mapping

import duckdb

from lakeward.quality.inspection import Action, Finding, found
from lakeward.sources.synpuf.layout import INPATIENT, LAYOUTS, PAID, SUMMARY

COUNTS: dict[str, dict[str, str]] = {
    INPATIENT.dataset: {
        "rows": "count(*)",
        "claims": "count(distinct CLM_ID)",
        "beneficiaries": "count(distinct DESYNPUF_ID)",
        "facilities": "count(distinct PRVDR_NUM)",
    },
    SUMMARY.dataset: {
        "rows": "count(*)",
        "beneficiaries": "count(distinct DESYNPUF_ID)",
        "deaths": "count(BENE_DEATH_DT)",
    },
}
"""Per dataset: what is counted, and its SQL."""

_KEYS = {INPATIENT.dataset: "(CLM_ID, SEGMENT)", SUMMARY.dataset: "DESYNPUF_ID"}
_DATES = {
    INPATIENT.dataset: ("CLM_FROM_DT", "CLM_THRU_DT", "CLM_ADMSN_DT", "NCH_BENE_DSCHRG_DT"),
    SUMMARY.dataset: ("BENE_BIRTH_DT", "BENE_DEATH_DT"),
}
_LIABILITIES = ("NCH_BENE_IP_DDCTBL_AMT", "NCH_BENE_PTA_COINSRNC_LBLTY_AM", "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM")
_PARTS = (*_LIABILITIES, "NCH_PRMRY_PYR_CLM_PD_AMT", "CLM_PASS_THRU_PER_DIEM_AMT")
_MONTHS = tuple(name for name in SUMMARY.columns if name.endswith(("_TOT_MONS", "_MOS_NUM")))
_REIMBURSEMENTS = tuple(name for name in SUMMARY.columns if name.startswith(("MEDREIMB", "BENRES", "PPPYMT")))


def _any(condition: str, columns: tuple[str, ...]) -> str:
    return "(" + " or ".join(condition.format(column) for column in columns) + ")"


def _not_a_date(columns: tuple[str, ...]) -> str:
    return _any("({0} is not null and try_strptime({0}, '%Y%m%d') is null)", columns)


def _unlike(pattern: str, columns: tuple[str, ...]) -> str:
    """Return the condition that a column has text of another form."""
    return "(" + " or ".join(f"not regexp_full_match({column}, '{pattern}')" for column in columns) + ")"


AMOUNT, COUNT, MONTHS = "-?[0-9]{1,12}([.][0-9]{1,2})?", "[0-9]{1,4}", "0?[0-9]|1[0-2]"


_AMOUNT = f"try_cast({PAID} as decimal(14, 2))"
QUERIES: dict[str, tuple[tuple[str, str, str, Action], ...]] = {
    INPATIENT.dataset: (
        ("second_segment", "a further segment of a claim, most of its columns blank", "SEGMENT <> '1'", "kept"),
        (
            "from_date_blank",
            "no date of service; the claim's first segment lends its own",
            "CLM_FROM_DT is null",
            "kept",
        ),
        ("began_before_2008", "a claim that began before 2008", "CLM_FROM_DT < '20080101'", "kept"),
        ("discharge_date_blank", "no discharge date", "NCH_BENE_DSCHRG_DT is null", "kept"),
        ("paid_negative", "a payment below 0, a reversal", f"{_AMOUNT} < 0", "kept"),
        ("paid_zero", "a payment of 0", f"{_AMOUNT} = 0", "kept"),
        ("part_blank", "a blank amount beside the payment, counted as not paid", _any("{0} is null", _PARTS), "kept"),
        ("drg_not_ms_drg", "a DRG that is none: OTH or 000", "CLM_DRG_CD in ('OTH', '000')", "kept"),
        (
            "key_missing",
            "no claim, segment or beneficiary",
            _any("{0} is null", ("CLM_ID", "SEGMENT", "DESYNPUF_ID")),
            "quarantined",
        ),
        ("paid_missing", "no payment", f"{PAID} is null", "quarantined"),
        (
            "count_format",
            "a segment or a count of days that is no number",
            _unlike(COUNT, ("SEGMENT", "CLM_UTLZTN_DAY_CNT")),
            "quarantined",
        ),
        ("amount_format", "an amount that is not dollars and cents", _unlike(AMOUNT, (PAID, *_PARTS)), "quarantined"),
        ("date_format", "a date that is not YYYYMMDD", _not_a_date(_DATES[INPATIENT.dataset]), "quarantined"),
    ),
    SUMMARY.dataset: (
        ("state_other", "a beneficiary of SSA state 54, which is no state", "SP_STATE_CODE = '54'", "kept"),
        (
            "reimbursement_negative",
            "a yearly amount below 0",
            _any("try_cast({0} as decimal(14, 2)) < 0", _REIMBURSEMENTS),
            "kept",
        ),
        ("key_missing", "no beneficiary", "DESYNPUF_ID is null", "quarantined"),
        ("months_format", "a number of months that is not 0 to 12", _unlike(MONTHS, _MONTHS), "quarantined"),
        ("amount_format", "an amount that is not dollars and cents", _unlike(AMOUNT, _REIMBURSEMENTS), "quarantined"),
        ("date_format", "a date that is not YYYYMMDD", _not_a_date(_DATES[SUMMARY.dataset]), "quarantined"),
    ),
}
"""Per dataset: id, what, the SQL condition of such a row, and what is done."""


def claims_counts(dataset: str, bronze: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return what a file of claims or of a summary holds."""
    wanted = COUNTS[dataset]
    row = bronze.execute(f'select {", ".join(wanted.values())} from "{dataset}"').fetchone() or ()  # noqa: S608
    return dict(zip(wanted, row, strict=True))


def claims_facts(dataset: str, bronze: duckdb.DuckDBPyConnection) -> Mapping[str, str | None]:
    """Return the total of the payments of a file of claims; the amounts that are no numbers are left out."""
    if dataset != INPATIENT.dataset:
        return {}
    row = bronze.execute(f'select sum({_AMOUNT}) from "{dataset}"').fetchone()  # noqa: S608
    return {"paid amounts, US dollars": f"{row[0]:,}" if row and row[0] is not None else None}


def claims_findings(dataset: str, bronze: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
    """Return the quirks and the damage of a file, most frequent first."""
    queries = QUERIES[dataset]
    counts = ", ".join(f"count(*) filter (where {condition})" for _, _, condition, _ in queries)
    row = bronze.execute(f'select {counts} from "{dataset}"').fetchone() or ()  # noqa: S608
    findings = [
        Finding(finding_id, what, count, "rows", action)
        for (finding_id, what, _, action), count in zip(queries, row, strict=True)
    ]
    return found(*findings, *_repeated(dataset, bronze))


def _repeated(dataset: str, bronze: duckdb.DuckDBPyConnection) -> tuple[Finding, Finding]:
    """Count rows that stand there again in full, and keys that stand there again with other content."""
    columns = ", ".join(f'"{name}"' for name in LAYOUTS[dataset].columns)
    query = f"""
        select coalesce(sum(occurrences - contents), 0), coalesce(sum(contents - 1), 0)
        from (
            select count(*) as occurrences, count(distinct hash({columns})) as contents
            from "{dataset}"
            group by {_KEYS[dataset]}
            having count(*) > 1
        )
    """  # noqa: S608
    same, other = bronze.execute(query).fetchone() or (0, 0)
    return (
        Finding("row_repeated", "a row that stands there again, the same in every column", int(same), "rows", "merged"),
        Finding("key_repeated", "a key that stands there again with other content", int(other), "keys", "quarantined"),
    )
