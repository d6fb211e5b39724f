"""Made-up claims beside the real Sample 1: each oddity and each share, within a tolerance that stands here.

A drawn share of ``n`` rows must lie within four standard errors of the real one plus the relative tolerance of its
case; a planted one, which no chance decides, within a tenth of the real one and two rows.
"""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median

import pytest

from lakeward.sample import generate_claims
from lakeward.sample.identifiers import npi_check_digit
from lakeward.sources.synpuf.layout import INPATIENT_COLUMNS, SUMMARY_COLUMNS

CLAIMS = "DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv"
SUMMARY = "DE1_0_{}_Beneficiary_Summary_File_Sample_1.csv"
PEOPLE = 40_000
YEARS = (2008, 2009, 2010)
Row = dict[str, str]
Share = Callable[[Row], bool]


def _rows(folder: Path, name: str) -> list[Row]:
    path = folder / name
    raw = path.read_bytes() if path.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())
    return list(csv.DictReader(io.StringIO(raw.decode("ascii"))))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_claims(tmp_path_factory.mktemp("claims"), 1, PEOPLE).directory


@pytest.fixture(scope="module")
def claims(made: Path, real_data: Path) -> tuple[list[Row], list[Row]]:
    """Made-up rows, real rows."""
    return _rows(made, CLAIMS), _rows(real_data / "claims", CLAIMS)


@pytest.fixture(scope="module", params=YEARS)
def summaries(request: pytest.FixtureRequest, made: Path, real_data: Path) -> tuple[list[Row], list[Row]]:
    """Made-up rows, real rows of one year."""
    return _rows(made, SUMMARY.format(request.param)), _rows(real_data / "claims", SUMMARY.format(request.param))


def _compare(made: list[Row], real: list[Row], share: Share, tolerance: float) -> None:
    expected, found = (sum(map(share, rows)) / len(rows) for rows in (real, made))
    allowed = tolerance * expected + 4 * (expected * (1 - expected) / len(made)) ** 0.5
    assert abs(found - expected) <= allowed, f"made up {found:.5f}, real {expected:.5f}"


@pytest.mark.parametrize("column", INPATIENT_COLUMNS)
def test_cells_of_claims_are_filled_as_often(claims: tuple[list[Row], list[Row]], column: str) -> None:
    _compare(*claims, lambda row: row[column] != "", 0.03)


PLANTED: dict[str, Share] = {
    "second segment": lambda row: row["SEGMENT"] == "2",
    "blank date of a claim": lambda row: row["CLM_FROM_DT"] == "",
    "negative payment": lambda row: row["CLM_PMT_AMT"].startswith("-"),
    "zero payment": lambda row: row["CLM_PMT_AMT"] == "0.00",
    "DRG that is none": lambda row: row["CLM_DRG_CD"] == "OTH",
    "DRG of nothing to group": lambda row: row["CLM_DRG_CD"] == "000",
    "begins in 2007": lambda row: row["CLM_FROM_DT"].startswith("2007"),
    "begins apart from its admission": lambda row: row["CLM_FROM_DT"] != row["CLM_ADMSN_DT"],
}
DRAWN: dict[str, Share] = {
    "another payer first": lambda row: row["NCH_PRMRY_PYR_CLM_PD_AMT"] != "0.00",
    "pass-through per day": lambda row: row["CLM_PASS_THRU_PER_DIEM_AMT"] != "0.00",
    "coinsurance": lambda row: row["NCH_BENE_PTA_COINSRNC_LBLTY_AM"] != "0.00",
    "blood": lambda row: row["NCH_BENE_BLOOD_DDCTBL_LBLTY_AM"] != "0.00",
    "no days counted": lambda row: row["CLM_UTLZTN_DAY_CNT"] == "0",
    "attends and operates": lambda row: row["OP_PHYSN_NPI"] == row["AT_PHYSN_NPI"] != "",
}


@pytest.mark.parametrize("oddity", PLANTED.values(), ids=PLANTED)
def test_planted_oddities_are_as_frequent(claims: tuple[list[Row], list[Row]], oddity: Share) -> None:
    made, real = claims
    expected = len(made) * sum(map(oddity, real)) / len(real)
    assert sum(map(oddity, made)) == pytest.approx(expected, abs=0.1 * expected + 2)


@pytest.mark.parametrize("oddity", DRAWN.values(), ids=DRAWN)
def test_drawn_oddities_are_as_frequent(claims: tuple[list[Row], list[Row]], oddity: Share) -> None:
    _compare(*claims, oddity, 0.05)


@pytest.mark.parametrize("year", ["2008", "2009", "2010"])
def test_claims_begin_in_the_same_years(claims: tuple[list[Row], list[Row]], year: str) -> None:
    _compare(*claims, lambda row: row["CLM_FROM_DT"].startswith(year), 0.06)


def test_later_procedure_slots_hold_mostly_diagnoses(claims: tuple[list[Row], list[Row]], real_data: Path) -> None:
    text = (real_data / "claims" / "CMS32_DESC_SHORT_SG.txt").read_text(encoding="latin-1")
    procedures = {line[:4].strip() for line in text.splitlines()}
    found = [[row[f"ICD9_PRCDR_CD_{slot}"] for row in rows for slot in range(2, 7)] for rows in claims]
    made, real = ([code in procedures for code in codes if code] for codes in found)
    assert fmean(made) == pytest.approx(fmean(real), abs=0.04)
    first = [row["ICD9_PRCDR_CD_1"] for row in claims[0] if row["ICD9_PRCDR_CD_1"]]
    assert {code in procedures for code in first} == {True}


def test_diagnoses_that_are_not_in_the_code_list(claims: tuple[list[Row], list[Row]], real_data: Path) -> None:
    text = (real_data / "claims" / "CMS32_DESC_SHORT_DX.txt").read_text(encoding="latin-1")
    diagnoses = {line[:5].strip() for line in text.splitlines()}
    cells = [[row[f"ICD9_DGNS_CD_{slot}"] for row in rows for slot in range(1, 10)] for rows in claims]
    made, real = (fmean(code not in diagnoses for code in codes if code) for codes in cells)
    assert made == pytest.approx(real, abs=0.01)


def test_amounts_are_of_the_same_size(claims: tuple[list[Row], list[Row]]) -> None:
    made, real = ([Decimal(row["CLM_PMT_AMT"]) for row in rows] for rows in claims)
    assert float(fmean(made)) == pytest.approx(float(fmean(real)), rel=0.1)
    assert float(median(made)) == pytest.approx(float(median(real)), rel=0.15)
    assert max(made) == max(real) == 57_000
    assert {amount % 10 for amount in made} == {0}


def test_claims_per_person_and_people_in_hospital(made: Path, claims: tuple[list[Row], list[Row]]) -> None:
    people = len(_rows(made, SUMMARY.format(2008)))
    assert len({row["CLM_ID"] for row in claims[0]}) / people == pytest.approx(66_705 / 116_352, rel=0.03)
    assert len({row["DESYNPUF_ID"] for row in claims[0]}) / people == pytest.approx(37_780 / 116_352, rel=0.03)


def _pairs(rows: list[Row]) -> Iterator[tuple[int, bool]]:
    """Days from a discharge to the person's next admission, and whether it is in the same hospital."""
    first = sorted((row for row in rows if row["SEGMENT"] == "1"),
                   key=lambda row: (row["DESYNPUF_ID"], row["CLM_ADMSN_DT"]))  # fmt: skip
    for before, after in pairwise(first):
        if before["DESYNPUF_ID"] == after["DESYNPUF_ID"]:
            yield (
                _ordinal(after["CLM_ADMSN_DT"]) - _ordinal(before["NCH_BENE_DSCHRG_DT"]),
                before["PRVDR_NUM"] == after["PRVDR_NUM"],
            )


def _ordinal(text: str) -> int:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()


def test_people_come_back_as_often(claims: tuple[list[Row], list[Row]]) -> None:
    made, real = (list(_pairs(rows)) for rows in claims)
    cases: dict[str, tuple[Callable[[int, bool], bool], float]] = {
        "within thirty days": (lambda days, _: 1 <= days <= 30, 0.15),
        "in the same hospital": (lambda _, same: same, 0.25),
        "overlapping in the same hospital": (lambda days, same: days < 0 and same, 0.4),
        "moved to another hospital": (lambda days, same: 0 <= days <= 1 and not same, 0.7),
    }
    for name, (holds, tolerance) in cases.items():
        found, expected = (fmean(holds(days, same) for days, same in pairs) for pairs in (made, real))
        assert found == pytest.approx(expected, rel=tolerance), name


def test_stays_are_as_long(claims: tuple[list[Row], list[Row]]) -> None:
    made, real = (
        [_ordinal(row["NCH_BENE_DSCHRG_DT"]) - _ordinal(row["CLM_ADMSN_DT"]) for row in rows] for rows in claims
    )
    assert fmean(made) == pytest.approx(fmean(real), rel=0.05)
    assert (min(made), max(made)) == (min(real), max(real)) == (0, 35)


def test_numbers_of_physicians_pass_the_check_as_rarely(claims: tuple[list[Row], list[Row]]) -> None:
    numbers = [{row["AT_PHYSN_NPI"] for row in rows} - {""} for rows in claims]
    made, real = (fmean(npi[9] == npi_check_digit(npi[:9]) for npi in found) for found in numbers)
    assert made == pytest.approx(real, abs=0.03)


SUMMARY_SHARES: dict[str, tuple[Share, float]] = {
    "dies": (lambda row: row["BENE_DEATH_DT"] != "", 0.05),
    "woman": (lambda row: row["BENE_SEX_IDENT_CD"] == "2", 0.02),
    "race 1": (lambda row: row["BENE_RACE_CD"] == "1", 0.02),
    "kidney failure": (lambda row: row["BENE_ESRD_IND"] == "Y", 0.05),
    "state 54": (lambda row: row["SP_STATE_CODE"] == "54", 0.1),
    "no Part A": (lambda row: row["BENE_HI_CVRAGE_TOT_MONS"] == "0", 0.05),
    "all year Part A": (lambda row: row["BENE_HI_CVRAGE_TOT_MONS"] == "12", 0.03),
    "no Part B": (lambda row: row["BENE_SMI_CVRAGE_TOT_MONS"] == "0", 0.05),
    "no managed care": (lambda row: row["BENE_HMO_CVRAGE_TOT_MONS"] == "0", 0.03),
    "padded months of no plan": (lambda row: row["PLAN_CVRG_MOS_NUM"] == "00", 0.03),
    "padded months of a plan": (lambda row: row["PLAN_CVRG_MOS_NUM"] == "09", 0.6),
    "negative outpatient": (lambda row: row["MEDREIMB_OP"].startswith("-"), 0.4),
    "no outpatient": (lambda row: row["MEDREIMB_OP"] == "0.00", 0.03),
    "no physician": (lambda row: row["MEDREIMB_CAR"] == "0.00", 0.03),
    "no inpatient": (lambda row: row["MEDREIMB_IP"] == "0.00", 0.06),
}
SUMMARY_SHARES |= {
    column: ((lambda name: lambda row: row[name] == "1")(column), 0.06)
    for column in SUMMARY_COLUMNS
    if column.startswith("SP_") and column != "SP_STATE_CODE"
}


@pytest.mark.parametrize(("share", "tolerance"), SUMMARY_SHARES.values(), ids=SUMMARY_SHARES)
def test_beneficiaries_are_as_the_real_ones(
    summaries: tuple[list[Row], list[Row]], share: Share, tolerance: float
) -> None:
    _compare(*summaries, share, tolerance)


def test_codes_of_beneficiaries_are_those_of_the_real_ones(summaries: tuple[list[Row], list[Row]]) -> None:
    made, real = summaries
    for column in ("BENE_SEX_IDENT_CD", "BENE_RACE_CD", "BENE_ESRD_IND", "SP_CHF", "PLAN_CVRG_MOS_NUM"):
        assert set(Counter(row[column] for row in made)) == set(Counter(row[column] for row in real)), column
    assert {row["BENE_BIRTH_DT"][6:] for row in made} == {row["BENE_BIRTH_DT"][6:] for row in real} == {"01"}
