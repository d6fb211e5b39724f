"""The history of providers, computed again in plain Python from records as published: no SQL, no window functions.

In: records (column name to text) with the date of their file, and lines of deactivation reports. Out: spans. It follows
the prose of docs/explanation/provider-history.md, one provider and one day after the other.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

PRACTICE = "provider_business_practice_location_address_"
PUBLISHED = {
    "first_name": "provider_first_name",
    "last_name": "provider_last_name_legal_name",
    "organization_name": "provider_organization_name_legal_business_name",
    "credential": "provider_credential_text",
    "practice_address_1": "provider_first_line_business_practice_location_address",
    "practice_city": f"{PRACTICE}city_name",
    "practice_state": f"{PRACTICE}state_name",
    "practice_postal_code": f"{PRACTICE}postal_code",
    "replacement_npi": "replacement_npi",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """One registry record: its values as published, and where it stands."""

    values: dict[str, str | None]
    file_id: str
    number: int
    file_date: date | None
    has_taxonomies: bool = True


@dataclass(frozen=True)
class Reported:
    """One line of a deactivation report."""

    npi: str
    deactivated: date
    reported: date


def day(text: str | None) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None


def newest(*days: date | None) -> date | None:
    return max((found for found in days if found), default=None)


def start_of(record: Record) -> date | None:
    values = record.values
    dates = (values.get(name) for name in ("last_update_date", "npi_deactivation_date", "npi_reactivation_date"))
    return newest(*map(day, dates)) or record.file_date


def tracked(record: Record) -> Row:
    """Return what of a record is followed through time."""
    values = record.values
    deactivated, reactivated = day(values.get("npi_deactivation_date")), day(values.get("npi_reactivation_date"))
    is_active = deactivated is None or (reactivated is not None and reactivated >= deactivated)
    slots = [(values.get(f"healthcare_provider_taxonomy_code_{slot}"), slot) for slot in range(1, 16)]
    filled = [(code, slot) for code, slot in slots if code]
    switched = [c for c, slot in filled if values.get(f"healthcare_provider_primary_taxonomy_switch_{slot}") == "Y"]
    return {
        "enumeration_type": {"1": "NPI-1", "2": "NPI-2"}.get(values.get("entity_type_code") or ""),
        "status": "A" if is_active else "I",
        **{name: values.get(column) for name, column in PUBLISHED.items()},
        "primary_taxonomy_code": [*switched, *(code for code, _ in filled), None][0],
        "enumeration_date": day(values.get("provider_enumeration_date")),
        "deactivation_date": deactivated,
        "reactivation_date": reactivated,
    }


def rank(record: Record) -> tuple[Any, ...]:
    """Return what the newer of two records is greater in."""
    return (start_of(record) or date.min, record.file_date or date.min, record.file_id, record.number)


@dataclass(frozen=True)
class _Statement:
    start: date | None
    values: Row
    knows_taxonomy: bool


def history(records: Iterable[Record], reports: Iterable[Reported] = ()) -> list[Row]:
    """Return the spans of every provider, in order of NPI and first day; dates as dates, null as None."""
    of_npi: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        of_npi[str(record.values["npi"])].append(record)
    lines: dict[str, list[Reported]] = defaultdict(list)
    for line in reports:
        lines[line.npi].append(line)
    newest_report = newest(*(line.reported for said in lines.values() for line in said))
    spans: list[Row] = []
    for npi in sorted({*of_npi, *lines}):
        known = sorted(of_npi[npi], key=rank)
        by_start: dict[date | None, _Statement] = {}
        for record in known:  # the newest of a day comes last and stays
            by_start[start_of(record)] = _Statement(start_of(record), tracked(record), record.has_taxonomies)
        for event in _events(known, lines[npi], newest_report):
            by_start[event.start] = event
        ordered = sorted(by_start.values(), key=lambda statement: statement.start or date.min)
        spans += [{"npi": npi, **span} for span in _collapsed(ordered)]
    return spans


def _events(known: list[Record], lines: list[Reported], newest_report: date | None) -> list[_Statement]:
    last_listed = newest(*(line.reported for line in lines))
    latest: dict[date, date] = {}
    for line in lines:
        latest[line.deactivated] = max(line.reported, latest.get(line.deactivated, date.min))
    found = []
    for deactivated, reported in sorted(latest.items()):
        meant = [record for record in known if _is_meant(record, deactivated, reported)]
        record = meant[-1] if meant else None
        values = tracked(record) if record else dict.fromkeys(tracked(Record({}, "", 0, None)))
        start = newest(deactivated, start_of(record) if record else None)
        is_back = values["reactivation_date"] is not None and values["reactivation_date"] >= deactivated
        is_said = is_back or (values["status"] == "I" and values["deactivation_date"] >= deactivated)
        newest_start = start_of(known[-1]) if known else None
        is_off_the_list = last_listed is not None and newest_report is not None and last_listed < newest_report
        if is_said or (is_off_the_list and not (newest_start and start and newest_start > start)):
            continue
        values = {**values, "status": "I", "deactivation_date": deactivated}
        found.append(_Statement(start, values, record.has_taxonomies if record else False))
    return found


def _is_meant(record: Record, deactivated: date, reported: date) -> bool:
    start = start_of(record)
    if start is None or start <= deactivated:
        return True
    reactivated = day(record.values.get("npi_reactivation_date"))
    return start <= reported and (reactivated is None or reactivated < deactivated)


def _collapsed(statements: list[_Statement]) -> list[Row]:
    spans: list[Row] = []
    taxonomy: str | None = None
    is_known = False
    for statement in statements:
        values = dict(statement.values)
        if not statement.knows_taxonomy:
            values["primary_taxonomy_code"] = taxonomy
        previous = spans[-1] if spans else None
        changed = {name for name in values if previous is None or values[name] != previous[name]}
        if not is_known:
            changed.discard("primary_taxonomy_code")
        if previous is not None and not changed:
            previous["primary_taxonomy_code"] = values["primary_taxonomy_code"]
        else:
            spans.append(_opened(statement, values, previous, changed))
        if statement.knows_taxonomy:
            taxonomy, is_known = statement.values["primary_taxonomy_code"], True
    return spans


def _opened(statement: _Statement, values: Row, previous: Row | None, changed: set[str]) -> Row:
    if previous is None:
        kind, names = ("enumerated" if values["status"] == "A" else "deactivated"), []
    else:
        previous["valid_to"] = statement.start
        turns = {("A", "I"): "deactivated", ("I", "A"): "reactivated"}
        kind = turns.get((previous["status"], values["status"]), "changed")
        names = sorted(changed)
    opening = {"valid_from": statement.start, "valid_to": None, "change_kind": kind, "changed_columns": names}
    return {**opening, **values}
