"""The negotiated prices of one contract for one code, as a price file writes them.

In: a contract, a billing code and a month. Out: a list of price objects without the fields that only version 2 has;
empty where the contract does not cover the code. A rate is Medicare's amount times the contract's factor, to the cent.
"""

from typing import Any

from lakeward.sample import amounts
from lakeward.sample.chance import between, draw
from lakeward.sample.contracts import Contract
from lakeward.sample.facts import Row

Price = dict[str, Any]

OFFICE = ("02", "11", "20", "49", "50", "72")
FACILITY = ("19", "21", "22", "23", "24")
PLACES_BY_LINE = {
    "lab": ("11", "81"), "ambulance": ("41",), "supply": ("12",), "pharmacy": ("01",), "anesthesia": ("21", "22", "24"),
    "rounds": ("21",), "emergency": ("23",),
}  # fmt: skip
ANY_PLACE = ("CSTM-00",)
COMPONENT_LINES = frozenset({"imaging", "cardio", "pathology", "neuro", "obgyn", "eye", "clinic"})
FACILITY_LINES = frozenset({"drg", "apr_drg", "room", "revenue"})

CLINIC_LINES = {
    "family": ("visit", "preventive", "clinic", "skin"), "internal": ("visit", "preventive", "clinic", "rounds"),
    "pediatrics": ("visit", "preventive", "clinic"), "general": ("visit", "clinic", "local"),
    "obgyn": ("visit", "preventive", "obgyn"), "cardio": ("visit", "rounds", "cardio"),
    "heartsurgery": ("visit", "rounds", "heartsurgery"), "ortho": ("visit", "ortho"),
    "surgery": ("visit", "rounds", "surgery"),
    "gi": ("visit", "gi"), "radiology": ("imaging",), "anesthesiology": ("anesthesia", "pain"),
    "psychiatry": ("visit", "mental"), "psychology": ("mental",), "social_work": ("mental", "local"),
    "eye": ("visit", "eye"), "skin": ("visit", "skin"), "uro": ("visit", "uro"), "ent": ("visit", "ent"),
    "neuro": ("visit", "neuro"), "pain": ("visit", "pain"), "cancer": ("visit", "cancer"),
    "allergy": ("visit", "allergy"),
    "emergency": ("emergency",), "pathology": ("pathology",), "hospitalist": ("rounds",), "therapy": ("therapy",),
    "chiro": ("chiro", "therapy"), "podiatry": ("visit", "skin"), "imaging_center": ("imaging",),
    "laboratory": ("lab", "pathology"), "supplier": ("supply",), "pharmacy": ("pharmacy",), "ambulance": ("ambulance",),
}  # fmt: skip
SURGERY_CENTER_LINES = frozenset({"surgery", "ortho", "gi", "eye", "ent", "uro", "pain", "obgyn", "skin"})


def negotiated_prices(contract: Contract, code: Row, year_month: str) -> list[Price]:
    """Return the prices of a code under a contract, as published objects in their order."""
    line = code["service_line"]
    if contract.specialty == "hospital":
        return _hospital(contract, code, year_month)
    if contract.specialty == "surgery_center":
        return _surgery_center(contract, code, year_month) if line in SURGERY_CENTER_LINES else []
    return _professional(contract, code, year_month) if line in CLINIC_LINES[contract.specialty] else []


def _professional(contract: Contract, code: Row, year_month: str) -> list[Price]:
    number, line = code["code"], code["service_line"]
    modifiers = ("", "26", "TC") if line in COMPONENT_LINES and amounts.has_components(number) else ("",)
    office, facility = _places(contract, line)
    found = []
    for modifier in modifiers:
        for places, in_facility in ((office, False), (facility, True)):
            amount = amounts.professional_cents(number, modifier, facility=in_facility)
            if amount and places:
                rate = _rate(contract, code, amount, year_month)
                found.append(_price(contract, rate, "professional", places, (modifier,) if modifier else ()))
    return _without_repeats(found) or [_unpriced_professional(contract, code, year_month, office or facility)]


def _places(contract: Contract, line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Office and facility places of service; one contract tier says "any place" instead of a list."""
    if line in PLACES_BY_LINE:
        fixed = PLACES_BY_LINE[line]
        return ((), fixed) if fixed[0] in FACILITY else (fixed, ())
    return (ANY_PLACE, ()) if contract.tier == 0 and contract.facility_index is None else (OFFICE, FACILITY)


def _without_repeats(prices: list[Price]) -> list[Price]:
    """Drop a facility price that equals the office price of the same modifier, and widen the office one's places."""
    kept: dict[tuple[Any, ...], Price] = {}
    for price in prices:
        key = (price["negotiated_rate"], tuple(price.get("billing_code_modifier", ())))
        if key in kept:
            kept[key]["service_code"] = sorted({*kept[key]["service_code"], *price["service_code"]})
        else:
            kept[key] = price
    return list(kept.values())


def _unpriced_professional(contract: Contract, code: Row, year_month: str, places: tuple[str, ...]) -> Price:
    """A code outside the physician fee schedule: laboratory, drug, supply or one that Medicare does not pay."""
    base = amounts.outpatient_cents().get(code["code"]) or amounts.made_up_cents(code)
    kind = "fee schedule" if code["service_line"] in {"lab", "supply", "anesthesia"} else "negotiated"
    return _price(contract, _rate(contract, code, base, year_month), "professional", places, (), kind)


def _hospital(contract: Contract, code: Row, year_month: str) -> list[Price]:
    line, number = code["service_line"], code["code"]
    if line in FACILITY_LINES:
        return [_stay(contract, code, year_month)]
    base = amounts.outpatient_cents().get(number)
    if base is None and line == "lab":
        base = amounts.made_up_cents(code)
    if base is None:
        return []
    if draw("share of charges", contract.facility_index or 0, line) % 9 == 0:
        percent = float(between(38, 72, "percent", contract.payer, contract.facility_index or 0, line))
        return [_price(contract, percent, "institutional", (), (), "percentage")]
    return [_price(contract, _rate(contract, code, base, year_month), "institutional", (), ())]


def _stay(contract: Contract, code: Row, year_month: str) -> Price:
    """Inpatient kinds: a case rate by DRG, a day rate by room, a percent of charges by revenue code."""
    if code["service_line"] == "revenue":
        more = between(-6, 6, "percent", contract.payer, contract.facility_index or 0)
        percent = float(int(code["made_up_amount_usd"]) + more)
        return _price(contract, percent, "institutional", (), (), "percentage")
    kind = "per diem" if code["service_line"] == "room" else "negotiated"
    rate = _rate(contract, code, amounts.made_up_cents(code), year_month)
    return _price(contract, rate, "institutional", (), (), kind)


def _surgery_center(contract: Contract, code: Row, year_month: str) -> list[Price]:
    base = amounts.surgery_center_cents().get(code["code"])
    if base is None:
        return []
    return [_price(contract, _rate(contract, code, base, year_month), "institutional", ("24",), ())]


def _rate(contract: Contract, code: Row, base_cents: int, year_month: str) -> float:
    """Dollars and cents: base × contract × a little of its own for each code (± 4 %) × the rise of August (3 %)."""
    own = between(960, 1040, "code", contract.payer, contract.specialty, code["code_type"], code["code"])
    rise = 1030 if contract.raised(year_month) else 1000
    scaled = base_cents * contract.factor_permille * own * rise
    return max(1, (scaled + 500_000_000) // 1_000_000_000) / 100


def _price(
    contract: Contract, rate: float, billing_class: str, places: tuple[str, ...], modifiers: tuple[str, ...],
    kind: str = "negotiated",
) -> Price:  # fmt: skip
    price: Price = {
        "negotiated_type": kind,
        "negotiated_rate": rate,
        "expiration_date": "9999-12-31" if contract.tier % 2 else "2025-12-31",
        "billing_class": billing_class,
    }
    if places:
        price["service_code"] = list(places)
    if modifiers:
        price["billing_code_modifier"] = list(modifiers)
    if kind == "percentage":
        price["additional_information"] = "Percent of billed charges"
    return price
