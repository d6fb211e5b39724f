"""A registry file of any size: the publisher's layout, plausible width, the same rows however many there are."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lakeward.errors import UsageError
from lakeward.sample import generate_registry
from lakeward.sample.facts import keyed
from lakeward.sample.identifiers import made_up_npi, npi_texts
from lakeward.sample.places import places
from lakeward.sample.providers.columns import ROWS_PER_BATCH
from lakeward.sample.providers.lines import record_lines
from lakeward.sources.landing import Landing
from lakeward.sources.nppes import LAYOUT, extract

WEEK = "npidata_pfile_20250811-20250817.csv"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_registry(tmp_path_factory.mktemp("registry"), rows=3_000).path


@pytest.fixture(scope="module")
def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_many_npis_are_those_of_the_one_by_one_rule() -> None:
    serials = [0, 1, 63, 49_999_999, 50_000_000, 99_999_999]
    assert npi_texts(np.array(serials, dtype=np.uint64)).to_pylist() == [made_up_npi(serial) for serial in serials]


def test_lines_quote_every_field_and_keep_the_order_of_the_layout() -> None:
    columns = {"c": pa.array(["x", ""]), "a": pa.array(["1", "2"]), "d": "all"}
    assert bytes(record_lines(("a", "b", "c", "d", "e"), columns)) == b'"1","","x","all",""\n"2","","","all",""\n'


def test_it_is_read_by_the_source(path: Path, tmp_path: Path) -> None:
    with Landing(path, tmp_path) as landing:
        assert extract(path, landing).rows_out == 3_000


def test_header_and_width_are_the_publishers(path: Path, records: list[dict[str, str]]) -> None:
    header, *lines = path.read_text().splitlines()
    assert header == ",".join(f'"{column}"' for column in LAYOUT)
    assert {line.count('","') for line in lines} == {len(LAYOUT) - 1}
    assert 1_050 < path.stat().st_size / len(records) < 1_300


def test_numbers_are_distinct_and_places_and_specialties_real(records: list[dict[str, str]]) -> None:
    known = {(place["zip"], place["city"], place["state"]) for place in places()}
    practice = "Provider Business Practice Location Address"
    assert len({record["NPI"] for record in records}) == len(records)
    for record in records:
        if record["Entity Type Code"]:
            zip_code = record[f"{practice} Postal Code"][:5]
            assert (zip_code, record[f"{practice} City Name"], record[f"{practice} State Name"]) in known
            assert record["Healthcare Provider Taxonomy Code_1"] in keyed("taxonomy", "code")


def test_people_organisations_and_the_deactivated(records: list[dict[str, str]]) -> None:
    kinds = Counter(record["Entity Type Code"] for record in records)
    assert 0.18 < kinds["2"] / len(records) < 0.27
    assert 0.02 < kinds[""] / len(records) < 0.05
    for record in records:
        if not record["Entity Type Code"]:
            assert {column for column, value in record.items() if value} == {"NPI", "NPI Deactivation Date"}


def test_the_first_batch_is_the_same_in_a_larger_file(path: Path, tmp_path: Path) -> None:
    larger = generate_registry(tmp_path, rows=ROWS_PER_BATCH + 1).path.read_bytes()
    smaller = generate_registry(tmp_path / "again", rows=ROWS_PER_BATCH).path.read_bytes()
    assert larger.startswith(smaller)
    assert len(larger) > len(smaller)
    assert generate_registry(tmp_path / "same", rows=3_000).path.read_bytes() == path.read_bytes()


def test_a_week_has_its_own_name_and_may_be_packed(tmp_path: Path) -> None:
    packed = generate_registry(tmp_path, rows=200, name=f"{WEEK}.gz")
    assert packed.path.name == f"{WEEK}.gz"
    assert packed.size == packed.path.stat().st_size < 200_000
    with Landing(packed.path, tmp_path / "scratch") as landing:
        assert extract(packed.path, landing).rows_out == 200


@pytest.mark.parametrize("rows", [0, 50_000_001])
def test_impossible_sizes_are_refused(tmp_path: Path, rows: int) -> None:
    with pytest.raises(UsageError, match=f"not {rows}"):
        generate_registry(tmp_path, rows=rows)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        generate_registry(tmp_path / "taken")
