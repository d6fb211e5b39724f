"""A query reads, says what it cost, and can do nothing else."""

import json
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.errors import UsageError
from lakeward.lake.commit import Snapshot
from lakeward.publish import parquet_files
from lakeward.publish.query import formatted, query
from lakeward.settings import StorageSettings

from .conftest import Publish

SETTINGS = StorageSettings()


def test_answers_over_several_tables(publish: Publish) -> None:
    rows = query(
        publish(),
        "select payer_slug, code, count(*) as n, min(m.rates) as rates from fact_rate_enriched "
        "join mart_code as m using (payer_slug, code) group by all order by all limit 1",
        SETTINGS,
    ).rows
    assert rows.to_pylist() == [{"payer_slug": "acme", "code": "99200", "n": 20, "rates": 20}]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("copy mart_code to 'out.csv'", "only reads; this is a COPY statement"),
        ("attach 'x.db'", "only reads; this is a ATTACH statement"),
        ("install httpfs", "only reads; this is a"),
        ("set threads = 1", "only reads; this is a"),
        ("drop view mart_code", "only reads; this is a DROP statement"),
        ("select 1; select 2", "takes one statement; this has 2"),
        ("", "takes one statement; this has 0"),
        ("selec 1", "cannot be parsed"),
        ("select * from 'OUTSIDE'", "lakeward tables TABLE"),
        ("select * from read_csv('OUTSIDE')", "lakeward tables TABLE"),
        ("select * from mart_cod", "`lakeward tables` lists the tables"),
        ("select cod from mart_code", "lists the columns of a table"),
    ],
    ids=[
        "copy", "attach", "install", "set", "drop", "two", "none", "typo", "file", "csv", "no-table", "no-column",
    ],
)  # fmt: skip
def test_only_reads(publish: Publish, tmp_path: Path, sql: str, message: str) -> None:
    (tmp_path / "outside.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match=message):
        query(publish(), sql.replace("OUTSIDE", str(tmp_path / "outside.csv")), SETTINGS)


def test_describe_and_show_are_reading(publish: Publish) -> None:
    snapshot = publish()
    assert query(snapshot, "describe mart_code", SETTINGS).rows.num_rows == 3
    assert query(snapshot, "explain select * from mart_code", SETTINGS).rows.num_rows >= 1


def test_no_cost_unless_asked(publish: Publish) -> None:
    assert query(publish(), "select 1", SETTINGS).cost is None


@pytest.fixture
def many_row_groups(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """6,000 prices in row groups of 500."""
    monkeypatch.setattr(parquet_files, "ROW_GROUP_ROWS", 500)
    return publish(rows=6_000)


def test_explain_counts_what_was_read(many_row_groups: Snapshot) -> None:
    files = many_row_groups.files("gold/rates/fact_rate_enriched")
    whole = query(many_row_groups, "select sum(hash(f)) from fact_rate_enriched f", SETTINGS, explain=True).cost
    assert whole is not None
    assert (whole.files, whole.files_of_tables, whole.rows) == (4, 4, 1)
    assert whole.row_groups == whole.row_groups_of_files == sum(-(-file.rows // 500) for file in files)
    assert 0.8 < whole.bytes / sum(file.bytes for file in files) < 1.2
    assert whole.requests > 0


def test_explain_shows_what_pruning_saves(many_row_groups: Snapshot) -> None:
    sql = "select sum(negotiated_rate) from fact_rate_enriched where {}"
    one = query(many_row_groups, sql.format("state is null and billing_class = 'professional'"), SETTINGS, explain=True)
    code = query(many_row_groups, sql.format("code = '99203'"), SETTINGS, explain=True)
    none = query(many_row_groups, sql.format("payer_slug = 'nobody'"), SETTINGS, explain=True)
    assert one.cost is not None
    assert code.cost is not None
    assert none.cost is not None
    assert one.cost.files == 1
    assert 0 < code.cost.row_groups < code.cost.row_groups_of_files
    assert none.cost.row_groups == 0


ROWS = pa.table({"code": ["99213", None], "members": [["11", "22"], None], "rate": [1.5, 2.0]})


def test_rows_as_csv() -> None:
    assert formatted(ROWS, "csv").decode() == '"code","members","rate"\n"99213","[""11"",""22""]",1.5\n,,2\n'


def test_rows_as_json() -> None:
    assert json.loads(formatted(ROWS, "json")) == [
        {"code": "99213", "members": ["11", "22"], "rate": 1.5},
        {"code": None, "members": None, "rate": 2.0},
    ]
    assert json.loads(formatted(ROWS.slice(0, 0), "json")) == []


def test_rows_as_parquet() -> None:
    assert pq.read_table(BytesIO(formatted(ROWS, "parquet"))).equals(ROWS)


def test_other_formats_are_refused() -> None:
    with pytest.raises(UsageError, match="use table, csv, json or parquet"):
        formatted(ROWS, "xml")  # type: ignore[arg-type]
