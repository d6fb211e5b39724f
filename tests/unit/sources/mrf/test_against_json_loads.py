"""The streaming reader gives what ``json.loads`` and loops give, for any document, spelling and window."""

import tempfile
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.unit.sources.mrf import naive
from tests.unit.sources.mrf.conftest import land_file

WINDOWS = (7, 40, 150, 900, 1 << 20)
FALSE_SEPARATORS = (
    *('"', "\\", "},{", "]},{", '"negotiated_rate":1,', '{"negotiated_type":"x"', "negotiated_rate", "\\u0022"),
    *("é", "😀", "\n", "\t", "", "null", "[", "}", '\\"', "a,b", " ", "\u2028"),
)


class Spelled(str):
    """JSON text that stands for itself."""


texts = st.one_of(
    st.sampled_from(FALSE_SEPARATORS), st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=5)
)
words = st.one_of(st.none(), texts, st.sampled_from([Spelled("1.50"), Spelled("true"), Spelled("-0")]))
amounts = st.one_of(
    st.decimals(-10, 100_000, places=2).map(lambda amount: Spelled(str(amount))),
    st.sampled_from([Spelled(amount) for amount in ("0", "1e3", "1.5E-2", "123456789.123456", "99999999999999999999")]),
    st.sampled_from([None, "12.5", "n/a", "", "NaN"]),
)
npis = st.one_of(
    st.lists(st.sampled_from([Spelled("1234567893"), Spelled("1003000126"), "1003000126", Spelled("0")]), max_size=4),
    st.lists(st.one_of(words, st.sampled_from(["0012", Spelled("1e5"), "12 3", " 12"])), max_size=3),
    st.none(),
)


def objects(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of a publisher: fields may be absent, unknown ones may be there."""
    return st.fixed_dictionaries(required, optional=optional | {"x-extra": st.just({"negotiated_rate": Spelled("7")})})


prices = objects(
    {},
    {
        "negotiated_rate": amounts,
        "negotiated_type": st.sampled_from(["negotiated", "percentage"]),
        "expiration_date": words,
        "billing_class": words,
        "setting": words,
        "service_code": st.one_of(st.none(), st.lists(st.sampled_from(["11", "22", Spelled("5")]), max_size=3)),
        "billing_code_modifier": st.one_of(st.none(), st.lists(texts, max_size=2)),
        "additional_information": words,
    },
)
plain_prices = st.fixed_dictionaries(
    {
        "negotiated_type": st.sampled_from(["negotiated", "fee schedule"]),
        "negotiated_rate": st.decimals(0, 1000, places=2).map(lambda amount: Spelled(str(amount))),
        "billing_class": st.sampled_from(["professional", "institutional"]),
        "service_code": st.lists(st.sampled_from(["11", "22"]), max_size=2),
    }
)
tins = objects({}, {"type": st.sampled_from(["ein", "npi"]), "value": words, "business_name": words})
groups = objects({}, {"npi": npis, "tin": st.one_of(st.none(), tins)})
group_lists = st.one_of(st.none(), st.lists(groups, max_size=3))
ids = st.one_of(st.sampled_from([Spelled("1"), Spelled("690.64470"), "A 1", "690.64470", Spelled("2")]), texts)
rates = objects(
    {},
    {
        "provider_references": st.one_of(st.none(), st.lists(ids, max_size=3)),
        "provider_groups": group_lists,
        "negotiated_prices": st.one_of(st.none(), st.lists(prices, max_size=3), st.lists(plain_prices, max_size=5)),
    },
)
codes = objects({}, dict.fromkeys(naive.CODE_FIELDS, words))
items = objects(
    {},
    dict.fromkeys(naive.ITEM_FIELDS, words)
    | {
        "negotiated_rates": st.one_of(st.none(), st.lists(rates, max_size=4)),
        "bundled_codes": st.one_of(st.none(), st.lists(codes, max_size=2)),
        "covered_services": st.one_of(st.none(), st.lists(codes, max_size=2)),
    },
)
references = objects(
    {},
    {
        "provider_group_id": ids,
        "provider_groups": group_lists,
        "network_name": st.one_of(st.none(), st.lists(words, max_size=2)),
    },
)
documents = objects(
    {"in_network": st.lists(items, min_size=1, max_size=4)},
    {
        "provider_references": st.one_of(st.none(), st.lists(references, max_size=4)),
        "reporting_entity_name": words,
        "last_updated_on": words,
        "version": words,
    },
)


def spelled(value: Any, chance: Random) -> str:
    """Write JSON with keys in any order, white space anywhere, and characters escaped or not."""

    def space() -> str:
        return chance.choice(["", "", "", " ", "\n", "\r\n\t"])

    def string(content: str) -> str:
        written = "".join(_character(character, chance) for character in content)
        return f'"{written}"'

    def write(node: Any) -> str:
        if isinstance(node, Spelled) or node is None or isinstance(node, bool):
            return str(node) if isinstance(node, Spelled) else {None: "null", True: "true", False: "false"}[node]
        if isinstance(node, str):
            return string(node)
        if isinstance(node, list):
            return "[" + ",".join(space() + write(element) + space() for element in node) + space() + "]"
        pairs = list(node.items())
        if is_shuffled:
            chance.shuffle(pairs)
        body = ",".join(f"{space()}{string(key)}{space()}:{space()}{write(child)}{space()}" for key, child in pairs)
        return "{" + body + space() + "}"

    is_shuffled, is_plain = chance.random() < 0.5, chance.random() < 0.3
    if is_plain:
        chance = Random(0)
        chance.choice = lambda choices: choices[0]  # type: ignore[assignment, method-assign]
    return write(value)


def _character(character: str, chance: Random) -> str:
    if character in '"\\' or ord(character) < 32:
        short = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}.get(character)
        return chance.choice([short or f"\\u{ord(character):04x}", f"\\u{ord(character):04x}"])
    if ord(character) < 0x10000 and chance.random() < 0.03:
        return f"\\u{ord(character):04X}"
    return character


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents, seed=st.integers(0, 10_000), window=st.sampled_from(WINDOWS))
@example(document={"in_network": [{"negotiated_rates": [{"negotiated_prices": []}]}]}, seed=1, window=7)
def test_any_document_reads_as_json_loads_reads_it(document: dict[str, Any], seed: int, window: int) -> None:
    published = spelled(document, Random(seed)).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input.json"
        path.write_bytes(published)
        extracted, bronze = land_file(path, Path(folder) / "staging", window_bytes=window)
    loaded = naive.load(published)
    expected = naive.expected_prices(loaded)
    assert naive.landed_prices(bronze) == expected
    assert naive.landed_references(bronze) == naive.expected_references(loaded)
    assert extracted.rows_in == extracted.rows_out == len(expected)
    header = bronze["header"][0]
    assert header["reporting_entity_name"] == naive.text(loaded.get("reporting_entity_name"))
    assert header["version"] == naive.text(loaded.get("version"))
    assert header["negotiated_rate_total"] == _exact_total(loaded)
    assert header["item_count"] == len(loaded["in_network"]) == len(bronze["item"])


def _exact_total(document: Any) -> Decimal:
    amounts = [
        Decimal(naive.text(price["negotiated_rate"]))
        for item in document["in_network"]
        for rate in item.get("negotiated_rates") or ()
        for price in rate.get("negotiated_prices") or ()
        if naive.rate(price.get("negotiated_rate")) is not None
    ]
    return sum(amounts, Decimal(0)).quantize(Decimal("0.000001"))


@pytest.mark.parametrize("window", range(1, 60))
def test_no_window_cuts_a_document_wrongly(window: int, tmp_path: Path) -> None:
    published = (Path(__file__).resolve().parents[3] / "fixtures/mrf/everything.json").read_bytes()
    path = tmp_path / "input.json"
    path.write_bytes(published)
    _, bronze = land_file(path, tmp_path / "staging", window_bytes=window)
    _, whole = land_file(path, tmp_path / "whole")
    assert bronze == whole
    assert naive.landed_prices(bronze) == naive.expected_prices(naive.load(published))
