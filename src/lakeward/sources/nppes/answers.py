"""A recorded answer of the NPI Registry API, version 2.1, becomes bronze: one row a result.

In: the JSON of one answer, at most 1,200 results. Out: ``nppes/registry_answer``: what a result says of itself as text,
its lists (addresses, taxonomies, …) as JSON text in the answer's own words and order.

Hazards: epochs are text in milliseconds; ``--`` stands for no prefix or suffix; a wrong question is answered with
``Errors`` and status 200; deactivated NPIs are left out without a word.
"""

from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources.landing import PROVENANCE_FIELDS, Landing
from lakeward.sources.nppes.file_dates import as_of_date
from lakeward.sources.text_stream import BLOCK_BYTES, Utf8Stream

REGISTRY_ANSWER = "registry_answer"
LARGEST_ANSWER_BYTES = 64 << 20
RESULT_FIELDS = ("number", "enumeration_type", "created_epoch", "last_updated_epoch")
BASIC_FIELDS = (
    "status",
    "enumeration_date",
    "last_updated",
    "certification_date",
    "deactivation_reason_code",
    "deactivation_date",
    "reactivation_date",
    "replacement_npi",
    "first_name",
    "middle_name",
    "last_name",
    "name_prefix",
    "name_suffix",
    "credential",
    "sex",
    "sole_proprietor",
    "organization_name",
    "organizational_subpart",
    "ein",
    "parent_organization_legal_business_name",
    "parent_organization_ein",
    "authorized_official_first_name",
    "authorized_official_middle_name",
    "authorized_official_last_name",
    "authorized_official_name_prefix",
    "authorized_official_name_suffix",
    "authorized_official_credential",
    "authorized_official_title_or_position",
    "authorized_official_telephone_number",
)
_OLDER_BASIC_FIELDS = {"gender": "sex"}
LIST_FIELDS = {
    "addresses": "addresses",
    "practiceLocations": "practice_locations",
    "taxonomies": "taxonomies",
    "identifiers": "identifiers",
    "other_names": "other_names",
    "endpoints": "endpoints",
}
"""Name in the answer to bronze name; each is a list and stays JSON."""

ANSWER_SCHEMA = pa.schema(
    [
        *PROVENANCE_FIELDS,
        *(pa.field(name, pa.string()) for name in (*RESULT_FIELDS, *BASIC_FIELDS, *LIST_FIELDS.values())),
        pa.field("file_as_of_date", pa.string()),
    ]
)


def land_answer(path: Path, stream: Utf8Stream, landing: Landing) -> int:
    """Land one answer and return its results.

    Raises:
        SourceUnreadable: no JSON, one that was cut off, or an answer with errors or without results.
        SourceSchemaChanged: a result has fields that the API did not have.
    """
    results = _results(path, stream)
    rows = [
        {"_file_id": landing.file_id, "_source_record": ordinal, **_row(path, result)}
        for ordinal, result in enumerate(results, start=1)
    ]
    dated = [row | {"file_as_of_date": as_of_date(path.name)} for row in rows]
    landing.writer(REGISTRY_ANSWER, ANSWER_SCHEMA).write(pa.RecordBatch.from_pylist(dated, schema=ANSWER_SCHEMA))
    return len(rows)


def _results(path: Path, stream: Utf8Stream) -> list[dict[str, Any]]:
    content = b""
    while len(content) <= LARGEST_ANSWER_BYTES and (block := stream.read(BLOCK_BYTES)):
        content += block
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = "one that is cut off or larger than any answer" if content[:1] in (b"{", b"[") else "something else"
        raise SourceUnreadable(path, "a JSON answer of the NPI Registry", found, "Ask the registry again.") from None
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        keys = ", ".join(sorted(answer)) if isinstance(answer, dict) else type(answer).__name__
        raise SourceUnreadable(path, "an answer with `results`", keys or "no key", "Mend the question and ask again.")
    told = answer.get("result_count", len(results))
    if told != len(results):
        raise SourceUnreadable(
            path, f"{told} results, as the answer says", str(len(results)), "Ask the registry again."
        )
    return results


def _row(path: Path, result: dict[str, Any]) -> dict[str, str | None]:
    basic = {_OLDER_BASIC_FIELDS.get(name, name): value for name, value in (result.get("basic") or {}).items()}
    unexpected = sorted({*result} - {*RESULT_FIELDS, *LIST_FIELDS, "basic"}) + sorted({*basic} - {*BASIC_FIELDS})
    missing = sorted({"number", "enumeration_type", "basic"} - {*result})
    if unexpected or missing:
        raise SourceSchemaChanged("nppes", path, missing, unexpected)
    row = {name: _text(result.get(name)) for name in RESULT_FIELDS}
    row |= {name: _text(basic.get(name)) for name in BASIC_FIELDS}
    return row | {bronze: _json(result.get(name)) for name, bronze in LIST_FIELDS.items()}


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
