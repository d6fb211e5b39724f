"""Columns of the lake as Iceberg has them."""

import itertools

import pytest

from lakeward.errors import UsageError
from lakeward.iceberg.schema import can_become, iceberg_schema, iceberg_type, partition_spec
from lakeward.lake.entries import ColumnDescription, TableDescription


def described(**columns: str) -> TableDescription:
    return TableDescription(
        columns=tuple(ColumnDescription(name, kind, f"The {name}.") for name, kind in columns.items())
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("VARCHAR", "string"),
        ("DECIMAL(18,4)", "decimal(18, 4)"),
        ("BIGINT", "long"),
        ("INTEGER", "int"),
        ("DATE", "date"),
        ("TIMESTAMP WITH TIME ZONE", "timestamptz"),
        ("ENUM('a', 'b')", "string"),
        ("VARCHAR[]", "list<string>"),
        ("DECIMAL(5,2)[]", "list<decimal(5, 2)>"),
    ],
)
def test_type(kind: str, expected: str) -> None:
    assert str(iceberg_type(kind, itertools.count(7))) == expected


def test_a_type_that_iceberg_has_not_names_the_column() -> None:
    with pytest.raises(UsageError, match=r"Column 'wide': Iceberg has no type for 'HUGEINT'"):
        iceberg_schema(described(narrow="BIGINT", wide="HUGEINT"))


def test_the_mapping_of_names_has_the_numbers_of_the_schema() -> None:
    schema = iceberg_schema(described(a="VARCHAR[]", b="VARCHAR", c="DATE"))
    mapping = {next(iter(field.names)): field.field_id for field in schema.name_mapping.root}
    assert mapping == {field.name: field.field_id for field in schema.fields} == {"a": 1, "b": 2, "c": 3}
    assert schema.find_field("b").doc == "The b."
    assert not any(field.required for field in schema.fields)


def test_partition_keys_are_in_the_order_of_the_folders() -> None:
    schema = iceberg_schema(described(a="VARCHAR", b="VARCHAR", c="VARCHAR"))
    assert [(field.name, field.source_id) for field in partition_spec(schema, ("c", "a")).fields] == [
        ("c", 3),
        ("a", 1),
    ]


NOW = {"a": "VARCHAR", "b": "BIGINT", "c": "VARCHAR[]"}


@pytest.mark.parametrize(
    ("wanted", "can"),
    [
        (NOW, True),
        (NOW | {"d": "DATE"}, True),
        ({"a": "VARCHAR", "b": "BIGINT"}, True),
        (NOW | {"b": "VARCHAR"}, False),
        (NOW | {"c": "BIGINT[]"}, False),
        ({"b": "BIGINT", "c": "VARCHAR[]"}, False),
        (NOW | {"earlier": "DATE"}, False),
    ],
    ids=["same", "one-more", "one-less", "other-type", "other-elements", "without-its-key", "one-that-comes-again"],
)
def test_can_become(wanted: dict[str, str], can: bool) -> None:
    before, after = iceberg_schema(described(**NOW)), iceberg_schema(described(**wanted))
    assert can_become(before, after, {"a"}, {*NOW, "earlier"}) is can
