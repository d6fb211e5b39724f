"""A dissemination archive lands all its data files together; what cannot be read for sure is refused."""

from pathlib import Path

import pytest
from tests.unit.sources.nppes.registry_files import HEADERS, SPAN, archive, land, release, table

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources import nppes
from lakeward.sources.nppes import archive as archives

PROVIDERS = [{"NPI": "1234567893"}, {"NPI": "1003000126"}]
SECOND_PLACE = {"NPI": "1234567893", HEADERS["pl"][2]: "REAR", HEADERS["pl"][9]: "4045550100"}
COMPANIONS = {
    "pl": [SECOND_PLACE],
    "othername": [{"NPI": "1003000126", "Provider Other Organization Name": "CLINIC"}] * 3,
    "endpoint": [{"NPI": "1003000126", "Endpoint": "a@example.org"}],
}


def test_all_data_files_of_an_archive_land_and_header_files_do_not(tmp_path: Path) -> None:
    files = release(tmp_path, npidata=PROVIDERS, **COMPANIONS)
    header = table(tmp_path / f"npidata_pfile_{SPAN}_fileheader.csv", HEADERS["npidata"])
    path = archive(tmp_path / "NPPES_Data_Dissemination_040725_041325_Weekly_V2.zip", [*files, header])
    extracted, landed = land(path, tmp_path / "staging")
    assert {name: rows.num_rows for name, rows in landed.items()} == {
        "npidata": 2, "secondary_practice_location": 1, "other_name": 3, "endpoint": 1
    }  # fmt: skip
    assert (extracted.rows_in, extracted.rows_out) == (7, 7)
    for rows in landed.values():
        assert set(rows["file_as_of_date"].to_pylist()) == {"20250413"}
    (place,) = landed["secondary_practice_location"].to_pylist()
    assert place["provider_secondary_practice_location_address_address_line_2"] == "REAR"
    assert place["provider_practice_location_address_fax_number"] == "4045550100"
    assert place["_source_record"] == 1


def test_names_are_matched_in_any_case_and_in_any_folder_of_the_archive(tmp_path: Path) -> None:
    (data,) = release(tmp_path, npidata=PROVIDERS)
    path = archive(tmp_path / "a.zip", [], **{f"../../DATA/NPIDATA_PFILE_{SPAN}.CSV": data.read_bytes()})
    _, landed = land(path, tmp_path / "staging")
    assert landed["npidata"]["npi"].to_pylist() == ["1234567893", "1003000126"]
    assert not (tmp_path.parent / "DATA").exists()


def test_an_archive_gives_the_rows_of_its_files(tmp_path: Path) -> None:
    (data,) = release(tmp_path, npidata=PROVIDERS)
    _, packed = land(archive(tmp_path / "a.zip", [data]), tmp_path / "packed")
    _, plain = land(data, tmp_path / "plain")
    assert packed["npidata"].drop_columns(["_file_id"]) == plain["npidata"].drop_columns(["_file_id"])


@pytest.mark.parametrize(
    ("members", "error", "says"),
    [
        pytest.param(("npidata_pfile_a.csv", "npidata_pfile_b.csv"), SourceUnreadable, "one npidata file", id="two"),
        pytest.param(("npidata_pfile_a.csv", "x/npidata_pfile_a.csv"), SourceUnreadable, "2 of 2", id="twice"),
        pytest.param(("readme.pdf", "rows.csv"), SourceUnreadable, "0 of 2", id="none"),
        pytest.param(("npidata_pfile_fileheader.csv",), SourceUnreadable, "0 of 1", id="header files only"),
        pytest.param(("pl_pfile_a.csv",), SourceSchemaChanged, r"missing: \['Provider Secondary", id="other header"),
    ],
)
def test_an_archive_that_is_not_one_release_is_refused(
    tmp_path: Path, members: tuple[str, ...], error: type[Exception], says: str
) -> None:
    (data,) = release(tmp_path, npidata=PROVIDERS)
    path = archive(tmp_path / "a.zip", [], **dict.fromkeys(members, data.read_bytes()))
    with pytest.raises(error, match=says) as raised:
        land(path, tmp_path / "staging")
    assert "Nothing was written" in str(raised.value)


def test_a_broken_member_is_refused(tmp_path: Path) -> None:
    (data,) = release(tmp_path, npidata=PROVIDERS * 500)
    path = archive(tmp_path / "a.zip", [data])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable):
        land(path, tmp_path / "staging")


def test_a_data_file_without_records_is_refused_in_an_archive_too(tmp_path: Path) -> None:
    files = release(tmp_path, npidata=[], **COMPANIONS)
    with pytest.raises(SourceUnreadable, match="a header alone"):
        land(archive(tmp_path / "a.zip", files), tmp_path / "staging")


def test_a_companion_without_records_lands_no_row_and_says_so(tmp_path: Path) -> None:
    (header,) = release(tmp_path, pl=[])
    extracted, landed = land(header, tmp_path / "staging")
    assert landed["secondary_practice_location"].num_rows == 0
    assert extracted.notes["header_only"] == 1


def test_a_book_that_unpacks_to_more_than_any_report_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_BOOK_BYTES", 1000)
    path = archive(tmp_path / "a.zip", [], **{"NPPES Deactivated NPI Report 20250414.xlsx": bytes(2000)})
    with pytest.raises(SourceUnreadable, match="a larger one"):
        land(path, tmp_path / "staging")


def test_an_archive_is_recognised_by_what_it_holds(tmp_path: Path) -> None:
    files = release(tmp_path, npidata=PROVIDERS, **COMPANIONS)
    assert nppes.recognise(archive(tmp_path / "whole.zip", files)) == "npidata"
    assert (
        nppes.recognise(archive(tmp_path / "two.zip", files, npidata_pfile_x_csv=b"", **{"npidata_pfile_2.csv": b""}))
        is None
    )
    assert nppes.is_of_registry(tmp_path / "two.zip")
    assert not nppes.is_of_registry(archive(tmp_path / "other.zip", [], **{"rates.csv": b"a,b\n"}))
