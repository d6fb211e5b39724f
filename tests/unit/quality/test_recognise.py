"""A file is known by its content, whatever its name; what is no known file is refused with what was found."""

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import SourceUnreadable
from lakeward.quality.recognise import Kind, recognise
from lakeward.sources.nppes import LAYOUT
from lakeward.sources.nppes.columns import ENDPOINT_LAYOUT
from lakeward.sources.synpuf.layout import INPATIENT, SUMMARY
from lakeward.sources.taxonomy import CROSSWALK_COLUMNS

PRICE_FILE = b'{"reporting_entity_name": "p", "note": {"out_of_network": 1}, "in_network": []}'


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def quoted(*names: str) -> bytes:
    return (",".join(f'"{name}"' for name in names) + "\n").encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PRICE_FILE, Kind("mrf")),
        (b"\xef\xbb\xbf\r\n\t" + PRICE_FILE, Kind("mrf")),
        (gzip.compress(PRICE_FILE, mtime=0), Kind("mrf")),
        (zipped("rates.json", PRICE_FILE), Kind("mrf")),
        (b'{"provider_references": [{"provider_groups": [', Kind("mrf")),
        (b'{"a": "\\"in_network\\": {", "reporting_structure": []}', Kind("contents")),
        (b'{"out_of_network": []}', Kind("allowed_amounts")),
        (b'{"version": "1.0.0", "provider_groups": []}', Kind("provider_reference")),
        (quoted(*LAYOUT), Kind("nppes", "npidata")),
        (zipped("npidata_pfile_20250407-20250413.csv", quoted(*LAYOUT)), Kind("nppes", "npidata")),
        (quoted(*LAYOUT[:41]), Kind("nppes", "npidata")),
        (quoted("NPI Number", *LAYOUT[1:]), Kind("nppes", "npidata")),
        (quoted(*ENDPOINT_LAYOUT), Kind("nppes", "endpoint")),
        (quoted("NPI", "NPPES Deactivation Date"), Kind("nppes", "deactivation")),
        (b'{"result_count": 1, "results": [{"number": "1', Kind("nppes", "registry_answer")),
        (quoted(*CROSSWALK_COLUMNS), Kind("taxonomy", "medicare_specialty")),
        (quoted(*INPATIENT.columns), Kind("synpuf", "inpatient_claim")),
        (quoted(*SUMMARY.columns), Kind("synpuf", "beneficiary_summary")),
        (b"Code,Grouping,Classification,Specialization,Definition,Notes\n", Kind("taxonomy", "nucc")),
        (b"zip,county,tot_ratio\n30303,13121,1\n", Kind("geography", "zip_county")),
        (b'[["NAME","B01003_001E","state"],\n["Georgia","10"', Kind("census", "acs5")),
        (gzip.compress(b'{"lakeward_census_recording":1,"attr', mtime=0), Kind("census", "acs5")),
        (b'\xef\xbb\xbf"GEO_ID","NAME","S1901_C01_001E",\n', Kind("census", "acs5")),
        (zipped("ACSST5Y2023.S1901-Data.csv", b'"GEO_ID","NAME","S1901_C01_001E",\n'), Kind("census", "acs5")),
    ],
    ids=lambda value: f"{value.source}-{value.dataset}" if isinstance(value, Kind) else "",
)
def test_a_file_is_known_by_its_content(tmp_path: Path, content: bytes, kind: Kind) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(content)
    assert recognise(path) == kind


@pytest.mark.parametrize(
    ("columns", "dataset"),
    [(("negotiated_rate", "billing_code", "npi"), "rate"), (("provider_group_id", "npi", "tin_value"), "provider")],
)
def test_a_flat_parquet_is_known_by_its_columns(tmp_path: Path, columns: tuple[str, ...], dataset: str) -> None:
    pq.write_table(pa.table({name: ["1"] for name in columns}), tmp_path / "a.parquet")
    assert recognise(tmp_path / "a.parquet") == Kind("flat_rates", dataset)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "0 bytes"),
        (b"[1, 2]", "a list"),
        (b'{"TOC_Files": []}', "TOC_Files"),
        (b"{}", "no key"),
        (b"<?xml version='1.0'?><in_network/>", "XML or HTML"),
        (b"\n<html><head><title>Missing Key</title>", "a refusal of the Census API: an HTML page titled 'Missing Key'"),
        (b"error: unknown variable 'NAME'", "a refusal of the Census API: the words 'error: unknown variable"),
        (b"---\nreporting_entity_name: cms\n", "YAML"),
        (b"reporting_entity_name: cms\nversion: 2.0.0\n", "YAML"),
        (gzip.compress(PRICE_FILE, mtime=0)[:30], "a broken one"),
        (b"PAR1 and then nothing", "a broken one"),
        (b"any,other,table\n1,2,3\n", "columns of none of them"),
        (b"\x00\x01\x02\x03" * 40, "columns of none of them"),
    ],
)
def test_anything_else_is_refused_with_what_was_found(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "unknown"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match=found) as error:
        recognise(path)
    assert "expected:" in str(error.value)
    assert "Nothing was written." in str(error.value)


def test_a_folder_and_a_missing_path_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="found: a folder"):
        recognise(tmp_path)
    with pytest.raises(SourceUnreadable, match="found: nothing"):
        recognise(tmp_path / "absent.json")
