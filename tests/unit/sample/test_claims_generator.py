"""Made-up claims: read by Lakeward's own source, the same every time, and whole in every relation."""

import csv
import hashlib
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from lakeward.errors import UsageError
from lakeward.sample import ClaimsSummary, SampleSummary, generate_claims
from lakeward.sample.claims import generator
from lakeward.sample.facts import keyed, table
from lakeward.sample.identifiers import npi_check_digit
from lakeward.sources import geography, synpuf
from lakeward.sources.landing import Landing
from lakeward.sources.synpuf.layout import INPATIENT_COLUMNS, SUMMARY_COLUMNS

PEOPLE = 3000
YEARS = (2008, 2009, 2010)
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> ClaimsSummary:
    return generate_claims(tmp_path_factory.mktemp("claims"), samples=2, beneficiaries=PEOPLE)


def _claims_file(sample: int = 1) -> str:
    return f"DE1_0_2008_to_2010_Inpatient_Claims_Sample_{sample}.csv"


def _summary_file(year: int, sample: int = 1) -> str:
    return f"DE1_0_{year}_Beneficiary_Summary_File_Sample_{sample}.csv"


def _read(path: Path) -> Rows:
    with path.open(encoding="ascii", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def claims(written: ClaimsSummary) -> Rows:
    return _read(written.directory / _claims_file())


@pytest.fixture(scope="module")
def summaries(written: ClaimsSummary) -> dict[int, Rows]:
    return {year: _read(written.directory / _summary_file(year)) for year in YEARS}


def _digests(directory: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def test_the_same_numbers_give_the_same_bytes_in_another_process(written: ClaimsSummary, tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from lakeward.sample import generate_claims; "
        f"generate_claims(pathlib.Path(sys.argv[1]), 2, {PEOPLE})"
    )
    environment = {"PYTHONHASHSEED": "4711", "PATH": ""}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "other")], check=True, env=environment)
    assert _digests(tmp_path / "other") == _digests(written.directory)


def test_batches_do_not_change_a_byte(written: ClaimsSummary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "PEOPLE_PER_BATCH", 700)
    assert generate_claims(tmp_path, 2, PEOPLE).rows == written.rows
    assert _digests(tmp_path) == _digests(written.directory)


def test_files_are_written_as_the_publisher_writes_them(written: ClaimsSummary) -> None:
    for name, columns in ((_claims_file(), INPATIENT_COLUMNS), (_summary_file(2008), SUMMARY_COLUMNS)):
        lines = (written.directory / name).read_bytes().split(b"\r\n")
        assert lines[0].decode() == ",".join(f'"{column}"' for column in columns)
        assert lines[-1] == b""
        assert {line.count(b",") for line in lines[:-1]} == {len(columns) - 1}
        assert all(b'"' not in line and b"\n" not in line for line in lines[1:])


def test_the_source_reads_every_file(written: ClaimsSummary, tmp_path: Path) -> None:
    for ordinal, (name, rows) in enumerate(written.rows.items()):
        with Landing(written.directory / name, tmp_path / str(ordinal)) as landing:
            extracted = synpuf.extract(written.directory / name, landing)
        assert extracted.rows_in == extracted.rows_out == rows > 0
    assert set(written.rows) == {path.name for path in written.directory.iterdir()}


def test_counts_are_those_of_the_files(written: ClaimsSummary) -> None:
    both = [row for sample in (1, 2) for row in _read(written.directory / _claims_file(sample))]
    assert written.claim_rows == len(both)
    assert written.claims == len({row["CLM_ID"] for row in both})
    assert written.paid_usd == sum(Decimal(row["CLM_PMT_AMT"]) for row in both)


def test_keys_are_unique_and_samples_share_no_person_or_claim(written: ClaimsSummary) -> None:
    first, second = (_read(written.directory / _claims_file(sample)) for sample in (1, 2))
    for rows in (first, second):
        assert max(Counter((row["CLM_ID"], row["SEGMENT"]) for row in rows).values()) == 1
    people = [{row["DESYNPUF_ID"] for row in _read(written.directory / _summary_file(2008, n))} for n in (1, 2)]
    assert [len(ids) for ids in people] == [PEOPLE, PEOPLE]
    assert not people[0] & people[1]
    assert not {row["CLM_ID"] for row in first} & {row["CLM_ID"] for row in second}
    assert {row["PRVDR_NUM"] for row in first} & {row["PRVDR_NUM"] for row in second}


def test_people_are_in_the_publishers_order_and_claims_have_a_person(claims: Rows, summaries: dict[int, Rows]) -> None:
    ids = [row["DESYNPUF_ID"] for row in summaries[2008]]
    assert ids == sorted(ids)
    assert [row["DESYNPUF_ID"] for row in claims] == sorted(row["DESYNPUF_ID"] for row in claims)
    assert {row["DESYNPUF_ID"] for row in claims} <= set(ids)


def test_who_died_is_absent_from_the_next_year_and_nobody_else_is(summaries: dict[int, Rows]) -> None:
    for year in (2008, 2009):
        died = {row["DESYNPUF_ID"] for row in summaries[year] if row["BENE_DEATH_DT"]}
        there, later = ({row["DESYNPUF_ID"] for row in summaries[which]} for which in (year, year + 1))
        assert died == there - later
        assert not later - there
        assert all(row["BENE_DEATH_DT"][:4] in {"", str(year)} for row in summaries[year])


def test_nobody_is_in_hospital_after_the_month_of_their_death(claims: Rows, summaries: dict[int, Rows]) -> None:
    died = {row["DESYNPUF_ID"]: row["BENE_DEATH_DT"][:6] for rows in summaries.values() for row in rows
            if row["BENE_DEATH_DT"]}  # fmt: skip
    assert len(died) > 20
    assert [row for row in claims if row["NCH_BENE_DSCHRG_DT"][:6] > died.get(row["DESYNPUF_ID"], "999999")] == []


def test_coverage_ends_with_the_month_of_death(summaries: dict[int, Rows]) -> None:
    columns = ("BENE_HI_CVRAGE_TOT_MONS", "BENE_SMI_CVRAGE_TOT_MONS", "BENE_HMO_CVRAGE_TOT_MONS", "PLAN_CVRG_MOS_NUM")
    for rows in summaries.values():
        for row in rows:
            lived = int(row["BENE_DEATH_DT"][4:6] or 12)
            assert all(0 <= int(row[column]) <= lived for column in columns)
            assert len(row["PLAN_CVRG_MOS_NUM"]) == 2


def test_dates_of_a_claim_are_in_order(claims: Rows) -> None:
    for row in claims:
        admitted, discharged = _day(row["CLM_ADMSN_DT"]), _day(row["NCH_BENE_DSCHRG_DT"])
        assert timedelta(0) <= discharged - admitted <= timedelta(35)
        assert date(2008, 1, 1) <= discharged <= date(2010, 12, 31)
        if row["SEGMENT"] == "1":
            assert row["CLM_THRU_DT"] == row["NCH_BENE_DSCHRG_DT"]


def test_a_second_segment_is_blank_where_the_publishers_is(written: ClaimsSummary) -> None:
    rows = [row for sample in (1, 2) for row in _read(written.directory / _claims_file(sample))]
    second = [row for row in rows if row["SEGMENT"] == "2"]
    assert len(second) >= 3
    first = {row["CLM_ID"]: row for row in rows if row["SEGMENT"] == "1"}
    filled = {"DESYNPUF_ID", "CLM_ID", "SEGMENT", "PRVDR_NUM", "CLM_PMT_AMT", "NCH_PRMRY_PYR_CLM_PD_AMT",
              "CLM_ADMSN_DT", "CLM_PASS_THRU_PER_DIEM_AMT", "NCH_BENE_IP_DDCTBL_AMT", "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
              "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM", "NCH_BENE_DSCHRG_DT", "CLM_DRG_CD"}  # fmt: skip
    for row in second:
        assert {column for column, value in row.items() if value} | {"NCH_BENE_IP_DDCTBL_AMT"} == filled
        assert first[row["CLM_ID"]]["DESYNPUF_ID"] == row["DESYNPUF_ID"]


def test_summaries_add_up_what_the_claims_paid(claims: Rows, summaries: dict[int, Rows]) -> None:
    for year, rows in summaries.items():
        paid: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in claims:
            if row["NCH_BENE_DSCHRG_DT"][:4] == str(year):
                paid[row["DESYNPUF_ID"]] += Decimal(row["CLM_PMT_AMT"])
        assert {row["DESYNPUF_ID"]: Decimal(row["MEDREIMB_IP"]) for row in rows} == {
            row["DESYNPUF_ID"]: paid[row["DESYNPUF_ID"]] for row in rows
        }


def test_every_thousand_people_show_every_oddity(tmp_path: Path) -> None:
    generate_claims(tmp_path, samples=2, beneficiaries=1000)
    for sample in (1, 2):
        rows = _read(tmp_path / _claims_file(sample))
        assert {"OTH", "000"} <= {row["CLM_DRG_CD"] for row in rows}
        assert {"1", "2"} == {row["SEGMENT"] for row in rows}
        assert min(Decimal(row["CLM_PMT_AMT"]) for row in rows) < 0
        assert any(row["CLM_PMT_AMT"] == "0.00" for row in rows)
        assert any(row["CLM_FROM_DT"].startswith("2007") for row in rows)
        assert any(row["CLM_FROM_DT"] not in {"", row["CLM_ADMSN_DT"]} for row in rows)
        assert any(not row["NCH_BENE_IP_DDCTBL_AMT"] for row in rows)


def test_places_are_counties_or_none_on_purpose(summaries: dict[int, Rows]) -> None:
    known = keyed("ssa_county", "ssa_county_code")
    codes = [row["SP_STATE_CODE"] + row["BENE_COUNTY_CD"] for row in summaries[2008]]
    unknown = Counter(code for code in codes if code not in known)
    assert 0.005 < sum(unknown.values()) / len(codes) < 0.03
    assert {code[:2] for code in unknown} == {"54", "01"}


def test_physicians_are_nobodys_and_mostly_fail_the_check(claims: Rows) -> None:
    numbers = {row["AT_PHYSN_NPI"] for row in claims} - {""}
    assert all(len(number) == 10 and number.isdigit() and number[0] not in "12" for number in numbers)
    assert 0 < sum(number[9] == npi_check_digit(number[:9]) for number in numbers) / len(numbers) < 0.2


def test_memory_does_not_grow_with_the_samples(tmp_path: Path) -> None:
    code = (
        "import resource, sys, pathlib; from lakeward.sample import generate_claims\n"
        "generate_claims(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    small, large = (
        int(subprocess.check_output([sys.executable, "-c", code, str(tmp_path), str(samples), str(people)]))
        for samples, people in ((1, 20_000), (2, 80_000))
    )
    unit = 1 if sys.platform == "darwin" else 1024
    written = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert written > 80_000_000
    assert (large - small) * unit < 30_000_000


@pytest.mark.parametrize(
    ("samples", "people"), [(0, 10), (21, 10), (1, 0)], ids=["no sample", "more than CMS has", "nobody"]
)
def test_numbers_out_of_range_are_refused(tmp_path: Path, samples: int, people: int) -> None:
    with pytest.raises(UsageError, match="1 to 20 samples and beneficiaries from 1 up"):
        generate_claims(tmp_path / "claims", samples, people)
    assert not (tmp_path / "claims").exists()


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        generate_claims(tmp_path / "taken", 1, 10)


def test_one_person_is_enough(tmp_path: Path) -> None:
    assert generate_claims(tmp_path, 1, 1).rows[_summary_file(2008)] == 1


def test_the_sample_holds_claims_and_their_codes(sample: SampleSummary, tmp_path: Path) -> None:
    folder = sample.directory / "claims"
    found = {path.name: synpuf.recognise(path) for path in folder.iterdir()}
    assert Counter(found.values()) == {
        "inpatient_claim": 2, "beneficiary_summary": 6, "icd9_description": 4, "drg": 1
    }  # fmt: skip
    assert [name for name in found if ".Copy." in name] == ["DE1_0_2009_Beneficiary_Summary_File_Sample_2.Copy.csv"]
    for ordinal, name in enumerate(sorted(found)):
        with Landing(folder / name, tmp_path / str(ordinal)) as landing:
            assert synpuf.extract(folder / name, landing).rows_out == sample.rows[f"claims/{name}"] > 0
    assert len(synpuf.select((path, None) for path in sorted(folder.iterdir()))) == len(found)


def test_codes_of_the_claims_are_in_the_sample(sample: SampleSummary) -> None:
    drgs = {row["drg"] for row in table("drg")}
    descriptions = (sample.directory / "claims/CMS32_DESC_LONG_DX.txt").read_text(encoding="latin-1")
    described = {line[:5].strip() for line in descriptions.splitlines()}
    rows = [row for number in (1, 2) for row in _read(sample.directory / "claims" / _claims_file(number))]
    assert {row["CLM_DRG_CD"] for row in rows} <= drgs | {"OTH", "000"}
    used = {row["ICD9_DGNS_CD_1"] for row in rows} - {""}
    assert used - described == {"0414", "V854", "2841", "5185"}


def test_counties_are_read_by_the_source(sample: SampleSummary, tmp_path: Path) -> None:
    path = sample.directory / "geography" / "ssa_fips_county_crosswalk.csv"
    assert geography.recognise(path) == "ssa_county"
    with Landing(path, tmp_path) as landing:
        assert geography.extract(path, landing).rows_out == len(table("ssa_county")) == len(table("county"))
