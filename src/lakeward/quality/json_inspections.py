"""Inspects the JSON files beside the prices: tables of contents, allowed amounts, provider references.

In: the text of a file, already known to be one of these. Out: counts, facts and findings. These files are small
against price files and are held in memory, with a bound.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from lakeward.errors import SourceUnreadable
from lakeward.quality.inspection import Finding, found
from lakeward.quality.unpacked import first_bytes

MOST_BYTES = 1 << 30
Found = tuple[dict[str, int], dict[str, str | None], tuple[Finding, ...]]
_SIGNED = re.compile(r"[?&](Expires|Signature|X-Amz-Signature|sig)=", re.IGNORECASE)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")
_Document = TypeVar("_Document", bound="_Root")


class _Root(msgspec.Struct):
    reporting_entity_name: str | None = None
    reporting_entity_type: str | None = None
    last_updated_on: str | None = None
    version: str | float | None = None

    def facts(self) -> dict[str, str | None]:
        """Return what the file says of itself."""
        return {
            "reporting_entity_name": self.reporting_entity_name,
            "reporting_entity_type": self.reporting_entity_type,
            "last_updated_on": self.last_updated_on,
            "version": None if self.version is None else str(self.version),
        }

    def finding(self) -> Finding:
        """Return whether the file's date is an ISO date."""
        wrong = self.last_updated_on is not None and not _ISO_DATE.match(self.last_updated_on)
        return Finding("last_updated_on_not_iso", "last_updated_on is no ISO date", int(wrong), "files", "repaired")


class _File(msgspec.Struct):
    location: str | None = None


class _Structure(msgspec.Struct):
    reporting_plans: list[dict[str, object]] | None = None
    in_network_files: list[_File] | None = None
    allowed_amount_file: _File | None = None


class _Contents(_Root):
    reporting_structure: list[_Structure] = []


class _Payment(msgspec.Struct):
    allowed_amount: float | None = None


class _AllowedAmount(msgspec.Struct):
    payments: list[_Payment] = []


class _Item(msgspec.Struct):
    allowed_amounts: list[_AllowedAmount] = []


class _AllowedAmounts(_Root):
    out_of_network: list[_Item] = []


class _Group(msgspec.Struct):
    npi: list[int | str] = []


class _ProviderReference(_Root):
    provider_groups: list[_Group] = []


def inspect_contents(path: Path) -> Found:
    """Inspect a table of contents: plans, and the files they point to, each counted once and as often as listed."""
    contents = _decoded(path, _Contents)
    structures = contents.reporting_structure
    listed = Counter(file.location for structure in structures for file in structure.in_network_files or ())
    absent = listed.pop(None, 0)
    addresses = [str(location) for location in listed]
    distinct = {urlsplit(address)._replace(query="", fragment="").geturl() for address in addresses}
    counts = {
        "structures": len(structures),
        "plans": sum(len(structure.reporting_plans or ()) for structure in structures),
        "in-network files listed": listed.total() + absent,
        "in-network files distinct": len(distinct),
        "allowed-amounts files listed": sum(structure.allowed_amount_file is not None for structure in structures),
    }
    barren = sum(not structure.in_network_files for structure in structures)
    insecure = sum(not address.startswith("https://") for address in addresses)
    signed = sum(bool(_SIGNED.search(address)) for address in addresses)
    repeated = listed.total() - len(distinct)
    findings = found(
        contents.finding(),
        Finding("file_repeated", "a file that is listed again", repeated, "listings", "merged"),
        Finding("location_missing", "a file without an address", absent, "listings", "kept"),
        Finding("location_not_https", "an address that is not https", insecure, "addresses", "kept"),
        Finding("location_signed", "a signed address, which expires", signed, "addresses", "kept"),
        Finding("structure_without_prices", "plans without an in-network file", barren, "structures", "kept"),
    )
    return counts, contents.facts(), findings


def inspect_allowed_amounts(path: Path) -> Found:
    """Inspect an allowed-amounts file: items, amounts and payments."""
    document = _decoded(path, _AllowedAmounts)
    amounts = [amount for item in document.out_of_network for amount in item.allowed_amounts]
    payments = [payment for amount in amounts for payment in amount.payments]
    counts = {"items": len(document.out_of_network), "allowed amounts": len(amounts), "payments": len(payments)}
    zero = sum(payment.allowed_amount == 0 for payment in payments)
    findings = found(
        document.finding(),
        Finding("out_of_network_empty", "no items at all", int(not document.out_of_network), "files", "kept"),
        Finding("amount_zero", "an allowed amount of 0", zero, "payments", "kept"),
    )
    return counts, document.facts(), findings


def inspect_provider_reference(path: Path) -> Found:
    """Inspect a provider-reference file, which a price file of version 1 points to."""
    document = _decoded(path, _ProviderReference)
    npis = [str(npi) for group in document.provider_groups for npi in group.npi]
    counts = {"provider groups": len(document.provider_groups), "NPIs": len(npis), "NPIs distinct": len(set(npis))}
    version = document.facts()["version"]
    return counts, {"version": version}, ()


JSON_INSPECTIONS: dict[str, tuple[str, str | None, Callable[[Path], Found]]] = {
    "contents": ("table of contents", "mrf (as `toc`)", inspect_contents),
    "allowed_amounts": ("allowed-amounts file", None, inspect_allowed_amounts),
    "provider_reference": ("provider-reference file", None, inspect_provider_reference),
}
"""Kind as the reader knows it, the source that takes it, and what inspects it."""


def _decoded(path: Path, document: type[_Document]) -> _Document:
    text = first_bytes(path, MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise SourceUnreadable(
            path, "at most 1 GiB of text to inspect", "more", "`lakeward run` reads it all the same."
        )
    try:
        return msgspec.json.decode(text, type=document)
    except msgspec.DecodeError as error:
        raise SourceUnreadable(path, "whole JSON in the publisher's shape", str(error), "Fetch it again.") from None
