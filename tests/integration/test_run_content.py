"""What a run of the sample publishes, counted and computed again from the published files by other means."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from lakeward.sample import SampleSummary

from .command_line import done
from .lake_files import snapshot_of
from .published_prices import PriceFile, PublishedPrice, is_npi

CONTRACT_LEDGER = (
    "run_id", "step", "slice", "table", "rows_in", "rows_out", "rows_quarantined", "rows_exploded", "keys_in",
    "keys_out", "money_in", "money_out", "balanced", "peak_rss_bytes", "seconds",
)  # fmt: skip
ADDED_LEDGER = {"rows_merged", "money_quarantined"}
STEPS = {"extract", "merge", "screen", "enrich", "publish"}
MARKET = [
    "state", "year_month", "stat_area_code", "billing_class", "code_type", "code", "billing_code_modifier", "setting",
    "negotiation_arrangement", "rate_unit",
]  # fmt: skip
Answer = Callable[[str], list[tuple[Any, ...]]]
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
REASON_OF_DEFECT = {
    "zero_rate": "rate_zero",
    "negative_rate": "rate_negative",
    "missing_rate": "rate_missing",
    "rate_above_maximum": "rate_above_maximum",
    "bad_expiration_date": "expiration_date_invalid",
}


@pytest.fixture(scope="module")
def enriched(sample_lake: Path) -> pl.DataFrame:
    return table(sample_lake, "gold/rates/fact_rate_enriched")


@pytest.fixture(scope="module")
def answer(sample_lake: Path) -> Iterator[Answer]:
    """Answers SQL over the tables' files, without the catalogue of the lake."""
    names = ("rates/quarantine_fact_rate", "rates/quarantine_provider_member")
    tables = [f"quarantine/{name}" for name in names]
    tables += ["silver/rates/fact_rate", "silver/rates/xref_pg_member_npi", "gold/rates/fact_rate_enriched"]
    with duckdb.connect() as connection:
        for name in tables:
            connection.register(name.rpartition("/")[2], table(sample_lake, name).to_arrow())
        yield lambda sql: connection.sql(sql).fetchall()


def table(lake: Path, name: str) -> pl.DataFrame:
    """Read a table's files with Polars; partition columns that only the path has are not needed here."""
    snapshot = snapshot_of(lake)
    frames = []
    for file in snapshot.files(name):
        frame = pl.read_parquet(snapshot.lake.url_for(file.path), hive_partitioning=False)
        missing = {k: v for k, v in file.partition.items() if k not in frame.columns and k not in ("year", "month")}
        frames.append(frame.with_columns(**{k: pl.lit(v, pl.String) for k, v in missing.items()}))
        if "year" in file.partition:
            month = f"{file.partition['year']}-{file.partition['month']}"
            frames[-1] = frames[-1].with_columns(year_month=pl.lit(month))
    return pl.concat(frames, how="diagonal")


class TestLedger:
    def test_every_step_balances_and_the_command_says_so(self, sample_lake: Path) -> None:
        ledger = done("ledger", "--check", "--json", "--lake", sample_lake).json
        assert {row["step"] for row in ledger} >= STEPS
        assert all(row["balanced"] for row in ledger)

    def test_its_fields_are_those_of_the_contract_in_that_order(self, sample_lake: Path) -> None:
        for row in done("ledger", "--json", "--lake", sample_lake).json:
            assert tuple(name for name in row if name not in ADDED_LEDGER) == CONTRACT_LEDGER

    def test_its_order_is_that_of_its_keys_which_are_unique(self, sample_lake: Path) -> None:
        """Rows of one step come from one model, whose engine may give them in any order."""
        ledger = done("ledger", "--json", "--lake", sample_lake).json
        keys = [(row["step"], row["slice"], row["table"]) for row in ledger]
        assert len(set(keys)) == len(keys)
        records = [key for key in keys if key[0] == "medicare_records"]
        assert len(records) > 5
        assert records == sorted(records)

    def test_rows_are_conserved_from_the_file_to_the_partitions(
        self, sample_lake: Path, sample_prices: list[PriceFile], sample: SampleSummary
    ) -> None:
        """Added up here, so that a ledger that declares itself balanced is not believed."""
        ledger = done("ledger", "--json", "--lake", sample_lake).json
        of = {(row["step"], row["slice"], row["table"]): row for row in ledger}
        for file in sample_prices:
            release = file.release_id
            merge, screen = of["merge", release, "int_rates__price"], of["screen", release, "fact_rate"]
            published = sample.price_files[file.path.name].prices
            assert merge["rows_in"] == published
            assert merge["rows_in"] + merge["rows_exploded"] == len(file.prices)
            assert merge["rows_out"] + merge["rows_merged"] == len(file.prices)
            assert merge["rows_out"] == len(file.distinct_prices) == screen["rows_in"]
            assert screen["rows_out"] + screen["rows_quarantined"] == screen["rows_in"]
            assert of["publish", release, "fact_rate_enriched"]["rows_out"] == screen["rows_out"] == len(file.facts)
            money = sum((Decimal(str(p.rate)) for p in file.distinct_prices if p.rate is not None), Decimal(0))
            assert Decimal(screen["money_in"]) == money
            assert Decimal(of["publish", release, "fact_rate_enriched"]["money_out"]) == file.control_total()


class TestFacts:
    def test_every_price_of_every_group_is_one_fact_with_the_documented_id(
        self, sample_lake: Path, sample_prices: list[PriceFile]
    ) -> None:
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for row in table(sample_lake, "silver/rates/fact_rate").iter_rows(named=True):
            found[row["release_id"]][row["fact_uid"]] = row["negotiated_rate"]
        assert dict(found) == {file.release_id: file.facts for file in sample_prices}

    def test_enriched_rows_are_the_facts_and_nothing_else(self, sample_lake: Path, enriched: pl.DataFrame) -> None:
        columns = ["fact_uid", "negotiated_rate", "pg_uid", "source_file_id", "source_record", "year_month", "state"]
        facts = table(sample_lake, "silver/rates/fact_rate").select(columns).sort("fact_uid")
        assert enriched.select(columns).sort("fact_uid").equals(facts)
        assert enriched["fact_uid"].n_unique() == enriched.height

    def test_a_query_counts_what_the_files_hold(self, sample_lake: Path, enriched: pl.DataFrame) -> None:
        sql = "select payer_slug, year, month, count(*) as n from fact_rate_enriched group by all order by all"
        found = done("query", sql, "--lake", sample_lake, "--json").json
        counted = {(row["payer_slug"], f"{row['year']}-{row['month']}"): row["n"] for row in found}
        assert counted == {
            (payer, month): n for payer, month, n in enriched.group_by("payer_slug", "year_month").len().rows()
        }


class TestQuarantine:
    def test_each_rejected_price_with_all_its_reasons(self, sample_lake: Path, sample_prices: list[PriceFile]) -> None:
        expected: Counter[tuple[str, tuple[str, ...]]] = Counter()
        for file in sample_prices:
            expected.update((file.release_id, price.reasons) for price in file.distinct_prices if price.reasons)
        rejected = table(sample_lake, "quarantine/rates/quarantine_fact_rate")
        found = Counter((r["release_id"], tuple(r["reasons"].split(","))) for r in rejected.iter_rows(named=True))
        assert found == expected

    @pytest.mark.parametrize(("defect", "reason"), REASON_OF_DEFECT.items(), ids=REASON_OF_DEFECT)
    def test_every_planted_price_defect_is_there(
        self, answer: Answer, sample: SampleSummary, sample_prices: list[PriceFile], defect: str, reason: str
    ) -> None:
        """A defect was planted in one price of one rate object; it comes once for each of that object's groups."""
        assert planted_prices(sample_prices, reason) == sample.planted[defect]
        named = f"list_contains(string_split(reasons, ','), '{reason}')"
        distinct = sum(reason in price.reasons for file in sample_prices for price in file.distinct_prices)
        assert answer(f"select count(*) from quarantine_fact_rate where {named}") == [(distinct,)]

    def test_prices_of_codes_that_cannot_be_codes(self, answer: Answer, sample: SampleSummary) -> None:
        sql = (
            "select count(distinct (source_file_id, source_record)) as items, "
            "list(distinct code order by code) as codes from quarantine_fact_rate where reasons like '%code_format%'"
        )
        assert answer(sql) == [(sample.planted["bad_code_format"], ["1200", "E01A3"])]

    def test_repeated_prices_are_merged_and_counted(
        self, answer: Answer, sample: SampleSummary, sample_prices: list[PriceFile]
    ) -> None:
        repeats = sum(len(file.prices) - len(file.distinct_prices) for file in sample_prices)
        sql = (
            "select sum(published_count - 1)::bigint from (select published_count from fact_rate "
            "union all select published_count from quarantine_fact_rate)"
        )
        assert answer(sql) == [(repeats,)]
        assert repeats >= sample.planted["duplicate_price"] > 0

    def test_npis_that_no_one_can_have_are_listed_and_no_members(self, answer: Answer, sample: SampleSummary) -> None:
        sql = "select reasons, count(distinct (release_id, npi)) from quarantine_provider_member group by all"
        assert dict(answer(sql)) == {
            "npi_check_digit": sample.planted["npi_bad_check_digit"],
            "npi_format": sample.planted["npi_nine_digits"],
        }
        members = {npi for (npi,) in answer("select distinct npi from xref_pg_member_npi")}
        assert members
        assert all(map(is_npi, members))

    def test_a_dangling_reference_keeps_its_prices(self, answer: Answer, sample_prices: list[PriceFile]) -> None:
        dangling = [
            price
            for file in sample_prices
            for price in file.distinct_prices
            if price.group.raw_id == "9999999" and not price.reasons
        ]
        assert dangling
        sql = "select count(*), count(npi_count) from fact_rate_enriched where provider_group_id_raw = '9999999'"
        assert answer(sql) == [(len(dangling), 0)]


def planted_prices(files: list[PriceFile], reason: str) -> int:
    """Count the published prices, before they meet their groups, that are spoiled in this way."""
    count = 0
    for file in files:
        for item in file.document["in_network"]:
            for rate in item["negotiated_rates"]:
                for price in rate["negotiated_prices"]:
                    count += reason in _price_reasons(price)
    return count


def _price_reasons(price: dict[str, Any]) -> set[str]:
    amount = price.get("negotiated_rate")
    checks = {
        "rate_zero": amount == 0,
        "rate_negative": amount is not None and amount < 0,
        "rate_missing": amount is None,
        "rate_above_maximum": amount is not None and amount > 1_000_000,
        "expiration_date_invalid": price["expiration_date"].startswith("2025-13"),
    }
    return {name for name, broken in checks.items() if broken}


class TestMarts:
    def test_benchmark_percentiles(self, sample_lake: Path, enriched: pl.DataFrame) -> None:
        key = ["payer_slug", *MARKET]
        rate, ratio = pl.col("negotiated_rate"), pl.col("rate_to_medicare_ratio")
        expected = enriched.group_by(key).agg(
            pl.len().cast(pl.Int64).alias("rate_count"),
            pl.col("pg_uid").n_unique().cast(pl.Int64).alias("provider_group_count"),
            ratio.count().cast(pl.Int64).alias("comparable_count"),
            rate.min().alias("rate_min"),
            rate.max().alias("rate_max"),
            *(rate.quantile(s, "linear").alias(f"rate_p{s * 100:.0f}") for s in SHARES),
            *(ratio.quantile(s, "linear").alias(f"medicare_ratio_p{s * 100:.0f}") for s in SHARES),
        )
        assert_same(table(sample_lake, "gold/rates/mart_rate_benchmark"), expected, key)

    def test_market_is_the_median_of_payer_medians(self, sample_lake: Path, enriched: pl.DataFrame) -> None:
        median = pl.col("negotiated_rate").median().alias("rate_p50")
        medicare = pl.col("rate_to_medicare_ratio").median().alias("ratio_p50")
        payers = enriched.group_by("payer_slug", *MARKET).agg(median, medicare, pl.len().alias("n"))
        payers = payers.with_columns(pl.col("rate_p50").round(6), pl.col("ratio_p50").round(6))
        lowest = pl.col("payer_slug").sort_by("rate_p50", "payer_slug").first()
        highest = pl.col("payer_slug").sort_by("rate_p50", "payer_slug", descending=[True, False]).first()
        expected = payers.group_by(MARKET).agg(
            pl.len().cast(pl.Int64).alias("payer_count"),
            pl.col("n").sum().cast(pl.Int64).alias("rate_count"),
            lowest.alias("lowest_payer_slug"),
            pl.col("rate_p50").min().alias("lowest_payer_median"),
            highest.alias("highest_payer_slug"),
            pl.col("rate_p50").max().alias("highest_payer_median"),
            pl.col("rate_p50").median().alias("median_of_payer_medians"),
            (pl.col("rate_p50").max() / pl.col("rate_p50").min()).alias("highest_to_lowest_ratio"),
            pl.col("ratio_p50").median().alias("median_of_payer_medicare_ratios"),
        )
        found = table(sample_lake, "gold/rates/mart_rate_market")
        assert_same(found, expected, MARKET)
        assert found.filter(pl.col("payer_count") > 1).height > 0

    def test_provider_network_counts_the_members_of_the_files(
        self, sample_lake: Path, sample_prices: list[PriceFile]
    ) -> None:
        key = ["payer_slug", "state", "year_month", "stat_area_code", "primary_taxonomy_code"]
        providers = table(sample_lake, "silver/providers/dim_npi").select("npi", "primary_taxonomy_code")
        places = table(sample_lake, "silver/providers/dim_npi_address_geolocation").select("npi", "stat_area_code")
        members = pl.DataFrame(
            [
                (file.payer_slug, file.state, file.year_month, group.pg_uid, npi, f"{kind}:{tin}")
                for file in sample_prices
                for group in file.groups()
                for npi, kind, tin in group.members
                if npi and is_npi(npi)
            ],
            schema=["payer_slug", "state", "year_month", "pg_uid", "npi", "tin"],
            orient="row",
        )
        known = members.join(providers, on="npi", how="left").join(places, on="npi", how="left")
        is_known = pl.col("npi").is_in(providers["npi"].implode())
        expected = known.group_by(key).agg(
            pl.col("pg_uid").n_unique().cast(pl.Int64).alias("provider_group_count"),
            pl.col("npi").n_unique().cast(pl.Int64).alias("npi_count"),
            pl.col("tin").n_unique().cast(pl.Int64).alias("tin_count"),
            pl.col("npi").filter(is_known).n_unique().cast(pl.Int64).alias("registered_npi_count"),
        )
        assert_same(table(sample_lake, "gold/rates/mart_provider_network"), expected, key)


def assert_same(found: pl.DataFrame, expected: pl.DataFrame, key: list[str]) -> None:
    """Compare the expected columns row by row; numbers to one part in a million."""
    assert not found.select(key).is_duplicated().any()
    joined = found.select(expected.columns).join(expected, on=key, how="full", nulls_equal=True, suffix="_expected")
    assert joined.height == found.height == expected.height
    for name in (column for column in expected.columns if column not in key):
        left, right = joined[name], joined[f"{name}_expected"]
        assert left.is_null().equals(right.is_null()), name
        if left.dtype.is_numeric():
            assert ((left - right).abs() <= 1e-6 * right.abs() + 1e-6).fill_null(True).all(), name
        else:
            assert left.equals(right), name


class TestMedicare:
    """Ratios computed again from the CMS files of the sample."""

    def test_professional_in_a_facility(self, sample: SampleSummary, enriched: pl.DataFrame) -> None:
        compared = enriched.filter(
            (pl.col("code") == "99213")
            & (pl.col("benchmark_setting") == "facility")
            & pl.col("billing_code_modifier").is_null()
        )
        for state in ("GA", "AL"):
            in_state = compared.filter(pl.col("state") == state)
            assert in_state.height > 0
            amount = facility_fee(sample.directory / "medicare", "99213", state)
            assert in_state["medicare_national_rate"].unique().to_list() == [Decimal("63.7200")]
            assert in_state["medicare_state_rate"].unique().to_list() == [amount]
            assert_ratios(in_state, amount)

    @pytest.mark.parametrize(("kind", "share"), [("opps", "0.60"), ("asc", "0.50")], ids=["opps", "asc"])
    def test_knee_replacement_in_a_facility(
        self, sample: SampleSummary, enriched: pl.DataFrame, kind: str, share: str
    ) -> None:
        compared = enriched.filter(
            (pl.col("code") == "27447") & (pl.col("benchmark_type") == kind) & (pl.col("state") == "GA")
        )
        assert compared.height > 0
        national = {"opps": Decimal("12866.82"), "asc": Decimal("9255.60")}[kind]
        index = mean_wage_index(sample.directory / "medicare" / "ASC_wage_index_2025.txt", "11", "GA")
        amount = cents(national * (Decimal(share) * index + 1 - Decimal(share)))
        assert compared["medicare_national_rate"].unique().to_list() == [national]
        assert compared["medicare_state_rate"].unique().to_list() == [amount]
        assert_ratios(compared, amount)

    def test_a_price_has_a_ratio_or_a_reason_never_both(self, enriched: pl.DataFrame) -> None:
        ratio, reason = enriched["rate_to_medicare_ratio"], enriched["not_comparable_reason"]
        assert (ratio.is_null() ^ reason.is_null()).all()
        above = enriched.filter(pl.col("rate_to_medicare_ratio").is_not_null())
        assert above["is_above_medicare"].equals(above["rate_to_medicare_ratio"] > 1)
        percent = enriched.filter(pl.col("rate_unit") == "percent")
        assert set(percent["not_comparable_reason"]) == {"percent_of_charges"}


def assert_ratios(compared: pl.DataFrame, amount: Decimal) -> None:
    """Every ratio is the rate divided by the amount."""
    difference = compared["rate_to_medicare_ratio"] - compared["negotiated_rate"] / float(amount)
    assert difference.abs().max() < 1e-12


def cents(amount: Decimal) -> Decimal:
    """Return an amount to the cent, half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def facility_fee(folder: Path, code: str, state: str) -> Decimal:
    """Return the state's physician fee: the mean of its localities' fees, each weighted by its ZIP codes."""
    with (folder / "PPRRVU2025_Oct.csv").open() as stream:
        row = next(row for row in csv.reader(stream) if row[:2] == [code, ""])
    work, expense, malpractice, factor = (Decimal(row[i]) for i in (5, 8, 10, 24))
    with (folder / "GPCI2025.csv").open() as stream:
        gpci = {(r[0], r[2]): tuple(map(Decimal, r[4:7])) for r in csv.reader(stream) if r[0].isdigit()}
    lines = (folder / "ZIP5_OCT2025.txt").read_text().splitlines()
    zips = Counter((line[7:12], line[12:14]) for line in lines if line[:2] == state)
    total = Decimal(0)
    for locality, count in zips.items():
        work_index, expense_index, malpractice_index = gpci[locality]
        fee = cents((work * work_index + expense * expense_index + malpractice * malpractice_index) * factor)
        total += fee * count
    return cents(total / zips.total())


def mean_wage_index(path: Path, rural_code: str, state: str) -> Decimal:
    """Return the mean of the indexes of a state's rural and statistical areas, to four decimals."""
    found = []
    for line in path.read_text(encoding="cp1252").splitlines()[1:]:
        area, name, index = line.split("\t")
        states = name.rpartition(", ")[2].strip().split("-")
        if area == rural_code or (len(area) == 5 and state in states):
            found.append(Decimal(index))
    return (sum(found, Decimal(0)) / len(found)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def test_price_lineage_leads_to_the_record_of_the_file(sample_lake: Path, sample_prices: list[PriceFile]) -> None:
    """Two hundred facts of each file, chosen by their ids: the record named is the item that holds the price."""
    connection = duckdb.connect()
    for file in sample_prices:
        first: dict[str, tuple[int, PublishedPrice]] = {}
        for ordinal, price in file.records():
            if not price.reasons and len(first) < 3_000:
                first.setdefault(price.fact_uid(file.state, file.year_month), (ordinal, price))
        names = f"{sample_lake}/silver/rates/fact_rate/release={file.release_id}/*.parquet"
        found = dict(connection.sql(f"select fact_uid, source_record from read_parquet('{names}')").fetchall())
        assert {uid: found[uid] for uid in sorted(first)[:200]} == {uid: first[uid][0] for uid in sorted(first)[:200]}
