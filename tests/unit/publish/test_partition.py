"""Partition names are Hive's: reversible, without collisions, and never out of their folder."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.errors import DataCheckFailed
from lakeward.publish.partition import ESCAPED, NULL_PARTITION, PartitionSpec, escape, unescape

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text != NULL_PARTITION)
values = st.none() | texts


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Atlanta-Sandy Springs, GA", "Atlanta-Sandy Springs, GA"),
        ("Office/ outpatient", "Office%2F outpatient"),
        ("E&M + 50%", "E&M + 50%25"),
        ("a=b:c", "a%3Db%3Ac"),
        ("{[^]}", "%7B%5B%5E%5D}"),
        ("tab\tdel\x7f", "tab%09del%7F"),
        ("\"quote' #*?\\", "%22quote%27 %23%2A%3F%5C"),
        ("Añasco", "Añasco"),
        (None, NULL_PARTITION),
        ("", NULL_PARTITION),
    ],
    ids=[
        "space-comma",
        "slash",
        "percent",
        "equals-colon",
        "brackets",
        "control",
        "quotes",
        "letters",
        "null",
        "empty",
    ],
)
def test_names_are_those_of_hive(value: str | None, name: str) -> None:
    assert escape(value) == name
    assert unescape(name) == (value or None)


def test_hive_escapes_47_characters() -> None:
    assert len(ESCAPED) == 32 + 15
    assert not ESCAPED & set(" ,&+}-_.~")


@given(values)
def test_names_can_be_read_back(value: str | None) -> None:
    assert unescape(escape(value)) == value


@given(st.lists(st.tuples(values, values), min_size=2, max_size=2, unique=True))
def test_different_values_have_different_folders(pair: list[tuple[str | None, str | None]]) -> None:
    spec = PartitionSpec(("a", "b"))
    first, second = (spec.folder(dict(zip(spec.keys, each, strict=True))) for each in pair)
    assert first != second


@given(values, values)
def test_folders_stay_inside_the_table(first: str | None, second: str | None) -> None:
    spec = PartitionSpec(("a", "b"))
    path = PurePosixPath(spec.folder({"a": first, "b": second}))
    assert len(path.parts) == 2
    assert all(part.startswith(f"{key}=") for key, part in zip(spec.keys, path.parts, strict=True))
    assert spec.values(f"gold/table/{path}/part-1.parquet") == {"a": first, "b": second}


def test_a_value_that_means_null_is_refused() -> None:
    with pytest.raises(DataCheckFailed, match="which means null"):
        escape(NULL_PARTITION)


def test_another_table_s_path_is_refused() -> None:
    with pytest.raises(ValueError, match="not partitioned by state, year"):
        PartitionSpec(("state", "year")).values("gold/table/year=2025/state=GA/x.parquet")


def test_year_and_month_come_from_year_month() -> None:
    spec = PartitionSpec(("state", "year"))
    assert spec.missing({"state", "year_month"}) == []
    assert spec.missing({"year_month"}) == ["state"]
    assert spec.missing({"state"}) == ["year"]
    assert "substr(year_month, 1, 4)" in spec.expressions({"state", "year_month"})["year"]
