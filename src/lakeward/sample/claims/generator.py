"""Writes made-up claims and beneficiary summaries as the DE-SynPUF publishes them, for any number of samples.

In: a directory, the number of samples and of people in each. Out: four CSV files a sample. The same numbers give the
same bytes; people are made some thousand at a time, so that memory does not grow with the files.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lakeward.errors import UsageError
from lakeward.sample.claims.inpatient import ClaimRows, claim_rows
from lakeward.sample.claims.layout import claims_name, header, summary_name
from lakeward.sample.claims.payments import Payments, payments_of, year_position
from lakeward.sample.claims.people import People, people_of
from lakeward.sample.claims.stays import Stays, stays_of
from lakeward.sample.claims.summary import InpatientTotals, summary_rows
from lakeward.sample.compressed import output_file
from lakeward.sample.draws import Integers
from lakeward.sources.synpuf.layout import INPATIENT_COLUMNS, SUMMARY_COLUMNS
from lakeward.sources.synpuf.names import SUMMARY_YEARS

REAL_BENEFICIARIES = 116_352
"""People in the real Sample 1."""

MOST_SAMPLES = 20
"""CMS publishes as many."""

PEOPLE_PER_BATCH = 20_000


@dataclass
class ClaimsSummary:
    """What was written: rows by file name, and the claims, second segments and payments of all samples."""

    directory: Path
    rows: dict[str, int] = field(default_factory=dict)
    claims: int = 0
    claim_rows: int = 0
    paid_usd: int = 0


def generate_claims(directory: Path, samples: int = 1, beneficiaries: int = REAL_BENEFICIARIES) -> ClaimsSummary:
    """Write samples 1 to ``samples``; files of an earlier call are overwritten, others are left alone.

    Args:
        directory: made if missing.
        samples: how many samples, up to 20; each has other people and the same hospitals.
        beneficiaries: people a sample in 2008; about 573 claims come on a thousand people. The first sample of
            1,000 people is not a part of that of 2,000: identifiers are spread over all people.

    Returns:
        The counts. A sample of the real size takes 60 MB and about two seconds.

    Raises:
        UsageError: a number is out of range, or ``directory`` is a file.
    """
    if not 1 <= samples <= MOST_SAMPLES or beneficiaries < 1:
        raise UsageError(
            f"Made-up claims need 1 to {MOST_SAMPLES} samples and beneficiaries from 1 up; found {samples} samples of "
            f"{beneficiaries}. Nothing was written."
        )
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"'{directory}' is a file; name a directory for the claims. Nothing was written.")
    summary = ClaimsSummary(directory)
    for sample in range(1, samples + 1):
        _write_sample(summary, sample, beneficiaries)
    return summary


def _write_sample(summary: ClaimsSummary, sample: int, beneficiaries: int) -> None:
    names = [claims_name(sample), *(summary_name(year, sample) for year in SUMMARY_YEARS)]
    counts = dict.fromkeys(names, 0)
    claims = 0
    with ExitStack() as stack:
        files = {name: stack.enter_context(output_file(summary.directory / name)) for name in names}
        for name in names:
            files[name].write(header(INPATIENT_COLUMNS if name == names[0] else SUMMARY_COLUMNS))
        for first in range(0, beneficiaries, PEOPLE_PER_BATCH):
            people = people_of(sample, first, min(first + PEOPLE_PER_BATCH, beneficiaries), beneficiaries)
            stays = stays_of(people, claims)
            payments = payments_of(stays)
            written = claim_rows(people, stays, payments)
            files[names[0]].write(written.lines)
            counts[names[0]] += len(written.claims)
            summary.paid_usd += int(written.paid.sum())
            claims += len(stays)
            for position, (year, name) in enumerate(zip(SUMMARY_YEARS, names[1:], strict=True)):
                lines, rows = summary_rows(people, year, _totals(position, people, stays, payments, written))
                files[name].write(lines)
                counts[name] += rows
    summary.rows |= counts
    summary.claims += claims
    summary.claim_rows += counts[names[0]]


def _totals(position: int, people: People, stays: Stays, payments: Payments, written: ClaimRows) -> InpatientTotals:
    """Add up each person's claims that end in a year; a second segment adds its payment only."""
    in_year = year_position(stays.discharges) == position
    shown = np.where(payments.is_deductible_blank, 0, payments.deductible)
    own = shown + payments.coinsurance + payments.blood
    rows_in_year = in_year[written.claims]
    return InpatientTotals(
        paid=_sum_by(written.people[rows_in_year], written.paid[rows_in_year], len(people)),
        beneficiary=_sum_by(stays.people[in_year], own[in_year], len(people)),
        primary_payer=_sum_by(stays.people[in_year], payments.primary_payer[in_year], len(people)),
    )


def _sum_by(owners: Integers, amounts: Integers, size: int) -> Integers:
    totals = np.zeros(size, dtype=np.int64)
    np.add.at(totals, owners, amounts)
    return totals
