"""The template as a document: cfn-lint, size, order, parameters, and the way there and back as YAML."""

import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from lakeward.aws.cloudformation import from_yaml
from lakeward.aws.lint import lint as lint_by_own_rules
from lakeward.aws.parameters import DEFAULTS, bucket_and_prefix
from lakeward.aws.template import MOST_BYTES, resources, template_document, template_text
from lakeward.config import load_settings
from lakeward.settings import Settings

KINDS_OF_THE_ISSUE = {
    "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::Glue::Database", "AWS::Athena::WorkGroup",
    "AWS::IAM::Role", "AWS::CloudTrail::Trail", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard",
    "AWS::Budgets::Budget",
}  # fmt: skip


def _settings(environment: str = "development", **flags: Any) -> Settings:
    return load_settings(None, {"lake": "s3://health-lake/prices"} | flags, environment)[0]


def _findings(text: str) -> list[str]:
    found = lint(text, config=ManualArgs(include_checks=["I"], regions=["us-east-1"]))
    return [f"{finding.rule.id}: {finding.message}" for finding in found]


@pytest.mark.parametrize("encryption", ["AES256", "aws:kms"])
@pytest.mark.parametrize("environment", DEFAULTS)
def test_cfn_lint_finds_nothing(environment: str, encryption: str) -> None:
    assert _findings(template_text(_settings(environment, storage={"encryption": encryption}))) == []


def test_cfn_lint_finds_a_misspelt_property() -> None:
    broken = template_text(_settings()).replace("TreatMissingData:", "TreatMisingData:", 1)
    assert any("TreatMisingData" in finding for finding in _findings(broken))


@pytest.mark.parametrize("encryption", ["AES256", "aws:kms"])
@pytest.mark.parametrize("environment", DEFAULTS)
def test_own_rules_find_nothing(environment: str, encryption: str) -> None:
    text = template_text(_settings(environment, storage={"encryption": encryption}))
    assert lint_by_own_rules({"stack.yaml": text}) == []


def test_own_rules_find_a_role_that_may_do_everything() -> None:
    broken = template_text(_settings()).replace("- s3:GetObject\n", "- s3:*\n")
    assert {finding.rule.severity for finding in lint_by_own_rules({"stack.yaml": broken})} == {"error"}


def test_yaml_reads_back_as_the_document() -> None:
    settings = _settings()
    assert from_yaml(template_text(settings)) == template_document(settings)


def test_same_settings_give_the_same_text_and_it_fits_into_one_call() -> None:
    text = template_text(_settings("production"))
    assert text == template_text(_settings("production"))
    assert len(text.encode()) <= MOST_BYTES


def test_environments_differ_in_defaults_only() -> None:
    documents = {name: template_document(_settings(name)) for name in DEFAULTS}
    limits = {name: document["Parameters"]["ScanLimitBytes"]["Default"] for name, document in documents.items()}
    assert limits["development"] < limits["staging"] < limits["production"]
    for document in documents.values():
        document.pop("Parameters")
    assert documents["development"] == documents["staging"] == documents["production"]


def test_everything_of_the_issue_is_there() -> None:
    assert {resource.type for resource in resources().values()} >= KINDS_OF_THE_ISSUE


def test_every_parameter_is_described_grouped_and_used() -> None:
    document = template_document(_settings())
    declared = set(document["Parameters"])
    groups = document["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(declared) == sorted(name for group in groups for name in group["Parameters"])
    assert all(parameter["Description"].endswith(".") for parameter in document["Parameters"].values())
    used = repr({part: document[part] for part in ("Conditions", "Resources")})
    assert all(f"'{name}'" in used or f"${{{name}}}" in used for name in declared)


def test_no_account_address_or_key_is_written_down() -> None:
    text = template_text(_settings())
    assert not re.search(r"\b\d{12}\b", text)
    assert not re.search(r"AKIA|@[a-z]+\.[a-z]", text)


def test_what_holds_data_outlives_its_stack() -> None:
    document = template_document(_settings())
    holding = {name for name, r in document["Resources"].items() if r["Type"] in ("AWS::S3::Bucket", "AWS::KMS::Key")}
    assert len(holding) == 4
    for name in holding:
        assert document["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert document["Resources"][name]["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize(
    ("lake", "expected"),
    [
        ("s3://health-lake", ("health-lake", "")),
        ("s3://health-lake/", ("health-lake", "")),
        ("s3://health-lake/prices/2026/", ("health-lake", "prices/2026/")),
        ("./lake", (None, "")),
    ],
    ids=["bucket", "slash", "folders", "local"],
)
def test_bucket_and_prefix(lake: str, expected: tuple[str | None, str]) -> None:
    assert bucket_and_prefix(lake) == expected


def test_local_lake_leaves_the_bucket_to_be_named(tmp_path: Path) -> None:
    settings = _settings(lake=str(tmp_path))
    assert "Default" not in template_document(settings)["Parameters"]["LakeBucketName"]
