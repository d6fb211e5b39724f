"""The table of sizes in the documentation says what the real files measure."""

import gzip
import re
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY

from lakeward.sources.synpuf.layout import INPATIENT, SUMMARY, Layout
from lakeward.sources.synpuf.records import Records
from lakeward.sources.synpuf.staging import stage_by_dlt

PAGE = REPOSITORY / "docs" / "explanation" / "claims_sizes.md"
FILES: dict[str, tuple[str, Layout, int | None]] = {
    "inpatient claims 2008–2010": ("DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv.gz", INPATIENT, None),
    **{
        f"beneficiary summary {year}": (f"DE1_0_{year}_Beneficiary_Summary_File_Sample_1.csv.gz", SUMMARY, year)
        for year in (2008, 2009, 2010)
    },
}
CLOSE = 0.02
"""Relative; a newer Parquet library may write a few bytes more or less."""


def documented() -> dict[str, list[int]]:
    rows = re.findall(
        r"^\| ([a-z]+ [^|]*\d{4}) \| ([^|]+)\| ([^|]+)\| ([^|]+)\| ([^|]+)\| ([^|]+)\|$",
        PAGE.read_text(encoding="utf-8"),
        re.M,
    )
    return {name: [int(cell.replace(",", "")) for cell in cells] for name, *cells in rows}


def test_every_file_is_in_the_table() -> None:
    assert set(documented()) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_the_table_says_what_is_measured(real_data: Path, tmp_path: Path, name: str) -> None:
    file, layout, year = FILES[name]
    path = real_data / "claims" / file
    rows, csv_bytes, gzip_bytes, snappy_bytes, zstd_bytes = documented()[name]
    assert len(gzip.decompress(path.read_bytes())) == csv_bytes
    assert path.stat().st_size == gzip_bytes
    sizes = []
    for compression in ("snappy", "zstd"):
        records = Records(path, layout, "0" * 16, {"_sample_number": 1, "_summary_year": year})
        written = stage_by_dlt(path, records.batches(), layout, tmp_path / compression, compression)
        sizes.append(written.stat().st_size)
        assert records.counts.rows == rows
    assert sizes == pytest.approx([snappy_bytes, zstd_bytes], rel=CLOSE)


def test_the_summary_of_the_page_follows_from_its_table() -> None:
    rows, csv_bytes, _, snappy_bytes, zstd_bytes = documented()["inpatient claims 2008–2010"]
    of_100_000 = [size * 100_000 / rows / 1e6 for size in (csv_bytes, snappy_bytes, zstd_bytes)]
    text = "{:.1f} MB of CSV, {:.1f} MB of snappy and {:.1f} MB of zstd Parquet".format(*of_100_000)
    assert text in " ".join(PAGE.read_text(encoding="utf-8").split())
