"""What the build registers, what it allows the engine, and how it says that something failed."""

from pathlib import Path
from types import SimpleNamespace

import duckdb
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.build import SMALLEST_ENGINE_BYTES, BuildResult, EngineLimits, register, require_accepted
from lakeward.dbt_run import require_success
from lakeward.errors import DataCheckFailed, ResourceError
from lakeward.lake.ledger import LedgerRow
from lakeward.relations import SOURCES, Relation, duckdb_type
from lakeward.settings import QualitySettings

SCHEMA = pa.schema([("id", pa.string()), ("members", pa.list_(pa.int64())), ("rate", pa.float64())])


def rows_of(database: Path, relation: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.sql(f"select * from {relation}").fetchall()


def test_the_engine_gets_less_than_the_budget_leaves(tmp_path: Path) -> None:
    budget = psutil.Process().memory_info().rss + 1_000_000_000
    limits = EngineLimits.within(budget, 3, tmp_path)
    assert SMALLEST_ENGINE_BYTES < limits.memory < 1_000_000_000
    assert limits.threads == 3
    assert limits.temporary > 0


def test_a_budget_that_is_used_up_leaves_the_engine_its_least(tmp_path: Path) -> None:
    assert EngineLimits.within(1, 1, tmp_path).memory == SMALLEST_ENGINE_BYTES


def test_a_relation_without_files_is_empty_and_typed(tmp_path: Path) -> None:
    register(tmp_path / "b.duckdb", [Relation("bronze", "nothing", SCHEMA)])
    assert rows_of(tmp_path / "b.duckdb", "bronze.nothing") == []
    described = rows_of(tmp_path / "b.duckdb", "(describe bronze.nothing)")
    assert [row[:2] for row in described] == [("id", "VARCHAR"), ("members", "BIGINT[]"), ("rate", "DOUBLE")]


def test_files_are_read_by_name_even_from_folders_with_quotes(tmp_path: Path) -> None:
    folder = tmp_path / "payer's file=1"
    folder.mkdir()
    for number in (1, 2):
        table = pa.table({"id": [str(number)], "members": [[number]], "rate": [1.5]}, SCHEMA)
        pq.write_table(table, folder / f"{number}.parquet")
    files = tuple(str(path) for path in sorted(folder.iterdir()))
    register(tmp_path / "b.duckdb", [Relation("bronze", "two", SCHEMA, files)])
    assert rows_of(tmp_path / "b.duckdb", "bronze.two") == [("1", [1], 1.5), ("2", [2], 1.5)]


def test_rows_in_memory_and_a_query_are_relations_too(tmp_path: Path) -> None:
    rows = pa.table({"id": ["a"], "members": [[1]], "rate": [2.0]}, SCHEMA)
    told = Relation("bronze", "told", SCHEMA, rows=rows)
    asked = Relation("bronze", "asked", SCHEMA, query="select 3.0 as rate, [2] as members, 'b' as id")
    register(tmp_path / "b.duckdb", [told, asked])
    assert rows_of(tmp_path / "b.duckdb", "bronze.told") == [("a", [1], 2.0)]
    assert [row[0] for row in rows_of(tmp_path / "b.duckdb", "bronze.asked")] == ["b"]


@pytest.mark.parametrize("source", sorted(SOURCES), ids=sorted(SOURCES))
def test_every_bronze_dataset_can_be_empty(source: str, tmp_path: Path) -> None:
    datasets = SOURCES[source].DATASETS
    register(tmp_path / "b.duckdb", [Relation("bronze", name, schema) for name, schema in datasets.items()])
    for name, schema in datasets.items():
        described = rows_of(tmp_path / "b.duckdb", f"(describe bronze.{name})")
        assert [row[0] for row in described] == schema.names


@pytest.mark.parametrize(
    ("column_type", "name"),
    [
        (pa.string(), "varchar"),
        (pa.list_(pa.list_(pa.int64())), "bigint[][]"),
        (pa.decimal128(38, 6), "decimal(38, 6)"),
        (pa.struct([("a", pa.bool_()), ("b", pa.date32())]), 'struct("a" boolean, "b" date)'),
    ],
    ids=["text", "lists", "decimal", "struct"],
)
def test_arrow_types_have_their_duckdb_names(column_type: pa.DataType, name: str) -> None:
    assert duckdb_type(column_type) == name


def result(status: str, name: str, kind: str = "model", **values: object) -> SimpleNamespace:
    node = SimpleNamespace(name=name, resource_type=kind, attached_node="model.lakeward.dim_code")
    return SimpleNamespace(status=status, node=node, **values)


def test_all_well_says_nothing() -> None:
    require_success([result("success", "dim_code"), result("pass", "t", "test"), result("skipped", "x")])


def test_failed_tests_are_named_with_model_and_rows() -> None:
    failed = [result("success", "dim_code"), result("fail", "unique_dim_code_code", "test", failures=1200)]
    with pytest.raises(DataCheckFailed) as raised:
        require_success(failed)
    assert raised.value.exit_code == 1
    assert "  dim_code: unique_dim_code_code, 1,200 row(s)" in str(raised.value)
    assert "Nothing was published" in str(raised.value)


def test_a_model_that_cannot_be_built_is_named_with_the_engines_words() -> None:
    failed = [result("error", "dim_payer", message="Out of Memory Error:\n  failed to allocate")]
    with pytest.raises(ResourceError, match="dim_payer: Out of Memory Error: failed to allocate") as raised:
        require_success(failed)
    assert raised.value.exit_code == 3
    assert "--memory" in str(raised.value)


def test_rows_that_break_a_rule_outrank_the_model_that_could_not_be_built_over_them() -> None:
    failed = [
        result("fail", "unique_dim_code_code", "test", failures=1),
        result("error", "dim_payer", message="Conversion Error:\n  no date"),
    ]
    with pytest.raises(DataCheckFailed, match="1 data test\\(s\\) failed") as raised:
        require_success(failed)
    assert "1 model(s) could not be built, which may come of it.\n  dim_payer: Conversion Error: no date" in str(
        raised.value
    )


def test_a_build_is_published_by_domain(tmp_path: Path) -> None:
    models = {name: {"config": {"meta": {"domain": name}}} for name in ("rates", "reference", "claims")}
    result = BuildResult(tmp_path / "b.duckdb", models)
    assert list(result.of(("rates", "reference")).models) == ["rates", "reference"]
    assert list(result.of(("claims",)).manifest["nodes"]) == ["claims"]


@pytest.fixture
def claims_alone(tmp_path: Path) -> BuildResult:
    """A build without the models of the rates; of 20 claims 2 were rejected, and of 20 summaries 10."""
    register(tmp_path / "b.duckdb", [])
    screened = LedgerRow("screen", "synpuf.sample-01", "fact_inpatient_claim", 20, 18, 2)
    described = LedgerRow("describe", "synpuf.sample-01", "dim_beneficiary_year", 20, 10, 10)
    return BuildResult(tmp_path / "b.duckdb", {}, [screened, described])


def test_a_tenth_of_the_claims_may_be_rejected(claims_alone: BuildResult) -> None:
    require_accepted(claims_alone, QualitySettings())


def test_more_rejected_claims_stop_the_build(claims_alone: BuildResult) -> None:
    with pytest.raises(DataCheckFailed, match=r"\n  synpuf.sample-01: 2 of 20 claims, 10.0%\nNothing was published"):
        require_accepted(claims_alone, QualitySettings(quarantine_max_share=0.09))


def test_the_rates_are_judged_by_their_own_model(claims_alone: BuildResult) -> None:
    with duckdb.connect(str(claims_alone.database)) as connection:
        connection.execute("create schema lakeward")
        connection.execute(
            "create table lakeward.int_rates__rejected_share as "
            "select 'payer.al.2025-07' as release_id, 3 as rejected_count, 1 as accepted_count"
        )
    with pytest.raises(DataCheckFailed, match=r"payer.al.2025-07: 3 of 4 prices, 75.0%"):
        require_accepted(claims_alone, QualitySettings())
