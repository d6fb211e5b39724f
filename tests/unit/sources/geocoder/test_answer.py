"""Answers of the batch service, as sent and broken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lakeward.errors import SourceUnreadable
from lakeward.sources import geocoder
from lakeward.sources.geocoder.answer import NotWhole, check_answer, read_answer
from lakeward.sources.landing import Landing

MATCH_KEY, NO_MATCH_KEY, TIE_KEY = "a" * 32, "b" * 32, "c" * 32
MATCH = (
    f'"{MATCH_KEY}","4600 Silver Hill Rd, Washington, DC, 20233","Match","Exact",'
    '"4600 SILVER HILL RD, WASHINGTON, DC, 20233","-76.92743,38.84599","76355984","L","24","033","802405","1067"\n'
)
NO_MATCH = f'"{NO_MATCH_KEY}","1 Nowhere, Atlanta, GA, 30301","No_Match"\n'
TIE = f'"{TIE_KEY}","100 Main St, Springfield, IL, 62701","Tie"\n'
ANSWER = MATCH + NO_MATCH + TIE
KEYS = {MATCH_KEY, NO_MATCH_KEY, TIE_KEY}


def landed(tmp_path: Path, text: str) -> list[dict[str, Any]]:
    path = tmp_path / "answer.csv"
    path.write_text(text)
    with Landing(path, tmp_path / "staging") as landing:
        extracted = geocoder.extract(path, landing, benchmark="Public_AR_Current", vintage="Current_Current")
    table = pq.read_table(landing.files()["answer"])
    assert table.schema.equals(geocoder.DATASETS["answer"])
    assert extracted.rows_in == extracted.rows_out == table.num_rows
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def test_each_status_lands_as_sent(tmp_path: Path) -> None:
    match, no_match, tie = landed(tmp_path, ANSWER)
    assert {name: value for name, value in match.items() if not name.startswith("_")} == {
        "address_key": MATCH_KEY, "status": "Match", "match_type": "Exact",
        "matched_address": "4600 SILVER HILL RD, WASHINGTON, DC, 20233",
        "longitude": "-76.92743", "latitude": "38.84599", "tigerline_id": "76355984", "side": "L",
        "state_fips": "24", "county_fips": "033", "tract": "802405", "block": "1067",
        "benchmark": "Public_AR_Current", "vintage": "Current_Current",
    }  # fmt: skip
    for row, key, status in ((no_match, NO_MATCH_KEY, "No_Match"), (tie, TIE_KEY, "Tie")):
        filled = {name: value for name, value in row.items() if value is not None and not name.startswith("_")}
        assert filled == {
            "address_key": key, "status": status, "benchmark": "Public_AR_Current", "vintage": "Current_Current",
        }  # fmt: skip
    assert [row["_source_record"] for row in (match, no_match, tie)] == [1, 2, 3]


def test_the_address_itself_is_not_kept(tmp_path: Path) -> None:
    assert "1 Nowhere" not in str(landed(tmp_path, ANSWER))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.removesuffix("\n"),
        lambda text: text.replace('"No_Match"', '"No_Match","","","","","","","","",""'),
        lambda text: text.replace('"No_Match"', '"No_Match",,,,,,,,,'),
        lambda text: "\n" + text.replace("\n", "\n\n"),
    ],
    ids=["CRLF", "no last line end", "empty fields", "empty fields unquoted", "blank lines"],
)
def test_forms_that_mean_the_same(tmp_path: Path, change: Callable[[str], str]) -> None:
    plain = [row | {"_file_id": ""} for row in landed(tmp_path / "", ANSWER)]
    assert [row | {"_file_id": ""} for row in landed(tmp_path, change(ANSWER))] == plain


def test_every_cut_is_seen() -> None:
    """An answer that ends anywhere but at the end of its last row is not taken for whole."""
    check_answer(ANSWER, KEYS, "the service")
    check_answer(ANSWER[:-1], KEYS, "the service")
    for end in range(len(ANSWER) - 1):
        with pytest.raises(NotWhole):
            check_answer(ANSWER[:end], KEYS, "the service")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ANSWER + MATCH, "the address of row 4 twice"),
        (ANSWER.replace(MATCH_KEY, "17"), "row 1 without"),
        (ANSWER.replace('"No_Match"', '"Perhaps"'), "row 2 without"),
        (ANSWER.replace(',"24","033","802405","1067"', ""), "8 in row 1"),
        (ANSWER.replace('"1067"', '"1067","more"'), "13 in row 1"),
        (ANSWER.replace("-76.92743,38.84599", "38.84599"), "row 1 without"),
        (ANSWER.replace("-76.92743,38.84599", ""), "row 1 without"),
    ],
    ids=["twice", "no key", "unknown status", "no geographies", "too many fields", "half a pair", "no point"],
)
def test_what_is_no_answer_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(SourceUnreadable, match=found) as raised:
        landed(tmp_path, text)
    assert "lakeward geocode" in str(raised.value)
    assert "Silver Hill" not in str(raised.value), "no address in a message"


@pytest.mark.parametrize(
    ("text", "found"),
    [("", "no rows"), ("<html>", "a web page"), (ANSWER[:-20], "2 rows, then"), (ANSWER[:-6], "a part of one")],
    ids=["empty", "web page", "cut in a quote", "cut between fields"],
)
def test_a_kept_answer_that_is_not_whole_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(SourceUnreadable, match=found):
        landed(tmp_path, text)


@pytest.mark.parametrize(
    ("asked", "error", "found"),
    [
        (KEYS | {"d" * 32}, NotWhole, "3 of 4 addresses answered"),
        (KEYS - {TIE_KEY}, SourceUnreadable, "1 to others"),
    ],
    ids=["one missing", "one foreign"],
)
def test_an_answer_must_speak_of_what_was_asked(asked: set[str], error: type[Exception], found: str) -> None:
    with pytest.raises(error, match=found):
        check_answer(ANSWER, asked, "the service")


def test_rows_are_read_one_by_one() -> None:
    rows = read_answer(ANSWER, "the service")
    assert next(rows)["status"] == "Match"
