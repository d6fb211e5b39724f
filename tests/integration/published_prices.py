"""Reads price files the simple way, whole and with ``json``, and says what facts must come of them.

It knows the publishers' format and the documented identifiers, and shares no code with the readers and models.
"""

import gzip
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

CODE_SHAPES = {"CPT": r"[0-9A-Z]\d{3}[0-9A-Z]", "HCPCS": r"[0-9A-Z]\d{3}[0-9A-Z]"}
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])")
RATE_MIN, RATE_MAX = 0.01, 1_000_000

Json = dict[str, Any]
Member = tuple[str | None, str, str]
"""NPI, TIN type and TIN of one provider."""


def read_json(path: Path) -> Json:
    """Return the document of a ``.json``, ``.json.gz`` or ``.zip`` file."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(archive.namelist()[0])
    # A decimal keeps the digits as published, which are part of an identifier: 690.64470.
    document: Json = json.loads(data, parse_float=Decimal)
    return document


def md5(text: str) -> str:
    """Return the md5 of a text in hex."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def is_npi(text: str) -> bool:
    """Whether a text is an NPI: ten digits, the first 1 or 2, and Luhn's check digit over ``80840`` and the number."""
    if not re.fullmatch(r"[12]\d{9}", text):
        return False
    digits = [int(digit) for digit in reversed("80840" + text)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


@dataclass(frozen=True)
class Group:
    """One provider group as a rate names it: its published id (none when it stands inline), network and members."""

    raw_id: str | None
    network: str | None
    members: frozenset[Member]
    version: str
    payer_slug: str

    @cached_property
    def pg_uid(self) -> str:
        """The group's identifier: its id, or its content where it has none."""
        content = "" if self.raw_id is not None else self._content
        return md5(f"{self.payer_slug}|{self.version}|{self.raw_id or ''}|{content}")

    @property
    def _content(self) -> str:
        by_tin: dict[tuple[str, str], set[str]] = {}
        for npi, tin_type, tin in self.members:
            by_tin.setdefault((tin_type, tin), set()).update({npi} if npi else ())
        texts = (f"{kind}:{tin}/{','.join(sorted(npis))}" for (kind, tin), npis in by_tin.items())
        return md5(";".join(sorted(texts)))


@dataclass(frozen=True)
class PublishedPrice:
    """One price of one group; equal ones are one fact."""

    group: Group
    code_type: str
    code: str
    arrangement: str
    code_version: str | None
    severity: str | None
    negotiated_type: str
    billing_class: str
    setting: str | None
    expires: str
    information: str | None
    modifiers: tuple[str, ...]
    places: tuple[str, ...]
    rate: float | None

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """Why the price is no fact; empty for a good one."""
        found = []
        if (shape := CODE_SHAPES.get(self.code_type)) and not re.fullmatch(shape, self.code):
            found.append("code_format")
        if not DAY.fullmatch(self.expires):
            found.append("expiration_date_invalid")
        return (*found, *self._rate_reasons())

    def _rate_reasons(self) -> Iterator[str]:
        if self.rate is None:
            yield "rate_missing"
        elif self.rate < 0:
            yield "rate_negative"
        elif self.rate == 0:
            yield "rate_zero"
        elif self.rate < RATE_MIN:
            yield "rate_below_minimum"
        elif self.rate > RATE_MAX:
            yield "rate_above_maximum"

    def fact_uid(self, state: str, year_month: str) -> str:
        """Return the documented identifier: the original thirteen parts, then what the original lacked."""
        rate = "" if self.rate is None else f"{self.rate:.4f}"
        parts = [
            state, year_month, self.group.payer_slug, self.billing_class, self.code_type, self.code,
            self.group.pg_uid, md5("|".join(self.places)), self.negotiated_type, self.arrangement, self.expires,
            rate, self.group.raw_id or "",
        ]  # fmt: skip
        added = {
            "modifier": ",".join(self.modifiers) or None, "setting": self.setting, "severity": self.severity,
            "code_version": self.code_version, "information": self.information, "network": self.group.network,
        }  # fmt: skip
        parts += [f"{name}={escaped(value)}" for name, value in added.items() if value is not None]
        return md5("|".join(parts))


def escaped(value: str) -> str:
    """Return an added part so that no two lists of parts read alike."""
    return value.replace("%", "%25").replace("|", "%7C")


@dataclass(frozen=True)
class PriceFile:
    """One price file, read whole."""

    path: Path
    state: str

    @cached_property
    def document(self) -> Json:
        """The file's JSON."""
        return read_json(self.path)

    @property
    def payer_slug(self) -> str:
        """The payer's short name."""
        return re.sub(r"[^a-z0-9]+", "-", self.document["reporting_entity_name"].lower()).strip("-")

    @property
    def year_month(self) -> str:
        """The month of the file."""
        return str(self.document["last_updated_on"])[:7]

    @property
    def release_id(self) -> str:
        """The release that the file is."""
        return f"{self.payer_slug}.{self.state.lower()}.{self.year_month}"

    @cached_property
    def references(self) -> dict[str, Group]:
        """The provider references by their published ids."""
        return {
            str(r["provider_group_id"]): self._group(
                str(r["provider_group_id"]), r["provider_groups"], r.get("network_name")
            )
            for r in self.document["provider_references"]
        }

    @cached_property
    def prices(self) -> list[PublishedPrice]:
        """Every price of every group, repeats included, in the order of the file."""
        return [price for _, price in self.records()]

    def records(self) -> Iterator[tuple[int, PublishedPrice]]:
        """Yield each price with the 1-based ordinal of its item."""
        for ordinal, item in enumerate(self.document["in_network"], 1):
            for rate in item["negotiated_rates"]:
                for price in rate["negotiated_prices"]:
                    for group in self._groups(rate):
                        yield ordinal, _price(item, price, group)

    def groups(self) -> list[Group]:
        """Return every group of the file: those with an id, and those that stand in the rates."""
        inline = [
            self._group(None, rate["provider_groups"], None)
            for item in self.document["in_network"]
            for rate in item["negotiated_rates"]
            if rate.get("provider_groups")
        ]
        return [*self.references.values(), *set(inline)]

    @cached_property
    def distinct_prices(self) -> set[PublishedPrice]:
        """The prices, each once."""
        return set(self.prices)

    @cached_property
    def facts(self) -> dict[str, float]:
        """The rate of each fact, by its identifier."""
        good = (price for price in self.distinct_prices if not price.reasons)
        return {p.fact_uid(self.state, self.year_month): p.rate for p in good if p.rate is not None}

    def control_total(self) -> Decimal:
        """Return the sum of the rates of all facts."""
        return sum((Decimal(str(rate)) for rate in self.facts.values()), Decimal(0))

    def _groups(self, rate: Json) -> Iterator[Group]:
        for reference in rate.get("provider_references", ()):
            name = str(reference)
            yield self.references.get(name) or self._group(name, [], None)
        if rate.get("provider_groups"):
            yield self._group(None, rate["provider_groups"], None)

    def _group(self, raw_id: str | None, objects: list[Json], networks: list[str] | None) -> Group:
        return Group(
            raw_id=raw_id,
            network="|".join(sorted(set(networks))) if networks else None,
            members=frozenset(member for each in objects for member in _members(each)),
            version=self.document["version"],
            payer_slug=self.payer_slug,
        )


def _members(group: Json) -> Iterator[Member]:
    for npi in group["npi"] or [0]:
        yield None if str(npi) == "0" else str(npi), group["tin"]["type"], group["tin"]["value"].replace("-", "")


def _price(item: Json, price: Json, group: Group) -> PublishedPrice:
    return PublishedPrice(
        group=group,
        code_type=item["billing_code_type"],
        code=item["billing_code"],
        arrangement=item["negotiation_arrangement"],
        code_version=item.get("billing_code_type_version"),
        severity=item.get("severity_of_illness"),
        negotiated_type=price["negotiated_type"],
        billing_class=price["billing_class"],
        setting=price.get("setting"),
        expires=price["expiration_date"].partition("T")[0],
        information=price.get("additional_information"),
        modifiers=tuple(sorted(set(price.get("billing_code_modifier") or ()))),
        places=tuple(sorted(set(price.get("service_code") or ()))),
        rate=float(price["negotiated_rate"]) if "negotiated_rate" in price else None,
    )
