"""The in-network items of a price file: for each code its rate objects, with prices, groups and planted defects.

In: a price file and a block of the market. Out: items ready to be written, one code at a time.
"""

from collections.abc import Iterator
from typing import Any

from lakeward.sample.contracts import Contract
from lakeward.sample.defects import CODE_DEFECTS, spoil_rate
from lakeward.sample.facts import Row, keyed, table
from lakeward.sample.json_stream import Members
from lakeward.sample.price_file import PriceFile, PriceFileCounts
from lakeward.sample.prices import Price, negotiated_prices
from lakeward.sample.provider_groups import Member, groups_of, members_of, reference_id

Rate = dict[str, Any]

SEVERITY_WEIGHTS = {"1": 0.8, "2": 1.0, "3": 1.45, "4": 2.3}
"""Severity of illness, which only version 2 has, and how it moves a case rate."""

BUNDLES = (
    ("EX900", "bundle", "hospital", ("27447", "01402", "97110")),
    ("EX950", "capitation", "family", ("99213", "99214", "99395", "96372")),
)
"""Code, arrangement, who has it, and the codes that it holds."""

INPATIENT_LINES = frozenset({"drg", "apr_drg", "room"})
DATE_TIME_TIER = 3
"""In version 1 the contracts of this tier publish a date and time where a date belongs, as one payer does."""


def items_of(file: PriceFile, scale: int, counts: PriceFileCounts) -> Iterator[Members]:
    """Yield the items of a file, block after block; a code comes again in each block."""
    for block in range(scale):
        items = _BlockItems(file, members_of(file, block), counts)
        for code in table("billing_code"):
            yield from items.of_code(code)
        yield from items.bundles()


class _BlockItems:
    """Makes the items of one block; keeps the ordinal of the rate object, which decides where a defect falls."""

    def __init__(self, file: PriceFile, members: list[Member], counts: PriceFileCounts) -> None:
        self.file, self.counts = file, counts
        self.members: dict[Contract, list[Member]] = {}
        for member in members:
            self.members.setdefault(member.contract, []).append(member)
        self.rates = 0

    def of_code(self, code: Row) -> Iterator[Members]:
        """Yield the item of a code, one for each severity where the code has them; nothing where nobody offers it."""
        if code["service_line"] != "apr_drg":
            yield from self._item(code, self._rates(code, 1.0), {})
        elif self.file.is_version_2:
            for severity, weight in SEVERITY_WEIGHTS.items():
                yield from self._item(code, self._rates(code, weight), {"severity_of_illness": severity})

    def bundles(self) -> Iterator[Members]:
        """Yield a bundle and a capitation item, with the codes they hold."""
        for number, arrangement, specialty, held in BUNDLES:
            code = keyed("billing_code", "code")[number]
            terms = [contract for contract in self.members if contract.specialty == specialty]
            rates = [self._rate(contract, [_package_price(contract, code)], code) for contract in terms]
            listed = "bundled_codes" if arrangement == "bundle" else "covered_services"
            yield from self._item(code, rates, {listed: [_held_code(each) for each in held]}, arrangement)

    def _rates(self, code: Row, weight: float) -> list[Rate]:
        rates = []
        for contract in self.members:
            prices = negotiated_prices(contract, code, self.file.year_month)
            for price in prices if weight != 1.0 else ():
                price["negotiated_rate"] = round(price["negotiated_rate"] * weight, 2)
            if prices:
                rates.append(self._rate(contract, prices, code))
        return rates

    def _item(self, code: Row, rates: list[Rate], extra: dict[str, Any], arrangement: str = "ffs") -> Iterator[Members]:
        if not rates:
            return
        self.counts.items += 1
        self.counts.rates += len(rates)
        self.counts.prices += sum(len(rate["negotiated_prices"]) for rate in rates)
        head = {
            "negotiation_arrangement": arrangement,
            "name": code["description"],
            "billing_code_type": code["code_type"],
            "billing_code_type_version": "2025",
            "billing_code": self._published_code(code),
            "description": f"{code['description']} (made-up wording)",
        }
        yield Members((*head.items(), *extra.items(), ("negotiated_rates", iter(rates))))

    def _published_code(self, code: Row) -> str:
        defect = CODE_DEFECTS.get(code["code"])
        self.counts.planted["bad_code_format"] += defect is not None
        return defect or code["code"]

    def _rate(self, contract: Contract, prices: list[Price], code: Row) -> Rate:
        """Give the prices their groups and what only one version has, and plant the defect that falls on them."""
        inline = [member for member in self.members[contract] if member.is_inline]
        referred = [member for member in self.members[contract] if not member.is_inline]
        rate: Rate = {}
        if referred:
            rate["provider_references"] = [reference_id(self.file, member.organisation) for member in referred]
        if inline:
            groups = [group for member in inline for group in groups_of(self.file, member, self.counts)]
            rate["provider_groups"] = groups
            self.counts.inline_groups += len(groups)
        rate["negotiated_prices"] = [self._versioned(contract, price, code["service_line"]) for price in prices]
        self.rates += 1
        return spoil_rate(rate, self.rates, self.counts.planted)

    def _versioned(self, contract: Contract, price: Price, service_line: str) -> Price:
        if self.file.is_version_2:
            return {"setting": _setting(price, service_line), **price}
        if contract.tier == DATE_TIME_TIER:
            price["expiration_date"] += "T00:00:00"
        return price


def _setting(price: Price, service_line: str) -> str:
    if service_line in INPATIENT_LINES:
        return "inpatient"
    is_anywhere = price["billing_class"] == "professional" and "21" in price.get("service_code", ())
    return "both" if is_anywhere else "outpatient"


def _package_price(contract: Contract, code: Row) -> Price:
    rate = int(code["made_up_amount_usd"]) * contract.factor_permille // 10 / 100
    price: Price = {"negotiated_type": "negotiated", "negotiated_rate": rate, "expiration_date": "2025-12-31"}
    if contract.facility_index is not None:
        return price | {"billing_class": "institutional"}
    return price | {"billing_class": "professional", "service_code": ["11"]}


def _held_code(number: str) -> dict[str, str]:
    code = keyed("billing_code", "code")[number]
    return {
        "billing_code_type": code["code_type"],
        "billing_code_type_version": "2025",
        "billing_code": number,
        "description": code["description"],
    }
