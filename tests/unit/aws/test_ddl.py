"""Definitions for Athena: they lead to the rows of the commit and to no others, and Athena can read them."""

import itertools
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

from lakeward.aws.ddl import (
    COMMENT_CHARACTERS,
    LONGEST_STATEMENT_BYTES,
    PARTITIONS_A_STATEMENT,
    lake_ddl,
    literal,
    one_line,
    table_ddl,
)
from lakeward.aws.hive_tables import HiveColumn, HivePartition, HiveTable, hive_tables, lake_location
from lakeward.aws.hive_types import hive_type
from lakeward.aws.manifests import write_manifests
from lakeward.errors import UsageError
from lakeward.lake.commit import FileEntry, SliceEntry, Snapshot
from lakeward.publish.layout import COMPACT, DEEP, Layout
from lakeward.publish.partition import PartitionSpec

from .hive_lake import LOCATION, folder_lake, parse, partition_columns, publish, rows_by_commit, rows_by_definition

FACT = "gold/rates/fact_rate_enriched"
BY_TEXT = Layout("custom", PartitionSpec(("payer_slug", "procedure_set", "procedure_class")), ("code",))
STORED_TYPES = {
    "string": "string",
    "dictionary<values=string, indices=int32, ordered=0>": "string",
    "double": "double",
    "int32": "int",
    "int64": "bigint",
    "bool": "boolean",
    "date32[day]": "date",
    "decimal128(2, 1)": "decimal(2,1)",
    "decimal128(18, 4)": "decimal(18,4)",
    "list<element: string>": "array<string>",
}
CASES = [(COMPACT, False), (COMPACT, True), (DEEP, False), (BY_TEXT, False)]


def definition(snapshot: Snapshot, name: str, *, projection: bool = False) -> list[str]:
    """Return a table's statements, with its manifests written."""
    tables = hive_tables(snapshot, LOCATION, [name], projection=projection)
    write_manifests(snapshot.lake, tables)
    return table_ddl(tables[0], "prices")


def made_up(partitions: int, place: str = "s3://health-lake/hive/t/") -> HiveTable:
    """Return a table of so many partitions."""
    column, key = HiveColumn("code", "string", ""), HiveColumn("year", "string", "")
    parts = tuple(HivePartition((str(number),), f"{place}{number}/") for number in range(partitions))
    return HiveTable("gold/rates/t", "t", "", (column,), (key,), place, "s3://health-lake", parts)


@pytest.mark.parametrize(("layout", "projection"), CASES, ids=["compact", "projected", "deep", "odd values"])
def test_a_definition_leads_to_the_rows_of_the_commit(tmp_path: Path, layout: Layout, projection: bool) -> None:
    lake = folder_lake(tmp_path / "lake")
    first = publish(lake, tmp_path / "a", seed="old", layout=layout, no_state=not projection)
    second = publish(lake, tmp_path / "b", seed="new", rows=30, layout=layout, no_state=not projection)
    superseded = {file.path for file in first.files(FACT)} - {file.path for file in second.files(FACT)}
    assert superseded
    assert all(Path(lake.url_for(path)).exists() for path in superseded)

    statements = definition(second, "fact_rate_enriched", projection=projection)
    create = sqlglot.parse_one(statements[1], dialect="athena")
    columns = [column.name for column in create.this.expressions]
    keys = [column.name for column in partition_columns(create)]
    assert tuple(keys) == layout.spec.keys
    expected = rows_by_commit(second, "fact_rate_enriched", [*columns, *keys])
    assert len(expected) == 30 * 4
    assert rows_by_definition(statements, lake) == expected


def test_an_old_definition_still_leads_to_the_old_commit(tmp_path: Path) -> None:
    lake = folder_lake(tmp_path / "lake")
    first = publish(lake, tmp_path / "a", seed="old", no_state=False)
    statements = definition(first, "fact_rate_enriched")
    before = rows_by_definition(statements, lake)
    definition(publish(lake, tmp_path / "b", seed="new", no_state=False), "fact_rate_enriched")
    assert rows_by_definition(statements, lake) == before


@pytest.mark.parametrize("name", ["mart_code", "dim_nothing"])
def test_a_table_without_keys_is_one_manifest(tmp_path: Path, name: str) -> None:
    lake = folder_lake(tmp_path / "lake")
    publish(lake, tmp_path / "a", seed="old")
    snapshot = publish(lake, tmp_path / "b", seed="new", rows=30)
    columns = [column.name for column in snapshot.description(f"gold/rates/{name}").columns] or ["code", "weight"]
    statements = definition(snapshot, name)
    assert len(statements) == 2
    assert rows_by_definition(statements, lake) == rows_by_commit(snapshot, name, columns)


def test_a_manifest_of_unchanged_files_is_not_written_again(tmp_path: Path) -> None:
    lake = folder_lake(tmp_path / "lake")
    snapshot = publish(lake, tmp_path / "a")
    tables = hive_tables(snapshot, LOCATION)
    assert write_manifests(lake, tables) == sum(len(table.manifests) for table in tables) > 3
    assert write_manifests(lake, tables) == 0


def test_every_statement_is_one_that_athena_knows(tmp_path: Path) -> None:
    snapshot = publish(folder_lake(tmp_path / "lake"), tmp_path / "a", layout=BY_TEXT)
    statements = [s for table in hive_tables(snapshot, LOCATION) for s in table_ddl(table, "prices")]
    parsed = parse(statements)
    assert not [statement for statement in parsed if statement.find(exp.Command)]
    kinds = [kind.__name__ for kind, _ in itertools.groupby(parsed, type)]
    assert kinds == ["Drop", "Create", "Alter", "Drop", "Create", "Drop", "Create"]


def test_types_keys_and_comments_of_a_definition(tmp_path: Path) -> None:
    snapshot = publish(folder_lake(tmp_path / "lake"), tmp_path / "a")
    create = sqlglot.parse_one(definition(snapshot, "fact_rate_enriched")[1], dialect="athena")
    types = {column.name: column.args["kind"].sql("hive").lower() for column in create.this.expressions}
    assert types["negotiated_rate"] == "double"
    assert types["pos_members"] == "array<string>"
    assert types["expiration_date"] == "date"
    assert types["amount"] == "decimal(18, 4)"
    assert types["n_localities"] == "int"
    assert types["is_above_medicare"] == "boolean"
    assert types["source_record"] == "bigint"
    assert not set(types) & {column.name for column in partition_columns(create)}
    comments = {c.name: c.find(exp.CommentColumnConstraint) for c in create.this.expressions}
    assert comments["code"].this.name == "The payer's code, not a number."


def test_the_files_have_the_types_that_the_definition_says(tmp_path: Path) -> None:
    snapshot = publish(folder_lake(tmp_path / "lake"), tmp_path / "a")
    for table in hive_tables(snapshot, LOCATION):
        for file in snapshot.files(table.table):
            schema = pq.read_schema(snapshot.lake.url_for(file.path))
            stored = {field.name: STORED_TYPES[str(field.type)] for field in schema}
            assert stored == {column.name: column.type for column in table.columns}


def test_null_and_odd_values_are_registered_as_hive_has_them(tmp_path: Path) -> None:
    snapshot = publish(folder_lake(tmp_path / "lake"), tmp_path / "a", layout=BY_TEXT)
    text = "\n".join(definition(snapshot, "fact_rate_enriched"))
    assert "`procedure_class` = '__HIVE_DEFAULT_PARTITION__'" in text
    assert "`procedure_set` = 'E&M, visits: 1', `procedure_class` = 'Payer\\'s office/outpatient 100%'" in text


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])], ids=str
)
def test_partitions_are_added_in_batches(count: int, sizes: list[int]) -> None:
    assert max(sizes, default=0) <= PARTITIONS_A_STATEMENT
    added = table_ddl(made_up(count), "prices")[2:]
    assert [len(parse([statement])) for statement in added] == sizes
    assert all(statement.find(exp.AddPartition) for statement in parse(added))


def test_long_locations_make_shorter_batches() -> None:
    added = table_ddl(made_up(150, f"s3://health-lake/{'long/' * 1_000}"), "prices")[2:]
    assert len(added) == 3
    assert all(len(statement.encode()) <= LONGEST_STATEMENT_BYTES for statement in added)
    assert sum(statement.count("PARTITION (") for statement in added) == 150


def test_a_definition_that_is_too_long_says_so() -> None:
    columns = tuple(HiveColumn(f"column_{number}", "string", "x" * 300) for number in range(1_000))
    with pytest.raises(UsageError, match=r"too long for Athena.*\n  expected: at most 262,144 bytes"):
        table_ddl(replace(made_up(0), columns=columns), "prices")


def test_the_script_says_what_each_table_is_and_why_it_is_not_projected(tmp_path: Path) -> None:
    snapshot = publish(folder_lake(tmp_path / "lake"), tmp_path / "a")
    script = lake_ddl(hive_tables(snapshot, LOCATION, projection=True), "prices")
    assert script.startswith("CREATE DATABASE IF NOT EXISTS `prices`;\n")
    assert "-- gold/rates/mart_code: One row per mart_code." in script
    assert "-- Its partitions are registered, not projected: 'state' is null in some partitions" in script
    assert len(script.split(";\n")) - 1 == 1 + sum(len(table_ddl(t, "prices")) for t in hive_tables(snapshot, LOCATION))


@pytest.mark.parametrize(
    ("text", "quoted"),
    [("plain", "'plain'"), ("payer's", r"'payer\'s'"), ("a\\b", r"'a\\b'"), ('say "x"', "'say \"x\"'")],
)
def test_texts_are_quoted_as_hive_reads_them(text: str, quoted: str) -> None:
    assert literal(text) == quoted
    assert sqlglot.parse_one(f"select {quoted}", dialect="hive").expressions[0].name == text


def test_a_comment_fits_into_glue() -> None:
    assert one_line("a;\n  b\tc") == "a, b c"
    cut = one_line("word " * 100, COMMENT_CHARACTERS)
    assert cut.endswith("word wo...")
    assert COMMENT_CHARACTERS - 5 < len(cut) <= COMMENT_CHARACTERS


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("INTEGER", "int"),
        ("VARCHAR", "string"),
        ("DECIMAL(38,10)", "decimal(38,10)"),
        ("VARCHAR[]", "array<string>"),
        ("DECIMAL(18,4)[][]", "array<array<decimal(18,4)>>"),
        ("ENUM('a', 'b')", "string"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp"),
    ],
)
def test_types(kind: str, expected: str) -> None:
    assert hive_type(kind) == expected


@pytest.mark.parametrize("kind", ["HUGEINT", "UBIGINT", "TIME", "STRUCT(a INTEGER)", "integer"])
def test_a_type_that_hive_has_not_is_refused(kind: str) -> None:
    with pytest.raises(UsageError, match="Hive has no type for"):
        hive_type(kind)


@pytest.mark.parametrize("location", ["./lake", "s3://", "s3a://bucket/x", "s3://bucket//x", "s3://Bucket/x"])
def test_a_place_that_is_not_in_s3_is_refused(location: str) -> None:
    with pytest.raises(UsageError, match="is not a place in S3"):
        lake_location(location)


def test_files_of_another_layout_stop_the_definition(tmp_path: Path) -> None:
    lake = folder_lake(tmp_path / "lake")
    snapshot = publish(lake, tmp_path / "a")
    transaction = lake.begin("other")
    plain = replace(snapshot.files(FACT)[0], partition={})
    transaction.replace_slice(FACT, SliceEntry("acme.ga.2025-08", "x", {}, (plain,)))
    with pytest.raises(UsageError, match=r"another layout.*\n  expected: payer_slug, state.*found: no keys"):
        hive_tables(transaction.commit(), LOCATION)


def test_a_release_without_rows_is_no_partition(tmp_path: Path) -> None:
    lake = folder_lake(tmp_path / "lake")
    snapshot = publish(lake, tmp_path / "a", no_state=False)
    transaction = lake.begin("empty")
    empty = FileEntry(f"{FACT}/empty.parquet", 0, 100, dict.fromkeys(COMPACT.spec.keys))
    transaction.replace_slice(FACT, SliceEntry("nobody.ga.2025-08", "x", {}, (empty,)))
    assert hive_tables(transaction.commit(), LOCATION) == hive_tables(snapshot, LOCATION)


def test_bronze_is_no_table_of_athena(tmp_path: Path) -> None:
    lake = folder_lake(tmp_path / "lake")
    publish(lake, tmp_path / "a")
    transaction = lake.begin("bronze")
    transaction.replace_slice("bronze/mrf/price", SliceEntry("x", "x"))
    snapshot = transaction.commit()
    assert {table.name for table in hive_tables(snapshot, LOCATION)} == {
        "dim_nothing", "fact_rate_enriched", "mart_code"
    }  # fmt: skip
    with pytest.raises(UsageError, match="as its publisher sent it"):
        hive_tables(snapshot, LOCATION, ["bronze.mrf__price"])
