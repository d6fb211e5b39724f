"""An answer of the Census API is told from everything else it sends; real bodies where they are known."""

import json
from pathlib import Path

import pytest

from lakeward.sources.census.answers import Answer, NoAnswer, parse_answer, sorted_answer
from lakeward.sources.census.variables import MOST_VARIABLES, VARIABLES, Call, asked_id, calls


def test_a_real_answer_is_its_header_and_rows(real_data: Path) -> None:
    text = (real_data / "geo/census_api/acs5_2018_B19013_001E_MD_counties_first9.json").read_text()
    answer = parse_answer(text)
    assert answer.header == ("NAME", "B19013_001E", "state", "county")
    assert [list(row) for row in answer.rows] == json.loads(text)[1:]
    assert len(answer.rows) == 9


@pytest.mark.parametrize(
    ("name", "reason", "found"),
    [
        ("error_200_missing_key_truncated.html", "key_missing", "an HTML page titled 'Missing Key'"),
        ("error_400_geography.txt", "request_refused", "unknown/unsupported geography hierarchy"),
        ("error_400_variable.txt", "request_refused", "unknown variable 'NAME'"),
    ],
)
def test_a_real_refusal_is_named(real_data: Path, name: str, reason: str, found: str) -> None:
    with pytest.raises(NoAnswer) as caught:
        parse_answer((real_data / "geo/census_api" / name).read_text())
    assert caught.value.reason == reason
    assert found in caught.value.found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "cut_off", id="nothing"),
        pytest.param(" \r\n", "cut_off", id="blank"),
        pytest.param("<title>Invalid Key</title>", "key_invalid", id="invalid key"),
        pytest.param("<html><body>Sorry", "html", id="a page without a title"),
        pytest.param("error: no", "request_refused", id="words"),
        pytest.param('[["NAME","state"],["Geor', "cut_off", id="cut in a cell"),
        pytest.param('[["NAME","state"],["Georgia","13"],', "cut_off", id="cut between rows"),
        pytest.param('[["NAME","state"]["Georgia","13"]]', "not_json", id="whole and broken"),
        pytest.param('[["NAME","state"]]', "no_data", id="header only"),
        pytest.param("[]", "no_data", id="no header"),
        pytest.param('[["NAME","state"],["Georgia"]]', "not_rectangular", id="a short row"),
        pytest.param('[["NAME","NAME"],["Georgia","13"]]', "not_rectangular", id="a name twice"),
        pytest.param('[["NAME",null],["Georgia","13"]]', "not_rectangular", id="no name"),
        pytest.param('[["NAME","state"],["Georgia",true]]', "not_rectangular", id="a truth value"),
        pytest.param('[["NAME","state"],"Georgia"]', "not_rectangular", id="text for a row"),
        pytest.param('{"error": "x"}', "not_json", id="an object"),
    ],
)
def test_what_is_no_answer_has_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NoAnswer) as caught:
        parse_answer(text)
    assert caught.value.reason == reason


def test_a_number_stands_as_it_was_written_and_null_stays_null() -> None:
    answer = parse_answer('\ufeff[["A","B","C","state"],[1.50,-666666666,null,"13"]]')
    assert answer.rows == (("1.50", "-666666666", None, "13"),)


def test_rows_are_put_in_order_of_their_codes() -> None:
    answer = Answer(("A", "state", "county"), (("x", "13", "121"), ("y", "13", "001"), ("z", "09", "110")))
    assert [row[0] for row in sorted_answer(answer, ("state", "county")).rows] == ["z", "y", "x"]


def test_every_variable_is_asked_for_once_at_each_level() -> None:
    asked = calls()
    for level in ("state", "county"):
        names = [name for call in asked if call.level == level for name in call.variables]
        assert names == list(VARIABLES)
    assert all(len(call.parameters["get"].split(",")) <= MOST_VARIABLES for call in asked)
    assert len(set(VARIABLES)) == len(VARIABLES) == 62


def test_what_was_asked_is_told_apart() -> None:
    state, county = Call("state", ("B01003_001E",)), Call("county", ("B01003_001E",))
    ids = {asked_id(2023, [state]), asked_id(2022, [state]), asked_id(2023, [county]), asked_id(2023, [state, county])}
    assert len(ids) == 4
