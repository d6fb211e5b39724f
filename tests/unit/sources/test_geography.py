"""Geography files are told apart by their headers and land as published, with their vintage."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources import geography
from lakeward.sources.landing import Extracted, Landing

REAL = {
    "2021_Gaz_zcta_centroids.csv": ("zcta_centroid", 33_791, "2021"),
    "2024_Gaz_counties_national.txt": ("gazetteer_county", 3_222, "2024"),
    "ZIP-COUNTY-FIPS_2017-06.csv": ("zip_county", 52_889, "2017-06"),
    "co-est2023-alldata.csv": ("county_population", 3_195, "2023"),
    "list1_2020.xls": ("cbsa_delineation", 1_916, "2020-03"),
    "list1_2023.xlsx": ("cbsa_delineation", 1_915, "2023-07"),
    "ssa_fips_county_crosswalk.csv": ("ssa_county", 3_219, None),
    "zip_cbsa_122022.xlsx": ("zip_cbsa", 47_478, "2022-12"),
    "zipcode_zcta.csv": ("zip_zcta", 41_160, None),
}
DELINEATION_HEADER = "CBSA Code,CBSA Title,FIPS State Code,FIPS County Code"


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def land(path: Path, staging: Path) -> tuple[Extracted, str, pa.Table]:
    with Landing(path, staging) as landing:
        extracted = geography.extract(path, landing)
    ((dataset, file),) = landing.files().items()
    return extracted, dataset, pq.read_table(file)


@pytest.mark.parametrize("name", REAL)
def test_real_files_land_whole(real_data: Path, tmp_path: Path, name: str) -> None:
    dataset, rows, vintage = REAL[name]
    path = real_data / "geo" / name
    extracted, landed, table = land(path, tmp_path)
    assert geography.recognise(path) == landed == dataset
    assert (extracted.rows_in, extracted.rows_out, table.num_rows) == (rows, rows, rows)
    assert table.schema == geography.DATASETS[dataset]
    assert table["_source_record"].to_pylist() == list(range(1, rows + 1))
    assert set(table["vintage"].to_pylist()) == {vintage}


@pytest.mark.parametrize(
    ("name", "column", "distinct"),
    [
        ("ZIP-COUNTY-FIPS_2017-06.csv", "zip", 39_456),
        ("list1_2023.xlsx", "cbsa_code", 935),
        ("list1_2020.xls", "cbsa_code", 939),
        ("zip_cbsa_122022.xlsx", "zip", 39_478),
    ],
)
def test_real_keys_are_all_there(real_data: Path, tmp_path: Path, name: str, column: str, distinct: int) -> None:
    table = land(real_data / "geo" / name, tmp_path)[2]
    assert len(set(table[column].to_pylist())) == distinct


def test_lost_zeros_are_counted_and_left_as_published(real_data: Path, tmp_path: Path) -> None:
    extracted, _, table = land(real_data / "geo/co-est2023-alldata.csv", tmp_path)
    assert table["state"][0].as_py() == "1"
    assert extracted.notes["codes_without_leading_zeros"] == 3_195


@pytest.mark.parametrize("name", ["ACSST5Y2023.S1901-Data.csv.gz", "census_api"])
def test_files_of_other_kinds_are_not_recognised(real_data: Path, name: str) -> None:
    assert geography.recognise(real_data / "geo" / name) is None


@pytest.mark.parametrize(
    ("text", "dataset"),
    [
        pytest.param(
            "USPS|GEOID|GEOIDFQ|ANSICODE|NAME|INTPTLAT|INTPTLONG\nGA|13121|x|1|Fulton|33|-84\n",
            "gazetteer_county",
            id="bars",
        ),
        pytest.param(
            "GEOID\tALAND\tINTPTLAT\tINTPTLONG   \n30303\t1\t33\t-84   \n", "zcta_centroid", id="zcta gazetteer"
        ),
        pytest.param(
            "ZIP,COUNTY,RES_RATIO,BUS_RATIO,OTH_RATIO,TOT_RATIO\n30303,13121,1,1,1,1\n", "zip_county", id="ratios"
        ),
        pytest.param("ZIP_CODE,PO_NAME,STATE,ZIP_TYPE,ZCTA\n30303,Atlanta,GA,x,30303\n", "zip_zcta", id="uds mapper"),
        pytest.param("USPS,GEOID,NAME,LSAD,INTPTLAT,INTPTLONG\nGA,1304000,Atlanta,25,33,-84\n", None, id="places"),
        pytest.param("a,b\n1,2\n", None, id="something else"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_file_is_known_by_its_header(tmp_path: Path, text: str, dataset: str | None) -> None:
    assert geography.recognise(written(tmp_path / "file.csv", text)) == dataset


def test_two_spellings_of_a_crosswalk_give_the_same_columns(tmp_path: Path) -> None:
    older = land(written(tmp_path / "a.csv", "zip,stcountyfp\r\n501,36103\r\n"), tmp_path / "1")
    newer = land(written(tmp_path / "b.csv", "\ufeffZIP,COUNTY\n501,36103\n"), tmp_path / "2")
    assert older[2].select(["zip", "county"]) == newer[2].select(["zip", "county"])
    assert older[0].notes["codes_without_leading_zeros"] == 1


def test_titles_notes_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    text = f'"List 1, JULY 2023",,,\n{DELINEATION_HEADER}\n12060,"Atlanta, GA",13,121\n,,,\nNote: made up,,,\n'
    extracted, _, table = land(written(tmp_path / "list1.csv", text), tmp_path / "staging")
    assert (extracted.rows_in, extracted.notes["note_rows"]) == (1, 1)
    assert table["vintage"].to_pylist() == ["2023-07"]


def test_every_other_column_of_an_estimate_is_kept_by_name(tmp_path: Path) -> None:
    text = "SUMLEV,STATE,COUNTY,STNAME,CTYNAME,POPESTIMATE2024\n050,35,013,New Mexico,Doña Ana County,7\n"
    packed = tmp_path / "co-est.csv.gz"
    packed.write_bytes(gzip.compress(text.encode("latin-1")))
    extracted, _, table = land(packed, tmp_path / "staging")
    (row,) = table.to_pylist()
    assert row["ctyname"] == "Doña Ana County"
    assert row["other_columns"] == [{"name": "POPESTIMATE2024", "value": "7"}]
    assert (row["vintage"], extracted.notes["recoded_lines"]) == ("2024", 1)


@pytest.mark.parametrize(
    ("name", "vintage"),
    [
        ("zip_county_122022.csv", "2022-12"),
        ("ZIP-COUNTY_2017-06.csv", "2017-06"),
        ("ZIP_COUNTY_2025.csv", "2025"),
        ("crosswalk.csv", None),
        ("30303_zip.csv", None),
    ],
)
def test_the_vintage_comes_from_the_name_where_the_file_has_none(
    tmp_path: Path, name: str, vintage: str | None
) -> None:
    table = land(written(tmp_path / name, "ZIP,COUNTY\n30303,13121\n"), tmp_path / "staging")[2]
    assert table["vintage"].to_pylist() == [vintage]


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        pytest.param("ZIP,COUNTY,NEW\n1,2,3\n", SourceSchemaChanged, r"unexpected: \['NEW'\]", id="unknown column"),
        pytest.param(
            "ZIP,COUNTY,STCOUNTYFP\n1,2,3\n", SourceSchemaChanged, r"unexpected: \['county'\]", id="column twice"
        ),
        pytest.param(
            "ZIP,COUNTY\n30303,13121,x\n", SourceUnreadable, "rows of 2 cells\n  found: 3 in row 1", id="ragged"
        ),
        pytest.param("ZIP,COUNTY\n", SourceUnreadable, "found: none", id="header alone"),
        pytest.param("a,b\n1,2\n", SourceUnreadable, "the header of one of cbsa_delineation", id="unknown kind"),
        pytest.param('ZIP,COUNTY\n"30303,1\n', SourceUnreadable, "unexpected end of data", id="open quote"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, text: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        land(written(tmp_path / "file.csv", text), tmp_path / "staging")


@pytest.mark.parametrize("name", ["list1.xlsx", "list1.xls"])
def test_a_book_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, "<html>Not found</html>")
    assert geography.recognise(path) is None
    with pytest.raises(SourceUnreadable, match="an Excel book"):
        land(path, tmp_path / "staging")
