"""The roles: ingest writes bronze, transform makes the tables of it, an analyst asks Athena.

A role may do what its commands do and nothing else: ``lakeward extract`` runs as ingest, ``lakeward publish``,
``lakeward iceberg publish`` and ``lakeward aws ddl --register`` as transform. Nothing here allows ``s3:*`` or another
bucket.
"""

from collections.abc import Sequence
from typing import Any

from lakeward.aws.buckets import ARN, LAKE_NAME, RESULTS_NAME, key_arn
from lakeward.aws.catalogue import DATABASE_NAME, WORKGROUP_NAME
from lakeward.aws.cloudformation import Resource, Values, ref, sub, when
from lakeward.aws.hive_tables import HIVE_PREFIX
from lakeward.iceberg import ICEBERG_PREFIX
from lakeward.monitoring.metrics import NAMESPACE

BRONZE, SILVER, GOLD, QUARANTINE, OWN = "bronze", "silver", "gold", "quarantine", "_lakeward"
ALL_ZONES = (BRONZE, SILVER, GOLD, QUARANTINE, OWN, HIVE_PREFIX, ICEBERG_PREFIX)
PUBLISHED = (SILVER, GOLD, HIVE_PREFIX, ICEBERG_PREFIX)
"""What Athena reads for a query: the files, and the lists of them that its tables point to."""
GLUE_ARN = "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:"
LOG_GROUP_NAME = "/lakeward/${Environment}"

READ_CATALOGUE = (
    "glue:BatchGetPartition", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable",
    "glue:GetTables",
)  # fmt: skip
WRITE_CATALOGUE = (
    "glue:BatchCreatePartition", "glue:BatchDeletePartition", "glue:BatchUpdatePartition", "glue:CreateTable",
    "glue:DeleteTable", "glue:UpdateTable",
)  # fmt: skip
SAVE_QUERIES = (
    "athena:CreateNamedQuery", "athena:GetNamedQuery", "athena:ListNamedQueries", "athena:UpdateNamedQuery",
)  # fmt: skip
ASK_ATHENA = (
    "athena:BatchGetNamedQuery", "athena:BatchGetQueryExecution", "athena:GetNamedQuery",
    "athena:GetPreparedStatement", "athena:GetQueryExecution", "athena:GetQueryResults",
    "athena:GetQueryResultsStream", "athena:GetWorkGroup", "athena:ListNamedQueries",
    "athena:ListPreparedStatements", "athena:ListQueryExecutions", "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)  # fmt: skip


def role_resources() -> dict[str, Resource]:
    """Return the three roles."""
    return {
        "IngestRole": _role(
            "Runs `lakeward extract`: reads what was landed, adds to bronze, deletes nothing.",
            "PipelinePrincipalArn", "Pipeline",
            [*_read_lake((BRONZE, OWN)), _write_lake((BRONZE, OWN)), _key_use(), *_tell()],
        ),
        "TransformRole": _role(
            "Runs `lakeward publish` and `lakeward aws ddl --register`: reads the lake, writes what it makes of "
            "bronze, sweeps what no commit needs.",
            "PipelinePrincipalArn", "Pipeline",
            [
                *_read_lake(ALL_ZONES), _write_lake((*PUBLISHED, QUARANTINE, OWN)), *_sweep_lake(),
                _key_use(), _catalogue("RegisterTables", (*READ_CATALOGUE, *WRITE_CATALOGUE)),
                _workgroup("SaveQueries", SAVE_QUERIES), *_tell(),
            ],
        ),
        "AnalystRole": _role(
            "Asks Athena in one workgroup: reads silver, gold and its results, changes no table.",
            "AnalystPrincipalArn", "Analyst",
            [
                *_read_lake(PUBLISHED), *_results(), _key_use(),
                _catalogue("ReadTables", READ_CATALOGUE), _default_database(), _workgroup("Ask", ASK_ATHENA),
            ],
        ),
    }  # fmt: skip


def _role(why: str, principal: str, condition: str, statements: list[Any]) -> Resource:
    account = sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": when(f"Has{condition}Principal", ref(principal), account)},
        "Action": "sts:AssumeRole",
    }
    properties = {
        "Description": why,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "lakeward", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
    }
    return Resource("AWS::IAM::Role", why, properties)


def _allow(sid: str, actions: Sequence[str], resources: Any, condition: Values | None = None) -> Values:
    statement: Values = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}
    return statement | ({"Condition": condition} if condition else {})


def _objects(zones: Sequence[str]) -> list[Values]:
    return [sub(f"{ARN}{LAKE_NAME}/${{LakePrefix}}{zone}/*") for zone in zones]


def _read_lake(zones: Sequence[str]) -> list[Values]:
    bucket = sub(f"{ARN}{LAKE_NAME}")
    prefixes = {"StringLike": {"s3:prefix": [sub(f"${{LakePrefix}}{zone}/*") for zone in zones]}}
    return [
        _allow("FindTheLake", ["s3:GetBucketLocation"], bucket),
        _allow("ListZones", ["s3:ListBucket"], bucket, prefixes),
        _allow("ReadZones", ["s3:GetObject"], _objects(zones)),
    ]


def _write_lake(zones: Sequence[str]) -> Values:
    actions = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
    return _allow("WriteZones", actions, _objects(zones))


def _sweep_lake() -> list[Values]:
    # Run records are kept: of the lake's own files only commits and manifests are ever swept.
    own = (f"{OWN}/commits", f"{OWN}/manifests", f"{OWN}/temporary")
    actions = ["s3:AbortMultipartUpload", "s3:DeleteObject"]
    return [
        # IAM knows no prefix of this listing; it names keys of uploads that killed runs left unfinished.
        _allow("ListUnfinishedUploads", ["s3:ListBucketMultipartUploads"], sub(f"{ARN}{LAKE_NAME}")),
        _allow("Sweep", actions, _objects((BRONZE, QUARANTINE, *PUBLISHED, *own))),
    ]


def _results() -> list[Values]:
    bucket = sub(f"{ARN}{RESULTS_NAME}")
    return [
        _allow("FindResults", ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], bucket),
        _allow(
            "KeepResults",
            ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            sub(f"{ARN}{RESULTS_NAME}/*"),
        ),
    ]


def _key_use() -> Values:
    return when("UsesKms", _allow("UseTheKey", ["kms:Decrypt", "kms:GenerateDataKey"], key_arn()))


def _catalogue(sid: str, actions: Sequence[str]) -> Values:
    parts = ("catalog", f"database/{DATABASE_NAME}", f"table/{DATABASE_NAME}/*")
    return _allow(sid, sorted(actions), [sub(f"{GLUE_ARN}{part}") for part in parts])


def _default_database() -> Values:
    # Athena looks at the account's default database before every query, whichever database is asked.
    parts = ("catalog", "database/default")
    return _allow("StartInDefault", ["glue:GetDatabase"], [sub(f"{GLUE_ARN}{part}") for part in parts])


def _workgroup(sid: str, actions: Sequence[str]) -> Values:
    arn = "arn:${AWS::Partition}:athena:${AWS::Region}:${AWS::AccountId}:workgroup/"
    return _allow(sid, actions, sub(f"{arn}{WORKGROUP_NAME}"))


def _tell() -> list[Values]:
    group = f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{LOG_GROUP_NAME}:*"
    # PutMetricData knows no resource; its namespace is what can be held to.
    own_namespace = {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}
    return [
        _allow("PublishMetrics", ["cloudwatch:PutMetricData"], "*", own_namespace),
        _allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], sub(group)),
    ]
