"""One price file of any size, for benchmarks: fast, streaming, and of the shape that is asked for.

In: how many prices and provider groups, and how they hang together. Out: a version 1 price file and its counts.
The original system's hardest load is ``prices=13_456_820, groups=7_332, codes=3_696`` (131,984 provider rows).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lakeward.errors import UsageError
from lakeward.sample.compressed import output_file
from lakeward.sample.identifiers import made_up_npi

ENTITY = "Benchmark Health Plan (made up)"
NPI_POOL = 40_000
NPIS_WANDER_BY = 61
WRITE_BYTES = 1 << 20
MAXIMUM_CODES = 3_700
_FIRST_CODE, _CODE_STEP = 10_004, 24
_LOWEST_CENTS, _CENTS_SPAN, _CENTS_STEP = 1_000, 900_000, 77_783

_PLACES = (
    '["11"]',
    '["02","05","06","07","08","19","21","22","23","24","26","31","34","41","42","51","52","53","56","61"]',
    '["01","03","04","09","11","12","13","14","15","16","17","20","49","50","57","60","65","71","72","81"]',
    '["21","22","23"]',
)
_PRICE_STARTS = (
    b'{"negotiated_type":"negotiated","negotiated_rate":',
    b'{"negotiated_type":"fee schedule","negotiated_rate":',
)
_PRICE_ENDS = tuple(
    f',"expiration_date":"9999-12-31","service_code":{places},"billing_class":"professional"{modifier}}}'.encode()
    for places in _PLACES
    for modifier in ("", ',"billing_code_modifier":["26"]')
)


@dataclass(frozen=True, slots=True)
class RateFileCounts:
    """What a generated file holds: ``group_uses`` counts each mention of a provider group in a rate."""

    items: int
    rates: int
    prices: int
    groups: int
    group_uses: int
    json_bytes: int


@dataclass(frozen=True, slots=True)
class _Shape:
    prices: int
    groups: int
    codes: int
    prices_per_rate: int
    groups_per_rate: int
    npis_per_group: int
    inline: bool

    @property
    def rates(self) -> int:
        return -(-self.prices // self.prices_per_rate)

    @property
    def items(self) -> int:
        return min(self.codes, self.rates)

    def rates_before(self, item: int) -> int:
        return item * self.rates // self.items


def generate_rate_file(
    path: Path,
    *,
    prices: int,
    groups: int,
    codes: int = 3_696,
    prices_per_rate: int = 2,
    groups_per_rate: int = 1,
    npis_per_group: int = 18,
    inline: bool = False,
    year_month: str = "2025-08",
) -> RateFileCounts:
    """Write one price file; about 240 bytes of JSON a price with one group a rate, the same bytes every time.

    Args:
        path: ``.json``, ``.json.gz`` or ``.zip``; replaced when it exists.
        prices: negotiated prices in the file, exactly.
        groups: distinct provider groups, each with a tax number of its own; inline, at most as many as are used.
        codes: billing codes, one item each, at most 3,700.
        prices_per_rate: prices in a rate object; more of them for many prices a group.
        groups_per_rate: provider groups of a rate object; more of them for many groups a price.
        npis_per_group: NPIs of a group, drawn from a pool of 40,000.
        inline: groups stand in the rates, again at each use, and there are no provider references.
        year_month: month of ``last_updated_on``.

    Returns:
        The counts, and the size of the JSON before compression.

    Raises:
        UsageError: a number is below 1, there are too many codes, or a rate has more groups than there are.
    """
    shape = _Shape(prices, groups, codes, prices_per_rate, groups_per_rate, npis_per_group, inline)
    _check(shape)
    written = 0
    with output_file(path, fast=True) as stream:
        for chunk in _in_chunks(_document(shape, year_month)):
            stream.write(chunk)
            written += len(chunk)
    uses = shape.rates * groups_per_rate
    present = min(groups, uses) if inline else groups
    return RateFileCounts(shape.items, shape.rates, prices, present, uses, written)


def _check(shape: _Shape) -> None:
    least = min(
        shape.prices, shape.groups, shape.codes, shape.prices_per_rate, shape.groups_per_rate, shape.npis_per_group
    )
    if least < 1 or shape.codes > MAXIMUM_CODES or shape.groups_per_rate > shape.groups:
        raise UsageError(
            "A generated price file needs numbers from 1 up, at most "
            f"{MAXIMUM_CODES} codes and no more groups a rate than groups; found {shape}. Nothing was written."
        )


def _in_chunks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= WRITE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _document(shape: _Shape, year_month: str) -> Iterator[bytes]:
    header = (
        f'{{"reporting_entity_name":"{ENTITY}","reporting_entity_type":"health insurance issuer",'
        f'"last_updated_on":"{year_month}-01","version":"1.0.0"'
    )
    yield header.encode()
    npis = [made_up_npi(serial) for serial in range(NPI_POOL)]
    npis += npis[: shape.npis_per_group]
    if not shape.inline:
        yield b',"provider_references":['
        for group in range(shape.groups):
            comma = b"," if group else b""
            yield b'%b{"provider_group_id":%d,"provider_groups":[%b]}' % (comma, group + 1, _group(shape, npis, group))
        yield b"]"
    yield b',"in_network":['
    yield from _items(shape, npis)
    yield b"]}\n"


def _group(shape: _Shape, npis: list[str], group: int) -> bytes:
    first = group * NPIS_WANDER_BY % NPI_POOL
    listed = ",".join(npis[first : first + shape.npis_per_group])
    return f'{{"npi":[{listed}],"tin":{{"type":"ein","value":"00-{group:07d}"}}}}'.encode()


def _items(shape: _Shape, npis: list[str]) -> Iterator[bytes]:
    for item in range(shape.items):
        yield _item_start(item)
        end = shape.rates_before(item + 1)
        for ordinal in range(shape.rates_before(item), end):
            yield _rate(shape, npis, ordinal, is_last=ordinal + 1 == end)
        yield b"]}"


def _item_start(item: int) -> bytes:
    comma = "," if item else ""
    return (
        f'{comma}{{"negotiation_arrangement":"ffs","name":"Made-up service {item}","billing_code_type":"CPT",'
        f'"billing_code_type_version":"2025","billing_code":"{_FIRST_CODE + item * _CODE_STEP}",'
        f'"description":"Made-up service {item}","negotiated_rates":['
    ).encode()


def _rate(shape: _Shape, npis: list[str], ordinal: int, *, is_last: bool) -> bytes:
    first_group = ordinal * shape.groups_per_rate
    used = [(first_group + offset) % shape.groups for offset in range(shape.groups_per_rate)]
    if shape.inline:
        members = b'"provider_groups":[%b]' % b",".join([_group(shape, npis, group) for group in used])
    else:
        members = b'"provider_references":[%b]' % ",".join([str(group + 1) for group in used]).encode()
    first_price = ordinal * shape.prices_per_rate
    count = min(shape.prices_per_rate, shape.prices - first_price)
    priced = b",".join([_price(first_price + offset) for offset in range(count)])
    return b'{%b,"negotiated_prices":[%b]}%b' % (members, priced, b"" if is_last else b",")


def _price(ordinal: int) -> bytes:
    """Neighbouring prices differ in place and modifier, so that no two prices of a rate are the same price."""
    dollars, cents = divmod(_LOWEST_CENTS + ordinal * _CENTS_STEP % _CENTS_SPAN, 100)
    end = _PRICE_ENDS[ordinal % len(_PRICE_ENDS)]
    return b"%b%d.%02d%b" % (_PRICE_STARTS[ordinal % len(_PRICE_STARTS)], dollars, cents, end)
