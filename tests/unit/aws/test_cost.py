"""Prices, bills and the choice of a layout: each line against a figure worked out by hand."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from lakeward.aws.bill import Usage, compare_classes, layout_bill
from lakeward.aws.cost import LEFT, standing_cost, usage_of
from lakeward.aws.layout_choice import choose_layout
from lakeward.aws.prices import GB, TB, Prices, load_prices, own_table
from lakeward.errors import UsageError
from lakeward.lake.commit import FileEntry, Lake, SliceEntry
from lakeward.lake.entries import ColumnDescription, TableDescription
from lakeward.publish.engine import Resources
from lakeward.publish.layout_advice import LayoutAdvice
from lakeward.publish.scan_estimate import ScanEstimate
from lakeward.settings import Settings, StorageSettings

MIB = 2**20
PRICES = load_prices()
QUIET = Usage(queries=0, rewrites=0, audited=False)


def advice(name: str = "compact", *, stands: bool = False, files: tuple[int, ...] = (GB,), **read: int) -> LayoutAdvice:
    figures = {"partitions": 1, "files": 1, "row_groups": 1, "bytes": 0, "requests": 0, "listings": 0} | read
    return LayoutAdvice(name, ("state",), (), stands, 1, 1_000, files, 1.0, (ScanEstimate("asked", **figures),))


def lines(bill_of: LayoutAdvice, usage: Usage, prices: Prices = PRICES) -> dict[str, float]:
    return {line.item: line.usd for line in layout_bill(bill_of, prices, usage).lines}


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = own_table()
    assert old in text
    path = tmp_path / "prices.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


@pytest.mark.parametrize(
    ("scanned", "billed"),
    [(0, 10 * MIB), (10 * MIB, 10 * MIB), (10 * MIB + 1, 11 * MIB), (25 * MIB - 1, 25 * MIB), (TB, TB)],
)
def test_athena_bills_whole_megabytes_and_ten_at_least(scanned: int, billed: int) -> None:
    assert PRICES.athena.billed_bytes(scanned) == billed
    assert PRICES.athena.usd(TB) == 5.0


@pytest.mark.parametrize(
    ("storage_class", "size", "billed"),
    [
        ("STANDARD", 1_000, 1_000),
        ("INTELLIGENT_TIERING", 1_000, 1_000),
        ("STANDARD_IA", 1_000, 131_072),
        ("STANDARD_IA", 131_073, 131_073),
        ("GLACIER_IR", 1_000, 131_072),
        ("DEEP_ARCHIVE", 1_000, 41_960),
    ],
)
def test_small_objects_are_billed_by_the_rules_of_their_class(storage_class: str, size: int, billed: int) -> None:
    assert PRICES.storage_class(storage_class).billed_bytes(size) == billed


def test_tiering_monitors_objects_of_128_kb_and_more() -> None:
    usage = replace(QUIET, storage_class="INTELLIGENT_TIERING")
    small, large = (131_071,) * 1_000, (131_072,) * 1_000
    assert "storage: monitoring" not in lines(advice(files=small), usage)
    assert lines(advice(files=large), usage)["storage: monitoring"] == pytest.approx(0.0025)
    compared = {line.item: line for line in compare_classes(small, PRICES)}
    assert "1,000 objects below 128 KB never move" in compared["INTELLIGENT_TIERING"].quantity
    assert compared["STANDARD_IA"].usd == pytest.approx(1_000 * 131_072 / GB * 0.0125)
    assert "Athena skips it" in compared["GLACIER"].quantity
    assert "Athena skips it" not in compared["GLACIER_IR"].quantity


def test_each_line_of_a_layout() -> None:
    usage = Usage(queries=1_000, rewrites=2, audited=True)
    found = lines(advice(files=(GB, GB), bytes=TB // 1_000, requests=50, listings=10), usage)
    assert found == pytest.approx(
        {
            "storage": 2 * 0.023,
            "writing: PUT requests": 6 * 0.005 / 1_000,
            "writing: CloudTrail": 6 * 0.10 / 100_000,
            "queries: Athena": 1_000 * 1_049 * MIB / TB * 5,
            "queries: GET requests": 51_000 * 0.0004 / 1_000,
            "queries: LIST requests": 10_000 * 0.005 / 1_000,
            "queries: CloudTrail": 61_000 * 0.10 / 100_000,
        }
    )


def test_retrieval_costs_in_the_infrequent_classes_only() -> None:
    read = advice(bytes=GB, requests=1)
    usage = replace(QUIET, queries=10)
    assert "queries: retrieval" not in lines(read, usage)
    assert lines(read, replace(usage, storage_class="STANDARD_IA"))["queries: retrieval"] == pytest.approx(0.1)


def test_partitions_cost_above_the_first_million() -> None:
    many = replace(advice(), partitions=1_200_000)
    assert lines(many, QUIET)["catalogue: Glue partitions"] == pytest.approx(2.0)
    assert "catalogue: Glue partitions" not in lines(advice(), QUIET)


def test_the_lowest_bill_is_recommended_with_its_reasons() -> None:
    compact = advice("compact", files=(GB,) * 4, bytes=GB, requests=400, listings=4)
    deep = advice("deep", files=(25_000,) * 70_000, bytes=2 * GB, requests=70_000, listings=70_000, partitions=70_000)
    choice = choose_layout([deep, compact], PRICES, Usage())
    assert choice.recommended is compact
    text = "\n".join(choice.reasons)
    assert "less than deep: 4 files instead of 70,000" in text
    assert "1.1 GB read by the example queries instead of 2.1 GB" in text
    assert [round(bill.usd) for bill in choice.bills] == [
        round(layout_bill(a, PRICES, Usage()).usd) for a in (deep, compact)
    ]


def test_what_stands_is_not_rewritten_for_less_than_a_dollar() -> None:
    stands = advice("deep", stands=True, files=(1_000,) * 20, requests=20, listings=20)
    other = advice("compact", files=(20_000,), requests=1, listings=1)
    choice = choose_layout([other, stands], PRICES, Usage(queries=1_000))
    assert choice.recommended is stands
    assert any("not worth a rewrite" in reason for reason in choice.reasons)
    assert choose_layout([other, stands], PRICES, Usage(queries=100_000)).recommended is other
    assert choose_layout([other, replace(stands, stands=False)], PRICES, Usage()).recommended is other


def test_every_price_has_a_source_and_a_date() -> None:
    table = yaml.safe_load(own_table())
    prices = [*table["storage"].values(), table["athena"], *table["others"].values()]
    assert all(price["source"].startswith("https://aws.amazon.com/") and price["as_of"] for price in prices)
    assert max(price["as_of"] for price in prices) <= table["as_of"]


def test_an_edited_table_is_used(tmp_path: Path) -> None:
    prices = load_prices(changed(tmp_path, "gb_month: 0.023", "gb_month: 0.046"))
    assert lines(advice(), QUIET, prices)["storage"] == pytest.approx(0.046)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gb_month: 0.023", "gb_month: -1", r"wrong at storage\.STANDARD\.gb_month"),
        ("gb_month: 0.023", "gb_moth: 0.023", r"wrong at storage\.STANDARD\.gb_mon?th"),
        ("  STANDARD:", "  STANDART:", "has no storage class STANDARD"),
        ("tb_scanned: 5.00", "tb_scanned: five", r"wrong at athena\.tb_scanned"),
        ("region: us-east-1", "region: [", "is no YAML"),
    ],
    ids=["negative", "unknown-key", "no-standard", "not-a-number", "not-yaml"],
)
def test_a_wrong_table_is_an_error_that_names_the_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_prices(changed(tmp_path, old, new))


def test_a_missing_table_and_an_unknown_class(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_prices(tmp_path / "nothing.yaml")
    with pytest.raises(UsageError, match="no storage class 'TAPE'"):
        PRICES.storage_class("TAPE")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A lake of one bronze table, replaced once, and no prices."""
    lake = Lake.open(str(tmp_path / "lake"), StorageSettings())
    for content in (b"old" * 100, b"new" * 200):
        file = tmp_path / "file"
        file.write_bytes(content)
        transaction = lake.begin("run")
        path = f"bronze/nppes/npidata/part-{len(content)}.parquet"
        transaction.add_file(file, path)
        transaction.replace_slice(
            "bronze/nppes/npidata", SliceEntry("one", str(len(content)), {}, (_entry(path, content),))
        )
        transaction.describe("bronze/nppes/npidata", TableDescription(columns=(ColumnDescription("npi", "VARCHAR"),)))
        transaction.commit()
        file.unlink()
    return Settings(lake=str(tmp_path / "lake"))


def test_the_bill_of_what_stands(settings: Settings, tmp_path: Path) -> None:
    found = standing_cost(settings, Resources(2 * 10**9, 1, tmp_path / "scratch"), PRICES, Usage())
    told = {line.item: line for line in found.bill.lines}
    assert told["storage: bronze"].quantity == "600 B in 1 objects"
    assert told[f"storage: {LEFT}"].quantity == "300 B in 1 objects"
    assert told["monitoring: alarms"].usd == pytest.approx(0.3)
    assert told["monitoring: dashboards"].usd == pytest.approx(3.0)
    assert told["monitoring: custom metrics"].usd == pytest.approx(10 * 0.3)
    assert "queries: Athena" not in told
    assert any("no queries" in text for text in found.assumptions)
    assert any("is a folder" in text for text in found.assumptions)
    assert found.bill.usd == pytest.approx(sum(line.usd for line in found.bill.lines))


def test_manifests_are_no_leftovers(settings: Settings, tmp_path: Path) -> None:
    Lake.open(settings.lake, settings.storage).storage.write("hive/fact_rate/manifest", b"s3://bucket/file")
    found = standing_cost(settings, Resources(2 * 10**9, 1, tmp_path / "scratch"), PRICES, Usage())
    told = {line.item: line.quantity for line in found.bill.lines}
    assert (told["storage: hive"], told[f"storage: {LEFT}"]) == ("16 B in 1 objects", "300 B in 1 objects")


@pytest.mark.parametrize(("environment", "audited"), [("development", False), ("production", True)])
def test_the_environment_says_whether_requests_are_logged(settings: Settings, environment: str, audited: bool) -> None:
    chosen = settings.model_copy(update={"environment": environment})
    assert usage_of(chosen, 1, 1, "STANDARD").audited is audited


def test_a_kms_key_is_on_the_bill(settings: Settings, tmp_path: Path) -> None:
    storage = StorageSettings(encryption="aws:kms", kms_key_id="alias/lake")
    encrypted = settings.model_copy(update={"storage": storage})
    found = standing_cost(encrypted, Resources(2 * 10**9, 1, tmp_path / "scratch"), PRICES, Usage())
    assert {line.item: line.usd for line in found.bill.lines}["encryption: KMS key"] == 1.0


def _entry(path: str, content: bytes) -> FileEntry:
    return FileEntry(path, 1, len(content))
