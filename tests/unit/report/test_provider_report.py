"""What the provider report is made of: verdicts that every eye tells apart, in words too, and what must stand there."""

import itertools
from importlib import resources

import pytest

from lakeward.report.gap_page import VERDICT_COLOURS, gap_figures
from lakeward.report.provider_report import PROVIDERS, STATEMENT

# Linear RGB as those see it who lack one kind of cone: Viénot, Brettel and Mollon 1999, and for blue Brettel 1997.
SIGHTS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no-red": ((0.1124, 0.8876, 0), (0.1124, 0.8876, 0), (0.0040, -0.0040, 1)),
    "no-green": ((0.2920, 0.7080, 0), (0.2920, 0.7080, 0), (-0.0223, 0.0223, 1)),
    "no-blue": ((1.0140, 0.1427, -0.1567), (-0.0141, 0.8573, 0.1567), (-0.0141, 0.8573, 0.1567)),
    "grey": ((0.2126, 0.7152, 0.0722),) * 3,
}
WHITE = (0.9505, 1.0, 1.089)
LEAST_DIFFERENCE = 18
"""In CIELAB; a just noticeable difference is about 2."""


def lab(colour: str, sight: str) -> tuple[float, float, float]:
    """CIELAB of a colour as somebody sees it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = (
        max(0.0, sum(weight * part for weight, part in zip(row, linear, strict=True))) for row in SIGHTS[sight]
    )
    xyz = (
        0.4124 * red + 0.3576 * green + 0.1805 * blue,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        0.0193 * red + 0.1192 * green + 0.9505 * blue,
    )
    x, y, z = (
        value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116
        for value in (part / white for part, white in zip(xyz, WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("pair", list(itertools.combinations(VERDICT_COLOURS, 2)), ids=" or ".join)
def test_verdicts_differ_to_every_kind_of_sight(sight: str, pair: tuple[str, str]) -> None:
    one, other = (lab(VERDICT_COLOURS[verdict], sight) for verdict in pair)
    assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 >= LEAST_DIFFERENCE


def test_the_map_is_circles_by_population_and_verdict_told_in_words_too() -> None:
    gap_map = gap_figures()[0].as_vega()
    circle, name = gap_map["layer"]
    assert gap_map["projection"] == {"type": "albersUsa"}
    assert circle["mark"]["type"] == "circle"
    assert circle["encoding"]["size"]["field"] == "residents"
    assert circle["encoding"]["color"]["field"] == "verdict"
    assert [tip["title"] for tip in circle["encoding"]["tooltip"]] == [
        "County", "Verdict", "Residents", "Providers placed there", "With open addresses", "Residents per provider",
        "Short by", "Rank", "Rank over the three ways",
    ]  # fmt: skip
    assert name["mark"]["type"] == "text"


def test_bars_say_their_verdict_beside_them() -> None:
    bars, words = gap_figures()[1].as_vega()["layer"]
    assert bars["encoding"]["color"]["field"] == "verdict"
    assert words["encoding"]["text"] == {"field": "remark"}
    assert words["encoding"]["y"] == bars["encoding"]["y"]


def test_what_must_stand_there_is_what_the_mart_says_and_what_the_census_bureau_asks() -> None:
    mart = resources.files("lakeward").joinpath("warehouse/models/gold/providers/mart_provider_gap.sql")
    assert f"'{STATEMENT}'" in mart.read_text(encoding="utf-8")
    assert PROVIDERS.notes == (
        STATEMENT,
        "This product uses the Census Bureau Data API but is not endorsed or certified by the Census Bureau.",
    )
