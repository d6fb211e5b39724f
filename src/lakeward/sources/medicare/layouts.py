"""The layouts of the CMS files that Medicare's amounts are made of: column names, and how a header is known.

In: the header cells of a file. Out: which dataset they are, and where each bronze column stands. A header is matched
by its words, not by the file's name, and without the year and month that CMS writes into many of them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from lakeward.sources.landing import PROVENANCE_FIELDS

EDITION_FIELDS = ("year", "release", "released_on")
"""Text columns of every dataset: calendar year, month or quarter of the release, day it came out; where said."""

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_EDITION_WORDS = re.compile(rf"\b(?:cy|20\d\d|{_MONTHS})\b")


def header_words(cell: str) -> str:
    """Return a header cell as words without year and month: ``January 2025 Payment Rate`` → ``payment_rate``."""
    text = _EDITION_WORDS.sub(" ", cell.lower())
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")


@dataclass(frozen=True)
class Column:
    """One published column: its bronze name, the words of its header (a pattern), and whether editions may lack it."""

    name: str
    header: str
    optional: bool = False

    def matches(self, words: str) -> bool:
        """Tell whether the words of a header cell are this column's."""
        return re.fullmatch(self.header, words) is not None


@dataclass(frozen=True)
class Layout:
    """The columns of one CMS file kind, in published order.

    Args:
        dataset: the bronze dataset.
        title: what CMS calls the file.
        columns: the published columns.
        dated: the amounts belong to a calendar year, so that a file without one cannot be used.
        fixed_width: ``(first, last)`` character positions (1-based) of each column, for a file without header.
    """

    dataset: str
    title: str
    columns: tuple[Column, ...]
    dated: bool = True
    fixed_width: tuple[tuple[int, int], ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """Bronze schema: provenance, edition, then the published columns, all text."""
        names = (*EDITION_FIELDS, *(column.name for column in self.columns))
        return pa.schema([*PROVENANCE_FIELDS, *(pa.field(name, pa.string()) for name in names)])

    def positions(self, header: Sequence[str]) -> dict[str, int]:
        """Return where each column stands in a header; a cell that is no column of the layout is left out."""
        found: dict[str, int] = {}
        for position, cell in enumerate(header):
            words = header_words(cell)
            for column in self.columns:
                if column.name not in found and column.matches(words):
                    found[column.name] = position
                    break
        return found

    def likeness(self, header: Sequence[str]) -> float:
        """Return how much of a header is this layout: columns in common over columns of both (0 to 1)."""
        filled = sum(1 for cell in header if cell.strip())
        expected = [column for column in self.columns if column.header]
        found = self.positions(header)
        common = sum(1 for column in expected if column.name in found)
        required = sum(1 for column in expected if not column.optional)
        return common / max(required, filled, 1)

    def differences(self, header: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the columns that a header lacks, and the cells that the layout does not know."""
        found = self.positions(header)
        missing = [column.name for column in self.columns if not column.optional and column.name not in found]
        known = set(found.values())
        unexpected = [cell.strip() for position, cell in enumerate(header) if position not in known and cell.strip()]
        return missing, unexpected


def _columns(names: Mapping[str, str], optional: Sequence[str] = ()) -> tuple[Column, ...]:
    return tuple(Column(name, header, name in optional) for name, header in names.items())


_PFS_RVU = Layout(
    "pfs_rvu",
    "Physician Fee Schedule relative value file (PPRRVU)",
    _columns(
        {
            "hcpcs": "hcpcs",
            "modifier": "mod",
            "description": "description",
            "status_code": "status_code",
            "not_used_for_medicare_payment": "not_used_for_medicare_payment",
            "work_rvu": "work_rvu",
            "non_facility_pe_rvu": "non_fac_pe_rvu",
            "non_facility_na_indicator": "non_fac_na_indicator",
            "facility_pe_rvu": "facility_pe_rvu",
            "facility_na_indicator": "facility_na_indicator",
            "mp_rvu": "mp_rvu",
            "non_facility_total": "non_facility_total",
            "facility_total": "facility_total",
            "pctc_indicator": "pctc_ind",
            "global_days": "glob_days",
            "pre_operative": "pre_op",
            "intra_operative": "intra_op",
            "post_operative": "post_op",
            "multiple_procedure": "mult_proc",
            "bilateral_surgery": "bilat_surg",
            "assistant_surgery": "asst_surg",
            "co_surgery": "co_surg",
            "team_surgery": "team_surg",
            "endoscopic_base": "endo_base",
            "conversion_factor": "conv_factor",
            "physician_supervision": "physician_supervision_of_diagnostic_procedures",
            "calculation_flag": "calculation_flag",
            "diagnostic_imaging_family_indicator": "diagnostic_imaging_family_indicator",
            "non_facility_pe_used_for_opps_payment_amount": "non_facility_pe_used_for_opps_payment_amount",
            "facility_pe_used_for_opps_payment_amount": "facility_pe_used_for_opps_payment_amount",
            "mp_used_for_opps_payment_amount": "mp_used_for_opps_payment_amount",
        }
    ),
)

_GPCI = Layout(
    "gpci",
    "Physician Fee Schedule Addendum E, geographic practice cost indices",
    _columns(
        {
            "mac": "medicare_administrative_contractor(_mac)?",
            "state": "state",
            "locality_number": "locality_number",
            "locality_name": "locality_name",
            "work_gpci": r"pw_gpci(_with(out)?_1_0_floor)?",
            "pe_gpci": "pe_gpci",
            "mp_gpci": "mp_gpci",
        }
    ),
)

_LOCALITY_COUNTY = Layout(
    "locality_county",
    "Physician Fee Schedule localities and their counties (LOCCO)",
    _columns(
        {
            "mac": r"medicare_adm\w*_contractor(_mac)?",
            "locality_number": "locality_number",
            "state": "state",
            "fee_schedule_area": "fee_schedule_area",
            "counties": "counties",
        }
    ),
)

_ANESTHESIA_CF = Layout(
    "anesthesia_cf",
    "Anesthesia conversion factors by locality (ANES)",
    _columns(
        {
            "mac": "contractor",
            "locality_number": "locality",
            "locality_name": "locality_name",
            "anesthesia_cf": r"(national_)?anes\w*_(cf|conversion_factor)(_of_[0-9_]+)?",
        }
    ),
)

_ZIP_LOCALITY = Layout(
    "zip_locality",
    "ZIP code to carrier and locality (ZIP5)",
    _columns(
        {
            name: name
            for name in (
                "state",
                "zip_code",
                "carrier",
                "pricing_locality",
                "rural_indicator",
                "lab_cb_locality",
                "rural_indicator_2",
                "plus_four_flag",
                "part_b_payment_indicator",
                "year_quarter",
            )
        }
    ),
    fixed_width=((1, 2), (3, 7), (8, 12), (13, 14), (15, 15), (16, 17), (18, 18), (21, 21), (23, 23), (76, 80)),
)

_OPPS_ADDENDUM_B = Layout(
    "opps_addendum_b",
    "OPPS Addendum B, payment by HCPCS code",
    _columns(
        {
            "hcpcs_code": "hcpcs_code",
            "short_descriptor": "short_descriptor",
            "status_indicator": "si|status_indicator",
            "apc": "apc",
            "relative_weight": "relative_weight",
            "payment_rate": "payment_rate",
            "national_unadjusted_copayment": "national_unadjusted_copayment",
            "minimum_unadjusted_copayment": "minimum_unadjusted_copayment",
            "ira_coinsurance_percentage": "ira_coinsurance_percentage",
            "adjusted_beneficiary_copayment": "adjusted_beneficiary_copayment",
            "pass_through_expiration": "drug_and_device_pass_through_expiration_during_calendar_year",
            "note": "notes?",
            "change_mark": "indicates_a_change",
        },
        optional=(
            "ira_coinsurance_percentage",
            "adjusted_beneficiary_copayment",
            "pass_through_expiration",
            "note",
            "change_mark",
        ),
    ),
)

_ASC_ADDENDUM_AA = Layout(
    "asc_addendum_aa",
    "ASC Addendum AA, covered surgical procedures",
    _columns(
        {
            "hcpcs_code": "hcpcs_code",
            "mark": "",
            "short_descriptor": "short_descriptor",
            "multiple_procedure_discounting": "subject_to_multiple_procedure_discounting",
            "payment_indicator": "payment_indicator",
            "payment_weight": "payment_weight",
            "payment_rate": "payment_rate",
        },
        optional=("mark",),
    ),
)

_ASC_ADDENDUM_BB = Layout(
    "asc_addendum_bb",
    "ASC Addendum BB, covered ancillary services",
    _columns(
        {
            "hcpcs_code": "hcpcs_code",
            "mark": "",
            "short_descriptor": "short_descriptor",
            "pass_through_expiration": "drug_and_device_pass_through_expiration_during_calendar_year",
            "payment_indicator": "payment_indicator",
            "payment_weight": "payment_weight",
            "payment_rate": "payment_rate",
            "ira_adjusted_copayment": r"ira_22_adjusted_copayment\d?",
        },
        optional=("mark", "pass_through_expiration", "ira_adjusted_copayment"),
    ),
)

_ASC_WAGE_INDEX = Layout(
    "asc_wage_index",
    "ASC wage index by statistical area",
    _columns({"cbsa": "cbsa", "cbsa_name": "cbsa_name", "wage_index": r"wi\d\d|wage_index"}),
)

_RBCS = Layout(
    "rbcs",
    "Restructured BETOS classification",
    _columns(
        {
            name: name
            for name in (
                "hcpcs_cd",
                "rbcs_id",
                "rbcs_cat",
                "rbcs_cat_desc",
                "rbcs_cat_subcat",
                "rbcs_subcat_desc",
                "rbcs_famnumb",
                "rbcs_family_desc",
                "rbcs_major_ind",
                "hcpcs_cd_add_dt",
                "hcpcs_cd_end_dt",
                "rbcs_latest_assignment",
                "first_rbcs_release_year",
                "rbcs_analysis_start_dt",
                "rbcs_analysis_end_dt",
                "alt_assignment_method",
                "rbcs_id_ever_reassigned",
            )
        }
    ),
    dated=False,
)

_PLACE_OF_SERVICE = Layout(
    "place_of_service",
    "Place of service codes",
    _columns(
        {"place_of_service_code": "(place_of_service_)?codes?", "description": "(place_of_service_)?(description|name)"}
    ),
    dated=False,
)

LAYOUTS: dict[str, Layout] = {
    layout.dataset: layout
    for layout in (
        _PFS_RVU,
        _GPCI,
        _LOCALITY_COUNTY,
        _ANESTHESIA_CF,
        _ZIP_LOCALITY,
        _OPPS_ADDENDUM_B,
        _ASC_ADDENDUM_AA,
        _ASC_ADDENDUM_BB,
        _ASC_WAGE_INDEX,
        _RBCS,
        _PLACE_OF_SERVICE,
    )
}
