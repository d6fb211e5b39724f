"""The registry file lands as published: every column, every record, in either version of the layout."""

import csv
import gzip
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources import nppes
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.nppes import delimited

V1 = [header.replace("Provider Sex Code", "Provider Gender Code") for header in nppes.LAYOUT]
OF_2015 = [header for header in V1 if header != "Certification Date"]
PROVIDER = {
    "NPI": "2000000002",
    "Entity Type Code": "1",
    "Provider Last Name (Legal Name)": "PEÑA",
    "Last Update Date": "07/08/2007",
}


def npidata(path: Path, *records: dict[str, str], headers: list[str] | None = None, encoding: str = "utf-8") -> Path:
    """Write records as CMS does: every field quoted, empty ones too."""
    headers = headers or list(nppes.LAYOUT)
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows([record.get(header, "") for header in headers] for record in records)
    return path


def land(path: Path, staging: Path) -> tuple[Extracted, pa.Table]:
    with Landing(path, staging) as landing:
        extracted = nppes.extract(path, landing)
    return extracted, pq.read_table(landing.files()["npidata"])


@pytest.mark.parametrize(
    ("headers", "sex", "layout"),
    [
        pytest.param(list(nppes.LAYOUT), "Provider Sex Code", "v2", id="version 2"),
        pytest.param(V1, "Provider Gender Code", "v1", id="version 1"),
        pytest.param(OF_2015, "Provider Gender Code", "2015", id="2015, without certification date"),
        pytest.param(sorted(nppes.LAYOUT), "Provider Sex Code", "v2", id="columns in another order"),
    ],
)
def test_every_layout_gives_the_same_bronze(tmp_path: Path, headers: list[str], sex: str, layout: str) -> None:
    extracted, rows = land(npidata(tmp_path / "in.csv", {**PROVIDER, sex: "F"}, headers=headers), tmp_path / "staging")
    (row,) = rows.to_pylist()
    assert rows.schema == nppes.DATASETS["npidata"]
    assert (extracted.rows_in, extracted.rows_out) == (1, 1)
    assert (row["_source_record"], row["npi"], row["provider_sex_code"]) == (1, "2000000002", "F")
    assert row["certification_date"] is None
    assert row["layout"] == layout


def test_an_empty_field_is_null_and_a_line_break_inside_one_stays(tmp_path: Path) -> None:
    record = {**PROVIDER, "Provider First Line Business Mailing Address": "1 MAIN ST\nREAR", "Provider First Name": ""}
    _, rows = land(npidata(tmp_path / "in.csv", record, PROVIDER), tmp_path / "staging")
    assert rows["provider_first_line_business_mailing_address"].to_pylist() == ["1 MAIN ST\nREAR", None]
    assert rows["provider_first_name"].null_count == 2
    assert rows["_source_record"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    ("encoding", "recoded"), [("utf-8", 0), ("utf-8-sig", 0), ("iso-8859-1", 1)], ids=["utf-8", "bom", "iso-8859-1"]
)
def test_every_encoding_gives_the_same_text(tmp_path: Path, encoding: str, recoded: int) -> None:
    extracted, rows = land(npidata(tmp_path / "in.csv", PROVIDER, encoding=encoding), tmp_path / "staging")
    assert rows["provider_last_name_legal_name"].to_pylist() == ["PEÑA"]
    assert extracted.notes == {"recoded_lines": recoded, "header_only": 0}


def test_gzip_gives_the_same_rows(tmp_path: Path) -> None:
    path = npidata(tmp_path / "npidata_pfile_20050523-20250608.csv", PROVIDER, PROVIDER)
    packed = tmp_path / "npidata_pfile_20050523-20250608.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    tables = [land(file, tmp_path / file.suffix)[1].drop_columns(["_file_id"]) for file in (path, packed)]
    assert tables[0] == tables[1]
    assert set(tables[0]["file_as_of_date"].to_pylist()) == {"20250608"}


def test_records_are_counted_over_the_blocks_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = npidata(tmp_path / "in.csv", *({**PROVIDER, "NPI": str(number)} for number in range(300)))
    _, whole = land(path, tmp_path / "whole")
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 1 << 15)
    _, rows = land(path, tmp_path / "blocks")
    assert rows["_source_record"].to_pylist() == list(range(1, 301))
    assert rows["npi"].to_pylist() == [str(number) for number in range(300)]
    assert rows == whole


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    headers = [header for header in nppes.LAYOUT if header != "NPI"]
    with pytest.raises(SourceSchemaChanged, match=r"missing: \['NPI'\]   unexpected: \[\]") as raised:
        land(npidata(tmp_path / "nppes-missing-column.csv", PROVIDER, headers=headers), tmp_path / "staging")
    assert "Nothing was written" in str(raised.value)


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        pytest.param("NPI Number", r"unexpected: \['NPI Number'\]", id="unknown"),
        pytest.param("NPI", r"unexpected: \['NPI', 'NPI'\]", id="repeated"),
        pytest.param("Provider Gender Code", "unexpected: .*'Provider Gender Code'", id="both names of one column"),
    ],
)
def test_an_unexpected_column_is_named(tmp_path: Path, extra: str, says: str) -> None:
    with pytest.raises(SourceSchemaChanged, match=says):
        land(
            npidata(tmp_path / "nppes-unknown-column.csv", PROVIDER, headers=[*nppes.LAYOUT, extra]),
            tmp_path / "staging",
        )


def test_a_header_alone_is_no_registry_file(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="a header alone"):
        land(npidata(tmp_path / "npidata_pfile_fileheader.csv"), tmp_path / "staging")


@pytest.mark.parametrize("cut", [2, 3, 400, 700], ids=["last quote", "last field", "last fields", "half the record"])
def test_a_file_cut_off_is_refused_without_showing_the_record(tmp_path: Path, cut: int) -> None:
    whole = npidata(tmp_path / "in.csv", PROVIDER, PROVIDER)
    broken = tmp_path / "nppes-cut-off.csv"
    broken.write_bytes(whole.read_bytes()[:-cut])
    with pytest.raises(SourceUnreadable, match="may be cut off") as raised:
        land(broken, tmp_path / "staging")
    assert "PEÑA" not in str(raised.value)


def test_the_layout_is_the_publishers_header(real_data: Path) -> None:
    with (real_data / "providers/npidata_pfile_20050523-20250608_fileheader.csv").open(newline="") as published:
        assert tuple(next(csv.reader(published))) == nppes.LAYOUT
    assert len(set(nppes.COLUMNS)) == 330


def test_the_rows_of_april_2025(real_data: Path, tmp_path: Path) -> None:
    extracted, rows = land(real_data / "providers/npidata_pfile_2025-04_rows1-700_requoted.csv", tmp_path)
    assert (extracted.rows_in, extracted.rows_out, rows.num_rows) == (700, 700, 700)
    assert Counter(rows["entity_type_code"].to_pylist()) == {"1": 511, "2": 133, None: 56}
    assert rows["healthcare_provider_taxonomy_code_2"].null_count == 700 - 170


@pytest.mark.parametrize(
    ("name", "rows"),
    [("npidata_pfile_fixture.csv", 12), ("nppes_sample.csv", 700), ("NPI_Sample_200_Records.csv", 120)],
)
def test_real_files_of_every_make_land_whole(real_data: Path, tmp_path: Path, name: str, rows: int) -> None:
    extracted, table = land(real_data / "providers" / name, tmp_path)
    assert (extracted.rows_in, extracted.rows_out, table.num_rows) == (rows, rows, rows)


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        pytest.param(nppes.LAYOUT[:40], r"missing: \['NPI Reactivation Date'\]   unexpected: \[\]", id="first 40"),
        pytest.param(nppes.LAYOUT[:60], r"missing: .*and 26\d more", id="first 60"),
        pytest.param(
            ["NPI", "Entity_Type_Code", "Organization_Name", "Last_Name", "First_Name", "State"],
            r"missing: \['taxonomy_code'\]   unexpected: \[\]",
            id="six short names",
        ),
    ],
)
def test_an_extract_of_other_columns_is_refused_against_the_nearest_layout(
    tmp_path: Path, headers: list[str], says: str
) -> None:
    with pytest.raises(SourceSchemaChanged, match=says):
        land(npidata(tmp_path / "in.csv", PROVIDER, headers=list(headers)), tmp_path / "staging")
