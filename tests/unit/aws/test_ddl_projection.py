"""Partition projection: for all keys of a table or for none, and never where a value would be sought elsewhere."""

import pytest

from lakeward.aws.projection import projection_obstacle, projection_properties

KEYS = ("payer_slug", "year", "month")
FULL = [(payer, "2025", month) for payer in ("acme", "globex") for month in ("08", "09")]


def test_every_key_has_a_definition() -> None:
    assert projection_obstacle(KEYS, FULL) == ""
    assert projection_properties(KEYS, FULL, "s3://lake/hive/t/1/") == {
        "projection.enabled": "true",
        "projection.payer_slug.type": "enum",
        "projection.payer_slug.values": "acme,globex",
        "projection.year.type": "integer",
        "projection.year.range": "2025,2025",
        "projection.year.digits": "4",
        "projection.month.type": "integer",
        "projection.month.range": "8,9",
        "projection.month.digits": "2",
        "storage.location.template": "s3://lake/hive/t/1/payer_slug=${payer_slug}/year=${year}/month=${month}/",
    }


def test_a_month_that_is_not_two_digits_is_a_word() -> None:
    properties = projection_properties(("month",), [("8",), ("12",)], "s3://lake/")
    assert properties["projection.month.type"] == "enum"
    assert properties["projection.month.values"] == "12,8"


def test_codes_are_words_although_they_look_like_numbers() -> None:
    properties = projection_properties(("code",), [("0470",), ("470",)], "s3://lake/")
    assert properties["projection.code.values"] == "0470,470"


@pytest.mark.parametrize(
    ("keys", "partitions", "reason"),
    [
        (KEYS, [], "no partitions"),
        (("state",), [("GA",), (None,)], "'state' is null in some partitions"),
        (("area",), [("Atlanta, GA",)], "such as 'Atlanta, GA'"),
        (("class",), [("Office/outpatient",)], "such as 'Office/outpatient'"),
        (("class",), [("E&M",)], "such as 'E&M'"),
        (("class",), [("two words",)], "such as 'two words'"),
        (("class",), [("a",), ("",)], "such as ''"),
        (("a", "b"), [(str(n), str(n)) for n in range(3)], "3 of 9 combinations"),
        (("year",), [("2010",), ("2025",)], "2 of 16 combinations"),
        (("code",), [(f"{n:0100}",) for n in range(6_000)], "one key take more than 512,000 bytes"),
        (
            ("a", "b", "c"),
            [(f"{n:0100}",) * 3 for n in range(4_000)],
            "the keys take more than 1,000,000 bytes",
        ),
    ],
    ids=["empty", "null", "comma", "slash", "ampersand", "space", "nothing", "sparse", "gap", "long key", "long"],
)
def test_what_cannot_be_projected_is_told(
    keys: tuple[str, ...], partitions: list[tuple[str | None]], reason: str
) -> None:
    assert reason in projection_obstacle(keys, partitions)


def test_half_of_the_combinations_is_enough() -> None:
    assert projection_obstacle(("a", "b"), [("1", "1"), ("2", "2")]) == ""
