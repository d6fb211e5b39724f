"""Every real file of the registry lands with the counts that are known of it."""

from collections import Counter
from pathlib import Path

import pytest
from tests.unit.sources.nppes.registry_files import land

from lakeward.errors import SourceUnreadable
from lakeward.sources import nppes


@pytest.mark.parametrize(
    ("name", "dataset", "rows", "layout"),
    [
        ("npidata_pfile_fixture.csv", "npidata", 12, "v1"),
        ("nppes_sample.csv", "npidata", 700, "v2"),
        ("npidata_pfile_2025-04_rows1-700_requoted.csv", "npidata", 700, "v2"),
        ("npidata_small.csv.gz", "npidata", 6_700, "first_41"),
        ("npi_small.csv.gz", "npidata", 14_000, "seven_columns"),
        ("NPI_Sample_200_Records.csv", "npidata", 120, "v2"),
        ("nppes_registry_api_200.json", "registry_answer", 200, None),
        ("pl_pfile_20050523-20250608_fileheader.csv", "secondary_practice_location", 0, None),
        ("othername_pfile_20050523-20250608_fileheader.csv", "other_name", 0, None),
        ("endpoint_pfile_20050523-20250608_fileheader.csv", "endpoint", 0, None),
    ],
)
def test_a_real_file_lands_whole(
    real_data: Path, tmp_path: Path, name: str, dataset: str, rows: int, layout: str | None
) -> None:
    path = real_data / "providers" / name
    extracted, landed = land(path, tmp_path)
    assert {dataset: table.num_rows for dataset, table in landed.items()} == {dataset: rows}
    assert (extracted.rows_in, extracted.rows_out) == (rows, rows)
    assert nppes.recognise(path) == dataset
    if layout:
        assert set(landed[dataset]["layout"].to_pylist()) == {layout}
    assert landed[dataset].schema == nppes.DATASETS[dataset]


@pytest.mark.parametrize(
    "name", ["npidata_20050523-20150308FileHeader.csv", "npidata_pfile_20050523-20250608_fileheader.csv"]
)
def test_the_header_of_the_data_file_alone_is_refused(real_data: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceUnreadable, match="a header alone"):
        land(real_data / "providers" / name, tmp_path)


def test_seven_renamed_columns_stand_under_the_published_names(real_data: Path, tmp_path: Path) -> None:
    rows = land(real_data / "providers/npi_small.csv.gz", tmp_path)[1]["npidata"]
    filled = {name for name in nppes.COLUMNS if rows[name].null_count < rows.num_rows}
    assert filled == {
        "npi", "entity_type_code", "provider_organization_name_legal_business_name", "provider_last_name_legal_name",
        "provider_first_name", "provider_business_practice_location_address_state_name",
        "healthcare_provider_taxonomy_code_1",
    }  # fmt: skip
    assert set(Counter(rows["entity_type_code"].to_pylist())) <= {"1.0", "2.0", None}


def test_the_first_41_columns_leave_the_others_null(real_data: Path, tmp_path: Path) -> None:
    rows = land(real_data / "providers/npidata_small.csv.gz", tmp_path)[1]["npidata"]
    assert all(rows[name].null_count == rows.num_rows for name in nppes.COLUMNS[41:])
    assert rows["npi"].null_count == 0


def test_a_folder_is_told_apart_into_the_registry_and_the_rest(real_data: Path) -> None:
    files = sorted((real_data / "providers").iterdir())
    left_out = {path.name for path in files if not nppes.is_of_registry(path)}
    assert left_out == {
        "CROSSWALK_MEDICARE_PROVIDER_SUPPLIER_to_HEALTHCARE_PROVIDER_TAXONOMY.csv", "nucc_taxonomy_240.csv",
        "npidata_20050523-20150308FileHeader.csv",
        *(f"{start}_pfile_20050523-20250608_fileheader.csv" for start in ("npidata", "pl", "othername", "endpoint")),
    }  # fmt: skip
