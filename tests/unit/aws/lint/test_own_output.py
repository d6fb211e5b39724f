"""What a lake deploys passes the linter, and is really looked at."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakeward.aws.lint import lint
from lakeward.aws.lint.documents import Bucket, LifecycleRule, PolicyStatement, WorkGroup
from lakeward.aws.lint.material import Together, things_in
from lakeward.aws.lint.own import PROJECTED, TABLES, TEMPLATE, own_texts, own_values
from lakeward.aws.lint.tables import AddedPartitions, Table
from lakeward.cli import app
from lakeward.config import load_settings
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.layout import COMPACT, DEEP
from lakeward.settings import Settings, StorageSettings

from ..hive_lake import publish

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small lake in the layout for scans, with no null in a key."""
    return _publish(tmp_path_factory.mktemp("compact"), no_state=False)


def _publish(folder: Path, **options: object) -> Path:
    publish(Lake.open(str(folder / "lake"), StorageSettings()), folder / "build", **options)  # type: ignore[arg-type]
    return folder / "lake"


def _opened(folder: Path, environment: str = "production") -> tuple[Settings, Snapshot]:
    settings = load_settings(None, {"lake": str(folder)}, environment)[0]
    return settings, Lake.open(settings.lake, settings.storage).snapshot()


@pytest.mark.parametrize("environment", ["development", "staging", "production"])
def test_nothing_is_found(folder: Path, environment: str) -> None:
    settings, snapshot = _opened(folder, environment)
    found = lint(own_texts(settings, snapshot), own_values(snapshot))
    assert [(f.rule.rule_id, str(f.problem.place), f.problem.found) for f in found] == []


def test_a_null_partition_is_registered_and_not_projected(tmp_path: Path) -> None:
    settings, snapshot = _opened(_publish(tmp_path, no_state=True, layout=COMPACT))
    assert None in own_values(snapshot)["fact_rate_enriched"]["state"]
    assert lint(own_texts(settings, snapshot), own_values(snapshot)) == []


def test_the_deep_layout_is_warned_of(tmp_path: Path) -> None:
    settings, snapshot = _opened(_publish(tmp_path, layout=DEEP))
    found = lint(own_texts(settings, snapshot), own_values(snapshot))
    assert {(f.rule.rule_id, f.rule.severity) for f in found} == {("LW-A05", "warning"), ("LW-A38", "warning")}


def test_every_resource_table_and_partition_is_seen(folder: Path) -> None:
    settings, snapshot = _opened(folder)
    texts = own_texts(settings, snapshot)
    template = things_in(TEMPLATE, texts[TEMPLATE])
    kinds = [type(thing) for thing in template]
    assert kinds.count(Bucket) == texts[TEMPLATE].count("Type: AWS::S3::Bucket\n") > 0
    assert kinds.count(PolicyStatement) == texts[TEMPLATE].count("Effect: ") > 0
    assert WorkGroup in kinds
    assert LifecycleRule in kinds
    tables = things_in(TABLES, texts[TABLES])
    defined = {thing.name: thing for thing in tables if isinstance(thing, Table)}
    assert len(defined) == texts[TABLES].count("CREATE EXTERNAL TABLE")
    fact = defined["lakeward_production.fact_rate_enriched"]
    assert [key.name for key in fact.keys] == ["payer_slug", "state", "billing_class", "year", "month"]
    added = [thing for thing in tables if isinstance(thing, AddedPartitions)]
    assert sum(len(thing.partitions) for thing in added) == texts[TABLES].count("PARTITION (`")
    projected = [thing for thing in things_in(PROJECTED, texts[PROJECTED]) if isinstance(thing, Table)]
    assert any(table.is_projected for table in projected)


def test_a_payer_that_projection_lacks_is_found(folder: Path) -> None:
    settings, snapshot = _opened(folder)
    text = own_texts(settings, snapshot)[PROJECTED].replace("'acme,globex'", "'acme'")
    found = lint({"tables.sql": text}, own_values(snapshot))
    assert [(f.rule.rule_id, f.problem.found) for f in found] == [("LW-A12", "`payer_slug` lacks globex")]


@pytest.mark.parametrize(
    ("good", "wrong", "rule"),
    [
        ("- s3:GetBucketLocation", "- s3:*", "LW-I01"),
        ("TreatMissingData: notBreaching", "TreatMissingData: breaching", "LW-M01"),
        ("MetricName: ErrorCount", "MetricName: Errors", "LW-A35"),
        ("aws:SecureTransport", "aws:SecureTransports", "LW-I05"),
        ("BlockPublicAcls: true", "BlockPublicAcls: false", "LW-B01"),
        ("AbortIncompleteMultipartUpload:", "Abort:", "LW-B05"),
        ("DestinationBucketName: !Ref LogBucket", "DestinationBucketName: !Ref LakeBucket", "LW-A34"),
        ("EnforceWorkGroupConfiguration: true", "EnforceWorkGroupConfiguration: false", "LW-G03"),
    ],
    ids=lambda value: value if value.startswith("LW-") else "",
)
def test_a_spoilt_template_is_found(folder: Path, good: str, wrong: str, rule: str) -> None:
    settings, snapshot = _opened(folder)
    text = own_texts(settings, snapshot)[TEMPLATE]
    assert good in text
    assert rule in {f.rule.rule_id for f in lint({"template.yaml": text.replace(good, wrong)})}


def test_printed_definitions_pass_as_files(folder: Path, tmp_path: Path) -> None:
    settings, snapshot = _opened(folder)
    files = []
    for number, text in enumerate(own_texts(settings, snapshot).values()):
        files.append(tmp_path / f"printed-{number}")
        files[-1].write_text(text, encoding="utf-8")
    outcome = CliRunner().invoke(app, ["aws", "lint", *map(str, files)])
    assert outcome.stdout == f"{len(files)} checked by {_rules()} rules: 0 errors, 0 warnings.\n"


def test_a_lake_without_tables_has_its_template_checked(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["aws", "lint", "--lake", str(tmp_path / "lake")])
    assert outcome.stdout == f"2 checked by {_rules()} rules: 0 errors, 0 warnings.\n"
    assert not (tmp_path / "lake").exists()


def test_together_has_what_the_commit_has(folder: Path) -> None:
    _, snapshot = _opened(folder)
    together = Together((), own_values(snapshot))
    assert together.values["fact_rate_enriched"]["month"] == {"08", "09"}


def _rules() -> int:
    from lakeward.aws.lint import all_rules

    return len(all_rules())
