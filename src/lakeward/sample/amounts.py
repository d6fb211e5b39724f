"""What Medicare pays for a code, as the starting point of a made-up rate.

In: the fact tables. Out: national amounts in whole cents, ``None`` where Medicare has no amount; a code without one
starts from its ``made_up_amount_usd`` or from a made-up amount of its service line.
"""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from lakeward.sample.chance import between
from lakeward.sample.facts import Row, table

PAYABLE_PFS_STATUS = frozenset("ART")
_MADE_UP_USD_BY_LINE = {
    "lab": (6, 60), "preventive": (20, 160), "clinic": (8, 45), "anesthesia": (48, 75), "supply": (20, 420),
    "ambulance": (9, 480), "hospital": (80, 260), "cancer": (60, 4200),
}  # fmt: skip


def cents(usd: str) -> int | None:
    """Return whole cents of a published amount such as ``$1,579.16``; ``None`` where there is none."""
    digits = usd.replace("$", "").replace(",", "").strip()
    return None if digits in {"", "."} else int(_round(Decimal(digits) * 100))


def _round(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1), rounding=ROUND_HALF_UP)


@cache
def pfs_rows() -> dict[tuple[str, str], Row]:
    """Return the physician fee schedule by code and modifier."""
    return {(row["code"], row["modifier"]): row for row in table("pfs_rvu")}


def professional_cents(code: str, modifier: str, *, facility: bool) -> int | None:
    """Return the national physician fee: all three relative values times the conversion factor."""
    row = pfs_rows().get((code, modifier))
    setting = "facility" if facility else "nonfacility"
    if row is None or row["status"] not in PAYABLE_PFS_STATUS or row[f"{setting}_na"] == "NA":
        return None
    parts = (row["work_rvu"], row[f"{setting}_pe_rvu"], row["malpractice_rvu"])
    total = sum(map(Decimal, parts), Decimal(0))
    return int(_round(total * Decimal(row["conversion_factor"]) * 100)) or None


def has_components(code: str) -> bool:
    """Whether the code is also paid as its professional (26) and technical (TC) part."""
    return (code, "26") in pfs_rows() and (code, "TC") in pfs_rows()


@cache
def outpatient_cents() -> dict[str, int]:
    """Return the national hospital outpatient payment by code."""
    return _amounts("opps_addendum_b")


@cache
def surgery_center_cents() -> dict[str, int]:
    """Return the national ambulatory surgery payment by code."""
    return _amounts("asc_addendum")


def _amounts(name: str) -> dict[str, int]:
    amounts = {row["code"]: cents(row["payment_rate"]) for row in table(name)}
    return {code: amount for code, amount in amounts.items() if amount}


def made_up_cents(code: Row) -> int:
    """Return a made-up amount for a code that Medicare does not price; for ``percentage`` kinds it is percent × 100."""
    if code["made_up_amount_usd"]:
        return int(code["made_up_amount_usd"]) * 100
    low, high = _MADE_UP_USD_BY_LINE.get(code["service_line"], (40, 240))
    return between(low * 100, high * 100, "made up", code["code_type"], code["code"])
