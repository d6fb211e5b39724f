"""CMS files: known by their header, landed as published, refused when broken. Numbers and codes here are made up."""

import gzip
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lakeward.errors import SourceSchemaChanged, SourceUnreadable, UsageError
from lakeward.sources import medicare
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.medicare.layouts import LAYOUTS, header_words

PFS_RVU = """\
,,2031 National Physician Fee Schedule Relative Value File July Release,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,CPT codes and descriptions only are copyright 2030 American Medical Association.,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,RELEASED 05/21/2031,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,, , ,,,,,,,,,,,,,,,,,,,,,,,,,NON-FACILITY,FACILITY,
,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED
,,,,FOR,,,NON-FAC,,FACILITY ,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS
,,,STATUS,MEDICARE ,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,\
TEAM,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,\
SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT
G0001,26,Made up,A,,1.30,1.35,,0.57,NA,0.10,2.75,1.97,0,XXX,0.00,0.00,0.00,0,0,0,0,0,,32.3465,09,0,99,0.00,0.00,0.00
"""
GPCI = """\
ADDENDUM E. FINAL CY 2031 GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY,,,,,,
,,,,,,
Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2031 PW GPCI (with 1.0 Floor),\
2031 PE GPCI,2031 MP GPCI
10112,AL,00,ALABAMA*,1,0.869,0.575
,,,,,,
*Work GPCI reflects a floor.,,,,,,
"""
LOCALITY_COUNTY = """\
COUNTIES INCLUDED IN 2031 LOCALITIES.,,,,
,,,,
Medicare Adminstrative Contractor,Locality Number,State ,Fee Schedule Area ,Counties
10112,0,ALABAMA ,STATEWIDE ,ALL COUNTIES
"""
ANESTHESIA = "Contractor,Locality,Locality Name,National Anes CF of 20.3178\n10112 ,00 ,ALABAMA,19.31 \n"
OPPS = """\
,Addendum B.-- OPPS Payment by HCPCS Code for CY 2031,,,,,,,,,,,
,"The existence of a code does not mean that it may be paid.",,,,,,,,,,,
HCPCS Code,Short Descriptor,SI,APC,Relative Weight,Payment Rate,National Unadjusted Copayment,\
Minimum Unadjusted Copayment,IRA Coinsurance percentage,Adjusted Beneficiary Copayment,\
Drug and Device Pass-Through Expiration during Calendar Year,Note,\
* Indicates a Change
G0002\u00a0,Made up,J1,5115,10.0000,891.69,.,$178.34,,,,,
"""
ASC_AA = """\
Addendum AA -- ASC Covered Surgical Procedures for CY 2031,,,,,,
HCPCS Code,,Short Descriptor,Subject to Multiple Procedure Discounting,April 2031 Payment Indicator,\
April 2031  Payment Weight  ,April 2031 Payment  Rate
G0003, *,Made up,Y,G2,28.767,"$1,579.16"
"""
ASC_BB = """\
Addendum BB -- ASC Covered Ancillary Services for CY 2031,,,,,,,
HCPCS Code,,Short Descriptor,Drug and Device Pass-Through Expiration during Calendar Year,April 2031 Payment Indicator,\
April 2031 Payment Weight  ,April 2031 Payment Rate ,April 2031 IRA-22 Adjusted Copayment1
G0004,,Made up,,N1,,,
"""
WAGE_INDEX = 'CBSA\tCBSA Name\tWI31\n01\tALABAMA\t0.6471\n32420\t"Mayagüez, PR"\t0.3759\n'
RBCS = (
    "hcpcs_cd,rbcs_id,rbcs_cat,rbcs_cat_desc,rbcs_cat_subcat,rbcs_subcat_desc,rbcs_famnumb,rbcs_family_desc,rbcs_major_ind,"
    "hcpcs_cd_add_dt,hcpcs_cd_end_dt,rbcs_latest_assignment,first_rbcs_release_year,rbcs_analysis_start_dt,"
    "rbcs_analysis_end_dt,alt_assignment_method,rbcs_id_ever_reassigned\n"
    'G0005,EV001N,E,E&M,EV,"Office, made up",001,Family,N,01/01/2030,12/31/9999,1,2030,01/01/2030,12/31/9999,0,0\n'
)
PLACE_OF_SERVICE = "place_of_service_code,description\n11,Office\n"
ZIP_LOCALITY = f"{'AK995010210201RZ9B  0 A':<75}20314\n"

FILES = {
    "pfs_rvu": PFS_RVU,
    "gpci": GPCI,
    "locality_county": LOCALITY_COUNTY,
    "anesthesia_cf": ANESTHESIA,
    "opps_addendum_b": OPPS,
    "asc_addendum_aa": ASC_AA,
    "asc_addendum_bb": ASC_BB,
    "asc_wage_index": WAGE_INDEX,
    "rbcs": RBCS,
    "place_of_service": PLACE_OF_SERVICE,
    "zip_locality": ZIP_LOCALITY,
}


def written(folder: Path, text: str, name: str = "download", encoding: str = "utf-8", newline: str = "\n") -> Path:
    path = folder / name
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    return path


def landed(path: Path, year: int | None = None) -> tuple[Extracted, dict[str, list[dict[str, str | None]]]]:
    staging = path.parent / "staging"
    with Landing(path, staging) as landing:
        extracted = medicare.extract(path, landing, year=year)
    return extracted, {name: pq.read_table(file).to_pylist() for name, file in landing.files().items()}


def test_every_dataset_has_an_example() -> None:
    assert set(FILES) == set(medicare.DATASETS) == set(LAYOUTS)


@pytest.mark.parametrize("dataset", FILES)
def test_a_file_is_known_by_its_content_whatever_its_name(dataset: str, tmp_path: Path) -> None:
    assert medicare.recognise(written(tmp_path, FILES[dataset])) == dataset


@pytest.mark.parametrize("dataset", FILES)
def test_a_file_lands_with_its_schema_and_first_cell(dataset: str, tmp_path: Path) -> None:
    path = written(tmp_path, FILES[dataset])
    extracted, tables = landed(path, year=2031)
    assert list(tables) == [dataset]
    rows = tables[dataset]
    assert list(rows[0]) == medicare.DATASETS[dataset].names
    assert extracted.rows_in == extracted.rows_out == len(rows)
    assert [row["_source_record"] for row in rows] == list(range(1, len(rows) + 1))
    assert "" not in {value for row in rows for value in row.values()}


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        pytest.param(PFS_RVU, "facility_na_indicator", "NA", id="header over four lines"),
        pytest.param(PFS_RVU, "conversion_factor", "32.3465", id="a column far right"),
        pytest.param(PFS_RVU, "endoscopic_base", None, id="blank cell is null"),
        pytest.param(OPPS, "hcpcs_code", "G0002", id="hard blank after the code"),
        pytest.param(OPPS, "national_unadjusted_copayment", ".", id="lone dot stays as published"),
        pytest.param(ASC_AA, "payment_rate", "$1,579.16", id="money stays text"),
        pytest.param(ASC_AA, "mark", "*", id="column without a name"),
        pytest.param(GPCI, "locality_number", "00", id="leading zeros stay"),
        pytest.param(ZIP_LOCALITY, "pricing_locality", "01", id="fixed width, in the middle"),
        pytest.param(ZIP_LOCALITY, "year_quarter", "20314", id="fixed width, last"),
    ],
)
def test_cells_stay_as_published(text: str, column: str, expected: str | None, tmp_path: Path) -> None:
    (rows,) = landed(written(tmp_path, text))[1].values()
    assert rows[0][column] == expected


@pytest.mark.parametrize(
    ("encoding", "newline"),
    [("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("cp1252", "\r\n"), ("cp437", "\r\n")],
    ids=["utf-8", "utf-8 with mark", "windows", "dos"],
)
def test_encodings_and_line_ends(encoding: str, newline: str, tmp_path: Path) -> None:
    (rows,) = landed(written(tmp_path, WAGE_INDEX, encoding=encoding, newline=newline))[1].values()
    assert [row["cbsa_name"] for row in rows] == ["ALABAMA", "Mayagüez, PR"]


@pytest.mark.parametrize(
    ("text", "name", "year", "expected"),
    [
        pytest.param(
            PFS_RVU, "x.csv", None, ("2031", "July", "05/21/2031"), id="title says all, copyright year is no year"
        ),
        pytest.param(GPCI, "x.csv", None, ("2031", None, None), id="title says the year"),
        pytest.param(ASC_AA, "x.csv", None, ("2031", "April", None), id="header says the month"),
        pytest.param(WAGE_INDEX, "x.txt", None, ("2031", None, None), id="header says the year in two digits"),
        pytest.param(OPPS, "x.csv", None, ("2031", None, None), id="may be paid is no month"),
        pytest.param(OPPS, "2029_Oct_B.csv", None, ("2031", "October", None), id="name says the month, title the year"),
        pytest.param(ANESTHESIA, "ANES2031.csv", 2020, ("2031", None, None), id="name before configuration"),
        pytest.param(ANESTHESIA, "x.csv", 2031, ("2031", None, None), id="configuration at last"),
        pytest.param(ZIP_LOCALITY, "x.txt", None, ("2031", "Q4", None), id="each record says the quarter"),
        pytest.param(PLACE_OF_SERVICE, "x.csv", 2031, (None, None, None), id="a list without a year has none"),
    ],
)
def test_edition(text: str, name: str, year: int | None, expected: tuple[str | None, ...], tmp_path: Path) -> None:
    (rows,) = landed(written(tmp_path, text, name), year)[1].values()
    assert (rows[0]["year"], rows[0]["release"], rows[0]["released_on"]) == expected


def test_titles_and_notes_are_counted_and_no_records(tmp_path: Path) -> None:
    extracted, tables = landed(written(tmp_path, GPCI))
    assert extracted.notes == {"title_lines": 2, "note_lines": 1}
    assert len(tables["gpci"]) == 1


def test_gzip_and_zip_are_read_by_their_first_bytes(tmp_path: Path) -> None:
    packed = tmp_path / "gpci.gz"
    packed.write_bytes(gzip.compress(GPCI.encode()))
    assert medicare.recognise(packed) == "gpci"
    archive = tmp_path / "release"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("folder/GPCI.csv", GPCI)
        stream.writestr("PPRRVU.csv", PFS_RVU)
        stream.writestr("RVU.pdf", b"%PDF")
    assert medicare.recognise(archive) == "gpci+pfs_rvu"
    extracted, tables = landed(archive)
    assert sorted(tables) == ["gpci", "pfs_rvu"]
    assert extracted.rows_out == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1,2\n", b"PAR1\0\0\0", b"x" * 200_000, b"HCPCS Code,Other,Columns,Altogether\n"],
    ids=["empty", "another table", "binary", "one long line", "one column of ours"],
)
def test_other_files_are_not_ours(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    assert medicare.recognise(path) is None
    with pytest.raises(SourceUnreadable, match="no header that we know"), Landing(path, tmp_path / "s") as landing:
        medicare.extract(path, landing, year=2031)


def test_a_changed_header_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, GPCI.replace("2031 PE GPCI", "2031 Practice GPCI"))
    assert medicare.recognise(path) == "gpci"
    with pytest.raises(SourceSchemaChanged) as error, Landing(path, tmp_path / "s") as landing:
        medicare.extract(path, landing)
    assert error.value.missing == ["pe_gpci"]
    assert error.value.unexpected == ["2031 Practice GPCI"]
    assert landing.counts == {}


def test_an_older_edition_may_lack_the_newest_columns(tmp_path: Path) -> None:
    older = OPPS.replace("IRA Coinsurance percentage,Adjusted Beneficiary Copayment,", "").replace(",,,,,\n", ",,,\n")
    older = older.replace("CY 2031,,,,,,,,,,,", "CY 2031,,,,,,,,,").replace('paid.",,,,,,,,,,,', 'paid.",,,,,,,,,')
    (rows,) = landed(written(tmp_path, older))[1].values()
    assert rows[0]["payment_rate"] == "891.69"
    assert rows[0]["ira_coinsurance_percentage"] is None


def test_a_record_cut_short_stops_the_landing(tmp_path: Path) -> None:
    path = written(tmp_path, GPCI.replace("10112,AL,00,ALABAMA*,1,0.869,0.575", "10112,AL,00,ALAB"))
    with pytest.raises(SourceUnreadable, match=r"expected: 7 cells .*\n  found: a record of 4 cells"):
        landed(path)


def test_a_fixed_width_record_cut_short_stops_the_landing(tmp_path: Path) -> None:
    path = written(tmp_path, ZIP_LOCALITY + "AK99502\n")
    with pytest.raises(SourceUnreadable, match="a record of 2 cells"):
        landed(path)


def test_a_truncated_gzip_stops_the_landing(tmp_path: Path) -> None:
    path = tmp_path / "gpci.csv.gz"
    path.write_bytes(gzip.compress((GPCI + "10112,AL,00,ALABAMA,1,0.869,0.575\n" * 5000).encode())[:-20])
    with pytest.raises(SourceUnreadable, match="Download the file again"):
        landed(path)


def test_a_header_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"expected: records of .*\n  found: none"):
        landed(written(tmp_path, PLACE_OF_SERVICE.splitlines()[0] + "\n"))


def test_a_file_of_no_year_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"does not say its year(.|\n)*year: 2025"):
        landed(written(tmp_path, ANESTHESIA))


def test_a_zip_with_the_same_kind_twice_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "rvu.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("PPRRVU_nonQPP.csv", PFS_RVU)
        stream.writestr("PPRRVU_QPP.csv", PFS_RVU)
    with pytest.raises(UsageError, match=r"more than one file of \['pfs_rvu'\]"):
        landed(archive)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("January 2025  Payment Weight  ", "payment_weight"),
        ("2025 PW GPCI (with 1.0 Floor)", "pw_gpci_with_1_0_floor"),
        ("* Indicates a Change", "indicates_a_change"),
        ("", ""),
    ],
)
def test_header_words(cell: str, words: str) -> None:
    assert header_words(cell) == words
