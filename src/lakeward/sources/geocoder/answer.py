"""An answer of the batch service becomes rows: read as sent, and refused whole where it is not such an answer.

In: the path of an answer, or its text and the keys that were asked. Out: ``geocoder/answer``. The address that the
service repeats is not kept: the key stands for it.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from lakeward.errors import SourceUnreadable
from lakeward.sources.landing import PROVENANCE_FIELDS, Extracted, Landing

SENT_FIELDS = (
    "address_key", "input_address", "status", "match_type", "matched_address", "coordinates", "tigerline_id", "side",
    "state_fips", "county_fips", "tract", "block",
)  # fmt: skip
"""The fields of a row about a match, in the order of the service; other rows end after the third."""
FIELDS = (
    "address_key", "status", "match_type", "matched_address", "longitude", "latitude", "tigerline_id", "side",
    "state_fips", "county_fips", "tract", "block", "benchmark", "vintage",
)  # fmt: skip
"""The columns of ``geocoder/answer``: of the pair 'longitude,latitude' each by itself."""
MATCH, NO_MATCH, TIE = "Match", "No_Match", "Tie"
FIELDS_WITHOUT_MATCH = 3
BATCH_ROWS = 10_000
_KEY = re.compile(r"[0-9a-f]{32}")
_PAIR = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?),(-?[0-9]+(?:\.[0-9]+)?)")
_HINT = "Run `lakeward geocode` again; it asks what has no answer yet."

Record = dict[str, str | None]


class NotWhole(Exception):
    """An answer that is cut off or misses addresses: the service may do better when it is asked again."""

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(found)


def extract(path: Path, landing: Landing, *, benchmark: str, vintage: str) -> Extracted:
    """Land one answer as ``geocoder/answer``: a row an address asked, text as sent, ``''`` as null.

    Args:
        path: the answer as the service sent it, CSV without a header.
        landing: of the file.
        benchmark: the street file that was asked, such as ``Public_AR_Current``.
        vintage: the county code system that was asked, such as ``Current_Current``.

    Raises:
        SourceUnreadable: it is no such answer, is cut off, or holds an address twice.

    Source: Census Geocoder, ``geographies/addressbatch``.
    """
    schema = pa.schema([*PROVENANCE_FIELDS, *(pa.field(name, pa.string()) for name in FIELDS)])
    writer = landing.writer("answer", schema)
    try:
        records = iter(read_answer(path.read_text(encoding="utf-8"), str(path)))
        while rows := list(islice(records, BATCH_ROWS)):
            provenance = {"_file_id": landing.file_id, "benchmark": benchmark, "vintage": vintage}
            numbered = enumerate(rows, start=writer.rows + 1)
            batch = [{**record, **provenance, "_source_record": number} for number, record in numbered]
            writer.write(pa.RecordBatch.from_pylist(batch, schema=schema))
        if not writer.rows:
            raise NotWhole("no rows")
    except NotWhole as error:
        raise SourceUnreadable(path, "a whole answer of the Census Geocoder", error.found, _HINT) from None
    return Extracted(rows_in=writer.rows, rows_out=writer.rows)


def check_answer(text: str, asked: Collection[str], where: str) -> None:
    """Check that an answer speaks of every address asked, once, and of no other.

    Args:
        text: the answer.
        asked: the keys of the addresses that were sent.
        where: what to call the answer in a message.

    Raises:
        NotWhole: it is cut off, or addresses are missing.
        SourceUnreadable: it is no answer to what was asked.
    """
    answered = {record["address_key"] for record in read_answer(text, where)}
    foreign = len(answered.difference(asked))
    if foreign:
        raise _unreadable(where, "answers to the addresses asked", f"{foreign:,} to others")
    if len(answered) < len(asked):
        raise NotWhole(f"{len(answered):,} of {len(asked):,} addresses answered")


def read_answer(text: str, where: str) -> Iterator[Record]:
    """Yield the rows of an answer with the names of :data:`FIELDS`, without benchmark and vintage.

    Raises:
        NotWhole: the text ends within a row.
        SourceUnreadable: a row is none of the service's, or an address stands there twice.
    """
    if text.lstrip()[:1] == "<":
        raise NotWhole("a web page")
    seen: set[str] = set()
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, cells in enumerate(filter(None, lines), start=1):
            record = _record(cells, number, where, is_last=lines.line_num == text.count("\n") + 1)
            key = str(record["address_key"])
            if key in seen:
                raise _unreadable(where, "each address once", f"the address of row {number:,} twice")
            seen.add(key)
            yield record
    except csv.Error as error:
        raise NotWhole(f"{len(seen):,} rows, then {error}") from None


def _record(cells: list[str], number: int, where: str, *, is_last: bool) -> Record:
    """Return one row; a last line without an end that is short was cut, any other is an error of its own."""
    length, status = len(cells), cells[2] if len(cells) > 2 else ""
    is_known = status in (MATCH, NO_MATCH, TIE) and _KEY.fullmatch(cells[0])
    is_of_length = length == len(SENT_FIELDS) or (status != MATCH and length >= FIELDS_WITHOUT_MATCH)
    if is_last and not (is_known and is_of_length):
        raise NotWhole(f"{number - 1:,} whole rows and a part of one")
    if not is_known:
        raise _unreadable(where, "an address key, the address and Match, No_Match or Tie", f"row {number:,} without")
    if not is_of_length or length > len(SENT_FIELDS):
        raise _unreadable(where, f"{len(SENT_FIELDS)} fields in a match", f"{length} in row {number:,}")
    sent = dict(zip(SENT_FIELDS, (*cells, *[""] * (len(SENT_FIELDS) - length)), strict=True))
    pair = _PAIR.fullmatch(sent["coordinates"])
    if pair is None and (status == MATCH or sent["coordinates"]):
        raise _unreadable(where, "longitude,latitude in a match", f"row {number:,} without")
    longitude, latitude = pair.groups() if pair else (None, None)
    kept = {name: sent[name] or None for name in FIELDS if name in sent}
    return kept | {"longitude": longitude, "latitude": latitude}


def _unreadable(where: str, expected: str, found: str) -> SourceUnreadable:
    return SourceUnreadable(where, expected, found, _HINT)
