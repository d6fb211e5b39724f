"""The models over the sample and over real files: what is counted, what is rejected, and that two engines agree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.build import SCHEMA, BuildResult, EngineLimits, build, dbt_variables
from lakeward.errors import DataCheckFailed
from lakeward.settings import QualitySettings

from .price_access import expected_cells
from .sail_engine import build_on_sail, model_file, register_on_sail, sail_session
from .sample_bronze import SampleBronze, land_sample

LIMITS = EngineLimits(memory=800_000_000, threads=2, temporary=10_000_000_000)
PLANTED = {
    "zero_rate": "rate_zero",
    "negative_rate": "rate_negative",
    "missing_rate": "rate_missing",
    "rate_above_maximum": "rate_above_maximum",
    "bad_expiration_date": "expiration_date_invalid",
}
"""Defects that the sample plants in prices, and the reason that each is rejected for."""


@pytest.fixture(scope="module")
def bronze(tmp_path_factory: pytest.TempPathFactory) -> SampleBronze:
    return land_sample(tmp_path_factory.mktemp("bronze"))


@pytest.fixture(scope="module")
def built(bronze: SampleBronze, tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    return build(bronze.relations(), bronze.settings.quality, LIMITS, tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def tables(built: BuildResult) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built.database), read_only=True) as connection:
        connection.execute(f"set search_path = '{SCHEMA}'")
        yield connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = connection.sql(query).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def test_every_price_is_a_fact_a_repeat_or_rejected(bronze: SampleBronze, built: BuildResult) -> None:
    merge = [row for row in built.ledger if row.table == "int_rates__price"]
    screen = [row for row in built.ledger if (row.step, row.table) == ("screen", "fact_rate")]
    assert sum(row.rows_in for row in merge) == sum(c.prices for c in bronze.summary.price_files.values())
    assert sum(row.rows_out for row in merge) == sum(row.rows_out + row.rows_quarantined for row in screen)
    assert [row for row in built.ledger if not row.balanced] == []


def test_money_of_the_file_is_the_money_of_facts_and_quarantine(built: BuildResult) -> None:
    for row in built.ledger:
        if row.step == "screen":
            assert row.money_in is not None
            assert row.money_in == (row.money_out or 0) + (row.money_quarantined or 0)


@pytest.mark.parametrize(("defect", "reason"), PLANTED.items(), ids=PLANTED)
def test_planted_defects_are_rejected_for_their_reason(
    bronze: SampleBronze, tables: duckdb.DuckDBPyConnection, defect: str, reason: str
) -> None:
    planted = sum(counts.planted[defect] for counts in bronze.summary.price_files.values())
    quarantined = one(
        tables,
        "select count(distinct (source_file_id, source_record, code, billing_code_modifier, setting, pos_set_id)) "
        f"from quarantine_fact_rate where list_contains(string_split(reasons, ','), '{reason}')",
    )
    assert 0 < quarantined <= planted


def test_enriched_facts_are_the_facts(tables: duckdb.DuckDBPyConnection) -> None:
    facts = one(tables, "select count(*), count(distinct fact_uid), round(sum(negotiated_rate), 2) from fact_rate")
    enriched = one(
        tables, "select count(*), count(distinct fact_uid), round(sum(negotiated_rate), 2) from fact_rate_enriched"
    )
    assert facts == enriched
    assert facts[0] == facts[1]


def test_ratio_or_reason_and_both_occur(tables: duckdb.DuckDBPyConnection) -> None:
    compared, refused, both = one(
        tables,
        "select count(rate_to_medicare_ratio), count(not_comparable_reason), "
        "count(*) filter (where (rate_to_medicare_ratio is null) = (not_comparable_reason is null)) "
        "from fact_rate_enriched",
    )
    assert compared > 0
    assert refused > 0
    assert both == 0


def test_a_dangling_reference_keeps_its_rates(tables: duckdb.DuckDBPyConnection) -> None:
    facts, groups = one(
        tables,
        "select count(*), count(distinct pg_uid) from fact_rate_enriched where npi_count is null and tin_count is null",
    )
    assert facts > 0
    assert groups > 0


def test_price_beside_supply_is_that_of_plain_python(tables: duckdb.DuckDBPyConnection) -> None:
    expected = expected_cells(tables)
    rows = tables.sql("select * from mart_market_price_access")
    found = [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
    assert len(found) == len(expected)
    for row in found:
        wanted = expected[row["stat_area_code"], row["specialty_group"]]
        said = {name: row[name] for name in wanted}
        numbers = {name: pytest.approx(value, abs=1e-6) for name, value in wanted.items() if isinstance(value, float)}
        assert said == wanted | numbers
    assert {row["comparison_status"] for row in found} >= {"compared", "no_comparable_price"}
    assert sum(row["price_count"] for row in found) > 0


def test_facts_lie_in_the_order_of_the_compact_layout(tables: duckdb.DuckDBPyConnection) -> None:
    unordered = one(
        tables,
        "select count(*) from (select code_rank, lag(code_rank) over (partition by release_key, billing_class "
        "order by place) as before from (select r.release_key, t.billing_class, p.code_rank, "
        "row_number() over () as place from int_rates__rate as r join int_rates__code_profile as p using (code_key) "
        "join int_rates__term as t using (term_key))) where code_rank < before",
    )
    assert unordered == 0


def test_npis_that_cannot_be_are_listed_and_are_no_members(tables: duckdb.DuckDBPyConnection) -> None:
    listed, members = one(
        tables,
        "select count(*), count(m.npi) from quarantine_provider_member as q "
        "left join xref_pg_member_npi as m on q.pg_uid = m.pg_uid and q.npi = m.npi",
    )
    assert listed > 0
    assert members == 0


def test_too_many_rejected_prices_stop_the_build(bronze: SampleBronze, tmp_path: Path) -> None:
    strict = QualitySettings(quarantine_max_share=0)
    with pytest.raises(DataCheckFailed, match=r"More than 0% of a release was rejected.\n  example-health") as raised:
        build(bronze.relations(), strict, LIMITS, tmp_path, select="+int_rates__rejected_share")
    assert "Nothing was published" in str(raised.value)
    assert "quarantine_max_share" in str(raised.value)


def test_another_file_order_and_thread_count_give_the_same_rows(built: BuildResult, tmp_path: Path) -> None:
    backwards = land_sample(tmp_path, backwards=True)
    one_thread = EngineLimits(memory=LIMITS.memory, threads=1, temporary=LIMITS.temporary)
    again = build(backwards.relations(), backwards.settings.quality, one_thread, tmp_path / "build")
    with duckdb.connect(str(built.database), read_only=True) as connection:
        connection.execute(f"attach '{again.database}' as again (read_only)")
        different = {
            name: count
            for name in built.models
            if (count := differences(connection, f"{SCHEMA}.{name}", f"again.{SCHEMA}.{name}"))
        }
        connection.execute("detach again")
    assert different == {}


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_sail_builds_the_same_rows(
    bronze: SampleBronze, built: BuildResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # Sail keeps its tables below the working directory
    inputs, outputs = tmp_path / "inputs", tmp_path / "outputs"
    inputs.mkdir()
    outputs.mkdir()
    with duckdb.connect(str(built.database), read_only=True) as connection, sail_session() as (session, address):
        register_on_sail(session, connection, inputs)
        results = build_on_sail(address, tmp_path / "dbt", dbt_variables(bronze.settings.quality))
        failed = {r.node.name: r.message for r in results if str(r.status) not in ("success", "pass", "warn")}
        assert failed == {}
        models = [r.node.name for r in results if r.node.resource_type == "model"]
        different = {
            name: count
            for name in models
            if (count := differences(connection, f"{SCHEMA}.{name}", model_file(session, name, outputs)))
        }
    assert different == {}
    assert {"fact_rate", "fact_rate_enriched", "mart_rate_benchmark", "fact_inpatient_claim", "mart_claims_abc"} <= set(
        models
    )


def differences(connection: duckdb.DuckDBPyConnection, left: str, right: str) -> int:
    """Count the rows that one relation has and the other has not, both ways."""
    names = ", ".join(f'"{row[0]}"' for row in connection.sql(f"describe select * from {left}").fetchall())
    one_way = f"select count(*) from (select {names} from {left} except all select {names} from {right})"
    other_way = f"select count(*) from (select {names} from {right} except all select {names} from {left})"
    return int(one(connection, f"select ({one_way}) + ({other_way})"))
