"""The models over publishers' real price files: the counts that their provenance states; and builds that must fail."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from lakeward.build import SCHEMA, EngineLimits, build
from lakeward.errors import DataCheckFailed, ResourceError
from lakeward.extract import SOURCE_FILE_SCHEMA
from lakeward.relations import BRONZE, ENRICHED_SCHEMA, PUBLISHED, RATES_INPUT_SCHEMA, SOURCES, Relation
from lakeward.settings import QualitySettings
from lakeward.sources import flat_rates, mrf
from lakeward.sources.landing import Landing

LIMITS = EngineLimits(memory=800_000_000, threads=2, temporary=10_000_000_000)
EVRY_2025 = "mrf/2025-06-23_Evry-Health_in-network-rates.json.gz"
EVRY_2022 = "mrf/2022-08-05_Evry-Health_in-network-rates.json.gz"
UHC = ("mrf/202508_uhc_ga_rates.parquet", "mrf/202508_uhc_ga_providers.parquet")


def relations(addresses: dict[str, list[str]], inputs: list[dict[str, object]]) -> list[Relation]:
    """Return every relation the models read; datasets without addresses are empty."""
    found = [
        Relation(BRONZE, f"{source}__{dataset}", schema, tuple(addresses.get(f"{source}__{dataset}", ())))
        for source, module in SOURCES.items()
        for dataset, schema in module.DATASETS.items()
    ]
    rates = tuple(addresses.get("flat_rates__rate", ()))
    return [
        *found,
        Relation(BRONZE, "flat_rates__rate_lake", flat_rates.DATASETS["rate"], rates),
        Relation(BRONZE, "lake__source_file", SOURCE_FILE_SCHEMA),
        Relation(BRONZE, "rates__input", RATES_INPUT_SCHEMA, rows=pa.Table.from_pylist(inputs, RATES_INPUT_SCHEMA)),
        Relation(PUBLISHED, "fact_rate_enriched", ENRICHED_SCHEMA),
    ]


def rates_file(file_id: str, kind: str, state: str | None) -> dict[str, object]:
    return {"file_id": file_id, "kind": kind, "state": state, "in_scope": True}


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both Evry files and the flat pair of UnitedHealthcare of Georgia, without reference data."""
    folder = tmp_path_factory.mktemp("real")
    addresses: dict[str, list[str]] = {}
    inputs: list[dict[str, object]] = []
    pair_id = ""
    for number, name in enumerate((EVRY_2025, EVRY_2022, *UHC)):
        with Landing(real_data / name, folder / str(number)) as landing:
            pair_id = pair_id or (landing.file_id if name == UHC[0] else "")
            if name in UHC:
                flat_rates.extract(real_data / name, landing, pair_id=pair_id)
            else:
                mrf.extract(real_data / name, landing)
        if name != UHC[1]:
            inputs.append(
                rates_file(landing.file_id, "flat_rates" if name in UHC else "mrf", "GA" if name in UHC else "TX")
            )
        for dataset, parquet in landing.files().items():
            source = "flat_rates" if name in UHC else "mrf"
            addresses.setdefault(f"{source}__{dataset}", []).append(str(parquet))
    result = build(relations(addresses, inputs), QualitySettings(), LIMITS, folder / "build")
    assert [row for row in result.ledger if not row.balanced] == []
    with duckdb.connect(str(result.database), read_only=True) as connection:
        connection.execute(f"set search_path = '{SCHEMA}'")
        yield connection


@pytest.mark.parametrize(
    ("release", "published", "facts", "rejected"),
    [
        ("evry-health.tx.2025-06", 30_209, 30_033, 0),
        ("evry-health.tx.2022-08", 14_406, 13_183, 1_223),
        ("unitedhealthcare-of-georgia-inc.ga.2025-08", 7_234, 7_234, 0),
    ],
    ids=["evry-2025", "evry-2022", "uhc-georgia"],
)
def test_prices_are_counted_as_published(
    real: duckdb.DuckDBPyConnection, release: str, published: int, facts: int, rejected: int
) -> None:
    counted = real.execute(
        "select (select sum(published_count) from fact_rate where release_id = $1) + "
        "coalesce((select sum(published_count) from quarantine_fact_rate where release_id = $1), 0), "
        "(select count(*) from fact_rate where release_id = $1), "
        "(select count(*) from quarantine_fact_rate where release_id = $1 and reasons = 'rate_zero')",
        [release],
    ).fetchone()
    assert counted == (published, facts, rejected)


def test_three_prices_under_one_key_of_the_original_stay_three(real: duckdb.DuckDBPyConnection) -> None:
    of_key = "select code, pos_set_id from fact_rate where state = 'GA' group by all having count(*) = 3"
    assert real.sql(f"select count(*) from ({of_key})").fetchone() == (16,)
    rates = real.sql("select negotiated_rate from fact_rate where code = '59025' and state = 'GA'").fetchall()
    assert {rate for (rate,) in rates} >= {39.93, 68.01, 107.94}


def test_an_unknown_code_system_is_no_reason(real: duckdb.DuckDBPyConnection) -> None:
    # The four DRG items of 2022 have nothing but zero prices.
    assert real.sql("select distinct reasons from quarantine_fact_rate where code_type = 'DRG'").fetchall() == [
        ("rate_zero",)
    ]


def test_members_are_all_in_the_bridge(real: duckdb.DuckDBPyConnection) -> None:
    counted = real.sql(
        "select count(distinct npi) filter (where last_year_month = '2025-06' and pg_uid in "
        "(select pg_uid from dim_provider_group where payer_slug = 'evry-health')) from xref_pg_member_npi"
    ).fetchone()
    assert counted == (10_342,)


def test_a_failed_test_stops_the_build_and_is_named(tmp_path: Path) -> None:
    twice = [rates_file("a", "mrf", "GA"), rates_file("a", "mrf", "TX")]
    with pytest.raises(DataCheckFailed, match=r"stg_lake__rates_input: unique_stg_lake__rates_input_file_id, 1 row"):
        build(relations({}, twice), QualitySettings(), LIMITS, tmp_path, select="+int_rates__release")


def test_a_model_that_cannot_run_is_named(tmp_path: Path) -> None:
    broken = [r for r in relations({}, []) if r.name != "mrf__header"]
    with pytest.raises(ResourceError, match=r"stg_mrf__header: .*mrf__header does not exist"):
        build(broken, QualitySettings(), LIMITS, tmp_path, select="+int_rates__release")
