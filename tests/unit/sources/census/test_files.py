"""Files of Census figures land as published: exports, answers and recordings, whole or with a clear error."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import LakewardError, SourceSchemaChanged, SourceUnreadable, UsageError
from lakeward.sources import census
from lakeward.sources.census.answers import Answer
from lakeward.sources.census.recording import write_recording
from lakeward.sources.census.variables import Call
from lakeward.sources.landing import Extracted, Landing

EXPORT = (
    '\ufeff"GEO_ID","NAME","S1901_C01_001E","S1901_C01_001M",\n'
    '"Geography","Geographic Area Name","Estimate!!Households!!Total","Margin of Error!!Households!!Total",\n'
    '"0500000US01001","Autauga County, Alabama","22523","431",\n'
    '"0400000US09","Connecticut","(X)","",\n'
    '"0100000US","United States","127482865","**",\n'
)
ANSWER = '[["NAME","B01003_001E","state","county"],["Fulton County, Georgia","1066710","13","121"]]'


def land(path: Path, staging: Path, year: int | None = None) -> tuple[Extracted, pa.Table]:
    with Landing(path, staging) as landing:
        extracted = census.extract(path, landing, year=year)
    return extracted, pq.read_table(landing.files()["acs5"])


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "geographies", "figures", "year"),
    [
        ("ACSST5Y2023.S1901-Data.csv.gz", 3_222, 3_222 * 128, 2023),
        ("census_api/acs5_2018_B19013_001E_MD_counties_first9.json", 9, 9, 2018),
    ],
)
def test_real_files_land_whole(
    real_data: Path, tmp_path: Path, name: str, geographies: int, figures: int, year: int
) -> None:
    path = real_data / "geo" / name
    extracted, table = land(path, tmp_path, year=2099)
    assert census.recognise(path) == "acs5"
    assert (extracted.rows_in, extracted.rows_out, table.num_rows) == (figures, figures, figures)
    assert extracted.notes["geographies"] == geographies
    assert table.schema == census.DATASETS["acs5"]
    assert len(set(table["geography_id"].to_pylist())) == geographies
    assert set(table["acs_year"].to_pylist()) == {year}
    assert set(table["_source_record"].to_pylist()) == set(range(1, geographies + 1))


def test_files_of_other_kinds_are_not_recognised(real_data: Path) -> None:
    files = [path for path in sorted((real_data / "geo").rglob("*")) if path.is_file()]
    recognised = {path.name for path in files if census.recognise(path)}
    assert recognised == {"ACSST5Y2023.S1901-Data.csv.gz", "acs5_2018_B19013_001E_MD_counties_first9.json"}


def test_an_export_lands_verbatim_without_its_labels(tmp_path: Path) -> None:
    extracted, table = land(written(tmp_path / "ACSST5Y2022.S1901-Data.csv", EXPORT), tmp_path / "staging")
    rows = [tuple(row.values())[1:] for row in table.to_pylist()]
    assert rows == [
        (1, 2022, "county", "01001", "Autauga County, Alabama", "S1901_C01_001E", "22523"),
        (1, 2022, "county", "01001", "Autauga County, Alabama", "S1901_C01_001M", "431"),
        (2, 2022, "state", "09", "Connecticut", "S1901_C01_001E", "(X)"),
        (2, 2022, "state", "09", "Connecticut", "S1901_C01_001M", None),
        (3, 2022, "nation", "US", "United States", "S1901_C01_001E", "127482865"),
        (3, 2022, "nation", "US", "United States", "S1901_C01_001M", "**"),
    ]
    assert (extracted.rows_in, extracted.rows_out) == (6, 6)


def test_the_archive_of_an_export_is_read_past_its_notes(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ACSST5Y2022.S1901-Column-Metadata.csv", "Column Name,Label\n")
        archive.writestr("ACSST5Y2022.S1901-Data.csv", EXPORT.encode())
        archive.writestr("ACSST5Y2022.S1901-Table-Notes.txt", "notes")
    path = tmp_path / "ACSST5Y2022.S1901_2024-01-31T000000.zip"
    path.write_bytes(packed.getvalue())
    assert census.recognise(path) == "acs5"
    assert land(path, tmp_path / "staging")[1].num_rows == 6


@pytest.mark.parametrize(
    ("name", "configured", "year"),
    [
        ("ACSST5Y2021.S1901-Data.csv", 2023, 2021),
        ("acsdp5y2020.dp03-data.csv", None, 2020),
        ("income.csv", 2019, 2019),
    ],
)
def test_the_name_says_the_year_before_the_configuration(
    tmp_path: Path, name: str, configured: int | None, year: int
) -> None:
    table = land(written(tmp_path / name, EXPORT), tmp_path / "staging", configured)[1]
    assert set(table["acs_year"].to_pylist()) == {year}


@pytest.mark.parametrize(
    ("name", "words"), [("income.csv", "says its year"), ("ACSST1Y2022.S1901-Data.csv", "1-year survey")]
)
def test_a_year_that_is_not_known_or_not_of_this_survey_is_an_error(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        land(written(tmp_path / name, EXPORT), tmp_path / "staging")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        pytest.param(ANSWER[:-20], SourceUnreadable, "cut off after", id="an answer cut off"),
        pytest.param(ANSWER.replace('"1066710",', ""), SourceUnreadable, "3 cells in row 1", id="a short row"),
        pytest.param('[["NAME","B01003_001E","state"]]', SourceUnreadable, "no row below", id="no rows"),
        pytest.param(ANSWER.replace("county", "tract"), SourceSchemaChanged, "unexpected: ['tract']", id="tracts"),
        pytest.param(
            ANSWER.replace('"121"', '"21"'), SourceUnreadable, "another geography in row 1", id="a short code"
        ),
        pytest.param('[["NAME","B01003_001E"],["x","1"]]', SourceSchemaChanged, "GEO_ID or state", id="no place"),
        pytest.param('[["NAME","state"],["Georgia","13"]]', SourceSchemaChanged, "a variable", id="no variable"),
        pytest.param(EXPORT.replace("0500000US01001", "1400000US01001020100"), SourceUnreadable, "row 1", id="a tract"),
        pytest.param(EXPORT.replace('"431",', '"431"'), SourceUnreadable, "4 in row 2", id="a ragged export"),
        pytest.param(EXPORT[: EXPORT.index("127482865")], SourceUnreadable, "cannot be read", id="an export cut off"),
        pytest.param("\n".join(EXPORT.split("\n")[:2]), SourceUnreadable, "none", id="labels only"),
        pytest.param(
            '{"lakeward_census_recording":1,"acs_year":2023,"ans', SourceUnreadable, "cut off", id="recording"
        ),
        pytest.param('{"lakeward_census_recording":2}', SourceUnreadable, "format 2", id="a later recording"),
        pytest.param('{"lakeward_census_recording":1}', SourceUnreadable, "acs_year", id="an empty recording"),
    ],
)
def test_a_broken_file_is_one_error(tmp_path: Path, text: str, error: type[LakewardError], words: str) -> None:
    path = written(tmp_path / "figures", text)
    assert census.recognise(path) == "acs5"
    with pytest.raises(error) as caught:
        land(path, tmp_path / "staging", 2023)
    assert words in str(caught.value)
    assert "figures" in str(caught.value)


def recorded(path: Path, *, year: int = 2023) -> Path:
    county = Answer(("NAME", "B01003_001E", "state", "county"), (("F", "2", "13", "121"), ("A", None, "13", "001")))
    state = Answer(("NAME", "B01003_001E", "state"), (("Georgia", "3", "13"),))
    return write_recording(
        path, year, [(Call("county", ("B01003_001E",)), county), (Call("state", ("B01003_001E",)), state)]
    )


def test_a_recording_lands_in_order_of_levels_and_codes(tmp_path: Path) -> None:
    extracted, table = land(recorded(tmp_path / "recording.json.gz"), tmp_path / "staging")
    assert [(row["_source_record"], row["geography_id"], row["value"]) for row in table.to_pylist()] == [
        (1, "13", "3"),
        (2, "13001", None),
        (3, "13121", "2"),
    ]
    assert extracted.rows_in == extracted.rows_out == 3


def test_a_recording_has_no_clock_and_no_name(tmp_path: Path) -> None:
    first, second = recorded(tmp_path / "a.json.gz"), recorded(tmp_path / "b.json.gz")
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes()[3:8] == b"\0\0\0\0\0"
    assert list(json.loads(gzip.decompress(first.read_bytes()))) == [
        "lakeward_census_recording", "attribution", "dataset", "acs_year", "answers",
    ]  # fmt: skip


def test_a_recording_of_another_year_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    path = recorded(tmp_path / "recording.json.gz", year=2022)
    assert census.describe(path, 2022, 2022)["acs_year"] == 2022
    with pytest.raises(UsageError, match=r"is of 2022; sources\.census\.year is 2023"):
        census.describe(path, 2023, 2023)
