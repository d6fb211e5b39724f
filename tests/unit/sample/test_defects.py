"""Every planted defect is in the files, as often as the summary says, and nothing else is wrong."""

import re
from collections import Counter
from typing import Any

import pytest

from lakeward.sample import SampleSummary
from lakeward.sample.defects import DANGLING_REFERENCE, PERIOD, RATE_ABOVE_MAXIMUM, RATE_DEFECTS, spoil_npis, spoil_rate
from lakeward.sample.identifiers import made_up_npi, npi_check_digit

Document = dict[str, Any]
CODE_FORMATS = {
    "CPT": r"\d{5}|\d{4}[A-Z]",
    "HCPCS": r"[A-Z]\d{4}",
    "MS-DRG": r"\d{3}",
    "RC": r"\d{4}",
    "NDC": r"\d{11}",
}
DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-\d{2}(T00:00:00)?")


def _found(document: Document) -> Counter[str]:
    """Count the defects of a price file by looking at nothing but the file."""
    found: Counter[str] = Counter()
    known = {reference["provider_group_id"] for reference in document["provider_references"]}
    for item in document["in_network"]:
        form = CODE_FORMATS.get(item["billing_code_type"], ".+")
        found["bad_code_format"] += re.fullmatch(form, item["billing_code"]) is None
        for rate in item["negotiated_rates"]:
            found["dangling_reference"] += sum(1 for each in rate.get("provider_references", ()) if each not in known)
            texts = [repr(price) for price in rate["negotiated_prices"]]
            found["duplicate_price"] += len(texts) - len(set(texts))
            for price in rate["negotiated_prices"]:
                amount = price.get("negotiated_rate")
                found["missing_rate"] += amount is None
                found["zero_rate"] += amount == 0
                found["negative_rate"] += amount is not None and amount < 0
                found["rate_above_maximum"] += amount is not None and amount > 1_000_000
                found["bad_expiration_date"] += DATE.fullmatch(price["expiration_date"]) is None
    for npi in _npis(document):
        found["npi_zero"] += npi == "0"
        found["npi_nine_digits"] += len(npi) == 9
        found["npi_bad_check_digit"] += len(npi) == 10 and npi[-1] != npi_check_digit(npi[:9])
    return +found


def _npis(document: Document) -> list[str]:
    groups = [group for reference in document["provider_references"] for group in reference["provider_groups"]]
    groups += [
        group
        for item in document["in_network"]
        for rate in item["negotiated_rates"]
        for group in rate.get("provider_groups", ())
    ]
    return [str(npi) for group in groups for npi in group["npi"]]


def test_the_files_hold_the_planted_defects_and_no_others(
    sample: SampleSummary, documents: dict[str, Document]
) -> None:
    for name, document in documents.items():
        assert _found(document) == +sample.price_files[name].planted, name


def test_every_defect_occurs(sample: SampleSummary) -> None:
    expected = {*RATE_DEFECTS.values(), "bad_code_format", "npi_bad_check_digit", "npi_zero", "npi_nine_digits"}
    assert set(sample.planted) == expected
    assert min(sample.planted.values()) >= 5


def test_npis_cannot_be_anyones(documents: dict[str, Document]) -> None:
    npis = {npi for document in documents.values() for npi in _npis(document)} - {"0"}
    assert {npi[0] for npi in npis} == {"2"}


def _rate() -> Document:
    price = {"negotiated_type": "percentage", "negotiated_rate": 40.5, "expiration_date": "9999-12-31"}
    return {"provider_references": [1], "negotiated_prices": [price]}


@pytest.mark.parametrize(
    ("ordinal", "expected"),
    [
        (11, {"negotiated_rate": 0}),
        (57, {"negotiated_rate": -40.5}),
        (149, {"negotiated_type": "negotiated", "negotiated_rate": RATE_ABOVE_MAXIMUM}),
        (203, {"expiration_date": "2025-13-45"}),
        (PERIOD + 11, {"negotiated_rate": 0}),
        (12, {}),
    ],
    ids=["zero", "negative", "above-maximum", "date", "next-period", "none"],
)
def test_a_price_is_spoiled_by_its_ordinal(ordinal: int, expected: Document) -> None:
    planted: Counter[str] = Counter()
    (price,) = spoil_rate(_rate(), ordinal, planted)["negotiated_prices"]
    assert price == _rate()["negotiated_prices"][0] | expected
    assert sum(planted.values()) == bool(expected)


def test_a_missing_rate_has_no_key() -> None:
    assert "negotiated_rate" not in spoil_rate(_rate(), 101, Counter())["negotiated_prices"][0]


def test_a_repeated_price_and_a_dangling_reference_are_added() -> None:
    assert spoil_rate(_rate(), 251, Counter())["negotiated_prices"] == _rate()["negotiated_prices"] * 2
    assert spoil_rate(_rate(), 307, Counter())["provider_references"] == [1, DANGLING_REFERENCE]


def test_a_rate_without_references_cannot_have_a_dangling_one() -> None:
    planted: Counter[str] = Counter()
    rate = {"provider_groups": [], "negotiated_prices": _rate()["negotiated_prices"]}
    assert spoil_rate(rate, 307, planted) == {"provider_groups": [], "negotiated_prices": _rate()["negotiated_prices"]}
    assert not planted


@pytest.mark.parametrize(
    ("ordinal", "change"),
    [
        (0, lambda npi: [npi]),
        (5, lambda npi: [npi, npi[:9] + str((int(npi[9]) + 1) % 10)]),
        (6, lambda npi: ["0"]),
        (7, lambda npi: [npi, npi[:9]]),
    ],
    ids=["sound", "check-digit", "zero", "nine-digits"],
)
def test_npis_are_spoiled_by_the_ordinal_of_their_group(ordinal: int, change: Any) -> None:
    assert spoil_npis([made_up_npi(3)], ordinal, Counter()) == change(made_up_npi(3))
