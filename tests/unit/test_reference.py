"""The reference pages say what the code says: committed pages, help, examples, tables and keys."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lakeward.cli import app
from lakeward.reference import reference_pages
from lakeward.reference.commands import Command, all_commands, names_command
from lakeward.reference.configuration import attribute_texts
from lakeward.reference.tables import PublishedTable, published_tables
from lakeward.settings import QualitySettings, Settings

REPOSITORY = Path(__file__).resolve().parents[2]
COMMANDS = all_commands()
WRITTEN = reference_pages()
TABLES = {table.name: table for table in published_tables()}
KEYS = {
    "fact_rate": ("fact_uid",),
    "fact_rate_enriched": ("fact_uid",),
    "dim_payer": ("payer_slug",),
    "dim_code": ("code_type", "code"),
    "dim_code_cat": ("code_type", "code"),
    "dim_provider_group": ("pg_uid",),
    "dim_pos_set": ("pos_set_id",),
    "xref_pg_member_npi": ("pg_uid", "npi"),
    "xref_pg_member_tin": ("pg_uid", "tin_type", "tin_value"),
    "dim_npi": ("npi",),
    "dim_npi_address": ("npi", "address_purpose", "address_hash"),
    "dim_npi_address_geolocation": ("npi", "address_hash"),
    "bench_medicare_professional": ("code_type", "code", "modifier", "setting", "state", "effective_from"),
    "bench_medicare_opps": ("code_type", "code", "state", "effective_from"),
    "bench_medicare_asc": ("code_type", "code", "state", "effective_from"),
}
OTHER_TABLES = ("bench_medicare_comprehensive", "mart_rate_benchmark", "mart_rate_market", "mart_provider_network")
COLUMNS_OF_FACT_RATE = """
    fact_uid state year_month payer_slug billing_class code_type code pg_uid pos_set_id negotiated_type
    negotiation_arrangement negotiated_rate expiration_date provider_group_id_raw reporting_entity_name
    billing_code_modifier setting severity_of_illness code_type_version additional_information network_name rate_unit
"""
CONTRACT_COMMANDS = """
    run, sample, extract, build, publish, validate, inspect, query, tables, partitions, ledger, runs, lineage, config,
    layout advise, layout apply, aws template, aws deploy, aws ddl, aws cost, aws lint, powerbi,
    iceberg publish, iceberg snapshots, iceberg expire
"""


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_committed_page_is_what_the_code_says_now(name: str) -> None:
    committed = (REPOSITORY / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert committed == WRITTEN[name], "run `make docs` and commit the page"


@pytest.mark.parametrize("name", [name.strip() for name in CONTRACT_COMMANDS.split(",")])
def test_every_command_of_the_contract_is_there(name: str) -> None:
    assert name in {command.name for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_command_has_help_json_and_an_example_that_parses(command: Command) -> None:
    assert command.text.endswith(".")
    assert "json" in {parameter.name for parameter in command.parameters}
    assert all(parameter.help for parameter in command.parameters)
    assert command.examples
    for example in command.examples:
        words = shlex.split(example)
        assert words[: 1 + len(command.name.split())] == ["lakeward", *command.name.split()]
        _parse(words[1:])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_that_is_printed_names_what_the_page_names(command: Command) -> None:
    printed = CliRunner().invoke(app, [*command.name.split(), "--help"], env={"COLUMNS": "300", "NO_COLOR": "1"})
    assert printed.exit_code == 0
    for parameter in command.parameters:
        assert parameter.shown.split()[0].strip("[]…,").lower() in printed.output.lower()


def _parse(words: list[str]) -> None:
    """Parse a command line as typer does, running nothing; a wrong option or argument raises."""
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    with command.make_context(command.name, words):
        pass


def test_an_example_with_an_unknown_option_does_not_parse() -> None:
    with pytest.raises(Exception, match="No such option"):
        _parse(["ledger", "--chek"])


@pytest.mark.parametrize(
    ("line", "known"),
    [("lakeward run rates", True), ("lakeward --version", True), ("lakeward rum", False), ("ls", False)],
    ids=["command", "option", "misspelt", "another-program"],
)
def test_names_command(line: str, known: bool) -> None:
    assert names_command(line) is known


@pytest.mark.parametrize("name", [*KEYS, *OTHER_TABLES])
def test_table_of_the_contract_is_documented(name: str) -> None:
    page = WRITTEN["tables.md"]
    assert f"\n## {name}\n" in page
    assert TABLES[name].text.startswith("One row per")


@pytest.mark.parametrize(("name", "key"), KEYS.items(), ids=KEYS)
def test_key_is_the_contract_s(name: str, key: tuple[str, ...]) -> None:
    assert TABLES[name].key == key


def test_fact_rate_keeps_the_original_columns_in_order() -> None:
    expected = COLUMNS_OF_FACT_RATE.split()
    assert [column.name for column in TABLES["fact_rate"].columns][: len(expected)] == expected


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_has_a_type_and_a_meaning(table: PublishedTable) -> None:
    assert table.columns
    assert set(table.key) <= {column.name for column in table.columns}
    for column in table.columns:
        assert column.data_type, column.name
        assert column.text, column.name
        assert not re.search(r"{{|{%", column.text + column.data_type), column.name


def test_every_setting_has_a_sentence_under_it() -> None:
    page = WRITTEN["configuration.md"]
    assert "| `quarantine_max_share` | number | `0.1` |" in page
    assert set(attribute_texts(QualitySettings)) == set(QualitySettings.model_fields)
    assert not re.search(r"\| +\|$", page.split("## Keys")[1], re.MULTILINE)
    assert {"lake", "environment"} <= set(attribute_texts(Settings))


COMMAND_LINE = re.compile(r'^\$ (?:\.venv/bin/)?(lakeward (?:"[^"]*"|[^"\n])*)$', re.MULTILINE)
PAGES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for path in (REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *(REPOSITORY / "docs").rglob("*.md"))
)


@pytest.mark.parametrize("page", PAGES)
def test_commands_shown_on_a_page_exist_and_parse(page: str) -> None:
    lines = COMMAND_LINE.findall((REPOSITORY / page).read_text(encoding="utf-8"))
    assert lines or page != "README.md"
    for line in lines:
        assert names_command(line), line
        _parse(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    folder = (REPOSITORY / page).parent
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", (REPOSITORY / page).read_text(encoding="utf-8"))
    missing = [link for link in links if not (folder / link).exists()]
    assert not missing
