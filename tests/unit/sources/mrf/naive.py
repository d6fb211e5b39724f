"""The plainest reader there can be: ``json.loads`` and loops. What the streaming reader is compared with.

Both readers are turned into the same thing: one record a price, with its item, terms, groups and rate spelled out.
"""

import json
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

CODE_FIELDS = ("billing_code_type", "billing_code_type_version", "billing_code", "description")
ITEM_FIELDS = (
    *("negotiation_arrangement", "name", "description", "billing_code_type", "billing_code_type_version"),
    *("billing_code", "severity_of_illness"),
)
TERM_FIELDS = ("negotiated_type", "expiration_date", "billing_class", "setting", "additional_information")
TERM_LISTS = ("service_code", "billing_code_modifier")


class Number(str):
    """A number as its text."""


def load(document: bytes) -> Any:
    """Parse JSON, numbers as their text."""
    return json.loads(document, parse_float=Number, parse_int=Number)


def text(value: Any) -> str | None:
    """Return text as published: of a string, a number, true or false; ``None`` of null."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def texts(value: Any) -> tuple[str | None, ...] | None:
    """Return the texts of a list, or ``None``."""
    if value is None:
        return None
    return tuple(text(element) for element in value) if isinstance(value, list) else (text(value),)


def rate(value: Any) -> float | None:
    """Return a rate, ``None`` where there is no number."""
    try:
        amount = float(Decimal(text(value) or ""))
    except InvalidOperation:
        return None
    return amount if isfinite(amount) else None


def members(groups: Any) -> tuple[Any, ...] | None:
    """Return the members of a provider_groups array; ``None`` where there are none."""
    found = []
    for group in groups or ():
        tin = group.get("tin") or {}
        npis = texts(group.get("npi"))
        distinct = None if npis is None else tuple(dict.fromkeys(npis))
        fields = tuple(text(tin.get(name)) for name in ("type", "value", "business_name"))
        found.append((*fields, distinct, len(npis or ())))
    return tuple(found) or None


def contained(codes: Any) -> tuple[Any, ...] | None:
    """Return bundled or covered codes."""
    return None if codes is None else tuple(tuple(text(code.get(name)) for name in CODE_FIELDS) for code in codes)


def expected_prices(document: Any) -> list[tuple[Any, ...]]:
    """Return one record a price, in file order."""
    records = []
    rate_id = -1
    for item_id, item in enumerate(document["in_network"]):
        code = tuple(text(item.get(name)) for name in ITEM_FIELDS)
        lists = (contained(item.get("bundled_codes")), contained(item.get("covered_services")))
        for rates in item.get("negotiated_rates") or ():
            rate_id += 1
            groups = (texts(rates.get("provider_references")), members(rates.get("provider_groups")))
            for price in rates.get("negotiated_prices") or ():
                terms = tuple(text(price.get(name)) for name in TERM_FIELDS)
                term_lists = tuple(texts(price.get(name)) for name in TERM_LISTS)
                records.append(
                    (item_id, code, lists, rate_id, groups, terms, term_lists, rate(price.get("negotiated_rate")))
                )
    return records


def landed_prices(bronze: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """Return the same records from bronze."""
    items, terms = _by_id(bronze["item"], "item_id"), _by_id(bronze["price_term"], "term_id")
    sets = _by_id(bronze["group_set"], "group_set_id")
    groups = landed_groups(bronze)
    records = []
    for price in bronze["price"]:
        item, term, group_set = items[price["item_id"]], terms[price["term_id"]], sets[price["group_set_id"]]
        code = tuple(item[name] for name in ITEM_FIELDS)
        lists = tuple(_codes(item[name]) for name in ("bundled_codes", "covered_services"))
        named = (_tuple(group_set["provider_reference_ids"]), groups.get(group_set["inline_group_id"]))
        plain = tuple(term[name] for name in TERM_FIELDS)
        term_lists = tuple(_tuple(term[name]) for name in TERM_LISTS)
        records.append(
            (price["item_id"], code, lists, price["rate_id"], named, plain, term_lists, price["negotiated_rate"])
        )
    return records


def landed_groups(bronze: dict[str, list[dict[str, Any]]]) -> dict[int | None, Any]:
    """Return the members of each landed group."""
    known = {
        row["member_id"]: (
            *(row[name] for name in ("tin_type", "tin_value", "business_name")),
            _tuple(row["npi"]),
            row["npi_published_count"],
        )
        for row in bronze["provider_member"]
    }
    return {row["group_id"]: tuple(known[member] for member in row["member_ids"]) for row in bronze["provider_group"]}


def expected_references(document: Any) -> list[tuple[Any, ...]]:
    """Return one record a provider reference."""
    return [
        (
            text(reference.get("provider_group_id")),
            texts(reference.get("network_name")),
            text(reference.get("location")),
            members(reference.get("provider_groups")),
        )
        for reference in document.get("provider_references") or ()
    ]


def landed_references(bronze: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """Return the same records from bronze."""
    groups = landed_groups(bronze)
    return [
        (row["provider_reference_id"], _tuple(row["network_name"]), row["location"], groups.get(row["group_id"]))
        for row in bronze["provider_reference"]
    ]


def _codes(codes: Any) -> tuple[Any, ...] | None:
    return None if codes is None else tuple(tuple(code[name] for name in CODE_FIELDS) for code in codes)


def _by_id(rows: list[dict[str, Any]], name: str) -> dict[int, dict[str, Any]]:
    return {row[name]: row for row in rows}


def _tuple(values: Any) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
