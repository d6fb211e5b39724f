"""The five claims marts in pandas, as an analyst writes them; both pandas peers of the claims benchmark call them.

In: one frame of claim segments and one of beneficiary years, money in whole cents. Out: ABC, retention, revenue, DRG
and readmission frames by the rules of ``docs/explanation/claims-measures.md``, and their totals for comparison.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

FIRST_YEAR, LAST_YEAR = 2008, 2010
NOT_STATED = "not stated"
ENTITIES = {"drg": "drg_code", "facility": "facility_id", "beneficiary": "beneficiary_id"}
BANDS = [0, 65, 75, 85, 200]
DAY = pd.Timedelta(days=1)
_EPOCH = pd.Timestamp(1970, 1, 1)


def prepare_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Add service date, year, month, payments and the first-segment mark to claim segments.

    Args:
        claims: the columns as CMS names them: identifiers as text, ``SEGMENT`` as a number, dates as dates, amounts and
            days as numbers.
    """
    first = claims.loc[claims["SEGMENT"] == 1].set_index("CLM_ID")["CLM_FROM_DT"]
    service = claims["CLM_FROM_DT"].fillna(claims["CLM_ID"].map(first)).fillna(claims["CLM_ADMSN_DT"])
    days = claims["CLM_UTLZTN_DAY_CNT"]
    parts = ["CLM_PMT_AMT", *_LIABILITIES]
    amounts = claims[parts].fillna(0).sum(axis=1) + (claims["CLM_PASS_THRU_PER_DIEM_AMT"] * days).fillna(0)
    stay = (claims["NCH_BENE_DSCHRG_DT"] - claims["CLM_ADMSN_DT"]).dt.days
    return pd.DataFrame(
        {
            "claim_id": claims["CLM_ID"],
            "segment": claims["SEGMENT"],
            "is_first": claims["SEGMENT"] == claims.groupby("CLM_ID")["SEGMENT"].transform("min"),
            "beneficiary_id": claims["DESYNPUF_ID"],
            "facility_id": claims["PRVDR_NUM"].fillna(NOT_STATED),
            "drg_code": claims["CLM_DRG_CD"].fillna(NOT_STATED),
            "admission_date": claims["CLM_ADMSN_DT"],
            "discharge_date": claims["NCH_BENE_DSCHRG_DT"],
            "service_date": service,
            "service_year": service.dt.year,
            "service_month": service.dt.to_period("M").dt.to_timestamp(),
            "length_of_stay_days": stay.clip(lower=1),
            "utilization_days": days,
            "paid": (claims["CLM_PMT_AMT"] * 100).round().astype("int64"),
            "provider_payment": (amounts * 100).round().astype("int64"),
        }
    )


_LIABILITIES = (
    "NCH_PRMRY_PYR_CLM_PD_AMT",
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
)


def abc(claims: pd.DataFrame) -> pd.DataFrame:
    """Return ABC classes of DRGs, facilities and beneficiaries, for all years and each."""
    periods = [claims.assign(period="all"), claims.assign(period=claims["service_year"].astype("Int64").astype(str))]
    rows = pd.concat(periods, ignore_index=True)
    return pd.concat([_classes(rows, kind, column) for kind, column in ENTITIES.items()], ignore_index=True)


def _classes(rows: pd.DataFrame, kind: str, column: str) -> pd.DataFrame:
    totals = rows.groupby(["period", column], as_index=False).agg(paid=("paid", "sum"), claim_count=("is_first", "sum"))
    totals = totals.rename(columns={column: "entity_id"}).assign(entity_type=kind)
    totals = totals.sort_values(["period", "paid", "entity_id"], ascending=[True, False, True], ignore_index=True)
    positive = totals["paid"].clip(lower=0)
    whole = positive.groupby(totals["period"]).transform("sum")
    running = positive.groupby(totals["period"]).cumsum()
    before = running - positive
    classes = np.select(
        [totals["paid"] <= 0, before * 100 < whole * 80, before * 100 < whole * 95], ["N", "A", "B"], "C"
    )
    return totals.assign(
        rank_number=totals.groupby("period").cumcount() + 1,
        share_pct=positive / whole * 100,
        cumulative_before_pct=before / whole * 100,
        cumulative_pct=running / whole * 100,
        abc_class=classes,
    )


def retention(claims: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """Return the outcome of each beneficiary of each cohort year."""
    cohorts = claims[claims["service_year"].between(FIRST_YEAR, LAST_YEAR)]
    by = ["beneficiary_id", "service_date", "claim_id", "segment"]
    cohorts = cohorts.sort_values(by, ascending=[True, True, True, False])
    rows = cohorts.groupby(["beneficiary_id", "service_year"], as_index=False).agg(
        paid=("paid", "sum"), claim_count=("is_first", "sum"), index_facility_id=("facility_id", "last")
    )
    following = rows[["beneficiary_id", "service_year", "claim_count"]]
    following = following.assign(service_year=following["service_year"] - 1)
    rows = rows.merge(following, how="left", on=["beneficiary_id", "service_year"], suffixes=("", "_next"))
    coverage = years[["beneficiary_id", "summary_year", "part_a", "part_b", "hmo"]]
    coverage = coverage.assign(service_year=coverage["summary_year"] - 1)
    rows = rows.merge(coverage, how="left", on=["beneficiary_id", "service_year"])
    people = years[["beneficiary_id", "summary_year", "sex", "age_band", "state"]]
    people = people.rename(columns={"summary_year": "service_year"})
    rows = rows.merge(people, how="left", on=["beneficiary_id", "service_year"])
    death = rows["beneficiary_id"].map(years.groupby("beneficiary_id")["death_date"].max())
    outcomes = {
        "censored": rows["service_year"] >= LAST_YEAR,
        "died": death.dt.year <= rows["service_year"] + 1,
        "disenrolled": (rows["part_a"] < 12) | (rows["part_b"] < 12) | (rows["hmo"] > 0),
        "no_summary_year": rows["summary_year"].isna(),
        "retained": rows["claim_count_next"].notna(),
    }
    return rows.assign(outcome=np.select(list(outcomes.values()), list(outcomes), "lapsed"))


def revenue(claims: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """Return the months from the first to the last, with paid amounts and member months."""
    groups = claims.groupby("service_month")
    months = groups.agg(
        paid=("paid", "sum"), provider_payment=("provider_payment", "sum"), claim_count=("is_first", "sum"),
        beneficiary_count=("beneficiary_id", "nunique"),
    )  # fmt: skip
    months = months.reindex(pd.date_range(months.index.min(), months.index.max(), freq="MS"), fill_value=0)
    months["member_months"] = _member_months(years).reindex(months.index)
    months["pmpm"] = months["paid"] / months["member_months"]
    whole = months["paid"].where(months.index.year >= FIRST_YEAR)
    months["trailing_three_months"] = whole.rolling(3).sum()
    months["run_rate"] = months["trailing_three_months"] * 4
    by_year = months.groupby(months.index.year)["paid"]
    months["year_to_date"], months["calendar_year"] = by_year.cumsum(), by_year.transform("sum")
    months["prior_year"] = whole.shift(12)
    months["year_over_year_pct"] = (months["paid"] / months["prior_year"] - 1) * 100
    return months.rename_axis("service_month").reset_index()


def _member_months(years: pd.DataFrame) -> pd.Series:
    """Spread the Part A months of a year evenly over the months that the person lived in it."""
    died = years["death_date"].dt.year == years["summary_year"]
    lived = years["death_date"].dt.month.where(died, 12).mask(years["death_date"].dt.year < years["summary_year"], 0)
    share = (years["part_a"] / lived).clip(upper=1).where(lived > 0, 0)
    by_lived = share.groupby([years["summary_year"], lived]).sum()
    return pd.Series(
        {
            pd.Timestamp(year=int(year), month=month, day=1): counts[counts.index.get_level_values(1) >= month].sum()
            for year, counts in by_lived.groupby(level=0)
            for month in range(1, 13)
        }
    )


def drg(claims: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Return cost, days and weight of each year, DRG and facility."""
    rows = claims.merge(weights, how="left", left_on="drg_code", right_on="drg")
    first = rows["is_first"]
    rows = rows.assign(
        first_days=rows["length_of_stay_days"].where(first), first_weight=rows["weight"].where(first),
        first_person=rows["beneficiary_id"],
    )  # fmt: skip
    grouped = rows.groupby(["service_year", "drg_code", "facility_id"], as_index=False).agg(
        claim_count=("is_first", "sum"), beneficiary_count=("first_person", "nunique"), paid=("paid", "sum"),
        provider_payment=("provider_payment", "sum"), length_of_stay_days=("first_days", "sum"),
        utilization_days=("utilization_days", "sum"), days_known=("first_days", "count"),
        case_mix_weight=("first_weight", "sum"), mdc=("mdc", "first"), title=("title", "first"),
    )  # fmt: skip
    return grouped.assign(
        average_paid=grouped["paid"] / grouped["claim_count"],
        average_length_of_stay_days=grouped["length_of_stay_days"] / grouped["days_known"],
        paid_per_weight=grouped["paid"] / grouped["case_mix_weight"],
    )


def readmission(claims: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """Merge segments and transfers to stays and mark readmissions within 30 days.

    A claim continues a stay when the person left the last facility at most a day before (another one) or not before the
    day of admission (the same one). Day and facility travel as one number, so that a running maximum carries both.
    """
    rows = claims.sort_values(["claim_id", "segment"])
    rows = rows.groupby("claim_id", as_index=False).agg(
        beneficiary_id=("beneficiary_id", "first"), facility_id=("facility_id", "first"),
        drg_code=("drg_code", "first"), paid=("paid", "sum"), admission_date=("admission_date", "min"),
        discharge_date=("discharge_date", "max"),
    )  # fmt: skip
    rows = rows.sort_values(["beneficiary_id", "admission_date", "discharge_date", "claim_id"], ignore_index=True)
    codes, facilities = pd.factorize(rows["facility_id"], sort=True)
    last_day = rows[["admission_date", "discharge_date"]].max(axis=1)
    left = (last_day - _EPOCH).dt.days * len(facilities) + codes
    before = left.groupby(rows["beneficiary_id"]).cummax().groupby(rows["beneficiary_id"]).shift()
    gap = (rows["admission_date"] - _EPOCH).dt.days - before // len(facilities)
    elsewhere = before % len(facilities) != codes
    continues = (elsewhere & (gap <= 1)) | (~elsewhere & (gap <= 0))
    rows["left"] = left
    rows["stay"] = (~continues).cumsum()
    stays = rows.groupby("stay", as_index=False).agg(
        beneficiary_id=("beneficiary_id", "first"), left=("left", "max"),
        drg_code=("drg_code", "first"), paid=("paid", "sum"), admission_date=("admission_date", "min"),
        discharge_date=("discharge_date", "max"), claim_count=("claim_id", "size"),
    )  # fmt: skip
    stays["facility_id"] = facilities[stays.pop("left") % len(facilities)]
    death = stays["beneficiary_id"].map(years.groupby("beneficiary_id")["death_date"].max())
    days = (stays.groupby("beneficiary_id")["admission_date"].shift(-1) - stays["discharge_date"]).dt.days
    reasons = {
        "no_discharge_date": stays["discharge_date"].isna(),
        "died_in_stay": death <= stays["discharge_date"],
        "last_30_days": stays["discharge_date"] > pd.Timestamp(LAST_YEAR, 12, 31) - 30 * DAY,
        "overlaps_next": days <= 0,
    }
    stays["exclusion_reason"] = np.select(list(reasons.values()), list(reasons), "")
    stays["is_index"] = stays["exclusion_reason"] == ""
    stays["days_to_next_admission"] = days
    stays["is_readmission_30_days"] = stays["is_index"] & days.between(1, 30)
    follows = stays.groupby("beneficiary_id")["is_readmission_30_days"].shift(fill_value=False)
    return stays.assign(is_readmission=follows)


def build_marts(claims: pd.DataFrame, years: pd.DataFrame, weights: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the five marts by name."""
    return {
        "abc": abc(claims),
        "retention": retention(claims, years),
        "revenue": revenue(claims, years),
        "drg": drg(claims, weights),
        "readmission": readmission(claims, years),
    }


def write_marts(marts: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write each mart as Parquet and print the totals as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in marts.items():
        rows.to_parquet(folder / f"mart_claims_{name}.parquet", index=False)
    json.dump(totals(marts), sys.stdout)


def totals(marts: dict[str, pd.DataFrame]) -> dict[str, dict[str, float]]:
    """Return rows, paid dollars and the counts of each mart that tell a wrong rule from a right one."""
    found: dict[str, dict[str, float]] = {}
    for name, rows in marts.items():
        found[name] = {"rows": len(rows), "paid_usd": float(rows["paid"].sum()) / 100}
    found["abc"] |= _counts(marts["abc"], "abc_class")
    found["retention"] |= _counts(marts["retention"], "outcome")
    found["revenue"]["member_months"] = round(float(marts["revenue"]["member_months"].sum()), 3)
    found["drg"]["claim_count"] = int(marts["drg"]["claim_count"].sum())
    found["drg"]["case_mix_weight"] = round(float(marts["drg"]["case_mix_weight"].sum()), 4)
    for column in ("is_index", "is_readmission_30_days"):
        found["readmission"][column] = int(marts["readmission"][column].sum())
    return found


def _counts(rows: pd.DataFrame, column: str) -> dict[str, float]:
    return {str(value): int(count) for value, count in rows[column].value_counts().sort_index().items()}
