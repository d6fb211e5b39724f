"""``lakeward aws lint``: what it prints, how it ends, and the page of its rules."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakeward.aws.lint import all_rules
from lakeward.cli import app
from lakeward.errors import DataCheckFailed, SourceUnreadable, UsageError
from lakeward.reference.lint_rules import LETTERS, lint_rules_page

from .texts import lifecycle, moves, table

WRONG = table(columns="fact_uid string,\npayer_slug string")


def test_an_error_is_printed_with_its_reason_and_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "tables.sql"
    file.write_text(WRONG)
    command = [sys.executable, "-m", "lakeward", "aws", "lint", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    head, _, rest = done.stdout.partition("\n")
    assert head == (
        f"{file}:5: error LW-A08 A partition key is a column of the files too: "
        "`payer_slug` is a column and a partition key of rates"
    )
    assert "instead: Name the key under PARTITIONED BY only" in rest
    assert f"1 checked by {len(all_rules())} rules: 1 errors, 0 warnings." in rest
    assert done.stderr.startswith("error: 1 error(s) of 1 rule(s): LW-A08. Nothing was deployed.")


def test_a_warning_ends_with_0(tmp_path: Path) -> None:
    file = tmp_path / "lifecycle.json"
    file.write_text(lifecycle(Transitions=moves((7, "STANDARD_IA"))))
    outcome = CliRunner().invoke(app, ["aws", "lint", str(file)])
    assert outcome.exit_code == 0
    assert "warning LW-L01" in outcome.stdout


def test_json_has_every_finding(tmp_path: Path) -> None:
    file = tmp_path / "tables.sql"
    file.write_text(WRONG)
    outcome = CliRunner().invoke(app, ["aws", "lint", str(file), "--json"])
    assert isinstance(outcome.exception, DataCheckFailed)
    document = json.loads(outcome.stdout)
    assert (document["errors"], document["warnings"], document["rules"]) == (1, 0, len(all_rules()))
    (finding,) = document["findings"]
    assert (finding["rule"], finding["line"], finding["severity"]) == ("LW-A08", 5, "error")
    assert finding["source"].startswith("https://docs.aws.amazon.com/")


def test_files_are_checked_together(tmp_path: Path) -> None:
    (tmp_path / "tables.sql").write_text(table())
    (tmp_path / "paths.txt").write_text("s3://lake/gold/rates/payer=acme/month=08/a.parquet\n")
    files = [str(tmp_path / "tables.sql"), str(tmp_path / "paths.txt")]
    assert CliRunner().invoke(app, ["aws", "lint", files[0]]).exit_code == 0
    assert "LW-A14" in CliRunner().invoke(app, ["aws", "lint", *files]).stdout


@pytest.mark.parametrize(
    ("content", "error", "text"),
    [
        (None, UsageError, "is no file. Nothing was checked."),
        (b"\xff\xfe\x00", SourceUnreadable, "expected: text in UTF-8"),
        (b"a: [", SourceUnreadable, "expected: YAML or JSON"),
    ],
    ids=["missing", "binary", "broken"],
)
def test_a_file_that_cannot_be_checked(
    tmp_path: Path, content: bytes | None, error: type[Exception], text: str
) -> None:
    file = tmp_path / "template.yaml"
    if content is not None:
        file.write_bytes(content)
    outcome = CliRunner().invoke(app, ["aws", "lint", str(file)])
    assert isinstance(outcome.exception, error)
    assert text in str(outcome.exception)


def test_page_lists_every_rule() -> None:
    page = lint_rules_page()
    for rule in all_rules():
        assert f"\n### {rule.rule_id}\n" in page
        assert rule.rule_id[3] in LETTERS
        assert rule.why in page
        assert f"<{rule.source}>" in page
