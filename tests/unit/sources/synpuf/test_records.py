"""Claims and summaries land as published: every column, every record, in whatever wrapping; a broken file does not."""

import gzip
import zipfile
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.sources.synpuf.conftest import (
    CLAIM,
    INPATIENT_NAME,
    PERSON,
    SUMMARY_NAME,
    claims_file,
    summary_file,
    text_of,
)

from lakeward.errors import SourceSchemaChanged, SourceUnreadable, UsageError
from lakeward.sources import synpuf
from lakeward.sources.control_total import control_total
from lakeward.sources.landing import Extracted, Landing
from lakeward.sources.synpuf.layout import INPATIENT, SUMMARY


def land(path: Path, staging: Path, sample: int | None = None) -> tuple[Extracted, pa.Table]:
    with Landing(path, staging) as landing:
        extracted = synpuf.extract(path, landing, sample=sample)
    (parquet,) = landing.files().values()
    assert landing.counts == {parquet.stem: extracted.rows_out}
    return extracted, pq.read_table(parquet)


def test_a_claim_lands_with_its_81_columns_as_text(tmp_path: Path) -> None:
    second = {**CLAIM, "SEGMENT": "2", "CLM_FROM_DT": "", "CLM_PMT_AMT": "-1000.50"}
    extracted, rows = land(claims_file(tmp_path, CLAIM, second), tmp_path / "staging")
    assert rows.schema == synpuf.DATASETS["inpatient_claim"]
    assert rows.schema.names[3:] == list(INPATIENT.columns)
    assert len(INPATIENT.columns) == 81
    first, other = rows.to_pylist()
    assert {name: value for name, value in first.items() if value is not None} == {
        "_file_id": first["_file_id"],
        "_source_record": 1,
        "_sample_number": 1,
        **CLAIM,
    }
    assert (other["_source_record"], other["CLM_FROM_DT"], other["CLM_PMT_AMT"]) == (2, None, "-1000.50")
    assert (extracted.rows_in, extracted.money_in) == (2, Decimal("2999.50"))


def test_a_summary_lands_with_its_32_columns_and_the_year_of_its_name(tmp_path: Path) -> None:
    extracted, rows = land(summary_file(tmp_path), tmp_path / "staging")
    assert rows.schema == synpuf.DATASETS["beneficiary_summary"]
    assert len(SUMMARY.columns) == 32
    (row,) = rows.to_pylist()
    assert (row["_sample_number"], row["_summary_year"], row["PLAN_CVRG_MOS_NUM"]) == (1, 2009, "02")
    assert extracted.money_in is None


def test_every_wrapping_gives_the_same_rows(tmp_path: Path) -> None:
    content = text_of(INPATIENT, CLAIM, CLAIM)
    stem = INPATIENT_NAME.removesuffix(".csv")
    wrapped = {
        f"{stem}.csv": content,
        f"{stem}.Copy.csv": b"\xef\xbb\xbf" + content,
        f"{stem}.csv.gz": gzip.compress(content),
        f"unix/{stem}.csv": content.replace(b"\r\n", b"\n"),
        f"unquoted/{stem}.csv": content.replace(b'"', b""),
        f"blank line/{stem}.csv": content + b"\r\n",
    }
    tables = []
    for name, written in wrapped.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(written)
        tables.append(land(path, tmp_path / "staging" / name)[1])
    with zipfile.ZipFile(tmp_path / f"{stem.lower()}.zip", "w") as archive:
        archive.writestr(f"{stem}.csv", content)
    tables.append(land(tmp_path / f"{stem.lower()}.zip", tmp_path / "staging" / "zip")[1])
    plain = tables[0].drop_columns(["_file_id"])
    assert plain.num_rows == 2
    assert all(table.drop_columns(["_file_id"]) == plain for table in tables)


def test_columns_in_another_order_land_in_the_codebooks(tmp_path: Path) -> None:
    path = tmp_path / INPATIENT_NAME
    path.write_bytes(text_of(INPATIENT, CLAIM, columns=tuple(sorted(INPATIENT.columns))))
    _, rows = land(path, tmp_path / "staging")
    assert rows.schema == synpuf.DATASETS["inpatient_claim"]
    assert rows["CLM_DRG_CD"].to_pylist() == ["007"]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (INPATIENT.columns[:-1], r"missing: \['HCPCS_CD_45'\]   unexpected: \[\]"),
        ((*INPATIENT.columns, "NEW_CD"), r"missing: \[\]   unexpected: \['NEW_CD'\]"),
        ((*INPATIENT.columns, "CLM_ID"), r"missing: \[\]   unexpected: \['CLM_ID'\]"),
        (tuple(name.lower() for name in INPATIENT.columns), "unexpected: .*'desynpuf_id'"),
    ],
    ids=["missing", "unknown", "repeated", "lower case"],
)
def test_another_header_is_named(tmp_path: Path, columns: tuple[str, ...], says: str) -> None:
    path = tmp_path / INPATIENT_NAME
    path.write_bytes(text_of(INPATIENT, CLAIM, columns=columns))
    with pytest.raises(SourceSchemaChanged, match=says) as raised:
        land(path, tmp_path / "staging")
    assert "Nothing was written" in str(raised.value)
    assert list((tmp_path / "staging").iterdir()) == []


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / INPATIENT_NAME
    path.write_bytes(text_of(INPATIENT))
    with pytest.raises(SourceUnreadable, match="a header alone"):
        land(path, tmp_path / "staging")


@pytest.mark.parametrize("damage", ["a record too short", "a record too long", "cut inside a record"])
def test_a_record_of_the_wrong_length_is_refused_without_showing_it(tmp_path: Path, damage: str) -> None:
    content = text_of(INPATIENT, CLAIM, CLAIM)
    content = {
        "a record too short": content.removesuffix(b",\r\n") + b"\r\n",
        "a record too long": content.removesuffix(b"\r\n") + b",9\r\n",
        "cut inside a record": content[:-40],
    }[damage]
    path = tmp_path / INPATIENT_NAME
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match="records of 81 columns") as raised:
        land(path, tmp_path / "staging")
    assert "00A1" not in str(raised.value)


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{INPATIENT_NAME}.gz"
    path.write_bytes(gzip.compress(text_of(INPATIENT, *[CLAIM] * 500))[:-30])
    with pytest.raises(SourceUnreadable, match="a whole archive"):
        land(path, tmp_path / "staging")


def test_a_zip_of_two_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / INPATIENT_NAME.replace(".csv", ".zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INPATIENT_NAME, text_of(INPATIENT, CLAIM))
        archive.writestr("other.csv", "x")
    with pytest.raises(SourceUnreadable, match="one file like"):
        land(path, tmp_path / "staging")


def test_a_last_line_without_end_is_counted(tmp_path: Path) -> None:
    path = tmp_path / SUMMARY_NAME
    path.write_bytes(text_of(SUMMARY, PERSON).removesuffix(b"\r\n"))
    extracted, rows = land(path, tmp_path / "staging")
    assert (rows.num_rows, extracted.notes["unended_lines"]) == (1, 1)


def test_an_amount_that_is_no_number_lands_and_is_in_no_total(tmp_path: Path) -> None:
    records = [
        {**CLAIM, "CLM_PMT_AMT": text}
        for text in ("4000.00", "", "n/a", "1e3", "-0.25", "4000.00", "+1", "0.125", " 7")
    ]
    path = claims_file(tmp_path, *records)
    with Landing(path, tmp_path / "staging") as landing:
        extracted = synpuf.extract(path, landing)
    parquet = landing.files()["inpatient_claim"]
    assert extracted.money_in == Decimal("7999.75") == control_total(parquet)
    assert pq.read_table(parquet)["CLM_PMT_AMT"].to_pylist()[1:4] == [None, "n/a", "1e3"]


def test_the_configuration_says_the_sample_that_the_name_leaves_open(tmp_path: Path) -> None:
    path = claims_file(tmp_path, name="claims.csv")
    assert land(path, tmp_path / "staging", sample=7)[1]["_sample_number"].to_pylist() == [7]
    named = claims_file(tmp_path)
    assert land(named, tmp_path / "named", sample=7)[1]["_sample_number"].to_pylist() == [1]
    with pytest.raises(UsageError, match=r"nothing says which sample 'claims\.csv' is of"):
        land(path, tmp_path / "again")


def test_a_summary_without_year_is_refused(tmp_path: Path) -> None:
    path = summary_file(tmp_path, name="Beneficiary_Summary_File_Sample_1.csv")
    with pytest.raises(UsageError, match="does not say the year"):
        land(path, tmp_path / "staging")


def test_a_file_of_another_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "carrier.csv"
    path.write_bytes(b'"DESYNPUF_ID","CLM_ID","LINE_NCH_PMT_AMT_1"\r\n1,2,3\r\n')
    assert synpuf.recognise(path) is None
    with pytest.raises(UsageError, match="no file of this source"):
        land(path, tmp_path / "staging")


@pytest.mark.parametrize(
    ("name", "rows", "money"),
    [
        ("DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv.gz", 66_773, Decimal("639260180.00")),
        ("DE1_0_2008_to_2010_Inpatient_Claims_Sample_2.csv.gz", 5_888, Decimal("55933270.00")),
        ("DE1_0_2008_Beneficiary_Summary_File_Sample_1.csv.gz", 116_352, None),
        ("DE1_0_2009_Beneficiary_Summary_File_Sample_1.csv.gz", 114_538, None),
        ("DE1_0_2010_Beneficiary_Summary_File_Sample_1.csv.gz", 112_754, None),
    ],
)
def test_the_real_files_land_whole(
    real_data: Path, tmp_path: Path, name: str, rows: int, money: Decimal | None
) -> None:
    path = real_data / "claims" / name
    extracted, landed = land(path, tmp_path / "staging")
    assert (extracted.rows_in, landed.num_rows, extracted.money_in) == (rows, rows, money)
    with gzip.open(path, "rt", encoding="ascii", newline="") as published:
        lines = [line.rstrip("\r\n") for line in published]
    columns = [landed[name].to_pylist() for name in landed.schema.names if not name.startswith("_")]
    assert [",".join(cell or "" for cell in record) for record in zip(*columns, strict=True)] == lines[1:]
