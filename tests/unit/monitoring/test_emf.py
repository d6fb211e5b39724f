"""The line is what CloudWatch Logs takes: one document by the published rules, with no secret and no row in it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lakeward.aws.lint import lint
from lakeward.errors import StorageFailed
from lakeward.monitoring.emf import emf_line, write_line
from lakeward.monitoring.measure import measured
from lakeward.monitoring.metrics import BY_NAME

Make = Callable[..., dict[str, Any]]
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNITS = ["Count", "Count/Second", "Percent", "Bytes"]
NAME = {"type": "string", "minLength": 1, "maxLength": 250, "pattern": "^[!-~]+$"}
METRIC = {
    "type": "object",
    "required": ["Name"],
    "properties": {"Name": NAME, "Unit": {"enum": UNITS}, "StorageResolution": {"enum": [1, 60]}},
    "additionalProperties": False,
}
DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "properties": {
        "Namespace": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^(?!AWS/)[!-~]+$"},
        "Dimensions": {"type": "array", "minItems": 1, "items": {"type": "array", "maxItems": 30, "items": NAME}},
        "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": METRIC},
    },
    "additionalProperties": False,
}
DOCUMENT = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer", "minimum": 10**12, "maximum": 10**13},
                "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": DIRECTIVE},
            },
            "additionalProperties": False,
        }
    },
}
"""The rules of the format's specification, as far as a schema can say them."""
VALUE = {
    "oneOf": [
        {"type": "number"},
        {"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "number"}},
    ]
}


def required(text: str) -> dict[str, Any]:
    """Read a line, and stop where it breaks a rule of the format."""
    assert "\n" not in text
    assert len(text.encode()) <= 256 * 1024
    document: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    jsonschema.validate(document, DOCUMENT)
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for metric in directive["Metrics"]:
            jsonschema.validate(document[metric["Name"]], VALUE)
        for name in (name for dimensions in directive["Dimensions"] for name in dimensions):
            jsonschema.validate(document[name], {"type": "string", "minLength": 1, "maxLength": 1024})
    return document


def test_line_keeps_every_rule_of_the_format(make_record: Make) -> None:
    values = measured(make_record(quality_score=98))
    document = required(emf_line(values, "production", AT, {"run_id": "1", "outcome": "published"}))
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert document["_aws"]["Timestamp"] == 1_772_452_800_000
    assert directive["Dimensions"] == [["Environment"]]
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        name: metric.unit for name, metric in BY_NAME.items()
    }
    assert {name: document[name] for name in BY_NAME} == values


def test_what_is_not_known_is_not_in_the_line(make_record: Make) -> None:
    document = required(emf_line(measured(make_record(written=None)), "production", AT, {}))
    named = {metric["Name"] for metric in document["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert named == set(BY_NAME) - {"PartitionsCreated", "PublishedBytes", "DataQualityScore"}
    assert not {"PartitionsCreated", "PublishedBytes", "DataQualityScore"} & set(document)


def test_one_value_of_a_chunk_stands_alone() -> None:
    assert required(emf_line({"ChunkInputRows": [3.0]}, "staging", AT, {}))["ChunkInputRows"] == 3.0


def test_nothing_but_numbers_names_and_the_end_of_the_run_is_told(make_record: Make) -> None:
    record = make_record(error="secret of 1234567893 in /data/acme.json", command="run --lake s3://bucket")
    text = emf_line(measured(record), "production", AT, {"run_id": record["run_id"], "outcome": "failed"})
    document = required(text)
    assert {name for name, value in document.items() if isinstance(value, str)} == {"Environment", "run_id", "outcome"}
    assert not [part for part in ("secret", "1234567893", "acme", "bucket") if part in text]


def test_our_own_linter_has_nothing_to_say(make_record: Make) -> None:
    line = emf_line(measured(make_record()), "production", AT, {})
    assert [finding.rule.rule_id for finding in lint({"line.json": line})] == []
    document = json.loads(line)
    del document["ErrorCount"]
    assert [finding.rule.rule_id for finding in lint({"line.json": json.dumps(document)})] == ["LW-M04"]


def test_lines_are_added_to_a_file(tmp_path: Path) -> None:
    place = tmp_path / "logs" / "metrics.log"
    write_line("one", str(place))
    write_line("two", str(place))
    assert place.read_text() == "one\ntwo\n"


def test_a_file_that_cannot_be_written_says_which_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match=r"(?s)cannot be written to '.*metrics\.log'.*monitoring\.emf"):
        write_line("one", str(tmp_path / "file" / "metrics.log"))


def test_a_line_goes_to_the_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    write_line("one", "stderr")
    assert capsys.readouterr() == ("", "one\n")
