"""The yearly beneficiary summaries of one batch as the publisher writes them.

In: people and what their claims of the year cost. Out: the rows of one year's file. Who died in a year is absent from
the next; months of coverage end with the month of death; the months of the drug plan have two digits, the others not.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from lakeward.sample.claims.layout import CONDITIONS, Texts, dollars, rows, texts, whole
from lakeward.sample.claims.people import People, place_codes
from lakeward.sample.draws import Integers, Mask, Serials, Weighted, below, happens
from lakeward.sources.synpuf.names import SUMMARY_YEARS

_PREVALENCE = {
    "SP_ALZHDMTA": (1926, 2305, 1658), "SP_CHF": (2850, 3443, 2586), "SP_CHRNKIDN": (1606, 2071, 1385),
    "SP_CNCR": (637, 815, 508), "SP_COPD": (1353, 1565, 896), "SP_DEPRESSN": (2135, 2452, 1777),
    "SP_DIABETES": (3787, 4165, 2925), "SP_ISCHMCHT": (4206, 4767, 3740), "SP_OSTEOPRS": (1734, 1913, 1303),
    "SP_RA_OA": (1540, 1746, 968), "SP_STRKETIA": (449, 526, 262),
}  # fmt: skip
"""How many of ten thousand people have a condition in 2008, 2009 and 2010."""

_KIDNEY_FAILURE = (710, 948, 711)
_ILL_PERCENT, _WELL_PERCENT = 150, 78
"""Who is ever in hospital has each condition more often than others: percent of its prevalence."""

_NO_HOSPITAL_PART = (455, 632, 560)
_NO_MEDICAL_PART = (967, 701, 767)
_SOME_MONTHS = (580, 30, 250)
_NO_MANAGED_CARE = (7689, 7090, 6760)
_MANAGED_CARE = (1924, 2617, 2734)
_NO_DRUG_PLAN = (4065, 1922, 1176)
_DRUG_PLAN = (5317, 7027, 7455)
_OUTPATIENT_ZERO = (4912, 3759, 5197)
_CARRIER_ZERO = (2729, 2071, 2462)
_TENS = Weighted.of([1 + 12_000 // (position + 12) for position in range(400)])
_TWO_DIGITS = tuple(f"{months:02d}" for months in range(13))
_DAYS_OF_MONTHS = [f"{year}{month:02d}01" for year in SUMMARY_YEARS for month in range(1, 13)]


@dataclass(frozen=True, slots=True)
class InpatientTotals:
    """What each person's claims of one year cost."""

    paid: Integers
    beneficiary: Integers
    primary_payer: Integers


def summary_rows(people: People, year: int, totals: InpatientTotals) -> tuple[memoryview, int]:
    """Return the lines of a year and how many there are."""
    position = SUMMARY_YEARS.index(year)
    first_month = position * 12
    there = np.flatnonzero(people.death_months >= first_month)
    dies = people.death_months[there] < first_month + 12
    serials = people.serials[there]
    lived = np.where(dies, people.death_months[there] - first_month + 1, 12)
    places = people.places[there]
    hospital, medical, managed, drug = _coverage(position, serials, lived)
    columns: list[Texts] = [
        pa.array(people.identifiers).take(pa.array(there)),
        _birth_dates(people.births[there]),
        texts(_DAYS_OF_MONTHS, np.where(dies, people.death_months[there], -1)),
        texts(("1", "2"), people.sexes[there] - 1),
        texts("12345", people.races[there] - 1),
        texts("0Y", happens(_KIDNEY_FAILURE[position], "kidney failure", serials).astype(np.int64)),
        texts([code[:2] for code in place_codes()], places),
        texts([code[2:] for code in place_codes()], places),
        whole(hospital),
        whole(medical),
        whole(managed),
        texts(_TWO_DIGITS, drug),
        *_conditions(position, serials, people.claim_counts[there] > 0),
        dollars(totals.paid[there]),
        dollars(totals.beneficiary[there]),
        dollars(totals.primary_payer[there]),
        *_other_care("outpatient", position, _OUTPATIENT_ZERO[position], serials),
        *_other_care("carrier", position, _CARRIER_ZERO[position], serials),
    ]
    return rows(columns), len(there)


def _birth_dates(births: Integers) -> pa.Array:
    first = int(births.min(initial=12 * 1900))
    months = [f"{month // 12}{month % 12 + 1:02d}01" for month in range(first, int(births.max(initial=first)) + 1)]
    return texts(months, births - first)


def _coverage(position: int, serials: Serials, lived: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """Months of Part A, Part B, managed care and drug plan; who has none of Part A mostly has none of B."""
    some = _SOME_MONTHS[position]
    hospital = _months(_NO_HOSPITAL_PART[position], some, "hospital part", position, serials)
    medical = _months(_NO_MEDICAL_PART[position], some, "hospital part", position, serials)
    managed = _spread(_NO_MANAGED_CARE[position], _MANAGED_CARE[position], "managed care", position, serials)
    drug = _spread(_NO_DRUG_PLAN[position], _DRUG_PLAN[position], "drug plan", position, serials)
    return np.minimum(hospital, lived), np.minimum(medical, lived), np.minimum(managed, lived), np.minimum(drug, lived)


def _months(none: int, some: int, purpose: str, position: int, serials: Serials) -> Integers:
    return _spread(none, 10_000 - none - some, purpose, position, serials)


def _spread(none: int, whole_year: int, purpose: str, position: int, serials: Serials) -> Integers:
    """0 or 12 months, 1 to 11 for the rest; the same person is on the same side year after year."""
    side = below(10_000, purpose, serials)
    some = 1 + below(11, f"{purpose} months {position}", serials)
    return np.select([side < none, side < 10_000 - whole_year], [0, some], 12)


def _conditions(position: int, serials: Serials, is_ill: Mask) -> list[pa.Array]:
    """1 for yes, 2 for no."""
    percent = np.where(is_ill, _ILL_PERCENT, _WELL_PERCENT)
    columns = []
    for name in CONDITIONS:
        has = below(10_000, f"condition {name}", serials) < _PREVALENCE[name][position] * percent // 100
        columns.append(texts("21", has.astype(np.int64)))
    return columns


def _other_care(kind: str, position: int, zero: int, serials: Serials) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Reimbursement, the beneficiary's part and the primary payer's, in tens of dollars; a refund now and then."""
    purpose = f"{kind} {position}"
    tens = (1 + _TENS.draw(purpose, serials)) * (3 if kind == "carrier" else 2) // 2
    paid = np.where(below(10_000, f"no {purpose}", serials) < zero, 0, tens * 10)
    refund = (kind == "outpatient") & happens(5, f"refund {purpose}", serials)
    own = paid * (22 + below(16, f"own {purpose}", serials)) // 1000 * 10
    often, part = (220, 1) if kind == "outpatient" else (1500, 8)
    primary = np.where(happens(often, f"primary {purpose}", serials), paid // (10 * part) * 10, 0)
    return dollars(np.where(refund, -10 * (1 + tens % 10), paid)), dollars(own), dollars(primary)
