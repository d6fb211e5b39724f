"""CMS files become amounts per code, setting and state: real files, recomputed another way; damaged ones; and none."""

import csv
import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from lakeward.sources import medicare

from .built_models import built, failures, landed

MODELS = "+int_medicare__ledger +bench_medicare_comprehensive +dim_code_cat +dim_place_of_service"
HALVES_OF_STATES = {"EK": "KS", "WK": "KS", "EM": "MO", "WM": "MO"}


def built_from(paths: list[Path], folder: Path, *, unit_tests: bool = False) -> tuple[Path, list[str]]:
    """Land files, build the Medicare models, and return the database and the names of what failed or warned."""
    bronze = landed((("medicare", path) for path in paths), folder, year=2025)
    database, results = built(bronze, folder, MODELS, unit_tests=unit_tests)
    return database, failures(results)


@pytest.fixture(scope="module")
def files(real_data: Path) -> Path:
    return real_data / "medicare"


@pytest.fixture(scope="module")
def real(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    paths = [path for path in sorted(files.iterdir()) if medicare.recognise(path)]
    database, failed = built_from(paths, tmp_path_factory.mktemp("real"), unit_tests=True)
    assert failed == []
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set search_path = 'lakeward'")
        yield connection


def cells(path: Path) -> list[list[str]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_records_are_counted_as_published(real: duckdb.DuckDBPyConnection) -> None:
    ledger = real.sql("select table_name, rows_in, rows_out, rows_merged, rows_quarantined from int_medicare__ledger")
    assert {name.removeprefix("medicare__"): counts for name, *counts in ledger.fetchall()} == {
        "pfs_rvu": [19_090, 19_090, 0, 0],
        "gpci": [109, 109, 0, 0],
        "zip_locality": [42_956, 42_956, 0, 0],
        "opps_addendum_b": [18_562, 18_562, 0, 0],
        "asc_addendum_aa": [4_183, 4_183, 0, 0],
        "asc_addendum_bb": [2_458, 2_454, 4, 0],
        "asc_wage_index": [503, 503, 0, 0],
        "rbcs": [18_882, 18_882, 0, 0],
        "place_of_service": [50, 50, 0, 0],
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(
            "select medicare_opps_national from bench_medicare_opps where code = '27447' and state is null",
            [(Decimal("12866.8200"),)],
            id="OPPS 27447",
        ),
        pytest.param(
            "select medicare_asc_national from bench_medicare_asc where code = '0101T' and state is null",
            [(Decimal("128.9300"),)],
            id="ASC 0101T",
        ),
        pytest.param(
            "select medicare_prof_national, work_rvu, practice_expense_rvu, malpractice_rvu "
            "from bench_medicare_professional where code = '99213' and setting = 'non_facility' and state is null",
            [(Decimal("88.9500"), Decimal("1.3000"), Decimal("1.3500"), Decimal("0.1000"))],
            id="PFS 99213 non-facility is (1.30 + 1.35 + 0.10) x 32.3465",
        ),
        pytest.param(
            "select distinct work_gpci, pe_gpci, mp_gpci, n_localities, state_rate_rule "
            "from bench_medicare_professional where state = 'AL'",
            [(Decimal("1.0000"), Decimal("0.8690"), Decimal("0.5750"), 1, "single_locality")],
            id="GPCI of Alabama, not of Alaska or Arizona",
        ),
        pytest.param(
            "select opps_adj_factor_stateavg from bench_medicare_opps where code = '27447' and state = 'DC'",
            [(Decimal("1.0654"),)],
            id="60 % of DC's only wage index 1.109",
        ),
        pytest.param(
            "select distinct data_year, release, effective_from::text, effective_to::text "
            "from bench_medicare_professional",
            [(2025, "October", "2025-01-01", "2025-12-31")],
            id="year and release are columns",
        ),
        pytest.param("select count(*), count(distinct state) from stg_medicare__gpci", [(109, 53)], id="localities"),
        pytest.param("select count(*) from dim_code_cat", [(16_618,)], id="RBCS latest assignments"),
    ],
)
def test_spot_checks(real: duckdb.DuckDBPyConnection, query: str, expected: list[tuple[Any, ...]]) -> None:
    assert real.sql(query).fetchall() == expected


def test_status_indicators_are_counted_as_published(real: duckdb.DuckDBPyConnection) -> None:
    query = "select status_code, count(*) from int_medicare__facility_code where benchmark_type = 'opps' group by 1"
    counts = dict(real.sql(query).fetchall())
    expected = {"J1": 3141, "N": 2228, "A": 1952, "C": 1731, "M": 1469, "Q4": 1306, "E1": 1252, "T": 1049, "B": 998}
    assert counts.items() >= {**expected, "Y": 770, "Q1": 726, "S": 667, "K": 489}.items()


def test_categories_are_counted_as_published(real: duckdb.DuckDBPyConnection) -> None:
    counts = dict(real.sql("select proc_set, count(*) from dim_code_cat group by 1").fetchall())
    others = {"Treatment": 1996, "Imaging": 1078, "E&M": 684, "Anesthesia": 309, "Other": 231}
    assert counts == {"Procedure": 6792, "Test": 2805, "DME": 2723, **others}


def localities_of_states(files: Path) -> pl.DataFrame:
    """State, index values in thousandths and number of ZIP codes, straight from the publisher's files."""
    indexes = pl.DataFrame(
        [
            {
                "mac": row[0],
                "locality": row[2],
                **{name: round(float(v) * 1000) for name, v in zip("wpm", row[4:7], strict=True)},
            }
            for row in cells(files / "GPCI2025.csv")[3:]
            if row[1]
        ]
    )
    with gzip.open(files / "ZIP5_OCT2025.txt.gz", "rt") as stream:
        zips = pl.DataFrame([{"state": line[:2], "mac": line[7:12], "locality": line[12:14]} for line in stream])
    zips = zips.with_columns(pl.col("state").replace(HALVES_OF_STATES))
    return zips.group_by("state", "mac", "locality").len("zips").join(indexes, on=["mac", "locality"], how="inner")


def payable_codes(files: Path) -> pl.DataFrame:
    """Code, modifier and relative values in hundredths, one row a setting that Medicare pays."""
    rows = [row for row in cells(files / "PPRRVU2025_Oct.csv.gz")[10:] if row[3] in "ART"]
    hundredths = {"work": 5, "mp": 10, "cap_mp": 30}
    settings = {"non_facility": {"pe": 6, "na": 7, "cap_pe": 28}, "facility": {"pe": 8, "na": 9, "cap_pe": 29}}
    frame = pl.DataFrame(
        [
            {
                "code": row[0],
                "modifier": row[1] or None,
                "setting": setting,
                "is_capped": float(row[28]) > 0,
            }
            | {name: round(float(row[at]) * 100) for name, at in hundredths.items()}
            | {name: round(float(row[at[name]]) * 100) for name in ("pe", "cap_pe")}
            for row in rows
            for setting, at in settings.items()
            if row[at["na"]] != "NA"
        ]
    )
    return frame.filter(pl.col("work") + pl.col("pe") + pl.col("mp") > 0)


def cents(pe: str, mp: str) -> pl.Expr:
    """Hundredths x thousandths x ten-thousandths are 1e-9 dollars; whole numbers, rounded half up to cents."""
    exact = (pl.col("work") * pl.col("w") + pl.col(pe) * pl.col("p") + pl.col(mp) * pl.col("m")) * 323_465
    return (exact + 5_000_000) // 10_000_000


def test_every_state_amount_recomputed_in_whole_numbers(real: duckdb.DuckDBPyConnection, files: Path) -> None:
    priced = (
        payable_codes(files)
        .join(localities_of_states(files), how="cross")
        .with_columns(cents("pe", "mp").alias("cents"))
    )
    capped = pl.min_horizontal("cents", cents("cap_pe", "cap_mp"))
    priced = priced.with_columns(pl.when("is_capped").then(capped).otherwise("cents").alias("cents"))
    total, weight = (pl.col("cents") * pl.col("zips")).sum(), pl.col("zips").sum()
    expected = priced.group_by("code", "modifier", "setting", "state").agg(
        ((2 * total + weight) // (2 * weight)).alias("mean"),
        pl.col("cents").min().alias("least"),
        pl.col("cents").max().alias("greatest"),
        pl.len().cast(pl.Int32).alias("n_localities"),
    )
    query = (
        "select code, modifier, setting, state, cast(medicare_prof_stateavg * 100 as bigint) as mean, "
        "cast(medicare_prof_state_min * 100 as bigint) as least, "
        "cast(medicare_prof_state_max * 100 as bigint) as greatest, "
        "n_localities from bench_medicare_professional where state is not null"
    )
    found = real.sql(query).pl()
    both = found.join(
        expected, on=["code", "modifier", "setting", "state"], how="full", nulls_equal=True, suffix="_expected"
    )
    columns = ("mean", "least", "greatest", "n_localities")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_expected")) for name in columns)
    assert both.filter(differs).is_empty()
    assert found.height == expected.height > 700_000


def test_the_imaging_cap_is_the_publishers(real: duckdb.DuckDBPyConnection, files: Path) -> None:
    query = "select code, coalesce(modifier, ''), medicare_prof_stateavg from bench_medicare_professional "
    query += "where is_opps_capped and setting = 'non_facility' and state = 'AL'"
    amounts = {(code, modifier): amount for code, modifier, amount in real.sql(query).fetchall()}
    published = {
        (row[0], row[1]): Decimal(row[6])
        for row in cells(files / "OPPSCAP_Oct.csv.gz")[1:]
        if row[3:5] == ["10112", "00"] and row[2] == "A"
    }
    assert len(published) == 58
    assert {key: amounts[key] for key in published} == published


def test_each_state_has_an_amount_for_each_national_one(real: duckdb.DuckDBPyConnection) -> None:
    query = """
        select benchmark_type, count(distinct state),
            count(*) filter (state is null) * (count(distinct state) + 1) = count(*)
        from bench_medicare_comprehensive group by benchmark_type order by benchmark_type
    """
    assert real.sql(query).fetchall() == [("asc", 54, True), ("opps", 54, True), ("professional", 59, True)]


def test_a_number_that_is_none_goes_to_quarantine(tmp_path: Path) -> None:
    path = tmp_path / "opps-rate-in-words-2031.csv"
    header = "HCPCS Code,Short Descriptor,SI,APC,Relative Weight,Payment Rate,National Unadjusted Copayment,"
    header += "Minimum Unadjusted Copayment\n"
    path.write_text(f"{header}G0001,,T,5115,10,891.69,,\nG0002,,T,5115,ten,twelve,,\n,,T,5115,1,1,,\n")
    database, failed = built_from([path], tmp_path)
    assert failed == []
    with duckdb.connect(str(database), read_only=True) as connection:
        quarantined = connection.sql(
            "select record_key, reject_reasons from lakeward.quarantine_medicare_record order by source_record"
        )
        assert quarantined.fetchall() == [
            ("G0002", "unreadable_relative_weight,unreadable_payment_rate"),
            (None, "no_hcpcs_code"),
        ]
        national = connection.sql("select code, state, medicare_opps_national from lakeward.bench_medicare_opps")
        assert national.fetchall() == [("G0001", None, Decimal("891.6900"))]


def test_no_files_give_empty_tables(tmp_path: Path) -> None:
    database, failed = built_from([], tmp_path)
    assert failed == []
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.sql("select count(*) from lakeward.bench_medicare_comprehensive").fetchall() == [(0,)]
        assert connection.sql("select count(*) from lakeward.dim_place_of_service").fetchall() == [(52,)]
