"""The inpatient claims of one batch as the publisher writes them.

In: people, their stays and payments. Out: the rows of the file. A second segment repeats the claim's number with an
amount of its own; its claim dates, days, physicians and codes are blank. It stands before the first segment.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from lakeward.sample.claims import codes
from lakeward.sample.claims.facilities import (
    PHYSICIANS_PER_FACILITY,
    facility_numbers,
    other_facilities,
    physician_numbers,
)
from lakeward.sample.claims.layout import NO_SERVICES, Texts, blank_where, dollars, rows, texts, whole
from lakeward.sample.claims.payments import Payments, drg_codes
from lakeward.sample.claims.people import People
from lakeward.sample.claims.quirks import SECOND_SEGMENT_DAYS, SECOND_SEGMENT_DOLLARS, has
from lakeward.sample.claims.stays import Stays
from lakeward.sample.draws import Integers, Mask, Serials, below, happens

_FIRST_DAY = int(np.datetime64("2007-01-01").astype(np.int64))
_CALENDAR = [str(day).replace("-", "") for day in np.arange("2007-01-01", "2011-01-01", dtype="datetime64[D]")]
_CLAIM_NUMBERS_PER_SAMPLE = 20_000_000
BLANK = -1


@dataclass(frozen=True, slots=True)
class ClaimRows:
    """The lines of the file, and for each of them its person, its claim and what Medicare paid."""

    lines: memoryview
    people: Integers
    claims: Integers
    paid: Integers


def claim_rows(people: People, stays: Stays, payments: Payments) -> ClaimRows:
    """Return the rows of a batch, by person; a person's second segments come first."""
    doubled = np.flatnonzero(has("second_segment", stays.ordinals))
    claims = np.concatenate([np.arange(len(stays)), doubled])
    second = np.arange(len(claims)) >= len(stays)
    order = np.lexsort((claims, ~second, stays.people[claims]))
    claims, second = claims[order], second[order]
    serials, discharges = stays.serials[claims], stays.discharges[claims]
    dollars_of_second = np.array(SECOND_SEGMENT_DOLLARS)[below(len(SECOND_SEGMENT_DOLLARS), "second", serials)]
    paid = np.where(second, dollars_of_second, payments.paid[claims])
    admissions = np.where(second, discharges - SECOND_SEGMENT_DAYS, stays.admissions[claims])
    facilities = np.where(
        second & happens(5000, "second elsewhere", serials),
        other_facilities(stays.facilities[claims], serials),
        stays.facilities[claims],
    )
    drgs = np.where(second & happens(5000, "second drg", serials), len(drg_codes()) - 2, payments.drgs[claims])
    columns: list[Texts] = [
        pa.array(people.identifiers).take(pa.array(stays.people[claims])),
        pa.array(_claim_numbers(people.sample, stays.ordinals[claims], serials)),
        texts(("1", "2"), second.astype(np.int64)),
        _dates(_begins(stays, claims, admissions), second),
        _dates(discharges, second),
        texts(facility_numbers(), facilities),
        dollars(paid),
        dollars(payments.primary_payer[claims]),
        *_physicians(facilities, serials, second),
        _dates(admissions),
        codes.admitting(serials, second),
        dollars(payments.per_diem[claims]),
        blank_where(payments.is_deductible_blank[claims], dollars(payments.deductible[claims])),
        dollars(payments.coinsurance[claims]),
        dollars(payments.blood[claims]),
        blank_where(second, whole(_utilization_days(discharges - admissions, serials))),
        _dates(discharges),
        texts(drg_codes(), drgs),
        *codes.diagnoses(serials, second),
        *codes.procedures(serials, second),
        pa.scalar(NO_SERVICES),
    ]
    return ClaimRows(rows(columns), stays.people[claims], claims, paid)


def _claim_numbers(sample: int, ordinals: Integers, serials: Serials) -> list[str]:
    """Fifteen digits that start with 196, as in the real files; the last nine count the claims of all samples."""
    last = 100_000_000 + sample * _CLAIM_NUMBERS_PER_SAMPLE + ordinals
    numbers = 196_000_000_000_000 + below(100, "claim number", serials) * 10_000_000_000 + 1_000_000_000 + last
    return [str(number) for number in numbers.tolist()]


def _begins(stays: Stays, claims: Integers, admissions: Integers) -> Integers:
    """A claim begins with the admission; a few begin up to a month apart from it."""
    apart = has("begins_apart", stays.ordinals[claims])
    return np.minimum(admissions + np.where(apart, 1 + below(20, "apart", stays.serials[claims]), 0),
                      np.where(apart, np.maximum(stays.discharges[claims], admissions + 1), admissions))  # fmt: skip


def _utilization_days(lengths: Integers, serials: Serials) -> Integers:
    """Days that Medicare counts: those of the stay, at least one; sometimes none, rarely one less."""
    days = np.maximum(lengths, 1)
    fewer = happens(120, "a day less", serials) & (days > 1)
    return np.where(happens(340, "no days", serials), 0, days - fewer)


def _dates(days: Integers, blank: Mask | None = None) -> pa.Array:
    positions = days - _FIRST_DAY
    return texts(_CALENDAR, positions if blank is None else np.where(blank, BLANK, positions))


def _physicians(facilities: Integers, serials: Serials, second: Mask) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Attending, operating and other physician; a quarter of the operating ones are the attending one."""
    attending = facilities * PHYSICIANS_PER_FACILITY + below(PHYSICIANS_PER_FACILITY, "attending", serials)
    operating = facilities * PHYSICIANS_PER_FACILITY + below(PHYSICIANS_PER_FACILITY, "operating", serials)
    operating = np.where(happens(2500, "operates too", serials), attending, operating)
    other = facilities * PHYSICIANS_PER_FACILITY + below(PHYSICIANS_PER_FACILITY, "other", serials)
    return (
        blank_where(second | happens(92, "no attending", serials), pa.array(physician_numbers(attending))),
        blank_where(second | ~happens(5855, "has operating", serials), pa.array(physician_numbers(operating))),
        blank_where(second | ~happens(1152, "has other", serials), pa.array(physician_numbers(other))),
    )
