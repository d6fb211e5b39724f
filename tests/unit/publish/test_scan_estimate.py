"""What a query would read is reckoned from footers: what is left out has no answer, what is counted is there."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.lake.entries import FileEntry
from lakeward.publish.example_queries import Condition, ExampleQuery, example_queries
from lakeward.publish.layout import DEEP
from lakeward.publish.scan_estimate import Scanner

ROWS_A_GROUP = 1_000
COLUMNS = ("code", "price", "note", "state")


def write(path: Path, codes: list[str | None], prices: list[float | None]) -> FileEntry:
    path.parent.mkdir(parents=True, exist_ok=True)
    notes = [f"{position:08d}" for position in range(len(codes))]
    table = pa.table({"code": pa.array(codes, pa.string()), "price": pa.array(prices, pa.float64()), "note": notes})
    bloom = {"code": {"ndv": 100, "fpp": 0.01}}
    pq.write_table(table, path, row_group_size=ROWS_A_GROUP, bloom_filter_options=bloom)
    state = path.parent.name.partition("=")[2]
    return FileEntry(path.name, len(codes), path.stat().st_size, {"state": state})


@pytest.fixture
def files(tmp_path: Path) -> dict[str, FileEntry]:
    """Georgia with three row groups: codes apart, codes around, and no codes; Texas with one."""
    codes = [["a"] * 500 + ["b"] * 500, ["a"] * 500 + ["z"] * 500, [None] * ROWS_A_GROUP]
    georgia = write(
        tmp_path / "state=GA" / "ga.parquet",
        [code for group in codes for code in group],
        [1.0] * 1000 + [200.0] * 1000 + [None] * 1000,
    )
    texas = write(tmp_path / "state=TX" / "tx.parquet", ["q"] * ROWS_A_GROUP, [5.0] * ROWS_A_GROUP)
    return {
        str(tmp_path / "state=GA" / "ga.parquet"): georgia,
        str(tmp_path / "state=TX" / "tx.parquet"): texas,
    }


def scanner(files: dict[str, FileEntry], whole_file_bytes: int = 0) -> Scanner:
    addresses = {entry.path: address for address, entry in files.items()}
    return Scanner(duckdb.connect(), list(files.values()), addresses, COLUMNS, whole_file_bytes)


def query(*conditions: Condition, shown: tuple[str, ...] = ("price",)) -> ExampleQuery:
    return ExampleQuery("asked", "here", shown, conditions)


GEORGIA = Condition("state", "=", "GA")


@pytest.mark.parametrize(
    ("conditions", "partitions", "groups"),
    [
        ((), 2, 4),
        ((GEORGIA,), 1, 3),
        ((Condition("state", "is null"),), 0, 0),
        ((GEORGIA, Condition("code", "=", "a")), 1, 2),
        ((GEORGIA, Condition("code", "=", "z")), 1, 1),
        # Between "a" and "z", so that only the Bloom filter knows better.
        ((GEORGIA, Condition("code", "=", "m")), 1, 0),
        ((GEORGIA, Condition("code", "is null")), 1, 1),
        ((GEORGIA, Condition("code", "is not null")), 1, 2),
        ((GEORGIA, Condition("code", "in", ("z", "zz"))), 1, 1),
        ((GEORGIA, Condition("code", "in", ("A", "zz"))), 1, 0),
        ((Condition("state", "in", ("GA", "TX")),), 2, 4),
        ((GEORGIA, Condition("price", ">", 100.0)), 1, 1),
        ((GEORGIA, Condition("price", ">", 200.0)), 1, 0),
        ((GEORGIA, Condition("unknown", "=", "x")), 1, 3),
    ],
    ids=str,
)
def test_folders_and_row_groups_are_pruned(
    files: dict[str, FileEntry], conditions: tuple[Condition, ...], partitions: int, groups: int
) -> None:
    found = scanner(files).estimate(query(*conditions))
    assert (found.partitions, found.row_groups) == (partitions, groups)


@pytest.mark.parametrize("code", ["a", "b", "z", "q", "m"])
def test_no_row_group_with_an_answer_is_left_out(files: dict[str, FileEntry], code: str) -> None:
    found = scanner(files).estimate(query(Condition("code", "=", code)))
    counted = (
        duckdb.connect()
        .sql(
            f"select count(distinct (filename, file_row_number // {ROWS_A_GROUP})) "
            f"from read_parquet({list(files)}, filename = true, file_row_number = true) where code = '{code}'"
        )
        .fetchone()
    )
    assert counted is not None
    assert found.row_groups >= counted[0]


def test_bytes_are_those_of_the_columns_and_the_footer(files: dict[str, FileEntry]) -> None:
    address, entry = next(iter(files.items()))
    metadata = pq.read_metadata(address)
    chunks = [metadata.row_group(g).column(c) for g in range(3) for c in range(3)]
    footer = entry.bytes - sum(chunk.total_compressed_size for chunk in chunks)
    prices = sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema == "price")
    found = scanner(files).estimate(query(GEORGIA))
    assert found.bytes == footer + prices
    everything = scanner(files).estimate(query(GEORGIA, shown=()))
    assert everything.bytes == entry.bytes


def test_a_small_file_is_fetched_whole_in_one_request(files: dict[str, FileEntry]) -> None:
    entry = next(iter(files.values()))
    found = scanner(files, whole_file_bytes=entry.bytes).estimate(query(GEORGIA, Condition("code", "=", "m")))
    assert (found.bytes, found.requests, found.row_groups) == (entry.bytes, 1, 0)
    apart = scanner(files).estimate(query(GEORGIA))
    assert apart.requests == 2


def test_files_that_were_not_read_are_like_those_that_were(files: dict[str, FileEntry]) -> None:
    address, entry = next(iter(files.items()))
    others = [FileEntry(f"other-{n}", entry.rows, entry.bytes, entry.partition) for n in range(3)]
    asked = query(GEORGIA, Condition("code", "=", "a"))
    one = Scanner(duckdb.connect(), [entry], {entry.path: address}, COLUMNS).estimate(asked)
    four = Scanner(duckdb.connect(), [entry, *others], {entry.path: address}, COLUMNS).estimate(asked)
    assert (four.bytes, four.files, four.requests) == (4 * one.bytes, 4 * one.files, 4 * one.requests)
    assert (four.partitions, four.listings) == (1, 1)


def test_a_folder_of_many_files_is_listed_in_several_requests(files: dict[str, FileEntry]) -> None:
    entry = next(iter(files.values()))
    many = [FileEntry(str(number), 1, 1, entry.partition) for number in range(1_001)]
    assert Scanner(duckdb.connect(), many, {}, COLUMNS).estimate(query(GEORGIA)).listings == 2


def test_example_queries_ask_for_what_the_lake_has() -> None:
    leaf: dict[str, str | None] = dict.fromkeys(DEEP.spec.keys, "x") | {"procedure_set": None}
    found = {item.name: item for item in example_queries("TX", "99214", leaf)}
    look_up = " AND ".join(condition.sql for condition in found["rates_of_a_code"].conditions)
    assert look_up == (
        "state = 'TX' AND code_type IN ('CPT', 'HCPCS') AND code = '99214' AND rate_unit = 'usd' "
        "AND negotiated_rate > 100.0"
    )
    assert "procedure_set IS NULL" in [condition.sql for condition in found["one_leaf"].conditions]
    assert found["one_leaf"].columns(("a", "state")) == ["a", "state"]
    nowhere = example_queries(None, None, {})[0]
    assert [condition.sql for condition in nowhere.conditions][:2] == ["state IS NULL", "rate_unit = 'usd'"]
