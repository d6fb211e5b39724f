"""The command line as its users meet it: help, exit codes, where output goes, and what each command answers."""

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from lakeward.cli import app
from lakeward.sample import SampleSummary

from .command_line import COMMAND, done, lakeward, rows, start
from .lake_files import all_files, data_files, snapshot_of
from .published_prices import PriceFile
from .small_market import SmallMarket

COMMANDS = (
    "run", "extract", "build", "publish", "sample", "query", "tables", "partitions", "lineage", "ledger", "runs",
    "validate", "inspect", "config", "powerbi", "report", "geocode",
)  # fmt: skip
COMMANDS_OF_COMMANDS = ("aws", "iceberg", "layout")
DEEP_KEYS = [
    "payer_slug", "state", "billing_class", "procedure_set", "procedure_class", "primary_taxonomy_code",
    "stat_area_name", "year", "month",
]  # fmt: skip
SQL = (
    "select code, count(*) as n, round(sum(negotiated_rate), 2) as money, count(rate_to_medicare_ratio) as compared, "
    "min(year) as year, min(month) as month, count(stat_area_name) as placed, count(procedure_class) as classed "
    "from fact_rate_enriched group by code order by code"
)


class TestHelp:
    def test_it_lists_every_command(self) -> None:
        shown = CliRunner().invoke(app, ["--help"])
        listed = re.findall(r"^  ([a-z]+)  ", shown.output.partition("Commands:")[2], re.MULTILINE)
        assert sorted(listed) == sorted((*COMMANDS, *COMMANDS_OF_COMMANDS))

    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_an_example_that_names_it(self, command: str) -> None:
        shown = CliRunner().invoke(app, [command, "--help"])
        assert shown.exit_code == 0
        assert f"Example: lakeward {command}" in " ".join(shown.output.split())


class TestOutput:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("query", "select 1 as one"), ("tables",), ("tables", "fact_rate"), ("partitions",), ("ledger",), ("runs",),
            ("lineage", "fact_rate", "--where", "code = '99213'", "--limit", "3"), ("validate",), ("config",),
        ],
        ids=lambda arguments: " ".join(arguments[:2]),
    )  # fmt: skip
    def test_json_is_one_document_on_stdout(
        self, sample_lake: Path, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        finished = done(*arguments, "--json", "--lake", sample_lake, folder=tmp_path)
        assert finished.json
        assert "\x1b" not in finished.out + finished.err

    @pytest.mark.parametrize(
        "arguments", [("tables",), ("partitions",), ("ledger",), ("runs",), ("query", "from dim_payer")], ids=" ".join
    )
    def test_tables_have_no_colours_when_nobody_looks(self, sample_lake: Path, arguments: tuple[str, ...]) -> None:
        finished = done(*arguments, "--lake", sample_lake)
        assert len(finished.out.splitlines()) > 2
        assert "\x1b" not in finished.out + finished.err

    def test_the_log_is_not_among_the_results(self, small_market: SmallMarket, july_lake: Path, tmp_path: Path) -> None:
        lake = tmp_path / "lake"
        shutil.copytree(july_lake, lake)
        run = ("run", "--config", small_market.configuration("july"), "--lake", lake)
        finished = done(*run, "--json")
        assert finished.json["outcome"] == "unchanged"
        assert "is in the lake already" in finished.err
        assert done("--quiet", *run).err == ""

    def test_a_reader_that_stops_reading_is_no_error(self, sample_lake: Path) -> None:
        process = start("query", "from fact_rate_enriched", "--format", "csv", "--lake", sample_lake)
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
        process.stderr.close()
        assert (process.wait(), errors) == (0, "")


class TestExitCodes:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("frobnicate",), "No such command"),
            (("run", "--frobnicate"), "No such option"),
            (("run", "nonsense"), "no domain 'nonsense'"),
            (("run", "--config", "none.yaml"), "no configuration file 'none.yaml'"),
            (("run", "--memory", "lots"), "resources.memory"),
            (("query", "select nothing from nowhere"), "lakeward tables"),
            (("query", "selec 1"), "parse"),
            (("query", "select 1", "--format", "xml"), "table, csv, json or parquet"),
            (("tables", "no_such_table"), "no_such_table"),
            (("partitions", "--where", "no_column = 1"), "no_column = 1"),
            (("ledger", "--run", "none"), "no run 'none'"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_wrong_usage_is_2(self, sample_lake: Path, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
        lake = () if arguments[0] in ("frobnicate", "run") else ("--lake", sample_lake)
        finished = lakeward(*arguments, *lake, folder=tmp_path)
        assert finished.status == 2
        assert said in finished.err
        assert finished.out == ""
        assert "Traceback" not in finished.err
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "sql",
        [
            "create table x as select 1",
            "drop view fact_rate",
            "copy (select 1) to 'x.csv'",
            "insert into dim_payer values (1)",
            "attach 'x.db'",
            "set memory_limit = '1GB'",
            "select 1; drop view fact_rate",
            "select * from read_csv('/etc/hostname')",
        ],
    )
    def test_a_query_that_does_more_than_read_is_2(self, sample_lake: Path, tmp_path: Path, sql: str) -> None:
        before = data_files(snapshot_of(sample_lake))
        finished = lakeward("query", sql, "--lake", sample_lake, folder=tmp_path)
        assert finished.status == 2
        assert finished.message
        assert finished.out == ""
        assert list(tmp_path.iterdir()) == []
        assert data_files(snapshot_of(sample_lake)) == before

    def test_a_ledger_that_does_not_balance_is_1(self, sample_lake: Path, tmp_path: Path) -> None:
        lake = tmp_path / "lake"
        shutil.copytree(sample_lake, lake, ignore=shutil.ignore_patterns("*.parquet"))
        record = min((lake / "_lakeward" / "runs").glob("*.json"))
        document = json.loads(record.read_text())
        row = next(row for row in document["ledger"] if row["step"] == "enrich")
        row["rows_out"] -= 1
        record.write_text(json.dumps(document))
        finished = lakeward("ledger", "--check", "--lake", lake)
        assert finished.status == 1
        assert f"enrich {row['slice']}" in finished.message
        assert f"{row['rows_in']:,} in" in finished.message


class TestDryRun:
    def test_it_says_what_it_would_do_and_writes_nothing(self, sample: SampleSummary, tmp_path: Path) -> None:
        configuration = sample.directory / "lakeward.yaml"
        lake = tmp_path / "lake"
        forecast = done("run", "--dry-run", "--json", "--config", configuration, "--lake", lake, folder=tmp_path).json
        assert {read["file"] for read in forecast["reads"]} >= set(sample.price_files)
        assert forecast["lake"] == str(lake)
        assert {"bronze", "gold"} <= set(forecast["writes"])
        assert list(tmp_path.iterdir()) == []

    def test_it_needs_no_lake_and_no_credentials(self, sample: SampleSummary, tmp_path: Path) -> None:
        configuration = sample.directory / "lakeward.yaml"
        bucket = ("--lake", "s3://no-such-bucket/prefix")
        finished = done("run", "--dry-run", "--config", configuration, *bucket, folder=tmp_path, AWS_PROFILE="none")
        assert "s3://no-such-bucket/prefix" in finished.out


class TestQuery:
    SQL = "select payer_slug, count(*) as n, list(distinct state order by state) as states from fact_rate group by 1"

    @pytest.fixture
    def expected(self, sample_prices: list[PriceFile]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for file in sample_prices:
            counts[file.payer_slug] = counts.get(file.payer_slug, 0) + len(file.facts)
        return counts

    @pytest.mark.parametrize("form", ["json", "csv", "parquet"])
    def test_formats_hold_the_same_answer(
        self, sample_lake: Path, tmp_path: Path, expected: dict[str, int], form: str
    ) -> None:
        target = tmp_path / "answer"
        with target.open("wb") as stream:
            command = [str(COMMAND), "query", self.SQL, "--format", form, "--lake", str(sample_lake)]
            subprocess.run(command, stdout=stream, check=True)
        found = read_answer(target, form)
        assert {row["payer_slug"]: int(row["n"]) for row in found} == expected

    def test_explain_says_what_it_read(self, sample_lake: Path) -> None:
        one = "select count(*) from fact_rate_enriched where state = 'AL' and negotiated_rate > 1"
        finished = done("query", one, "--explain", "--lake", sample_lake)
        counted = re.search(r"read ([\d,]+) of ([\d,]+) files", finished.err)
        assert counted, finished.err
        files = snapshot_of(sample_lake).files("gold/rates/fact_rate_enriched")
        assert (counted[1], counted[2]) == ("2", str(len(files)))
        assert "read" not in finished.out


def read_answer(path: Path, form: str) -> list[dict[str, Any]]:
    """Return the rows of an answer in one of the formats."""
    if form == "parquet":
        found: pa.Table = pq.read_table(path)
        return list(found.to_pylist())
    text = path.read_text()
    return list(json.loads(text)) if form == "json" else list(csv.DictReader(io.StringIO(text)))


def test_partitions_can_be_chosen(sample_lake: Path, sample_prices: list[PriceFile]) -> None:
    chosen = done("partitions", "--where", "state = 'AL'", "--json", "--lake", sample_lake).json
    alabama = next(file for file in sample_prices if file.state == "AL")
    assert sum(partition["rows"] for partition in chosen) == len(alabama.facts)
    assert {(p["payer_slug"], p["year"], p["month"]) for p in chosen} == {(alabama.payer_slug, "2025", "08")}
    assert len(done("partitions", "--json", "--lake", sample_lake).json) > len(chosen) > 0


@pytest.mark.parametrize("table", ["fact_rate", "fact_rate_enriched", "quarantine_fact_rate"])
def test_lineage_leads_to_the_item_of_the_file(sample_lake: Path, sample_prices: list[PriceFile], table: str) -> None:
    where = "code in ('99213', 'J1885', '1200')"
    origins = done("lineage", table, "--where", where, "--limit", 400, "--json", "--lake", sample_lake).json
    files = {file.path.name: file for file in sample_prices}
    assert len(origins) > 10
    uids: dict[tuple[str, int], set[str]] = {(origin["file"], origin["record"]): set() for origin in origins}
    for name, file in files.items():
        for ordinal, price in file.records():
            if (name, ordinal) in uids:
                uids[name, ordinal].add(price.fact_uid(file.state, file.year_month))
    for origin in origins:
        assert origin["fact_uid"] in uids[origin["file"], origin["record"]]
        assert origin["sha256"] == sha256(files[origin["file"]].path)


def sha256(path: Path) -> str:
    """Return the hash that the file's publisher could state."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class TestLayouts:
    def test_deep_is_the_original_tree_with_the_same_answers(
        self, small_market: SmallMarket, july_lake: Path, tmp_path: Path
    ) -> None:
        lake = tmp_path / "lake"
        shutil.copytree(july_lake, lake)
        finished = done("run", "--config", small_market.configuration("july"), "--layout", "deep", "--lake", lake)
        assert rows(lake, SQL) == rows(july_lake, SQL)
        snapshot = snapshot_of(lake)
        paths = [file.path for file in snapshot.files("gold/rates/fact_rate_enriched")]
        for path in paths:
            parts = path.split("/")
            assert parts[-1] == "fact_rate_enriched.parquet"
            assert [part.partition("=")[0] for part in parts if "=" in part] == DEEP_KEYS
        said = finished.err.index(f"layout 'deep' would make {len(paths):,} files with a median of")
        assert said < finished.err.index("rows ->"), "the numbers come before the first file"
        assert sum(p["files"] for p in done("partitions", "--json", "--lake", lake).json) == len(paths)

    def test_tiny_files_are_refused_unless_they_are_asked_for(
        self, small_market: SmallMarket, july_lake: Path, tmp_path: Path
    ) -> None:
        lake = tmp_path / "lake"
        shutil.copytree(july_lake, lake)
        before, files = data_files(snapshot_of(lake)), all_files(lake)
        tiny = small_market.configuration("july", name="tiny", layout={"keys": ["state", "code", "pg_uid"]})
        finished = lakeward("run", "--config", tiny, "--lake", lake)
        assert finished.status == 2
        assert re.search(r"layout 'custom' would make [\d,]+ files with a median of \d+ rows", finished.message)
        assert "Nothing was written" in finished.message
        assert "allow_tiny_files: true" in finished.message
        assert data_files(snapshot_of(lake)) == before
        assert {path for path in all_files(lake) - files if not path.startswith("_lakeward/runs/")} == set()
