"""Prices by template and one by one are the same prices; plain prices go by template."""

from pathlib import Path
from typing import Any

import pytest

from lakeward.sources.landing import Landing
from lakeward.sources.mrf.layout import UnknownKeys
from lakeward.sources.mrf.prices import PriceReader, Prices
from lakeward.sources.mrf.tables import BronzeTables

PLAIN = b'{"negotiated_type":"negotiated","negotiated_rate":%b,"billing_class":"professional"}'


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A price reader that counts the batches it had to decode price by price."""
    with Landing(tmp_path, tmp_path / "staging", "0" * 64) as landing:
        reader = PriceReader(BronzeTables(landing), UnknownKeys())
        reader.slow = 0
        one_by_one = reader._read_one_by_one

        def counted(raws: list[Any]) -> Prices:
            reader.slow += 1
            return one_by_one(raws)

        monkeypatch.setattr(reader, "_read_one_by_one", counted)
        yield reader


@pytest.mark.parametrize(
    ("arrays", "rates", "ordinals", "slow"),
    [
        pytest.param([[b"1.5", b"2"], [b"3"]], [1.5, 2, 3], [0, 0, 1], 0, id="two-arrays"),
        pytest.param([[], [b"1"], [], [], [b"2"], []], [1, 2], [1, 4], 0, id="empty-arrays"),
        pytest.param([[b"1e2"], [b"-0.5"]], [100, -0.5], [0, 1], 0, id="exponent-and-sign"),
        pytest.param([[b"1234.5600000000001"]], [1234.5600000000001], [0], 0, id="as-long-as-floats-are-printed"),
        pytest.param([[b"null", b"2"]], [None, 2], [0, 0], 1, id="null"),
        pytest.param([[b'"7.25"']], [7.25], [0], 1, id="text"),
        pytest.param([[b'1,"negotiated_rate":5']], [5], [0], 1, id="rate-stated-twice"),
        pytest.param([[b'1,"negotiated\\u005frate":5']], [5], [0], 1, id="rate-stated-twice-in-disguise"),
        pytest.param([[b'1,"note":{"negotiated_rate":5}']], [1], [0], 1, id="rate-inside-something"),
        pytest.param([[b'1,"additional_information":"\\"negotiated_rate\\":9,"']], [1], [0], 0, id="rate-in-text"),
        pytest.param([[]], [], [], 1, id="no-prices"),
    ],
)
def test_rates(reader: Any, arrays: list[list[bytes]], rates: list[Any], ordinals: list[int], slow: int) -> None:
    raws = [b"[" + b",".join(PLAIN % rate for rate in array) + b"]" for array in arrays]
    prices = reader.read(raws)
    assert prices.rate.to_pylist() == rates
    assert prices.array.tolist() == ordinals
    assert reader.slow == slow


def test_prices_that_all_differ_in_text_are_read_one_by_one(reader: Any) -> None:
    texts = [PLAIN % (b'1,"additional_information":"%d"' % number) for number in range(2_000)]
    prices = reader.read([b"[" + b",".join(texts) + b"]"])
    assert prices.term_id.tolist() == list(range(2_000))
    assert reader.slow == 1


def test_terms_are_told_apart_by_what_is_before_and_after_the_rate(reader: Any) -> None:
    prices = reader.read(
        [
            b'[{"negotiated_type":"a","negotiated_rate":1,"setting":"x"},{"negotiated_type":"b","negotiated_rate":1},'
            b'{"setting":"x","negotiated_rate":1,"negotiated_type":"a"},{"negotiated_rate":1,"service_code":[]},'
            b'{"negotiated_rate":1,"service_code":null},{"negotiated_rate":1}]'
        ]
    )
    assert prices.term_id.tolist() == [0, 1, 0, 2, 3, 3]
