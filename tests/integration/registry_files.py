"""Small registry files in the publisher's layout, written from a few fields a provider."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lakeward.sources.nppes import LAYOUT

Fields = Mapping[str, str]
NPI, LAST_UPDATE, DEACTIVATION = "NPI", "Last Update Date", "NPI Deactivation Date"
PRACTICE = "Provider Business Practice Location Address"


def valid_npi(number: int) -> str:
    """Return the ``number``-th NPI: nine digits and the check digit that makes them one."""
    nine = f"{100_000_000 + number}"
    doubled = [int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(nine)]
    return nine + str(-(24 + sum(value // 10 + value % 10 for value in doubled)) % 10)


def individual(number: int, **changes: str) -> dict[str, str]:
    """Return the fields of a family doctor in Atlanta.

    Args:
        number: of the NPI.
        changes: ``last_name``, ``last_update``, ``street``, ``city``, ``state``, ``postal_code``, ``deactivated``.
    """
    fields = {
        NPI: valid_npi(number),
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": changes.pop("last_name", f"NAME{number}"),
        "Provider First Name": "FIRST",
        "Provider First Line Business Practice Location Address": changes.pop("street", f"{number} MAIN ST"),
        f"{PRACTICE} City Name": changes.pop("city", "ATLANTA"),
        f"{PRACTICE} State Name": changes.pop("state", "GA"),
        f"{PRACTICE} Postal Code": changes.pop("postal_code", "303030001"),
        f"{PRACTICE} Country Code (If outside U.S.)": "US",
        "Provider Enumeration Date": "05/23/2006",
        LAST_UPDATE: changes.pop("last_update", "07/01/2024"),
        "Healthcare Provider Taxonomy Code_1": "207Q00000X",
        "Healthcare Provider Primary Taxonomy Switch_1": "Y",
        "Is Sole Proprietor": "N",
    }
    assert not changes, f"no such field: {sorted(changes)}"
    return fields


def deactivated(number: int, day: str) -> dict[str, str]:
    """Return the fields of a provider that is off: the number and the day, as the registry leaves it."""
    return {NPI: valid_npi(number), DEACTIVATION: day}


def registry_text(records: Iterable[Fields], header: Sequence[str] = LAYOUT) -> str:
    """Return a registry file: every field quoted, lines with LF."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([record.get(column, "") for column in header] for record in records)
    return text.getvalue()


def write_registry(path: Path, records: Iterable[Fields]) -> Path:
    """Write a registry file and return its path."""
    path.write_text(registry_text(records))
    return path
