"""The publishers' own files, in one run within 1 GB: the counts that were made of them beforehand, by other means.

Price files of two months of one payer (one of them 35 million rows if every provider met every price), a flat pair, the
official examples of both versions, with the registry, Medicare and geography.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest
import yaml

from .command_line import Finished, done, start
from .lake_files import all_files, data_files, snapshot_of
from .made_once import made_once

BUDGET = 1_000_000_000
EVRY_2025, EVRY_2022 = "evry-health.tx.2025-06", "evry-health.tx.2022-08"
UHC = "unitedhealthcare-of-georgia-inc.ga.2025-08"
VIEWS = (
    "silver/rates/fact_rate", "gold/rates/fact_rate_enriched", "quarantine/rates/quarantine_fact_rate",
    "silver/providers/dim_npi", "silver/rates/xref_pg_member_npi", "silver/reference/bench_medicare_opps",
    "silver/reference/bench_medicare_asc", "silver/reference/bench_medicare_professional",
    "bronze/mrf/price", "bronze/mrf/header", "bronze/lake/source_file", "bronze/nppes/npidata",
)  # fmt: skip
SECONDS_BETWEEN_LOOKS = 0.05


@dataclass(frozen=True)
class RealRun:
    """A finished run over the real files, and what was seen of it from outside."""

    configuration: Path
    lake: Path
    printed: str
    peak_bytes: int


def configuration_text(data: Path) -> str:
    """Return a configuration of the real files."""
    mrf, providers = data / "mrf", data / "providers"
    sources = {
        "mrf": [
            {"path": str(mrf / "2025-06-23_Evry-Health_in-network-rates.json.gz"), "state": "TX"},
            {"path": str(mrf / "2022-08-05_Evry-Health_in-network-rates.json.gz"), "state": "TX"},
            {"path": str(mrf / "cms-examples-v1.6.2" / "in-network-*.json")},
            {"path": str(mrf / "cms-examples-v2.2.0" / "in-network-*.json")},
        ],
        "flat_rates": [
            {
                "rates": str(mrf / "202508_uhc_ga_rates.parquet"),
                "providers": str(mrf / "202508_uhc_ga_providers.parquet"),
                "state": "GA",
            }
        ],
        "nppes": [
            {"path": str(providers / "npidata_pfile_2025-04_rows1-700_requoted.csv")},
            {"path": str(providers / "npidata_pfile_fixture.csv")},
        ],
        "geography": {"path": str(data / "geo")},
        "medicare": [{"path": str(data / "medicare"), "year": 2025}],
        "taxonomy": {"path": str(providers / "nucc_taxonomy_240.csv")},
    }
    return yaml.safe_dump({"lake": "./lake", "sources": sources})


def tree_bytes(process: psutil.Process) -> int:
    """Return the resident memory of a process and everything it started."""
    total = 0
    for member in [process, *process.children(recursive=True)]:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def watched(*arguments: object) -> tuple[Finished, int]:
    """Run a command and look at its memory from outside, twenty times a second."""
    process = start(*arguments)
    peak, seen = 0, psutil.Process(process.pid)
    done_reading = threading.Event()
    output: list[str] = []

    def read() -> None:
        output.extend(process.communicate())
        done_reading.set()

    threading.Thread(target=read, daemon=True).start()
    while not done_reading.is_set():
        try:
            peak = max(peak, tree_bytes(seen))
        except psutil.NoSuchProcess:
            break
        time.sleep(SECONDS_BETWEEN_LOOKS)
    done_reading.wait()
    return Finished(process.returncode, *output), peak


@pytest.fixture(scope="module")
def run(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RealRun:
    """The run, made once for all test processes; what was seen of it stands beside its lake."""

    def make(folder: Path) -> None:
        (folder / "lakeward.yaml").write_text(configuration_text(real_data))
        finished, peak = watched("run", "rates", "--config", folder / "lakeward.yaml", "--memory", "1GB")
        assert finished.status == 0, finished.err
        (folder / "seen.json").write_text(json.dumps({"out": finished.out, "peak_bytes": peak}))

    folder = made_once(tmp_path_factory, "real-data", make)
    seen = json.loads((folder / "seen.json").read_text())
    return RealRun(folder / "lakeward.yaml", folder / "lake", seen["out"], seen["peak_bytes"])


@pytest.fixture(scope="module")
def tables(run: RealRun) -> Iterator[duckdb.DuckDBPyConnection]:
    """The files of the tables, with no help of the lake's own catalogue."""
    with duckdb.connect() as connection:
        for table in VIEWS:
            files = [str(run.lake / file.path) for file in snapshot_of(run.lake).files(table)]
            name = table.rpartition("/")[2]
            options = "hive_partitioning = false, union_by_name = true"
            connection.execute(f"create view {name} as from read_parquet({files!r}, {options})")
        yield connection


def one(tables: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """Return the only row of an answer."""
    found = tables.sql(sql).fetchall()
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("release", "published", "facts", "zeros"),
    [(EVRY_2025, 30_209, 30_033, 0), (EVRY_2022, 14_406, 13_183, 1_223), (UHC, 7_234, 7_234, 0)],
    ids=[EVRY_2025, EVRY_2022, UHC],
)
def test_prices_are_counted_as_published(
    tables: duckdb.DuckDBPyConnection, release: str, published: int, facts: int, zeros: int
) -> None:
    accepted = one(tables, f"select count(*), sum(published_count)::int from fact_rate where release_id = '{release}'")
    rejected = one(
        tables,
        "select count(*), coalesce(sum(published_count), 0)::int, max(reasons) from quarantine_fact_rate "
        f"where release_id = '{release}'",
    )
    assert accepted[0] == facts
    assert accepted[1] + rejected[1] == published
    assert rejected == (zeros, zeros, "rate_zero" if zeros else None)


def test_zero_rates_are_a_twelfth_of_a_file_and_it_passes(tables: duckdb.DuckDBPyConnection) -> None:
    zeros, prices = one(
        tables,
        "select count(*) filter (where negotiated_rate = 0), count(*) from price join source_file "
        "on price._file_id = source_file.file_id where name like '2022-08-05_Evry%'",
    )
    assert (zeros, prices) == (1_223, 14_406)
    assert f"{zeros / prices:.1%}" == "8.5%"


def test_the_flat_pair_keeps_three_prices_under_one_key(tables: duckdb.DuckDBPyConnection) -> None:
    """The upstream extract had lost the modifier that tells them apart."""
    key = "code_type, code, billing_code_modifier, pos_set_id, negotiated_type, billing_class"
    sql = (
        f"select n, count(*) from (select count(*) as n from fact_rate where release_id = '{UHC}' "
        f"group by {key}) group by n order by n"
    )
    assert tables.sql(sql).fetchall() == [(1, 7_186), (3, 16)]
    assert one(tables, f"select count(distinct code) from fact_rate where release_id = '{UHC}'") == (5_568,)
    cited = f"select negotiated_rate from fact_rate where code = '59025' and release_id = '{UHC}' order by 1"
    assert tables.sql(cited).fetchall() == [(39.93,), (68.01,), (107.94,)]


@pytest.mark.parametrize("version", ["v1.6.2", "v2.2.0"])
def test_every_price_of_the_official_examples(tables: duckdb.DuckDBPyConnection, real_data: Path, version: str) -> None:
    """They are a few prices each and clean, so that they publish beside the large files."""
    sql = (
        "select count(*) from price join source_file on price._file_id = source_file.file_id where name = '{}' "
        "and size_bytes = {}"
    )
    files = sorted((real_data / "mrf" / f"cms-examples-{version}").glob("in-network-*.json"))
    assert len(files) == {"v1.6.2": 5, "v2.2.0": 6}[version]
    for file in files:
        document = json.loads(file.read_text())
        prices = [p for i in document["in_network"] for r in i["negotiated_rates"] for p in r["negotiated_prices"]]
        assert one(tables, sql.format(file.name, file.stat().st_size)) == (len(prices),)


@pytest.mark.parametrize(("release", "npis"), [(EVRY_2025, 10_342), (EVRY_2022, 2_476)], ids=[EVRY_2025, EVRY_2022])
def test_npis_are_counted_as_published(tables: duckdb.DuckDBPyConnection, release: str, npis: int) -> None:
    groups = f"select pg_uid from fact_rate where release_id = '{release}'"
    groups += f" union select pg_uid from quarantine_fact_rate where release_id = '{release}'"
    assert one(tables, f"select count(distinct npi) from xref_pg_member_npi where pg_uid in ({groups})") == (npis,)


def test_every_provider_of_the_registry_files(tables: duckdb.DuckDBPyConnection) -> None:
    assert one(tables, "select count(*), count(distinct npi) from dim_npi") == one(
        tables, "select count(distinct npi), count(distinct npi) from npidata"
    )


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select distinct medicare_opps_national from bench_medicare_opps where code = '27447'", ("12866.82",)),
        ("select distinct medicare_asc_national from bench_medicare_asc where code = '0101T'", ("128.93",)),
        (
            "select distinct medicare_prof_national, conversion_factor from bench_medicare_professional "
            "where code = '99213' and modifier is null and setting = 'non_facility' and data_year = 2025",
            (f"{(1.30 + 1.35 + 0.10) * 32.3465:.2f}", "32.3465"),
        ),
        (
            "select distinct work_gpci, pe_gpci, mp_gpci from bench_medicare_professional where state = 'AL'",
            ("1.000", "0.869", "0.575"),
        ),
    ],
    ids=["27447 in a hospital", "0101T in a surgery center", "99213 in an office", "Alabama"],
)
def test_medicare_spot_checks(tables: duckdb.DuckDBPyConnection, sql: str, expected: tuple[str, ...]) -> None:
    assert one(tables, sql) == tuple(map(Decimal, expected))


def test_an_office_visit_is_compared_with_the_state_of_its_file(tables: duckdb.DuckDBPyConnection) -> None:
    sql = (
        "select count(*), max(abs(rate_to_medicare_ratio - negotiated_rate / medicare_state_rate::double)) "
        "from fact_rate_enriched where rate_to_medicare_ratio is not null"
    )
    compared, difference = one(tables, sql)
    assert compared == 14_675 + 5_496
    assert difference < 1e-12


def test_the_ledger_balances(run: RealRun) -> None:
    ledger = done("ledger", "--check", "--json", "--config", run.configuration).json
    assert {row["slice"] for row in ledger} >= {EVRY_2025, EVRY_2022, UHC}
    assert all(row["balanced"] for row in ledger)


def test_memory_stays_under_the_budget(run: RealRun) -> None:
    """What is printed is at most what was allowed, and no less than was seen from outside."""
    printed = re.search(r"Peak memory: ([\d.]+) MB of the 1.0 GB allowed", run.printed)
    assert printed, run.printed
    assert run.peak_bytes < BUDGET
    assert float(printed[1]) * 1e6 < BUDGET
    assert float(printed[1]) * 1e6 >= 0.9 * run.peak_bytes


def test_a_second_run_changes_no_byte(run: RealRun) -> None:
    before, files = data_files(snapshot_of(run.lake)), all_files(run.lake)
    again = done("run", "rates", "--config", run.configuration, "--memory", "1GB")
    assert "Nothing changed" in again.out
    assert data_files(snapshot_of(run.lake)) == before
    assert {path.rpartition("/")[0] for path in all_files(run.lake) - files} == {"_lakeward/runs"}
