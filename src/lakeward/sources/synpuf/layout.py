"""The columns of DE-SynPUF's inpatient claims and beneficiary summaries, as CMS names and orders them.

Source: CMS, Medicare Claims Synthetic Public Use Files (DE-SynPUF) 2008-2010, codebook, sections "Inpatient Claims"
and "Beneficiary Summary". Nothing is renamed or typed here: bronze holds what was published.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa

from lakeward.sources.landing import PROVENANCE_FIELDS

SAMPLE_FIELD = pa.field("_sample_number", pa.int32())
YEAR_FIELD = pa.field("_summary_year", pa.int32())
PAID = "CLM_PMT_AMT"
"""The amount that the ledger follows from the published file to each mart."""


def _numbered(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}_{number}" for number in range(1, count + 1))


INPATIENT_COLUMNS: tuple[str, ...] = (
    "DESYNPUF_ID",
    "CLM_ID",
    "SEGMENT",
    "CLM_FROM_DT",
    "CLM_THRU_DT",
    "PRVDR_NUM",
    PAID,
    "NCH_PRMRY_PYR_CLM_PD_AMT",
    "AT_PHYSN_NPI",
    "OP_PHYSN_NPI",
    "OT_PHYSN_NPI",
    "CLM_ADMSN_DT",
    "ADMTNG_ICD9_DGNS_CD",
    "CLM_PASS_THRU_PER_DIEM_AMT",
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
    "CLM_UTLZTN_DAY_CNT",
    "NCH_BENE_DSCHRG_DT",
    "CLM_DRG_CD",
    *_numbered("ICD9_DGNS_CD", 10),
    *_numbered("ICD9_PRCDR_CD", 6),
    *_numbered("HCPCS_CD", 45),
)
"""The 81 columns of the inpatient claims; key (CLM_ID, SEGMENT)."""

SUMMARY_COLUMNS: tuple[str, ...] = (
    "DESYNPUF_ID",
    "BENE_BIRTH_DT",
    "BENE_DEATH_DT",
    "BENE_SEX_IDENT_CD",
    "BENE_RACE_CD",
    "BENE_ESRD_IND",
    "SP_STATE_CODE",
    "BENE_COUNTY_CD",
    "BENE_HI_CVRAGE_TOT_MONS",
    "BENE_SMI_CVRAGE_TOT_MONS",
    "BENE_HMO_CVRAGE_TOT_MONS",
    "PLAN_CVRG_MOS_NUM",
    "SP_ALZHDMTA",
    "SP_CHF",
    "SP_CHRNKIDN",
    "SP_CNCR",
    "SP_COPD",
    "SP_DEPRESSN",
    "SP_DIABETES",
    "SP_ISCHMCHT",
    "SP_OSTEOPRS",
    "SP_RA_OA",
    "SP_STRKETIA",
    "MEDREIMB_IP",
    "BENRES_IP",
    "PPPYMT_IP",
    "MEDREIMB_OP",
    "BENRES_OP",
    "PPPYMT_OP",
    "MEDREIMB_CAR",
    "BENRES_CAR",
    "PPPYMT_CAR",
)
"""The 32 columns of a beneficiary summary; key DESYNPUF_ID within one year."""


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of file.

    Args:
        dataset: the bronze dataset.
        columns: as published, in the publisher's order.
        marks: columns that no other SynPUF file has (outpatient and carrier claims share most of the others).
        extras: what is known of the file as a whole, between provenance and the published columns.
    """

    dataset: str
    columns: tuple[str, ...]
    marks: frozenset[str]
    extras: tuple[pa.Field, ...]

    @property
    def schema(self) -> pa.Schema:
        """The bronze schema: provenance, what is known of the file, the published columns as text."""
        return pa.schema([*PROVENANCE_FIELDS, *self.extras, *(pa.field(name, pa.string()) for name in self.columns)])

    def resembles(self, header: Collection[str]) -> bool:
        """Whether a header is meant to be this layout: it has more than half of the columns that mark it."""
        return 2 * len(self.marks.intersection(header)) > len(self.marks)

    def differences(self, header: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the columns that a header lacks, and those that it adds or repeats."""
        missing = [name for name in self.columns if name not in header]
        known = set(self.columns)
        unexpected = [name for place, name in enumerate(header) if name not in known or name in header[:place]]
        return missing, unexpected


INPATIENT = Layout(
    "inpatient_claim",
    INPATIENT_COLUMNS,
    frozenset({"CLM_ADMSN_DT", "CLM_UTLZTN_DAY_CNT", "NCH_BENE_DSCHRG_DT", "CLM_DRG_CD", "NCH_BENE_IP_DDCTBL_AMT"}),
    (SAMPLE_FIELD,),
)
SUMMARY = Layout(
    "beneficiary_summary",
    SUMMARY_COLUMNS,
    frozenset({"BENE_BIRTH_DT", "BENE_SEX_IDENT_CD", "SP_STATE_CODE", "BENE_HI_CVRAGE_TOT_MONS", "MEDREIMB_IP"}),
    (SAMPLE_FIELD, YEAR_FIELD),
)
LAYOUTS: dict[str, Layout] = {layout.dataset: layout for layout in (INPATIENT, SUMMARY)}
