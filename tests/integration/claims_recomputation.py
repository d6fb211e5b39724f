"""The claims marts computed a second time, from the CMS files alone: pandas and plain Python, money in whole cents.

In: the folder with the files of a sample. Out: rows of each mart under its key, by docs/explanation/claims-measures.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

FIRST_YEAR, LAST_YEAR = 2008, 2010
END_OF_DATA = pd.Timestamp(2010, 12, 31)
MONEY = {
    "CLM_PMT_AMT": "paid",
    "NCH_PRMRY_PYR_CLM_PD_AMT": "primary_payer",
    "CLM_PASS_THRU_PER_DIEM_AMT": "per_diem",
    "NCH_BENE_IP_DDCTBL_AMT": "deductible",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM": "coinsurance",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM": "blood",
}
DAYS = {
    "CLM_FROM_DT": "began",
    "CLM_THRU_DT": "ended",
    "CLM_ADMSN_DT": "admitted",
    "NCH_BENE_DSCHRG_DT": "discharged",
}


def cents(text: pd.Series) -> pd.Series:
    """Amounts such as ``-1068.00`` in whole cents; blank is missing."""
    parts = text.str.extract(r"^(?P<sign>-?)(?P<dollars>\d+)(?:\.(?P<cents>\d{1,2}))?$")
    amount = parts.dollars.astype("Int64") * 100 + parts.cents.fillna("0").str.ljust(2, "0").astype("Int64")
    return amount.where(parts.sign != "-", -amount)


def days(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text.where(text != ""), format="%Y%m%d")


def read_claims(folder: Path, sample: int) -> pd.DataFrame:
    """Read inpatient claims, one row a segment, with the day of service by its rule."""
    path = folder / f"DE1_0_2008_to_2010_Inpatient_Claims_Sample_{sample}.csv.gz"
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    claims = raw[["CLM_ID", "DESYNPUF_ID", "PRVDR_NUM", "CLM_DRG_CD"]].copy()
    claims.columns = pd.Index(["claim", "person", "facility", "drg"])
    claims["segment"] = raw.SEGMENT.astype(int)
    for column, name in MONEY.items():
        claims[name] = cents(raw[column])
    for column, name in DAYS.items():
        claims[name] = days(raw[column])
    claims["used"] = pd.to_numeric(raw.CLM_UTLZTN_DAY_CNT.where(raw.CLM_UTLZTN_DAY_CNT != ""))
    first = claims[claims.segment == 1].set_index("claim").began
    claims["served"] = claims.began.fillna(claims.claim.map(first)).fillna(claims.admitted)
    claims["year"] = claims.served.dt.year
    claims["length"] = (claims.discharged - claims.admitted).dt.days.clip(lower=1)
    claims["is_first"] = claims.segment == claims.groupby("claim").segment.transform("min")
    claims["provider_payment"] = claims[["paid", "deductible", "coinsurance", "blood", "primary_payer"]].sum(axis=1) + (
        claims.per_diem.fillna(0) * claims.used.fillna(0)
    )
    return claims


def read_summaries(folder: Path, sample: int) -> pd.DataFrame:
    """Read the beneficiary summaries of all years, one row a person and year."""
    years = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        path = folder / f"DE1_0_{year}_Beneficiary_Summary_File_Sample_{sample}.csv.gz"
        raw = pd.read_csv(path, dtype=str, keep_default_na=False)
        summary = pd.DataFrame({"person": raw.DESYNPUF_ID, "year": year, "died": days(raw.BENE_DEATH_DT)})
        summary["part_a"] = raw.BENE_HI_CVRAGE_TOT_MONS.astype(int)
        summary["part_b"] = raw.BENE_SMI_CVRAGE_TOT_MONS.astype(int)
        summary["hmo"] = raw.BENE_HMO_CVRAGE_TOT_MONS.astype(int)
        years.append(summary)
    return pd.concat(years, ignore_index=True)


@dataclass(frozen=True)
class Stay:
    """One stay: claims of a person without a night at home between."""

    stay: str
    person: str
    facility: str
    drg: str
    admitted: pd.Timestamp
    discharged: pd.Timestamp
    paid: int
    claims: int


def abc_classes(totals: dict[str, int]) -> dict[str, tuple[int, int, str, float | None]]:
    """Give each entity its total in cents, rank, class and the percent of the positive total ahead of it."""
    ordered = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    whole = sum(total for total in totals.values() if total > 0)
    ahead, classes = 0, {}
    for rank, (entity, total) in enumerate(ordered, 1):
        if total <= 0:
            classes[entity] = (total, rank, "N", None)
            continue
        limit = "A" if ahead * 5 < whole * 4 else "B" if ahead * 20 < whole * 19 else "C"
        classes[entity] = (total, rank, limit, 100 * ahead / whole)
        ahead += total
    return classes


def merged_stays(lines: list[Any]) -> Iterator[Stay]:
    """Merge the claim lines of one person: segments of a claim, transfers, overlaps of one facility."""
    spells = [claim_spell(list(own)) for _, own in groupby(sorted(lines, key=lambda r: r.claim), lambda r: r.claim)]
    current: list[Stay] = []
    last_left = (pd.Timestamp.min, "")
    for spell in sorted(spells, key=lambda s: (s.admitted, s.discharged, s.stay)):
        gap = (spell.admitted - last_left[0]).days if current else None
        if gap is not None and gap <= (0 if spell.facility == last_left[1] else 1):
            current.append(spell)
            last_left = max(last_left, (spell.discharged, spell.facility))
            continue
        if current:
            yield joined(current)
        current, last_left = [spell], (spell.discharged, spell.facility)
    yield joined(current)


def claim_spell(segments: list[Any]) -> Stay:
    """Return a claim as a stay of its own."""
    first = min(segments, key=lambda row: row.segment)
    admitted, discharged = min(row.admitted for row in segments), max(row.discharged for row in segments)
    paid = sum(row.paid for row in segments)
    return Stay(
        f"{first.claim}-{first.segment}", first.person, first.facility, first.drg, admitted, discharged, paid, 1
    )


def joined(spells: list[Stay]) -> Stay:
    """Return claims of one stay as the stay: where it began, where it ended, what it cost."""
    last = max(spells, key=lambda s: (s.discharged, s.facility))
    return Stay(
        spells[0].stay,
        spells[0].person,
        last.facility,
        spells[0].drg,
        min(s.admitted for s in spells),
        last.discharged,
        sum(s.paid for s in spells),
        len(spells),
    )


class Recomputation:
    """Sample by sample files in, marts out; each is computed when asked for."""

    def __init__(self, folder: Path, samples: Iterable[int]) -> None:
        samples = list(samples)
        self.claims = pd.concat([read_claims(folder, sample) for sample in samples], ignore_index=True)
        self.summaries = pd.concat([read_summaries(folder, sample) for sample in samples], ignore_index=True)

    @cached_property
    def deaths(self) -> dict[str, pd.Timestamp]:
        """The day of death of each person who died."""
        return self.summaries.dropna(subset="died").groupby("person").died.min().to_dict()

    def abc(self) -> dict[tuple[str, str, str], tuple[int, int, str, float | None]]:
        """Return ``(cents, rank, class, percent ahead)`` under entity type, period and entity."""
        found = {}
        periods = {"all": self.claims} | {str(year): part for year, part in self.claims.groupby("year")}
        for kind, column in {"drg": "drg", "facility": "facility", "beneficiary": "person"}.items():
            for period, part in periods.items():
                totals = {str(key): int(value) for key, value in part.groupby(column).paid.sum().items()}
                found |= {(kind, period, entity): row for entity, row in abc_classes(totals).items()}
        return found

    def retention(self) -> dict[tuple[str, int], tuple[str, int, int, str]]:
        """Return ``(outcome, claims of the next year, cents, facility of the last claim)`` under person and cohort."""
        summary = {(row.person, row.year): row for row in self.summaries.itertuples()}
        ordered = self.claims.sort_values(["served", "is_first", "facility"], ascending=[True, True, False])
        lines: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for row in ordered.itertuples():
            lines[row.person, row.year].append(row)
        found = {}
        for (person, year), own in lines.items():
            if year < FIRST_YEAR:
                continue
            later = sum(row.is_first for row in lines.get((person, year + 1), ()))
            outcome = self._outcome(year, self.deaths.get(person), summary.get((person, year + 1)), later)
            found[person, year] = (outcome, later, sum(row.paid for row in own), own[-1].facility)
        return found

    @staticmethod
    def _outcome(year: int, died: pd.Timestamp | None, following: Any, later: int) -> str:
        if year == LAST_YEAR:
            return "censored"
        if died is not None and died.year <= year + 1:
            return "died"
        if following is None:
            return "no_summary_year"
        if min(following.part_a, following.part_b) < 12 or following.hmo > 0:
            return "disenrolled"
        return "retained" if later else "lapsed"

    def member_months(self) -> dict[pd.Timestamp, float]:
        """Spread Part A months over the months each person lived, person by person."""
        people = self.summaries
        lived = people.died.dt.month.where(people.died.dt.year == people.year, 12)
        share = (people.part_a / lived).clip(upper=1)
        return {
            pd.Timestamp(year, month, 1): float(share[(people.year == year) & (lived >= month)].sum())
            for year in sorted(people.year.unique())
            for month in range(1, 13)
        }

    def revenue(self) -> pd.DataFrame:
        """Return claims, people, cents, member months, run rate and change to the year before, by month."""
        months = self.claims.served.dt.to_period("M")
        span = pd.period_range(months.min(), months.max(), freq="M")
        grouped = self.claims.groupby(months)
        frame = pd.DataFrame(index=span)
        frame["claims"] = grouped.is_first.sum().reindex(span, fill_value=0)
        frame["people"] = grouped.person.nunique().reindex(span, fill_value=0)
        frame["paid"] = grouped.paid.sum().reindex(span, fill_value=0).astype("int64")
        frame["provider_payment"] = grouped.provider_payment.sum().reindex(span, fill_value=0)
        frame["member_months"] = pd.Series({key.to_period("M"): value for key, value in self.member_months().items()})
        whole = frame.paid.where(span.year >= FIRST_YEAR)
        frame["run_rate"] = whole.rolling(3).sum() * 4
        frame["year_before"] = whole.shift(12)
        frame["change_pct"] = (frame.paid / frame.year_before - 1) * 100
        frame["to_date"] = frame.groupby(span.year).paid.cumsum()
        frame["year_total"] = frame.groupby(span.year).paid.transform("sum")
        return frame

    def drg(self, weights: dict[str, float]) -> pd.DataFrame:
        """Return claims, stays, people, cents, days and weight by year, DRG and facility."""
        first_of_stay = {stay.stay for stay in self.stays}
        claims = self.claims.assign(
            is_first_of_stay=(self.claims.claim + "-" + self.claims.segment.astype(str)).isin(first_of_stay),
            counted_length=self.claims.length.where(self.claims.is_first),
        )
        frame = claims.groupby(["year", "drg", "facility"]).agg(
            claims=("is_first", "sum"),
            stays=("is_first_of_stay", "sum"),
            people=("person", "nunique"),
            paid=("paid", "sum"),
            length=("counted_length", "sum"),
            used=("used", "sum"),
        )
        frame["weight"] = frame.claims * frame.index.get_level_values("drg").map(weights)
        return frame

    @cached_property
    def stays(self) -> list[Stay]:
        """The stays of all people."""
        people: dict[str, list[Any]] = defaultdict(list)
        for row in self.claims.itertuples():
            people[row.person].append(row)
        return [stay for lines in people.values() for stay in merged_stays(lines)]

    def readmission(self) -> dict[str, tuple[bool, str | None, str | None, int | None, bool, bool, int]]:
        """Return, under the stay: index, why not, next stay, days to it, readmitted, is a readmission, cents."""
        found = {}
        for _, own in groupby(sorted(self.stays, key=lambda s: (s.person, s.admitted, s.stay)), lambda s: s.person):
            stays, follows = list(own), False
            for stay, following in zip(stays, [*stays[1:], None], strict=True):
                gap = (following.admitted - stay.discharged).days if following else None
                reason = self._exclusion(stay, gap)
                readmitted = reason is None and gap is not None and 1 <= gap <= 30
                after = following.stay if following else None
                found[stay.stay] = (reason is None, reason, after, gap, readmitted, follows, stay.paid)
                follows = readmitted
        return found

    def _exclusion(self, stay: Stay, gap: int | None) -> str | None:
        died = self.deaths.get(stay.person)
        if died is not None and died <= stay.discharged:
            return "died_in_stay"
        if (END_OF_DATA - stay.discharged).days < 30:
            return "last_30_days"
        return "overlaps_next" if gap is not None and gap < 1 else None
