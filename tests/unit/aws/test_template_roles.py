"""What each role of the template may do and may not, by a small evaluator of its statements and the bucket policies.

The evaluator knows what these statements use: an explicit denial wins, then any statement that allows; ``*`` in
actions and resources; and the condition operators listed below. One it does not know is an error.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from lakeward.aws.calls import aws_client
from lakeward.aws.hive_tables import HiveColumn, hive_tables
from lakeward.aws.register import register_lake
from lakeward.aws.views import GlueView
from lakeward.lake.commit import Lake, SliceEntry
from lakeward.lake.entries import ColumnDescription, TableDescription
from lakeward.lake.runs import Run
from lakeward.lake.sweep import sweep
from lakeward.settings import StorageSettings

LAKE = "arn:aws:s3:::health-lake"
RESULTS = "arn:aws:s3:::health-lake-athena-results"
LOGS = "arn:aws:s3:::health-lake-logs"
GLUE = "arn:aws:glue:us-east-1:111122223333"
WORKGROUP = "arn:aws:athena:us-east-1:111122223333:workgroup/lakeward-production"
ROLES = ("IngestRole", "TransformRole", "AnalystRole")
Context = dict[str, str]

OPERATORS: dict[str, Callable[[str | None, list[str]], bool]] = {
    "StringEquals": lambda value, wanted: value in wanted,
    "StringNotEquals": lambda value, wanted: value not in wanted,
    "ArnNotEquals": lambda value, wanted: value not in wanted,
    "StringLike": lambda value, wanted: value is not None and any(fnmatchcase(value, w) for w in wanted),
    "ArnLike": lambda value, wanted: value is not None and any(fnmatchcase(value, w) for w in wanted),
    "Bool": lambda value, wanted: value in wanted,
    "Null": lambda value, wanted: str(value is None).lower() in wanted,
}


def _many(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _matches(statement: dict[str, Any], action: str, resource: str, context: Context) -> bool:
    return (
        any(fnmatchcase(action, pattern) for pattern in _many(statement["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in _many(statement["Resource"]))
        and all(
            OPERATORS[operator](context.get(key), _many(wanted))
            for operator, tests in statement.get("Condition", {}).items()
            for key, wanted in tests.items()
        )
    )


def _may(stack: Any, role: str, action: str, resource: str, **context: str) -> bool:
    """Return whether a role may do something; in a key of the context ``__`` stands for ``:`` and ``_`` for ``-``."""
    known = {"aws:SecureTransport": "true"}
    known |= {key.replace("__", ":").replace("_", "-"): value for key, value in context.items()}
    policies = [s for name in stack.of_type("AWS::S3::BucketPolicy") for s in stack.statements(name)]
    denials = [s for s in policies if s["Effect"] == "Deny"]
    if any(_matches(statement, action, resource, known) for statement in denials):
        return False
    return any(_matches(statement, action, resource, known) for statement in stack.statements(role))


CASES = [
    # role, action, resource, allowed
    ("IngestRole", "s3:PutObject", f"{LAKE}/prices/bronze/mrf/price/a.parquet", True),
    ("IngestRole", "s3:PutObject", f"{LAKE}/prices/_lakeward/runs/1.json", True),
    ("IngestRole", "s3:PutObject", f"{LAKE}/prices/gold/rates/a.parquet", False),
    ("IngestRole", "s3:GetObject", f"{LAKE}/prices/gold/rates/a.parquet", False),
    ("IngestRole", "s3:DeleteObject", f"{LAKE}/prices/bronze/mrf/price/a.parquet", False),
    ("IngestRole", "s3:PutObject", f"{LAKE}/other/bronze/a.parquet", False),
    ("TransformRole", "s3:PutObject", f"{LAKE}/prices/gold/rates/a.parquet", True),
    ("TransformRole", "s3:PutObject", f"{LAKE}/prices/bronze/mrf/price/a.parquet", False),
    ("TransformRole", "s3:DeleteObject", f"{LAKE}/prices/bronze/mrf/price/a.parquet", True),
    ("TransformRole", "s3:DeleteObject", f"{LAKE}/prices/_lakeward/runs/1.json", False),
    ("TransformRole", "s3:DeleteObjectVersion", f"{LAKE}/prices/gold/rates/a.parquet", False),
    ("TransformRole", "glue:BatchCreatePartition", f"{GLUE}:table/lakeward_production/fact_rate", True),
    ("TransformRole", "glue:UpdateTable", f"{GLUE}:table/lakeward_development/fact_rate", False),
    ("TransformRole", "athena:StartQueryExecution", WORKGROUP, False),
    ("AnalystRole", "s3:GetObject", f"{LAKE}/prices/gold/rates/a.parquet", True),
    ("AnalystRole", "s3:GetObject", f"{LAKE}/prices/silver/providers/a.parquet", True),
    ("AnalystRole", "s3:GetObject", f"{LAKE}/prices/hive/fact_rate/1/manifest", True),
    ("AnalystRole", "s3:PutObject", f"{LAKE}/prices/hive/fact_rate/1/manifest", False),
    ("AnalystRole", "s3:GetObject", f"{LAKE}/prices/bronze/mrf/price/a.parquet", False),
    ("AnalystRole", "s3:GetObject", f"{LAKE}/prices/quarantine/rates/a.parquet", False),
    ("AnalystRole", "s3:GetObject", f"{LAKE}/prices/_lakeward/runs/1.json", False),
    ("AnalystRole", "s3:PutObject", f"{LAKE}/prices/gold/rates/a.parquet", False),
    ("AnalystRole", "s3:PutObject", f"{RESULTS}/a.csv", True),
    ("AnalystRole", "s3:GetObject", f"{LOGS}/access/lake/1", False),
    ("AnalystRole", "athena:StartQueryExecution", WORKGROUP, True),
    ("AnalystRole", "athena:StartQueryExecution", WORKGROUP.replace("lakeward-production", "primary"), False),
    ("AnalystRole", "athena:UpdateWorkGroup", WORKGROUP, False),
    ("AnalystRole", "glue:GetPartitions", f"{GLUE}:table/lakeward_production/fact_rate", True),
    ("AnalystRole", "glue:UpdateTable", f"{GLUE}:table/lakeward_production/fact_rate", False),
    ("AnalystRole", "glue:GetTable", f"{GLUE}:table/payroll/salaries", False),
]


@pytest.mark.parametrize(("role", "action", "resource", "allowed"), CASES)
def test_right(stack: Any, role: str, action: str, resource: str, allowed: bool) -> None:
    assert _may(stack(), role, action, resource) is allowed


@pytest.mark.parametrize(
    ("prefix", "allowed"),
    [("prices/gold/rates/", True), ("prices/gold", False), ("prices/bronze/", False), ("", False)],
)
def test_analyst_lists_what_is_published_and_no_more(stack: Any, prefix: str, allowed: bool) -> None:
    assert _may(stack(), "AnalystRole", "s3:ListBucket", LAKE, s3__prefix=prefix) is allowed
    assert not _may(stack(), "AnalystRole", "s3:ListBucket", LAKE)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_allows_a_whole_service_or_another_bucket(stack: Any, role: str) -> None:
    for statement in stack().statements(role):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in _many(statement["Action"]))
        if statement["Action"] == ["cloudwatch:PutMetricData"]:
            assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "Lakeward"}}
            continue
        assert "*" not in _many(statement["Resource"])
        for resource in _many(statement["Resource"]):
            assert "health-lake" in resource or "akeward" in resource or resource.endswith((":catalog", "/default"))


@pytest.mark.parametrize("role", ROLES)
def test_nothing_works_without_tls(stack: Any, role: str) -> None:
    resources = (f"{LAKE}/prices/gold/a.parquet", f"{LAKE}/prices/bronze/a.parquet", f"{RESULTS}/a.csv")
    for resource in resources:
        assert not _may(stack(), role, "s3:GetObject", resource, aws__SecureTransport="false")


@pytest.mark.parametrize(
    ("chosen", "context", "allowed"),
    [
        ("AES256", {"sse": "AES256"}, True),
        ("AES256", {}, True),
        ("AES256", {"sse": "aws:kms", "key": "LakeKey.Arn"}, False),
        ("aws:kms", {"sse": "aws:kms", "key": "LakeKey.Arn"}, True),
        ("aws:kms", {}, True),
        ("aws:kms", {"sse": "aws:kms", "key": "arn:another"}, False),
        ("aws:kms", {"sse": "aws:kms"}, False),
        ("aws:kms", {"sse": "AES256"}, False),
    ],
    ids=["as-chosen", "part-of-an-upload", "kms-unasked", "key", "default", "another-key", "no-key", "weaker"],
)
def test_objects_are_encrypted_as_chosen(stack: Any, chosen: str, context: Context, allowed: bool) -> None:
    headers = {"sse": "s3__x_amz_server_side_encryption", "key": "s3__x_amz_server_side_encryption_aws_kms_key_id"}
    given = {headers[name]: value for name, value in context.items()}
    filled = stack(Encryption=chosen)
    assert _may(filled, "TransformRole", "s3:PutObject", f"{LAKE}/prices/gold/a.parquet", **given) is allowed


def test_commit_is_created_and_never_overwritten(stack: Any) -> None:
    commit = f"{LAKE}/prices/_lakeward/commits/00000012.json"
    assert not _may(stack(), "TransformRole", "s3:PutObject", commit)
    assert _may(stack(), "TransformRole", "s3:PutObject", commit, s3__if_none_match="*")


@pytest.mark.parametrize("principal", ["", "arn:aws:iam::111122223333:role/scheduler"], ids=["account", "given"])
def test_who_may_take_a_role(stack: Any, principal: str) -> None:
    filled = stack(PipelinePrincipalArn=principal)
    for role, expected in (("IngestRole", principal), ("AnalystRole", "")):
        (trust,) = filled.resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"AWS": expected or "arn:aws:iam::111122223333:root"}


ACTIONS = {
    "PutObject": "s3:PutObject", "GetObject": "s3:GetObject", "HeadObject": "s3:GetObject",
    "ListObjectsV2": "s3:ListBucket", "DeleteObjects": "s3:DeleteObject",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads", "AbortMultipartUpload": "s3:AbortMultipartUpload",
}  # fmt: skip


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Every request to S3 that is made while a test goes on, with its parameters."""
    seen: list[tuple[str, dict[str, Any]]] = []
    original = boto3.Session.client

    def watched(session: boto3.Session, *positional: Any, **named: Any) -> Any:
        client = original(session, *positional, **named)
        client.meta.events.register("provide-client-params", _note)
        return client

    def _note(params: dict[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        seen.append((model.name if service == "s3" else f"{service}:{model.name}", dict(params)))

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setattr(boto3.Session, "client", watched)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="health-lake")
        seen.clear()
        yield seen


def _asked(requests: list[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield what IAM is asked for each request: action, resource and context."""
    for name, params in requests:
        context = {}
        if ":" in name:
            continue
        if name == "ListObjectsV2":
            yield ACTIONS[name], LAKE, {"s3__prefix": params["Prefix"]}
            continue
        if name == "ListMultipartUploads":
            yield ACTIONS[name], LAKE, {}
            continue
        if "IfNoneMatch" in params:
            context["s3__if_none_match"] = params["IfNoneMatch"]
        if "ServerSideEncryption" in params:
            context["s3__x_amz_server_side_encryption"] = params["ServerSideEncryption"]
        keys = [o["Key"] for o in params["Delete"]["Objects"]] if name == "DeleteObjects" else [params["Key"]]
        for key in keys:
            yield ACTIONS[name], f"{LAKE}/{key}", context


def _commit(lake: Lake, run_id: str, table: str, tmp_path: Path, value: int) -> None:
    local = tmp_path / f"{run_id}.parquet"
    pq.write_table(pa.table({"n": [value]}), local)
    transaction = lake.begin(run_id)
    entry = transaction.add_parquet(local, f"{table}/data")
    transaction.replace_slice(table, SliceEntry("all", run_id, {}, (entry,)))
    transaction.describe(table, TableDescription(grain="n", columns=(ColumnDescription("n", "BIGINT"),)))
    transaction.commit()


@pytest.mark.parametrize(
    ("role", "tables"),
    [("IngestRole", ["bronze/mrf/price"]), ("TransformRole", ["silver/a/b", "gold/a/b", "quarantine/a/b"])],
    ids=["ingest", "transform"],
)
def test_role_may_do_every_request_of_its_stage(
    stack: Any, requests: list[tuple[str, dict[str, Any]]], tmp_path: Path, role: str, tables: list[str]
) -> None:
    lake = Lake.open("s3://health-lake/prices", StorageSettings())
    with Run(lake, "test", 10**9):
        for number, table in enumerate(tables * 2):
            _commit(lake, f"run{number}", table, tmp_path, number)
    assert lake.snapshot().tables() == sorted(tables)
    expected = {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}
    if role == "TransformRole":
        killed = boto3.client("s3", region_name="us-east-1")
        killed.create_multipart_upload(Bucket="health-lake", Key="prices/bronze/mrf/price/part-0.parquet")
        requests[:] = [(name, values) for name, values in requests if name != "CreateMultipartUpload"]
        assert sweep(lake, older_than=timedelta(0), keep_commits=1).paths
        expected |= {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListBucketMultipartUploads"}
    filled, asked = stack(), list(_asked(requests))
    assert {action for action, *_ in asked} >= expected
    assert [a for a in asked if not _may(filled, role, a[0], a[1], **a[2])] == []


def test_ingest_requests_are_not_the_analyst_s(
    stack: Any, requests: list[tuple[str, dict[str, Any]]], tmp_path: Path
) -> None:
    _commit(Lake.open("s3://health-lake/prices", StorageSettings()), "run", "bronze/mrf/price", tmp_path, 1)
    filled = stack()
    assert not any(_may(filled, "AnalystRole", a, resource, **context) for a, resource, context in _asked(requests))


def test_transform_may_register_tables_and_save_queries(
    stack: Any, requests: list[tuple[str, dict[str, Any]]], tmp_path: Path
) -> None:
    lake, glue, athena = _lake_with_clients()
    glue.create_database(DatabaseInput={"Name": "lakeward_production"})
    athena.create_work_group(Name="lakeward-production")
    requests.clear()
    for value in (1, 2):
        _commit(lake, f"run{value}", "gold/a/b", tmp_path, value)
        snapshot = lake.snapshot()
        tables = hive_tables(snapshot, lake.url)
        view = GlueView("v", "One row.", f"SELECT {value} AS n", (HiveColumn("n", "int", ""),), lake.url)
        register_lake(snapshot, tables, [view], "lakeward_production", "lakeward-production", glue, athena, whole=True)
    filled = stack()
    calls = {name for name, _ in requests if ":" in name}
    assert {"glue:CreateTable", "glue:UpdateTable", "athena:CreateNamedQuery"} <= calls
    for call in sorted(calls):
        places = (
            [WORKGROUP] if call.startswith("athena") else [f"{GLUE}:catalog", f"{GLUE}:database/lakeward_production"]
        )
        assert [p for p in places if not _may(filled, "TransformRole", call, p)] == [], call
    assert [a for a in _asked(requests) if not _may(filled, "TransformRole", a[0], a[1], **a[2])] == []


def _lake_with_clients() -> tuple[Lake, Any, Any]:
    lake = Lake.open("s3://health-lake/prices", StorageSettings())
    return lake, aws_client("glue", "us-east-1"), aws_client("athena", "us-east-1")
