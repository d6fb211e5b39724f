"""``lakeward layout`` on a small lake: advice, a rewrite that keeps every row, and rewrites that do not get through."""

import json
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from lakeward.lake.commit import Lake
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT
from lakeward.publish.writer import ENRICHED, publish_build
from lakeward.settings import StorageSettings

from .command_line import done, lakeward, rows, start
from .lake_files import all_files, data_files, snapshot_of

ROWS = 20_000
KILLED_AT = (0.9, 1.1, 1.3, 1.5)
"""When a rewrite is killed, in units of what the command takes to start."""
ALL_ROWS = f"select count(*) as n, bit_xor(hash(t)) as rows from (select fact_uid, state, code, year, month, pos_members, negotiated_rate, procedure_set from {ENRICHED.rpartition('/')[2]}) t"  # noqa: E501
BY_CLASS = (
    "select procedure_set, billing_class, count(*) as n, round(sum(negotiated_rate), 2) as usd "
    "from fact_rate_enriched where state = 'GA' group by all order by all"
)
LOOK_UP = "select fact_uid, negotiated_rate from fact_rate_enriched where code = '00042' order by fact_uid"
FACTS = f"""
    create table fact_rate_enriched as
    select
        md5(i::varchar) as fact_uid, 'acme' as payer_slug, case when i % 5 = 0 then null else 'GA' end as state,
        case when i % 2 = 0 then 'professional' else 'institutional' end as billing_class,
        '2025-0' || (6 + i % 2) as year_month, 'acme.ga.' || year_month as release_id,
        lpad((i % 500)::varchar, 5, '0') as code, 'Set: ' || i % 3 as procedure_set,
        case when i % 7 = 0 then null else 'Class/' || i % 2 end as procedure_class,
        '207Q00000X' as primary_taxonomy_code, 'Atlanta, GA' as stat_area_name,
        case when i % 2 = 0 then ['11', '22'] end as pos_members,
        round(i * 0.01, 2) as negotiated_rate
    from range({ROWS}) t(i)
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake of two releases of prices, in the compact layout."""
    database = tmp_path / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(FACTS)
    node = {
        "resource_type": "model",
        "name": "fact_rate_enriched",
        "database": "build",
        "relation_name": '"build"."main"."fact_rate_enriched"',
        "config": {"meta": {"domain": "rates", "zone": "gold", "slice": "release", "key": ["fact_uid"]}},
    }
    built = SimpleNamespace(database=database, manifest={"nodes": {"model.lakeward.fact_rate_enriched": node}})
    transaction = Lake.open(str(tmp_path / "lake"), StorageSettings()).begin("run")
    publish_build(built, transaction, COMPACT, Resources(2 * 10**9, 2, tmp_path / "scratch"))
    transaction.commit()
    return tmp_path / "lake"


def answers(lake: Path) -> list[object]:
    return [rows(lake, sql) for sql in (ALL_ROWS, BY_CLASS, LOOK_UP)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder without a configuration."""
    place = tmp_path / "here"
    place.mkdir()
    return place


def test_a_rewrite_gives_the_same_answers_and_back_the_same_bytes(lake: Path, folder: Path) -> None:
    before, said = data_files(snapshot_of(lake)), answers(lake)
    deep = done("layout", "apply", "deep", "--lake", lake, folder=folder)
    assert "Published as commit 2" in deep.out
    assert "layout: {name: deep}" in deep.err
    assert answers(lake) == said
    assert snapshot_of(lake).description(ENRICHED).layout == "deep"
    assert {len(file.partition) for file in snapshot_of(lake).files(ENRICHED)} == {9}
    assert done("partitions", "--where", "health = 'stale'", "--lake", lake, "--json").json == []
    back = done("layout", "apply", "compact", "--lake", lake, folder=folder)
    assert "To keep this one" not in back.err
    assert data_files(snapshot_of(lake)) == before


def test_a_layout_of_ones_own(lake: Path, folder: Path) -> None:
    said = answers(lake)
    record = done(
        "layout", "apply", "--keys", "procedure_set,state", "--sort", "code", "--lake", lake, "--json", folder=folder
    ).json
    assert (record["outcome"], record["command"]) == ("published", "layout apply custom:procedure_set,state:code")
    assert [row["balanced"] for row in record["ledger"]] == [True, True]
    assert sum(row["rows_out"] for row in record["ledger"]) == ROWS
    assert answers(lake) == said
    folders = {file.path.rpartition("/")[0] for file in snapshot_of(lake).files(ENRICHED)}
    assert f"{ENRICHED}/procedure_set=Set%3A 0/state=__HIVE_DEFAULT_PARTITION__" in folders


def test_what_has_the_layout_is_left_alone(lake: Path, folder: Path) -> None:
    files = all_files(lake / "gold")
    assert done("layout", "apply", "compact", "--lake", lake, "--json", folder=folder).json["outcome"] == "unchanged"
    assert snapshot_of(lake).number == 1
    assert all_files(lake / "gold") == files


def test_a_dry_run_writes_nothing(lake: Path, folder: Path) -> None:
    files = all_files(lake)
    said = done("layout", "apply", "deep", "--dry-run", "--lake", lake, folder=folder).out
    assert f"Would rewrite 2 of 2 slices, {ROWS:,} rows, in layout deep" in " ".join(said.split())
    assert done("layout", "apply", "compact", "--dry-run", "--lake", lake, "--json", folder=folder).json["rows"] == 0
    assert all_files(lake) == files


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Which layout?"),
        (("wide",), "There is no layout 'wide'"),
        (("deep", "--keys", "state"), "give either `name`"),
        (("--sort", "code"), "`sort` goes with `keys`"),
        (("--keys", "state,state"), "more than once"),
        (("--keys", "planet"), "has not: planet"),
        (("--keys", "fact_uid"), "10,000 files"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    lake: Path, folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = data_files(snapshot_of(lake))
    finished = lakeward("layout", "apply", *arguments, "--lake", lake, folder=folder)
    assert finished.status == 2
    assert message in finished.message
    assert snapshot_of(lake).number == 1
    assert data_files(snapshot_of(lake)) == before


def test_an_empty_lake(tmp_path: Path, folder: Path) -> None:
    for command in (("apply", "deep"), ("apply", "deep", "--dry-run"), ("advise",)):
        finished = lakeward("layout", *command, "--lake", tmp_path / "nothing", folder=folder)
        assert finished.status == 2
        assert "`lakeward run rates` makes" in finished.message
    assert not (tmp_path / "nothing" / "gold").exists()


def test_killed_at_any_moment(lake: Path, folder: Path) -> None:
    said = answers(lake)
    before = data_files(snapshot_of(lake))
    started = time.monotonic()
    done("layout", "apply", "deep", "--dry-run", "--lake", lake, folder=folder)
    startup = time.monotonic() - started
    killed = 0
    for moment in KILLED_AT:
        process = start("layout", "apply", "deep", "--lake", lake, folder=folder)
        time.sleep(startup * moment)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        if snapshot_of(lake).number == 1:
            assert data_files(snapshot_of(lake)) == before
        assert answers(lake) == said
    assert killed
    done("layout", "apply", "deep", "--lake", lake, folder=folder)
    assert answers(lake) == said
    assert snapshot_of(lake).description(ENRICHED).layout == "deep"


def test_no_room_leaves_the_lake_as_it_was(lake: Path, folder: Path) -> None:
    before, said = data_files(snapshot_of(lake)), answers(lake)
    finished = lakeward("layout", "apply", "--keys", "state", "--lake", lake, folder=folder, largest_file=100_000)
    assert finished.status == 3
    assert "could not be" in finished.message
    assert (snapshot_of(lake).number, data_files(snapshot_of(lake))) == (1, before)
    assert answers(lake) == said


def test_an_older_reader_goes_on_reading(lake: Path, folder: Path) -> None:
    old = snapshot_of(lake)
    before = data_files(old)
    done("layout", "apply", "deep", "--lake", lake, folder=folder)
    assert data_files(old) == before


def test_advice_and_bill_in_words_and_numbers(lake: Path, folder: Path, tmp_path: Path) -> None:
    files = all_files(lake)
    command = ("layout", "advise", "--keys", "state", "--lake", lake)
    found = done(*command, "--json", folder=folder).json
    assert [layout["layout"] for layout in found["layouts"]] == [
        "compact",
        "deep",
        "custom:state:procedure_set,procedure_class,code,primary_taxonomy_code,stat_area_name",
    ]
    assert {layout["rows"] for layout in found["layouts"]} == {ROWS}
    assert found["recommended"] == "compact"
    assert all(len(layout["queries"]) == 5 for layout in found["layouts"])
    text = " ".join(done(*command, folder=folder).out.split())
    assert "Recommended: compact." in text
    assert "every row was written aside in compact" in text
    prices = tmp_path / "prices.yaml"
    prices.write_text(done("aws", "cost", "--print-prices", folder=folder).out.replace("usd: 3.00", "usd: 30.00"))
    cheap = done("aws", "cost", "--lake", lake, "--json", folder=folder).json
    dear = done("aws", "cost", "--lake", lake, "--prices", prices, "--json", folder=folder).json
    assert dear["usd_a_month"] - cheap["usd_a_month"] == pytest.approx(27.0)
    said = done("aws", "cost", "--lake", lake, folder=folder).out
    assert "queries: Athena" in said
    assert "Taken for granted:" in said
    assert all_files(lake) == files


def test_the_price_table_can_be_read_by_machines(folder: Path) -> None:
    printed = json.loads(done("aws", "cost", "--print-prices", "--json", folder=folder).out)
    assert printed["athena"]["tb_scanned"] == 5.0
