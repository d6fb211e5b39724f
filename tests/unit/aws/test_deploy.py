"""Deploying: the plan without credentials, and change sets against an emulator and against recorded refusals."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from typer.testing import CliRunner

from lakeward.aws.calls import aws_client
from lakeward.aws.deploy import make_change_set
from lakeward.aws.plan import Plan, plan_deployment
from lakeward.aws.template import template_text
from lakeward.cli import app
from lakeward.config import load_settings
from lakeward.errors import ResourceError, UsageError
from lakeward.settings import Settings

# moto makes some of the resources only, and says so of the others.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse")
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


def _settings(environment: str = "production", lake: str = "s3://health-lake/prices") -> Settings:
    return load_settings(None, {"lake": lake}, environment)[0]


def _plan(**given: str) -> Plan:
    return plan_deployment(_settings(), "lakeward-production", given)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """CloudFormation of an emulator."""
    for name in CREDENTIALS[:2]:
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield boto3.client("cloudformation", region_name="us-east-1")


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A machine on which nobody has signed in to AWS."""
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """CloudFormation that answers what a test says, and nothing else."""
    client = boto3.client("cloudformation", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr("lakeward.aws.deploy.aws_client", lambda service, region: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_plan_names_what_the_values_make() -> None:
    plain, full = _plan(), _plan(Encryption="aws:kms", AlarmEmail="lake@example.org")
    assert {c.resource for c in full.changes} - {c.resource for c in plain.changes} == {"LakeKey", "AlarmSubscription"}
    assert all(change.action == "Add" and change.why.endswith(".") for change in full.changes)
    assert plain.template == template_text(_settings())


def test_plan_leaves_out_the_trail_where_it_is_off() -> None:
    assert "DataEventTrail" in {c.resource for c in _plan().changes}
    assert "DataEventTrail" not in {c.resource for c in _plan(AuditDataEvents="false").changes}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"Bucket": "x"}, "no parameter 'Bucket'"),
        ({"Encryption": "none"}, "one of AES256, aws:kms"),
        ({"Environment": "staging"}, "Say --environment staging"),
        ({"ScanLimitBytes": "5"}, "a whole number of 10000000 or more"),
        ({"ScanLimitBytes": "many"}, "a whole number"),
        ({"LakeBucketName": "b" * 49}, "3 to 48 characters"),
        ({"LakeBucketName": "Health.Lake"}, "text like"),
        ({"LakePrefix": "prices"}, "text like"),
    ],
    ids=["unknown", "choice", "environment", "too-small", "no-number", "too-long", "capitals", "no-slash"],
)
def test_impossible_value_is_an_error(given: dict[str, str], expected: str) -> None:
    with pytest.raises(UsageError, match=expected) as error:
        plan_deployment(_settings(), "s", given)
    assert "Nothing was deployed" in str(error.value)


@pytest.mark.usefixtures("no_credentials")
def test_dry_run_needs_no_credentials() -> None:
    arguments = ["aws", "deploy", "--lake", "s3://health-lake", "--environment", "staging", "--dry-run"]
    result = CliRunner().invoke(app, [*arguments, "--parameter", "LogDays=5"], env={"COLUMNS": "300"})
    assert result.exit_code == 0, result.output
    assert "stack lakeward-staging, 20 changes: dry run" in result.output
    answer = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).output)
    assert answer["parameters"]["LakeBucketName"] == "health-lake"
    assert len(answer["changes"]) == 20


@pytest.mark.usefixtures("no_credentials")
def test_without_credentials_deploy_says_what_to_do() -> None:
    with pytest.raises(ResourceError, match="Unable to locate credentials") as error:
        make_change_set(_plan())
    assert "Nothing was deployed. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID" in str(error.value)


@pytest.mark.usefixtures("no_credentials")
def test_credentials_that_somebody_found_before_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session(aws_access_key_id="x", aws_secret_access_key="x"))
    assert aws_client("cloudformation", "us-east-1")._request_signer._credentials is None


def test_lake_in_a_folder_needs_a_bucket_name() -> None:
    plan = plan_deployment(_settings(lake="./lake"), "s", {})
    assert plan.missing == ["LakeBucketName"]
    with pytest.raises(UsageError, match="--parameter LakeBucketName="):
        make_change_set(plan)


def test_change_set_that_is_dropped_leaves_no_stack(cloud: Any) -> None:
    change_set = make_change_set(_plan())
    assert change_set is not None
    # The emulator lists resources whose condition does not hold, too.
    assert {c.resource for c in change_set.changes} >= {c.resource for c in _plan().changes}
    assert {c.resource: c.why for c in _plan().changes}.items() <= {
        c.resource: c.why for c in change_set.changes
    }.items()
    change_set.drop()
    assert cloud.describe_stacks()["Stacks"] == []


def test_executed_change_set_makes_the_stack_and_the_next_one_updates_it(cloud: Any) -> None:
    first = make_change_set(_plan())
    assert first is not None
    assert first.execute() == "CREATE_COMPLETE"
    assert _values(cloud)["LakePrefix"] == "prices/"
    assert [b["Name"] for b in boto3.client("s3").list_buckets()["Buckets"] if "logs" in b["Name"]] == [
        "health-lake-logs"
    ]
    second = make_change_set(_plan(AlarmEmail="lake@example.org"))
    assert second is not None
    assert second.execute() == "UPDATE_COMPLETE"
    assert _values(cloud)["AlarmEmail"] == "lake@example.org"


@pytest.mark.usefixtures("cloud")
def test_command_prints_the_changes_and_deploys_only_with_yes() -> None:
    arguments = ["aws", "deploy", "--lake", "s3://health-lake", "--stack", "mine"]
    shown = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert "nothing deployed; --yes does it" in shown.output
    done = CliRunner().invoke(app, [*arguments, "--yes"], env={"COLUMNS": "300"})
    assert done.exit_code == 0, done.output
    assert done.output.rstrip().endswith("stack mine: CREATE_COMPLETE")
    assert "unchanged" in CliRunner().invoke(app, arguments).output


@pytest.mark.parametrize(
    ("status", "expected"),
    [("ROLLBACK_COMPLETE", "can only be deleted"), ("UPDATE_IN_PROGRESS", "another deployment goes on")],
)
def test_stack_that_takes_no_change(stubbed: Stubber, status: str, expected: str) -> None:
    stubbed.add_response("describe_stacks", {"Stacks": [_stack(status)]})
    with pytest.raises(ResourceError, match=expected):
        make_change_set(_plan())


def test_nothing_to_change_takes_its_change_set_back(stubbed: Stubber) -> None:
    stubbed.add_response("describe_stacks", {"Stacks": [_stack("CREATE_COMPLETE")]})
    stubbed.add_response("create_change_set", {"Id": "i"})
    refused = {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}
    stubbed.add_response("describe_change_set", refused)
    stubbed.add_response("describe_change_set", refused)
    stubbed.add_response("delete_change_set", {})
    assert make_change_set(_plan()) is None


def test_refused_template_says_why(stubbed: Stubber) -> None:
    stubbed.add_response("describe_stacks", {"Stacks": [_stack("CREATE_COMPLETE")]})
    stubbed.add_response("create_change_set", {"Id": "i"})
    stubbed.add_response("describe_change_set", {"Status": "FAILED", "StatusReason": "No export named x."})
    stubbed.add_response("describe_change_set", {"Status": "FAILED", "StatusReason": "No export named x."})
    with pytest.raises(ResourceError, match="found: No export named x"):
        make_change_set(_plan())


def test_replacement_is_said(stubbed: Stubber) -> None:
    stubbed.add_response("describe_stacks", {"Stacks": [_stack("CREATE_COMPLETE")]})
    stubbed.add_response("create_change_set", {"Id": "i"})
    change = {"Action": "Modify", "LogicalResourceId": "LakeBucket", "ResourceType": "AWS::S3::Bucket",
              "Replacement": "True"}  # fmt: skip
    page = {"Status": "CREATE_COMPLETE", "Changes": [{"Type": "Resource", "ResourceChange": change}]}
    stubbed.add_response("describe_change_set", page)
    stubbed.add_response("describe_change_set", page | {"NextToken": "more"})
    stubbed.add_response("describe_change_set", {"Status": "CREATE_COMPLETE", "Changes": []})
    change_set = make_change_set(_plan())
    assert change_set is not None
    assert [(c.resource, c.replaces) for c in change_set.changes] == [("LakeBucket", True)]


def test_denied_by_policy(stubbed: Stubber) -> None:
    stubbed.add_client_error("describe_stacks", "AccessDenied", "not authorized")
    with pytest.raises(ResourceError, match="Give this identity the rights"):
        make_change_set(_plan())


def test_template_command_writes_what_it_prints(tmp_path: Any) -> None:
    arguments = ["aws", "template", "--lake", "s3://health-lake"]
    printed = CliRunner().invoke(app, arguments)
    file = tmp_path / "lake.yaml"
    CliRunner().invoke(app, [*arguments, "--output", str(file)])
    assert file.read_text() == printed.output == template_text(_settings("development", "s3://health-lake"))
    document = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).output)
    assert document["Resources"]["LakeBucket"]["Type"] == "AWS::S3::Bucket"


def _values(cloud: Any) -> dict[str, str]:
    (stack,) = cloud.describe_stacks(StackName="lakeward-production")["Stacks"]
    assert {"Key": "lakeward:environment", "Value": "production"} in stack["Tags"]
    return {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]}


def _stack(status: str) -> dict[str, Any]:
    return {"StackName": "lakeward-production", "CreationTime": "2026-01-01T00:00:00Z", "StackStatus": status}
