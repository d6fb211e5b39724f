"""The NUCC code set lands in its present and its older layout; no wording of it stands in these tests."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources import taxonomy
from lakeward.sources.landing import Extracted, Landing

HEADER = "Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section"
OLDER_HEADER = "Code,Type,Classification,Specialization,Definition,Notes"


def land(path: Path, staging: Path) -> tuple[Extracted, pa.Table]:
    with Landing(path, staging) as landing:
        extracted = taxonomy.extract(path, landing)
    return extracted, pq.read_table(landing.files()["nucc"])


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_a_definition_may_hold_commas_and_line_breaks(tmp_path: Path) -> None:
    text = f'{HEADER}\n207Q00000X,g,c,,"one, two\nthree",,d,s\n\n'
    extracted, rows = land(written(tmp_path / "nucc_taxonomy_240.csv", text), tmp_path / "staging")
    assert extracted.rows_in == extracted.rows_out == 1
    assert rows.to_pylist()[0] | {"_file_id": None} == {
        "_file_id": None, "_source_record": 1, "code": "207Q00000X", "grouping": "g", "classification": "c",
        "specialization": None, "definition": "one, two\nthree", "notes": None, "display_name": "d", "section": "s",
        "release": "240",
    }  # fmt: skip


def test_the_six_columns_of_older_releases_are_read_in_their_encoding(tmp_path: Path) -> None:
    text = f"{OLDER_HEADER}\r\n207R00000X,g,“c”,s,,\r\n"
    extracted, rows = land(written(tmp_path / "taxonomy.csv", text, "cp1252"), tmp_path / "staging")
    (row,) = rows.to_pylist()
    assert (row["grouping"], row["classification"], row["display_name"], row["release"]) == ("g", "“c”", None, None)
    assert extracted.notes == {"recoded_lines": 1}


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        pytest.param("Code,Grouping\nx,y\n", SourceSchemaChanged, "missing: .*'Classification'", id="missing column"),
        pytest.param(f"{HEADER},New\n", SourceSchemaChanged, r"unexpected: \['New'\]", id="unknown column"),
        pytest.param(f"{HEADER}\n", SourceUnreadable, "found: none", id="header alone"),
        pytest.param(
            f"{HEADER}\n207Q00000X,g\n", SourceUnreadable, "rows of 8 cells\n  found: one of 2", id="short row"
        ),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, text: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        land(written(tmp_path / "nucc.csv", text), tmp_path / "staging")


def test_release_24_lands_whole(real_data: Path, tmp_path: Path) -> None:
    extracted, rows = land(real_data / "providers/nucc_taxonomy_240.csv", tmp_path)
    assert (extracted.rows_in, extracted.rows_out) == (874, 874)
    assert len(set(rows["code"].to_pylist())) == 874


CROSSWALK = ",".join(taxonomy.CROSSWALK_COLUMNS)


def land_crosswalk(path: Path, staging: Path) -> tuple[Extracted, pa.Table]:
    with Landing(path, staging) as landing:
        extracted = taxonomy.extract(path, landing)
    return extracted, pq.read_table(landing.files()["medicare_specialty"])


def test_the_crosswalk_keeps_its_footnotes_and_its_line_breaks(tmp_path: Path) -> None:
    text = f'{CROSSWALK}\n01,t,208D00000X,d\n56,t,"224P00000X\n229N00000X",d\n[1] A note.,,,\n'
    path = written(tmp_path / "crosswalk.csv", text)
    extracted, rows = land_crosswalk(path, tmp_path / "staging")
    assert rows["provider_taxonomy_code"].to_pylist() == ["208D00000X", "224P00000X\n229N00000X", None]
    assert rows["_source_record"].to_pylist() == [1, 2, 3]
    assert extracted.notes == {"note_rows": 1, "recoded_lines": 0}
    assert taxonomy.recognise(path) == "medicare_specialty"


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        pytest.param(
            CROSSWALK.replace("PROVIDER TAXONOMY CODE", "CODE"), SourceSchemaChanged, "PROVIDER TAXONOMY CODE"
        ),
        pytest.param(f"{CROSSWALK}\n01,t\n", SourceUnreadable, "rows of 4 cells"),
        pytest.param(f"{CROSSWALK}\n", SourceUnreadable, "found: none"),
    ],
    ids=["other column", "short row", "header alone"],
)
def test_a_broken_crosswalk_says_what_is_wrong(tmp_path: Path, text: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        land_crosswalk(written(tmp_path / "crosswalk.csv", text), tmp_path / "staging")


def test_the_real_crosswalk_lands_whole(real_data: Path, tmp_path: Path) -> None:
    name = "CROSSWALK_MEDICARE_PROVIDER_SUPPLIER_to_HEALTHCARE_PROVIDER_TAXONOMY.csv"
    extracted, rows = land_crosswalk(real_data / "providers" / name, tmp_path)
    assert (extracted.rows_in, extracted.rows_out, rows.num_rows) == (521, 521, 521)
    assert extracted.notes["note_rows"] == 14


def test_the_taxonomy_is_told_from_other_tables(real_data: Path) -> None:
    files = sorted((real_data / "providers").glob("*.csv*"))
    assert {path.name: taxonomy.recognise(path) for path in files if taxonomy.recognise(path)} == {
        "CROSSWALK_MEDICARE_PROVIDER_SUPPLIER_to_HEALTHCARE_PROVIDER_TAXONOMY.csv": "medicare_specialty",
        "nucc_taxonomy_240.csv": "nucc",
    }
