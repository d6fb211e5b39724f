"""An answer of the NPI Registry API lands one row a result, its lists as JSON in the answer's words."""

import json
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from tests.unit.sources.nppes.registry_files import land

from lakeward.errors import SourceSchemaChanged, SourceUnreadable

RESULT: dict[str, Any] = {
    "number": "1234567893",
    "enumeration_type": "NPI-1",
    "created_epoch": "1389230978000",
    "basic": {"first_name": "ADA", "name_prefix": "--", "gender": "F", "credential": ""},
    "addresses": [{"address_purpose": "LOCATION", "city": "PEÑA"}],
    "practiceLocations": [],
}


def answer(path: Path, *results: dict[str, Any], **more: Any) -> Path:
    path.write_text(json.dumps({"result_count": len(results), "results": list(results), **more}))
    return path


def test_the_recorded_answer_of_200_results(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "providers/nppes_registry_api_200.json"
    extracted, landed = land(path, tmp_path)
    rows, published = landed["registry_answer"], json.loads(path.read_text())["results"]
    assert (extracted.rows_in, extracted.rows_out, rows.num_rows) == (200, 200, 200)
    assert rows["number"].to_pylist() == [result["number"] for result in published]
    assert set(rows["enumeration_type"].to_pylist()) == {"NPI-1"}
    for name, expected in (("practice_locations", 14), ("endpoints", 9)):
        assert pc.sum(pc.not_equal(rows[name], "[]")).as_py() == expected
    assert [json.loads(text) for text in rows["addresses"].to_pylist()] == [r["addresses"] for r in published]


def test_text_stays_and_what_is_absent_is_null(tmp_path: Path) -> None:
    (row,) = land(answer(tmp_path / "a.json", RESULT), tmp_path / "staging")[1]["registry_answer"].to_pylist()
    assert (row["first_name"], row["name_prefix"], row["sex"], row["credential"]) == ("ADA", "--", "F", None)
    assert row["addresses"] == '[{"address_purpose":"LOCATION","city":"PEÑA"}]'
    assert (row["practice_locations"], row["endpoints"], row["last_updated_epoch"]) == ("[]", None, None)


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        pytest.param('{"result_count": 1, "results": [{"numb', SourceUnreadable, "cut off", id="cut off"),
        pytest.param('{"result_count": 2, "results": []}', SourceUnreadable, "2 results", id="fewer than told"),
        pytest.param('{"Errors": [{"number": "04"}]}', SourceUnreadable, "found: Errors", id="errors"),
        pytest.param(json.dumps({"results": [RESULT | {"new": 1}]}), SourceSchemaChanged, r"\['new'\]", id="field"),
        pytest.param(
            json.dumps({"results": [RESULT | {"basic": {"shoe_size": "9"}}]}),
            SourceSchemaChanged,
            r"unexpected: \['shoe_size'\]",
            id="basic field",
        ),
        pytest.param('{"results": [{"number": "1"}]}', SourceSchemaChanged, r"missing: \['basic', 'enum", id="less"),
    ],
)
def test_an_answer_that_is_none_is_refused(tmp_path: Path, content: str, error: type[Exception], says: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(error, match=says):
        land(path, tmp_path / "staging")
