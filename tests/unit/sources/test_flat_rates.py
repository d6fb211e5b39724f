"""The flat pair of Parquet files, whatever spelling its lists and ids have."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import SourceUnreadable
from lakeward.sources import flat_rates
from lakeward.sources.landing import Extracted, Landing


def land(table: pa.Table, folder: Path) -> tuple[Extracted, list[dict[str, Any]]]:
    path = folder / "input.parquet"
    pq.write_table(table, path)
    with Landing(path, folder / "staging") as landing:
        extracted = flat_rates.extract(path, landing, pair_id="pair")
    (file,) = landing.files().values()
    return extracted, pq.read_table(file).to_pylist()


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        pytest.param("['02', '05']", ["02", "05"], id="python"),
        pytest.param('["02","05"]', ["02", "05"], id="json"),
        pytest.param("02,05", ["02", "05"], id="commas"),
        pytest.param(" 02 , 05 ", ["02", "05"], id="commas-and-blanks"),
        pytest.param("11", ["11"], id="one"),
        pytest.param("('11',)", ["11"], id="python-tuple"),
        pytest.param("[]", [], id="empty"),
        pytest.param("", None, id="no-text"),
        pytest.param("None", None, id="the-word-none"),
        pytest.param("['CSTM-00']", ["CSTM-00"], id="all-places"),
        pytest.param(None, None, id="null"),
        pytest.param(["02", "05"], ["02", "05"], id="list"),
        pytest.param([11, 22], ["11", "22"], id="list-of-numbers"),
    ],
)
def test_service_codes_in_every_spelling(tmp_path: Path, published: Any, expected: list[str] | None) -> None:
    table = pa.table({"negotiated_rate": [1.0], "billing_code": ["99213"], "service_codes": [published]})
    assert land(table, tmp_path)[1][0]["service_codes"] == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(pa.array([168, None]), ["168", None], id="integers"),
        pytest.param(pa.array([168.0, None]), ["168", None], id="whole-floats"),
        pytest.param(pa.array([690.5, float("nan")]), ["690.5", None], id="floats"),
        pytest.param(pa.array(["690.64470", None]), ["690.64470", None], id="text"),
        pytest.param(pa.array(["168", "168"]).dictionary_encode(), ["168", "168"], id="dictionary"),
    ],
)
def test_ids_become_text(tmp_path: Path, values: pa.Array, expected: list[str | None]) -> None:
    table = pa.table({"negotiated_rate": [1.0, 2.5], "billing_code": ["1", "2"], "provider_reference_id": values})
    extracted, rows = land(table, tmp_path)
    assert [row["provider_reference_id"] for row in rows] == expected
    assert rows[0]["provider_group_id"] is None
    assert rows[0]["pair_id"] == "pair"
    assert extracted.money_in == extracted.money_out == Decimal("3.5")


def test_dates_and_rates_as_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "negotiated_rate": ["10.25", "none"],
            "billing_code": ["1", "2"],
            "expiration_date": [datetime.date(2025, 12, 31), None],
            "odd": [1, 2],
        }
    )
    extracted, rows = land(table, tmp_path)
    assert [row["negotiated_rate"] for row in rows] == [10.25, None]
    assert [row["expiration_date"] for row in rows] == ["2025-12-31", None]
    assert extracted.notes == {"columns_left_out": 1}


def test_a_providers_file_is_told_by_its_columns(tmp_path: Path) -> None:
    extracted, rows = land(pa.table({"provider_group_id": [168], "npi": ["1700899754"]}), tmp_path)
    assert rows[0]["provider_group_id"] == "168"
    assert rows[0]["location"] is None
    assert (extracted.rows_in, extracted.rows_out, extracted.money_in) == (1, 1, None)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="columns of a rates file"):
        land(pa.table({"npi": ["1700899754"]}), tmp_path)


def test_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rates.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    with Landing(path, tmp_path / "staging") as landing, pytest.raises(SourceUnreadable, match="a whole Parquet file"):
        flat_rates.extract(path, landing, pair_id="pair")


def test_the_real_pair(real_data: Path, tmp_path: Path) -> None:
    for name, rows in (("rates", 7_234), ("providers", 1)):
        path = real_data / "mrf" / f"202508_uhc_ga_{name}.parquet"
        with Landing(path, tmp_path / name) as landing:
            assert flat_rates.extract(path, landing, pair_id="pair").rows_out == rows
    landed = pq.read_table(tmp_path / "rates" / "rate.parquet")
    assert len(set(landed["billing_code"].to_pylist())) == 5_568
    assert set(landed["provider_reference_id"].to_pylist()) == {"168"}
    assert {len(codes) for codes in landed["service_codes"].to_pylist()} == {0, 20}
