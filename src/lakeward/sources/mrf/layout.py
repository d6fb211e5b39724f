"""The objects of a price file as the parser sees them, and the keys that the schema does not know.

Inner lists stay raw text, so that the parser makes no object for what is dealt with by the thousand. Unknown keys cost
nothing: the parser refuses a key it does not know, the key is noted and added to what it knows, and it parses again.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lakeward.sources.mrf.schemas import (
    CONTAINED_CODE_FIELDS,
    ITEM_LIST_FIELDS,
    ITEM_TEXT_FIELDS,
    TERM_LIST_FIELDS,
    TERM_TEXT_FIELDS,
)

RATE_FIELDS = ("provider_references", "provider_groups", "negotiated_prices")
PRICE_FIELDS = ("negotiated_rate", *TERM_TEXT_FIELDS, *TERM_LIST_FIELDS)
REFERENCE_TEXT_FIELDS = ("provider_group_id", "location", "network_name")
TIN_FIELDS = ("type", "value", "business_name")
ABSENT = msgspec.Raw(b"")
"""Stands for a field that is not there; no value has an empty text."""

LARGEST_UNKNOWN_COUNT = 1_000
_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$(.*)`)?$", re.DOTALL)

_INDEX = re.compile(r"\[[^\]]*\]")

Extra = Mapping[str, tuple[str, ...]]
"""Keys outside the schema that were met so far, by the place of their object."""


class UnknownKeys:
    """The keys outside the schema, each once, as ``in_network[].foo``."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def sorted_names(self) -> list[str]:
        """Return the names in order."""
        return sorted(self.names)


class ShapeDecoder:
    """Decodes text to what ``shape`` builds, noting keys that the shape does not have.

    Args:
        shape: builds the type to decode, from the extra keys to accept.
        place: where in the file such text stands, for the names of unknown keys.
        unknown: takes the names.
    """

    def __init__(self, shape: Callable[[Extra], Any], place: str, unknown: UnknownKeys) -> None:
        self._shape, self._place, self._unknown = shape, place, unknown
        self._extra: dict[str, tuple[str, ...]] = {}
        self._decode = msgspec.json.Decoder(shape(self._extra)).decode

    def decode(self, text: bytes) -> Any:
        """Decode one text.

        Raises:
            msgspec.ValidationError: a value is not of its kind.
            msgspec.DecodeError: the text is not whole JSON.
        """
        while True:
            try:
                return self._decode(text)
            except msgspec.ValidationError as error:
                found = _UNKNOWN.match(str(error))
                if not found:
                    raise
                self._accept(found.group(1), _INDEX.sub("[]", found.group(2) or "").lstrip("[]"))

    def _accept(self, key: str, inside: str) -> None:
        place = inside.replace("[]", "").lstrip(".")
        self._extra[place] = (*self._extra.get(place, ()), key)
        self._unknown.names.add(f"{self._place}{inside}.{key}")
        self._decode = msgspec.json.Decoder(self._shape(self._extra)).decode


def _struct(name: str, fields: Mapping[str, Any], extra: tuple[str, ...]) -> Any:
    ignored = {f"unknown_{number}": key for number, key in enumerate(extra)}
    strict = len(extra) < LARGEST_UNKNOWN_COUNT
    return msgspec.defstruct(
        name,
        [(field, kind, ABSENT if kind is msgspec.Raw else None) for field, kind in fields.items()]
        + [(field, msgspec.Raw, ABSENT) for field in ignored],
        rename=ignored,
        gc=False,
        forbid_unknown_fields=strict,
    )


def _raw(fields: tuple[str, ...]) -> dict[str, Any]:
    return dict.fromkeys(fields, msgspec.Raw)


def rate_list(extra: Extra, place: str = "") -> Any:
    """Return the type of a list of negotiated_rates elements, everything inside them raw."""
    return list[_struct("Rate", _raw(RATE_FIELDS), extra.get(place, ()))]  # type: ignore[misc]


def item_list(extra: Extra) -> Any:
    """Return the type of a list of in_network items with their negotiated_rates."""
    fields = _raw(ITEM_TEXT_FIELDS + ITEM_LIST_FIELDS)
    fields["negotiated_rates"] = rate_list(extra, "negotiated_rates") | None
    return list[_struct("Item", fields, extra.get("", ()))]  # type: ignore[misc]


def contained_code_lists(extra: Extra) -> Any:
    """Return the type of a list of bundled_codes or covered_services arrays."""
    return list[list[_struct("ContainedCode", _raw(CONTAINED_CODE_FIELDS), extra.get("", ()))] | None]  # type: ignore[misc]


def price_lists(extra: Extra) -> Any:
    """Return the type of a list of negotiated_prices arrays."""
    return list[list[_struct("Price", _raw(PRICE_FIELDS), extra.get("", ()))] | None]  # type: ignore[misc]


def reference_list(extra: Extra) -> Any:
    """Return the type of a list of provider_references elements, each member of their groups raw."""
    fields = _raw(REFERENCE_TEXT_FIELDS) | {"provider_groups": list[msgspec.Raw] | None}
    return list[_struct("Reference", fields, extra.get("", ()))]  # type: ignore[misc]


def member_list(extra: Extra) -> Any:
    """Return the type of a list of provider_groups elements."""
    tin = _struct("Tin", _raw(TIN_FIELDS), extra.get("tin", ()))
    return list[_struct("Member", {"npi": msgspec.Raw, "tin": tin | None}, extra.get("", ()))]  # type: ignore[misc]
